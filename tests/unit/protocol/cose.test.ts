import assert from 'node:assert/strict';
import fc from 'fast-check';
import nacl from 'tweetnacl';
import { encodeCbor } from '#protocol/signing/cbor.js';
import { openCose, peekCose, signCose, type Purpose } from '#protocol/signing/cose.js';
import { verifyKey } from '#protocol/signing/keys.js';
import { chance, keyOf } from './samples.js';

const PURPOSES: readonly Purpose[] = [
  'jharokha/certificate/1',
  'jharokha/entry/1',
  'jharokha/head/1',
  'jharokha/receipt/1',
  'jharokha/grant/1',
  'jharokha/rulebook/1',
  'jharokha/bundle/1',
  'jharokha/operator/1',
  'jharokha/key/1',
  'jharokha/posting/1',
];
const key = keyOf('signer');
const reader = verifyKey(key.publicKey);
const payload = encodeCbor(['hello', 1]);

describe('COSE_Sign1', () => {
  it('gives back the payload to the same purpose, context and key', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...PURPOSES), fc.string({ maxLength: 30 }), (bytes, purpose, context) => {
        assert.deepEqual(openCose(reader, purpose, signCose(key, purpose, bytes, context), context), { ok: true, value: Uint8Array.from(bytes) });
      }),
    );
  });

  it('[INV-21] is refused under every other purpose', () => {
    for (const signed of PURPOSES)
      for (const shown of PURPOSES)
        assert.equal(openCose(reader, shown, signCose(key, signed, payload)).ok, signed === shown, `${signed} as ${shown}`);
  });

  it('[INV-21] is refused under another context and another key', () => {
    const bytes = signCose(key, 'jharokha/receipt/1', payload, ' HTTPS://A/R/');
    for (const context of ['', ' HTTPS://B/R/', ' HTTPS://A/R']) {
      const opened = openCose(reader, 'jharokha/receipt/1', bytes, context);
      assert.equal(!opened.ok && opened.error.code, 'bad-signature');
    }
    assert.equal(openCose(verifyKey(keyOf('other').publicKey), 'jharokha/receipt/1', bytes, ' HTTPS://A/R/').ok, false);
  });

  it('has exactly the bytes that the format document lays out, signed as tweetnacl signs', () => {
    const bytes = signCose(key, 'jharokha/head/1', payload);
    const toBeSigned = encodeCbor(['Signature1', Uint8Array.of(0xa1, 0x01, 0x27), Buffer.from('jharokha/head/1'), payload]);
    const secret = nacl.sign.keyPair.fromSeed(key.seed).secretKey;
    const expected = Buffer.concat([
      Buffer.from('d28443a10127a0', 'hex'),
      Buffer.from([0x40 + payload.length]),
      payload,
      Buffer.from([0x58, 64]),
      nacl.sign.detached(Uint8Array.from(toBeSigned), secret),
    ]);
    assert.equal(Buffer.from(bytes).toString('hex'), expected.toString('hex'));
  });

  it('[INV-20] refuses any other form of the same message', () => {
    const signature = signCose(key, 'jharokha/head/1', payload).subarray(-64);
    const tagged = (parts: Parameters<typeof encodeCbor>[0]): Uint8Array => Uint8Array.from(Buffer.concat([Uint8Array.of(0xd2), encodeCbor(parts)]));
    const alg = Uint8Array.of(0xa1, 0x01, 0x27);
    assert.equal(openCose(reader, 'jharokha/head/1', tagged([alg, {}, payload, signature])).ok, true);
    const others: readonly Uint8Array[] = [
      encodeCbor([alg, {}, payload, signature]),
      tagged([alg, { kid: 1 }, payload, signature]),
      Uint8Array.from(Buffer.concat([Buffer.from('d28443a10127a1695f5f70726f746f5f5f00', 'hex'), encodeCbor(payload), encodeCbor(signature)])),
      tagged([Uint8Array.of(0xa0), {}, payload, signature]),
      tagged([Uint8Array.of(0xa1, 0x01, 0x26), {}, payload, signature]),
      tagged([alg, {}, null, signature]),
      tagged([alg, {}, payload, signature, 1]),
      tagged([alg, [], payload, signature]),
      tagged([alg, new Uint8Array(), payload, signature]),
      tagged([alg, '', payload, signature]),
      tagged([alg, {}, payload, signature.subarray(1)]),
      Uint8Array.from(Buffer.concat([tagged([alg, {}, payload, signature]), Uint8Array.of(0)])),
      new Uint8Array(),
    ];
    for (const bytes of others) assert.equal(openCose(reader, 'jharokha/head/1', bytes).ok, false, Buffer.from(bytes).toString('hex'));
  });

  it('shows the payload before the signature is checked, only for finding the key', () => {
    assert.deepEqual(peekCose(signCose(key, 'jharokha/entry/1', payload)), { ok: true, value: payload });
    assert.equal(peekCose(payload).ok, false);
  });

  it('[INV-24] never throws, and no changed byte passes', () => {
    const good = signCose(key, 'jharokha/entry/1', payload);
    for (const [at, byte] of good.entries())
      for (let change = 1; change < 256; change++) {
        if (openCose(reader, 'jharokha/entry/1', good.with(at, byte ^ change)).ok) assert.fail(`byte ${at} changed by ${change}`);
      }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => !openCose(reader, 'jharokha/entry/1', bytes).ok));
    fc.assert(fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (point) => !openCose(verifyKey(point), 'jharokha/entry/1', good).ok));
    assert.equal(openCose(verifyKey(chance('no point', 32)), 'jharokha/entry/1', good).ok, false);
  });
});
