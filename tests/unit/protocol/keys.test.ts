import assert from 'node:assert/strict';
import fc from 'fast-check';
import nacl from 'tweetnacl';
import {
  keyFingerprint,
  parsePublicKeyPem,
  publicKeyPem,
  sha256,
  signBytes,
  signingKey,
  spki,
  spokenFingerprint,
  verifyBytes,
  verifyKey,
} from '#protocol/signing/keys.js';
import { SEAL_RANDOM_BYTES, seal, sealingKey, unseal } from '#protocol/signing/seal.js';
import { chance, keyOf } from './samples.js';

const unhex = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, 'hex'));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** RFC 8032 §7.1, tests 1 to 3 and SHA(abc): secret key, public key, message, signature. */
const RFC8032: readonly (readonly [string, string, string, string])[] = [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
  [
    '833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42',
    'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf',
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704',
  ],
];

/** The order of the group's prime subgroup: S + L verifies in arithmetic, and RFC 8032 §5.1.7 refuses it because S must be below L. */
const L = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;

function malleated(signature: Uint8Array): Uint8Array {
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + L;
  return Uint8Array.from(Buffer.concat([signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse()]));
}

describe('Ed25519', () => {
  for (const [secret, publicKey, message, signature] of RFC8032) {
    it(`agrees with RFC 8032 on the message "${message.slice(0, 8)}"`, () => {
      const key = signingKey(unhex(secret));
      assert.equal(hex(key.publicKey), publicKey);
      assert.equal(hex(signBytes(key, unhex(message))), signature);
      assert.equal(verifyBytes(verifyKey(unhex(publicKey)), unhex(message), unhex(signature)), true);
    });
  }

  it('signs byte for byte as tweetnacl does, and each accepts the other', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ maxLength: 200 }), (seed, message) => {
        const key = signingKey(seed);
        const theirs = nacl.sign.detached(message, nacl.sign.keyPair.fromSeed(seed).secretKey);
        assert.equal(hex(signBytes(key, message)), hex(theirs));
        assert.equal(verifyBytes(verifyKey(key.publicKey), message, theirs), true);
        assert.equal(nacl.sign.detached.verify(message, signBytes(key, message), key.publicKey), true);
      }),
      { numRuns: 25 },
    );
  });

  // Why tweetnacl is never asked: a second valid signature for one message would give one entry two texts, and a relay could make it.
  it('[INV-22] refuses a malleated signature (S + L), which tweetnacl accepts', () => {
    const key = keyOf('signer');
    for (const text of ['one', 'two', 'three']) {
      const message = Uint8Array.from(Buffer.from(text));
      const twin = malleated(signBytes(key, message));
      assert.equal(nacl.sign.detached.verify(message, twin, key.publicKey), true);
      assert.equal(verifyBytes(verifyKey(key.publicKey), message, twin), false);
    }
  });

  it('refuses a signature of another length', () => {
    const key = keyOf('signer');
    const signature = signBytes(key, Uint8Array.of(1));
    assert.equal(verifyBytes(verifyKey(key.publicKey), Uint8Array.of(1), signature.subarray(0, 63)), false);
    assert.equal(verifyBytes(verifyKey(key.publicKey), Uint8Array.of(1), Uint8Array.from([...signature, 0])), false);
  });

  it('writes and reads a public key as SPKI PEM', () => {
    const { publicKey } = keyOf('signer');
    const read = parsePublicKeyPem(publicKeyPem(publicKey));
    assert.ok(read.ok);
    assert.equal(hex(read.value.publicKey), hex(publicKey));
    assert.equal(hex(keyFingerprint(publicKey)), hex(sha256(spki(publicKey))));
    assert.match(spokenFingerprint(publicKey), /^(?:[0-9a-f]{4} ){5}[0-9a-f]{4}$/u);
  });

  it('says what is wrong with a file that is no such key', () => {
    const rsa = '-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKrN\n-----END PUBLIC KEY-----\n';
    const x25519 = '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VuAyEAhSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=\n-----END PUBLIC KEY-----\n';
    for (const pem of ['', 'hello', rsa, x25519]) assert.equal(parsePublicKeyPem(pem).ok, false);
    const read = parsePublicKeyPem(x25519);
    assert.match(read.ok ? '' : read.error.detail, /x25519/u);
  });
});

describe('seal', () => {
  const reader = sealingKey(chance('reader', 32));

  it('opens for its reader only', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 100 }),
        fc.uint8Array({ minLength: SEAL_RANDOM_BYTES, maxLength: SEAL_RANDOM_BYTES }),
        (message, random) => {
          const sealed = seal(reader.publicKey, message, random);
          assert.deepEqual(unseal(reader, sealed), { ok: true, value: Uint8Array.from(message) });
          assert.equal(unseal(sealingKey(chance('other', 32)), sealed).ok, false);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('[INV-24] refuses any changed byte and never throws', () => {
    const sealed = seal(reader.publicKey, Uint8Array.of(1, 2, 3), chance('random', SEAL_RANDOM_BYTES));
    for (const at of sealed.keys()) {
      // The last bit of an X25519 public key is not part of the point (RFC 7748 §5), so the byte is changed elsewhere.
      const bad = sealed.with(at, (sealed[at] ?? 0) ^ 1);
      assert.equal(unseal(reader, bad).ok, false, `byte ${at}`);
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => !unseal(reader, bytes).ok));
  });
});
