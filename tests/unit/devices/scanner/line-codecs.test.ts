import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SSI, SSI_SOURCE, ssiBytes, SsiReader, type SsiHeard } from '../../../../firmware-agent/devices/scanner/codec/ssi.js';
import { SsiScanJoiner } from '../../../../firmware-agent/devices/scanner/codec/ssi-scans.js';
import { honeywellMenu, newlandUnified, ReplySieve, type TextStyle } from '../../../../firmware-agent/devices/scanner/codec/text-commands.js';
import { UNREADABLE } from './world.js';

const hex = (packet: Uint8Array): string => Buffer.from(packet).toString('hex');
const decoded = (text: string, status = 0): Uint8Array =>
  ssiBytes({ opcode: SSI.decodeData, status, data: Buffer.from(`\x1c${text}`, 'latin1') }, SSI_SOURCE.decoder);
const packets = (heard: readonly SsiHeard[]): number => heard.filter(({ kind }) => kind === 'packet').length;

describe('ssi: packets', () => {
  it('makes the bytes of the published examples', () => {
    const none = Uint8Array.of();
    assert.equal(hex(ssiBytes({ opcode: SSI.ack, status: 0, data: none }, SSI_SOURCE.host)), '04d00400ff28');
    assert.equal(hex(ssiBytes({ opcode: SSI.startSession, status: 0, data: none }, SSI_SOURCE.host)), '04e40400ff14');
    const size = Uint8Array.from(Buffer.from('00062000ffff', 'hex'));
    assert.equal(hex(ssiBytes({ opcode: 0x80, status: 0, data: size }, SSI_SOURCE.host)), '0a8004000006' + '2000fffffd4e');
  });

  it('reads back every packet, however it is cut and after a wake byte', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 251 }), fc.constantFrom(0, 1, 2, 3), fc.integer({ min: 1, max: 9 }), (data, status, step) => {
        const reader = new SsiReader(SSI_SOURCE.decoder);
        const all = Buffer.concat([Buffer.of(0), ssiBytes({ opcode: SSI.decodeData, status, data }, SSI_SOURCE.decoder)]);
        const heard: SsiHeard[] = [];
        for (let at = 0; at < all.length; at += step) heard.push(...reader.read(all.subarray(at, at + step)));
        assert.deepEqual(heard, [{ kind: 'packet', packet: { opcode: SSI.decodeData, status, data: Uint8Array.from(data) } }]);
        assert.equal(reader.isUnfinished, false);
      }),
    );
  });

  it('says that a packet is broken, wherever one bit of it is', () => {
    const whole = decoded('210012345678');
    fc.assert(
      fc.property(fc.nat(whole.length * 8 - 1), (bit) => {
        const broken = Uint8Array.from(whole, (byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        const reader = new SsiReader(SSI_SOURCE.decoder);
        const heard = [...reader.read(broken), ...reader.gap()];
        assert.equal(packets(heard), 0);
        // A length made shorter leaves a tail that is told as well.
        assert.ok(heard.length === 1 || heard.length === 2);
        assert.equal(packets(reader.read(whole)), 1);
      }),
    );
  });

  it('reads any bytes in bounded memory, and the packet behind a pause', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (noise) => {
        const reader = new SsiReader(SSI_SOURCE.decoder);
        reader.read(noise);
        reader.gap();
        assert.deepEqual(packets(reader.read(decoded('42'))), 1);
      }),
      { numRuns: 300 },
    );
  });

  it('counts a packet that is sent again once, and a code read again twice', () => {
    const reader = new SsiReader(SSI_SOURCE.decoder);
    const joiner = new SsiScanJoiner();
    const read = (bytes: Uint8Array): readonly unknown[] =>
      reader.read(bytes).flatMap((heard) => (heard.kind === 'packet' ? joiner.read(heard.packet) : []));
    assert.equal(read(decoded('42')).length, 1);
    assert.equal(read(decoded('42', 1)).length, 0);
    assert.equal(read(decoded('42', 1)).length, 0);
    assert.equal(read(decoded('42')).length, 1);
    assert.equal(read(decoded('43', 1)).length, 1, 'the first one was garbled');
    assert.equal(read(decoded('44', 2)).length, 0);
    assert.deepEqual(joiner.gap(), [UNREADABLE]);
    assert.equal(read(decoded('45')).length, 0, 'the rest of it, which begins with no type');
    assert.equal(read(decoded('46')).length, 1);
    assert.equal(read(decoded('47', 2)).length, 0);
    assert.deepEqual(joiner.gap(), [UNREADABLE]);
    joiner.quiet();
    assert.equal(read(decoded('48')).length, 1, 'the rest will never come');
  });
});

describe('text commands', () => {
  it('are those of the makers', () => {
    assert.equal(hex(honeywellMenu('PREBK2995C81').bytes), hex(Buffer.from('\x16M\rPREBK2995C81!', 'latin1')));
    assert.equal(hex(newlandUnified('SCNTRG1').bytes), hex(Buffer.from('~\x010000#SCNTRG1;\x03', 'latin1')));
  });

  const rows: readonly (readonly [TextStyle, string, string, string])[] = [
    ['honeywell', 'A1\rSUFCA2\x06!B2\r', 'A1\rB2\r', 'SUFCA2  taken'],
    ['honeywell', 'TERMID130\x06.', '', 'TERMID 130 taken'],
    ['honeywell', 'prebk2995c81\x15!', '', 'PREBK2 995c81 bad-value'],
    ['honeywell', 'TERMINAL\r', 'TERMINAL\r', ''],
    ['honeywell', 'TERMID is no reply\r', 'TERMID is no reply\r', ''],
    ['newland', '12\r\x02\x010000#SCNTRG1\x06;\x0334\r', '12\r34\r', 'SCNTRG 1 taken'],
    ['newland', '\x02\x010000@AIDENA9\x05;\x03', '', 'AIDENA 9 unknown-command'],
    ['newland', '\x02hello\r', '\x02hello\r', ''],
  ];
  for (const [style, said, data, reply] of rows) {
    it(`${style}: ${JSON.stringify(said)}, however it is cut`, () => {
      for (let cut = 0; cut <= said.length; cut += 1) {
        const sieve = new ReplySieve(style);
        const parts = [said.slice(0, cut), said.slice(cut)].map((part) => sieve.read(Buffer.from(part, 'latin1')));
        assert.equal(parts.map((part) => Buffer.from(part.data).toString('latin1')).join(''), data);
        const replies = parts.flatMap((part) => part.replies).map(({ tag, value, status }) => `${tag} ${value} ${status}`);
        assert.equal(replies.join(), reply);
        assert.equal(sieve.isHolding, false);
      }
    });
  }

  it('let every code pass that ends in CR', () => {
    const code = fc.stringMatching(/^[ -~]{1,80}$/u);
    fc.assert(
      fc.property(fc.constantFrom<TextStyle>('honeywell', 'newland'), code, (style, one) => {
        const sieve = new ReplySieve(style);
        assert.equal(Buffer.from(sieve.read(Buffer.from(`${one}\r`, 'latin1')).data).toString('latin1'), `${one}\r`);
      }),
    );
  });

  it('read any bytes in bounded memory', () => {
    fc.assert(
      fc.property(fc.constantFrom<TextStyle>('honeywell', 'newland'), fc.uint8Array({ maxLength: 1_500 }), (style, any) => {
        const sieve = new ReplySieve(style);
        const lead = Buffer.from('\x02\x010000', 'latin1');
        const { data } = sieve.read(Buffer.concat([lead, any]));
        assert.ok(data.length <= any.length + lead.length && any.length + lead.length - data.length <= any.length + lead.length);
        sieve.gap();
        assert.equal(sieve.isHolding, false);
      }),
      { numRuns: 300 },
    );
  });
});
