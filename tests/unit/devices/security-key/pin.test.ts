import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { mapAt, mapOf, readCborMap } from '#protocol/security-key/cbor-map.js';
import { clientPin, PIN_SUBS, type PinParts } from '../../../../firmware-agent/devices/security-key/codec/client-pin.js';
import { hide, newAgreement, paddedPin, pinHash, prove } from '../../../../firmware-agent/devices/security-key/codec/pin-uv.js';
import { CTAP } from '../../../../firmware-agent/devices/security-key/codec/status.js';
import { Authenticator } from '../../../../firmware-agent/devices/security-key/simulator/authenticator.js';
import { Person } from '../../../../firmware-agent/devices/security-key/simulator/person.js';
import { valueOf } from '../../../support/world-value.js';

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

/** What a test changes of a good request. */
type Change = { readonly padded?: Uint8Array; readonly old?: string; readonly parts?: (good: PinParts) => PinParts };

for (const protocol of [1, 2] as const) {
  describe(`our simulated key, its PIN set by protocol ${protocol}`, () => {
    const key = new Authenticator(new Person());
    const say = async (message: Uint8Array): Promise<Uint8Array> =>
      key.answer(message, { touch: () => undefined, signal: new AbortController().signal });

    /** Sets or changes a PIN as the specification has it, but for what the test changes. Gives the status. */
    async function set(pin: string, { padded = paddedPin(pin), old, parts = (good) => good }: Change = {}): Promise<number> {
      const agreed = valueOf(readCborMap((await say(clientPin(protocol, PIN_SUBS.getKeyAgreement))).subarray(1)));
      const own = newAgreement();
      const secret = own.with(mapAt(agreed, 1) ?? mapOf([]), protocol);
      assert.ok(secret !== undefined && padded !== undefined);
      const newPin = hide(secret, padded, Buffer.alloc(16, 7));
      const hash = old === undefined ? {} : { pinHash: hide(secret, pinHash(old), Buffer.alloc(16, 9)) };
      const proof = prove(protocol, secret.hmacKey, Buffer.concat([newPin, hash.pinHash ?? Uint8Array.of()]));
      const good = { keyAgreement: own.publicKey, newPin, proof, ...hash };
      const [status = -1] = await say(clientPin(protocol, old === undefined ? PIN_SUBS.setPin : PIN_SUBS.changePin, parts(good)));
      return status;
    }
    const turned = (bytes: Uint8Array | undefined): Uint8Array => Uint8Array.from(bytes ?? [], (byte, at) => (at === 0 ? byte ^ 1 : byte));

    it('takes none without everything that belongs to it, and none whose proof is of something else', async () => {
      const without = (left: keyof PinParts) => set('246813', { parts: (good) => ({ ...good, [left]: undefined }) });
      for (const left of ['keyAgreement', 'newPin', 'proof'] as const) assert.equal(await without(left), CTAP.missingParameter, left);
      assert.equal(await set('246813', { parts: (good) => ({ ...good, proof: turned(good.proof) }) }), CTAP.pinAuthInvalid);
      assert.equal(await set('246813', { parts: (good) => ({ ...good, newPin: turned(good.newPin) }) }), CTAP.pinAuthInvalid);
      assert.equal(await set('246813', { parts: (good) => ({ ...good, keyAgreement: mapOf([[1, 2]]) }) }), CTAP.invalidParameter);
      assert.equal(await set('246813', { old: '135724' }), CTAP.pinNotSet);
      assert.equal(key.secrets.pinHash, undefined);
    });

    it('takes none that is short, unpadded or of 64 bytes, and keeps the left half of the hash of one that is good', async () => {
      const padded = (text: string, bytes: number) => Buffer.concat([Buffer.from(text)], bytes);
      assert.equal(await set('', { padded: padded('ééé', 64) }), CTAP.pinPolicy);
      assert.equal(await set('', { padded: padded('1'.repeat(64), 64) }), CTAP.pinPolicy);
      assert.equal(await set('', { padded: padded('246813', 48) }), CTAP.invalidParameter);
      assert.equal(await set('246813'), CTAP.ok);
      const hash = createHash('sha256').update('246813').digest().subarray(0, 16);
      assert.deepEqual(Buffer.from(key.secrets.pinHash ?? []), hash);
    });

    it('that has one is set no first one, and changes it for the right old one alone', async () => {
      assert.equal(await set('975310'), CTAP.pinAuthInvalid);
      assert.equal(await set('975310', { old: '246813', parts: (good) => ({ ...good, pinHash: turned(good.pinHash) }) }), CTAP.pinAuthInvalid);
      assert.equal(key.secrets.pinTries, 8, 'a broken proof is no try');
      assert.equal(await set('975310', { old: '135724' }), CTAP.pinInvalid);
      assert.equal(key.secrets.pinTries, 7);
      assert.equal(await set('975310', { old: '246813' }), CTAP.ok);
      assert.equal(key.secrets.pinTries, 8);
    });
  });
}
