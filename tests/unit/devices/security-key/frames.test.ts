import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  MESSAGE_BYTES_MAX,
  MessageReader,
  REPORT_BYTES,
  readInitAnswer,
  reportsOf,
  type Heard,
} from '../../../../firmware-agent/devices/security-key/codec/frames.js';
import { readAuthenticatorData } from '#protocol/security-key/authenticator-data.js';
import { readCborMap } from '#protocol/security-key/cbor-map.js';
import { readCoseKey } from '#protocol/security-key/cose-key.js';

const channels = fc.integer({ min: 0, max: 0xffff_ffff });
const commands = fc.integer({ min: 0, max: 0x7f });
const payloads = fc.oneof(
  { weight: 6, arbitrary: fc.uint8Array({ maxLength: 400 }) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: MESSAGE_BYTES_MAX - 2, maxLength: MESSAGE_BYTES_MAX }) },
);

function messages(heard: readonly Heard[]): readonly { readonly command: number; readonly payload: Uint8Array }[] {
  return heard.flatMap((one) => (one.kind === 'message' ? [one.message] : []));
}

describe('CTAPHID frames', () => {
  it('round trip any message, with reports of other channels in between', () => {
    fc.assert(
      fc.property(channels, commands, payloads, channels, payloads, (channel, command, payload, other, noise) => {
        fc.pre(channel !== other);
        const reader = new MessageReader(channel);
        const foreign = reportsOf(other, 0x10, noise);
        const heard = reportsOf(channel, command, payload).flatMap((report, i) => [
          reader.read(foreign[i % foreign.length] ?? report),
          reader.read(report),
        ]);
        assert.deepEqual(messages(heard), [{ command, payload: Uint8Array.from(payload) }]);
      }),
      { numRuns: 60 },
    );
  });

  it('are read without an error whatever comes, and the next whole message is heard after it', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 70 }), { maxLength: 30 }), payloads, (garbage, payload) => {
        const reader = new MessageReader(7);
        for (const report of garbage) reader.read(report);
        const heard = reportsOf(7, 0x10, payload).map((report) => reader.read(report));
        assert.deepEqual(messages(heard), [{ command: 0x10, payload: Uint8Array.from(payload) }]);
      }),
      { numRuns: 60 },
    );
  });

  it('of a message cut at any place give nothing but noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 120, maxLength: 900 }), fc.nat(), (payload, at) => {
        const reports = reportsOf(7, 0x10, payload);
        const missing = at % reports.length;
        const reader = new MessageReader(7);
        const heard = reports.filter((_, i) => i !== missing).map((report) => reader.read(report));
        assert.deepEqual(messages(heard), []);
      }),
    );
  });

  it('refuse a length that no message can have', () => {
    const report = Uint8Array.from(reportsOf(7, 0x10, Uint8Array.of())[0] ?? []);
    report.set([0xff, 0xff], 5);
    assert.deepEqual(new MessageReader(7).read(report), { kind: 'noise', why: 'too-long' });
    assert.equal(report.length, REPORT_BYTES);
  });
});

describe('what a key says', () => {
  it('is read without an error whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        readCborMap(bytes);
        readAuthenticatorData(bytes);
        readCoseKey(bytes);
        readInitAnswer(bytes, bytes.subarray(0, 8));
      }),
    );
  });

  it('is no answer to another program’s INIT', () => {
    const payload = Buffer.concat([Buffer.alloc(8, 1), Buffer.from('00bb000302050102', 'hex'), Buffer.of(5)]);
    assert.equal(readInitAnswer(payload, Buffer.alloc(8, 2)), undefined);
    assert.deepEqual(readInitAnswer(payload, Buffer.alloc(8, 1)), { channel: 0x00bb0003, protocol: 2, version: '5.1.2', takesCbor: true });
  });
});
