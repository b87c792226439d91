import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { paddedPin, pinHash } from '../../../../firmware-agent/devices/security-key/codec/pin-uv.js';

/** What a key keeps of a new PIN: the hash of what stands before the first zero. */
function keptOf(padded: Uint8Array): string {
  return createHash('sha256')
    .update(padded.subarray(0, padded.indexOf(0)))
    .digest()
    .subarray(0, 16)
    .toString('hex');
}

describe('the PIN of a security key', () => {
  it('is shown as it was set, in whichever way its letters were composed', () => {
    const letter = fc.constantFrom('\u0958', '\u0915\u093c', '\u00e9', 'e\u0301', '1', 'क', '🙂', '\u212b');
    const pin = fc.oneof(
      fc.array(letter, { minLength: 4, maxLength: 10 }).map((letters) => letters.join('')),
      fc.string({ unit: 'binary', maxLength: 30 }),
    );
    fc.assert(
      fc.property(pin, fc.constantFrom('NFC', 'NFD'), (typed, form) => {
        const padded = paddedPin(typed);
        if (padded === undefined) return;
        assert.equal(padded.length, 64);
        assert.equal(Buffer.from(pinHash(typed.normalize(form))).toString('hex'), keptOf(padded));
      }),
    );
  });

  it('has four code points at least, and 63 bytes at most', () => {
    for (const pin of ['', '123', '🙂🙂🙂', '\u0915\u093c12'.slice(0, 3), 'ééé', '1'.repeat(64), 'क'.repeat(22), '12\u00003456'])
      assert.equal(paddedPin(pin), undefined, pin);
    for (const pin of ['1234', '🙂🙂🙂🙂', 'e\u0301234', '1'.repeat(63), 'क'.repeat(21)]) assert.equal(paddedPin(pin)?.length, 64, pin);
  });
});
