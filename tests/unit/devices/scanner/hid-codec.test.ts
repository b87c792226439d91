import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ScanEvent } from '../../../../firmware-agent/devices/ports.js';
import { HID_SCANNER, hidScanLayout, USUAL_LAYOUT } from '../../../../firmware-agent/devices/scanner/codec/hid-layout.js';
import { HidScanJoiner } from '../../../../firmware-agent/devices/scanner/codec/hid-scans.js';
import { HID_MODELS, hidReports, type HidModelName } from '../../../../firmware-agent/devices/scanner/simulator/hid-models.js';
import { KEYBOARD } from '../../../../firmware-agent/devices/transport/hid.js';
import { DESCRIPTOR_BYTES, hasUsage, readHidDescriptor } from '../../../../firmware-agent/devices/transport/hid-descriptor.js';
import { chooseHid } from '../../../../firmware-agent/devices/transport/hid-node.js';
import { UNREADABLE } from './world.js';

const POS_MODELS: readonly HidModelName[] = ['usual', 'shifted', 'no-descriptor', 'flag-first', 'unnumbered', 'no-orders'];
const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

function joinerOf(model: HidModelName): HidScanJoiner {
  const { descriptor } = HID_MODELS[model];
  return new HidScanJoiner(descriptor === undefined ? USUAL_LAYOUT : (hidScanLayout(descriptor) ?? USUAL_LAYOUT));
}

function reportsOf(model: HidModelName, text: string): readonly Uint8Array[] {
  return hidReports(HID_MODELS[model], 'Q1', Buffer.from(text, 'utf8'));
}

describe('hid: report descriptors', () => {
  it("puts the usual scanner's fields where Honeywell's reports have them", () => {
    assert.deepEqual(hidScanLayout(HID_MODELS.usual.descriptor ?? bytes('')), { ...USUAL_LAYOUT, continued: { at: 62, mask: 0x01 } });
  });

  it("finds another maker's fields: usages by range, a flag in front, no count", () => {
    assert.deepEqual(hidScanLayout(HID_MODELS['flag-first'].descriptor ?? bytes('')), {
      reportId: 5,
      countAt: undefined,
      aimAt: 31,
      dataAt: 1,
      dataBytes: 30,
      continued: { at: 0, mask: 0x01 },
      trigger: {
        reportId: 6,
        bytes: 1,
        preventRead: { at: 0, mask: 0x08 },
        initiateRead: { at: 0, mask: 0x04 },
        errorBeep: { at: 0, mask: 0x02 },
        goodBeep: { at: 0, mask: 0x01 },
      },
    });
  });

  it('knows push and pop, long items and usages with their own page', () => {
    const read = readHidDescriptor(bytes('05 8c 0b 02 00 8c 00 a1 01 a4 75 08 95 02 b4 fe 02 00 aa bb 09 01 75 04 95 01 81 02 c0'));
    assert.deepEqual(read.tops, [HID_SCANNER]);
    assert.deepEqual(read.fields, [
      { report: 'input', reportId: 0, offsetBits: 0, elementBits: 4, count: 1, usages: [{ usagePage: 0x8c, usage: 1 }] },
    ]);
  });

  it('tells a keyboard from a scanner', () => {
    const read = readHidDescriptor(HID_MODELS.keyboard.descriptor ?? bytes(''));
    assert.deepEqual([hasUsage(read, KEYBOARD), hasUsage(read, HID_SCANNER)], [true, false]);
    assert.equal(hidScanLayout(HID_MODELS.keyboard.descriptor ?? bytes('')), undefined);
  });

  it('reads any bytes without an error, in bounds', () => {
    const item = fc.uint8Array({ maxLength: 64 });
    const cutting = fc
      .tuple(fc.constantFrom(...POS_MODELS), fc.nat(), item)
      .map(([model, at, noise]) => Buffer.concat([(HID_MODELS[model].descriptor ?? noise).subarray(0, at % 110), noise]));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 6_000 }), cutting), (any) => {
        const { fields, tops } = readHidDescriptor(any);
        assert.ok(fields.length <= 512 && tops.length <= DESCRIPTOR_BYTES);
        for (const { offsetBits, elementBits, count } of fields) assert.ok(offsetBits + elementBits * count <= 65_536);
        hidScanLayout(any);
      }),
      { numRuns: 500 },
    );
  });
});

describe('hid: scanned data reports', () => {
  for (const model of POS_MODELS) {
    it(`reads back every text: ${model}`, () => {
      const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }).filter((one) => !/[\r\n\0]|^\]|^\uFEFF/u.test(one));
      fc.assert(
        fc.property(text, (one) => {
          const joiner = joinerOf(model);
          const events = reportsOf(model, one).flatMap((report) => joiner.read(report));
          assert.deepEqual(events, [{ kind: 'scan', text: one, aim: 'Q1' }]);
        }),
        { numRuns: 100 },
      );
    });

    it(`makes no code of one whose first or last report is cut or whose end is lost: ${model}`, () => {
      const reports = reportsOf(model, '0123456789'.repeat(20));
      const last = reports.length - 1;
      for (const broken of [
        reports.slice(0, -1),
        reports.map((one, i) => (i === 0 ? one.subarray(0, 3) : one)),
        reports.map((one, i) => (i === last ? one.subarray(0, 9) : one)),
      ]) {
        const joiner = joinerOf(model);
        const events = broken.flatMap((report) => joiner.read(report));
        assert.deepEqual([...events, ...joiner.gap()], [UNREADABLE]);
        joiner.quiet();
        assert.equal(joiner.standing, 'between');
        assert.equal(reportsOf(model, '42').flatMap((report) => joiner.read(report))[0]?.kind, 'scan', 'the next code is read');
      }
    });
  }

  it('makes no code of what comes behind a gap, and reads the next one', () => {
    const text = '0123456789'.repeat(20);
    const longest = Math.max(...POS_MODELS.map((model) => reportsOf(model, text).length));
    fc.assert(
      fc.property(fc.constantFrom(...POS_MODELS), fc.nat(longest), (model, at) => {
        const reports = reportsOf(model, text);
        const cut = 1 + (at % (reports.length - 1));
        const joiner = joinerOf(model);
        const read = (some: readonly Uint8Array[]): readonly ScanEvent[] => some.flatMap((report) => joiner.read(report));
        assert.deepEqual([...read(reports.slice(0, cut)), ...joiner.gap(), ...joiner.gap(), ...read(reports.slice(cut))], [UNREADABLE]);
        assert.deepEqual(
          read(reportsOf(model, '42')).map(({ kind }) => kind),
          ['scan'],
        );
      }),
    );
  });

  it('drops a suffix meant for serial lines, and keeps a CR inside', () => {
    const joiner = joinerOf('usual');
    assert.deepEqual(
      reportsOf('usual', 'a\rb\r\n').flatMap((report) => joiner.read(report)),
      [{ kind: 'scan', text: 'a\rb', aim: 'Q1' }],
    );
  });

  it('joins no pieces of two symbologies, and no more than the longest code', () => {
    const joiner = joinerOf('usual');
    const events: ScanEvent[] = [];
    const [first] = reportsOf('usual', '0'.repeat(100));
    const [other] = hidReports(HID_MODELS.usual, 'C1', Buffer.from('42'));
    if (first === undefined || other === undefined) throw new Error('no reports');
    events.push(...joiner.read(first), ...joiner.read(other));
    assert.deepEqual(events.splice(0), [UNREADABLE]);
    assert.equal(joiner.standing, 'between', 'that was its last report');
    for (const report of reportsOf('usual', '0'.repeat(20_000))) events.push(...joiner.read(report));
    assert.deepEqual(events, [UNREADABLE]);
  });

  it('reads any reports without an error, and never a code with half of another', () => {
    fc.assert(
      fc.property(fc.constantFrom(...POS_MODELS), fc.array(fc.uint8Array({ maxLength: 70 }), { maxLength: 40 }), (model, any) => {
        const joiner = joinerOf(model);
        for (const report of any) joiner.read(report);
        joiner.gap();
        joiner.quiet();
        assert.equal(reportsOf(model, '210012345678').flatMap((report) => joiner.read(report))[0]?.kind, 'scan');
      }),
      { numRuns: 300 },
    );
  });
});

describe('hid: choice of the device', () => {
  const one = { vendorId: 1, productId: 2, release: 0, interface: 0, usagePage: 0x8c, usage: 2, path: '/dev/hidraw1', serialNumber: 'A' };
  const keyboard = { ...one, usagePage: 1, usage: 6, path: '/dev/hidraw0' };
  const identity = { vendorId: 1, productId: 2 };
  const choice = (...asked: Parameters<typeof chooseHid>): string => {
    const chosen = chooseHid(...asked);
    return chosen.ok ? chosen.value : chosen.error.code;
  };

  it('goes by identity and usage, and takes a path once', () => {
    assert.equal(choice([keyboard, one, one, { ...one, usage: 3 }], identity, HID_SCANNER), '/dev/hidraw1');
    assert.equal(choice([{ ...one, serialNumber: 'B' }], { ...identity, serialNumber: 'A' }, HID_SCANNER), 'absent');
    assert.equal(choice([{ ...one, productId: 3 }], identity, HID_SCANNER), 'absent');
    const two = [one, { ...one, path: '/dev/hidraw2' }];
    assert.equal(choice(two, identity, HID_SCANNER, new Set(['/dev/hidraw1'])), '/dev/hidraw2');
    assert.equal(choice(two, identity, HID_SCANNER, new Set(['/dev/hidraw1', '/dev/hidraw2'])), 'absent');
  });

  it('names a keyboard only when there is nothing better', () => {
    assert.equal(choice([keyboard], identity, HID_SCANNER), 'keyboard');
    assert.equal(choice([{ ...one, usagePage: 0xff00 }], identity, HID_SCANNER), 'absent');
    assert.equal(choice([], identity, HID_SCANNER), 'absent');
  });

  it('names a keyboard with another product number, but never of another maker', () => {
    const other = { ...keyboard, productId: 9, serialNumber: 'other' };
    assert.equal(choice([other], identity, HID_SCANNER), 'keyboard');
    assert.equal(choice([other], { ...identity, serialNumber: 'A' }, HID_SCANNER), 'keyboard');
    assert.equal(choice([other, { ...one, usagePage: 0xff00 }], identity, HID_SCANNER), 'keyboard');
    assert.equal(choice([other, one], identity, HID_SCANNER), '/dev/hidraw1');
    assert.equal(choice([{ ...other, usage: 2 }], identity, HID_SCANNER), 'absent', 'a mouse');
    assert.equal(choice([{ ...other, vendorId: 7 }], identity, HID_SCANNER), 'absent', "the operator's own");
    assert.equal(choice([other], {}, HID_SCANNER), 'absent', 'no maker is wanted');
  });
});
