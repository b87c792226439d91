import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import nacl from 'tweetnacl';
import { assert, failure, ok, type Failure, type Result } from '../result/result.js';

/** Ed25519 (RFC 8032): a 32-byte seed makes the pair. Keys are parsed once and kept, since parsing costs as much as verifying. */
export type SigningKey = { readonly publicKey: Uint8Array<ArrayBuffer>; readonly seed: Uint8Array<ArrayBuffer>; readonly private: KeyObject };
export type VerifyKey = { readonly publicKey: Uint8Array<ArrayBuffer>; readonly key: KeyObject };

const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** @param seed 32 bytes of randomness, from the caller's own source */
export function signingKey(seed: Uint8Array): SigningKey {
  assert(seed.length === nacl.sign.seedLength, 'an Ed25519 seed has 32 bytes');
  const pair = nacl.sign.keyPair.fromSeed(seed);
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  return { publicKey: Uint8Array.from(pair.publicKey), seed: Uint8Array.from(seed), private: key };
}

export function verifyKey(publicKey: Uint8Array): VerifyKey {
  assert(publicKey.length === 32, 'an Ed25519 public key has 32 bytes');
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
  return { publicKey: Uint8Array.from(publicKey), key };
}

export function signBytes(key: SigningKey, message: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(sign(null, message, key.private));
}

/** Strict RFC 8032 verification by node:crypto: a malleated signature (S + L) is refused, which tweetnacl would accept. */
export function verifyBytes(key: VerifyKey, message: Uint8Array, signature: Uint8Array): boolean {
  return signature.length === 64 && verify(null, message, key.key, signature);
}

/** The public key as DER SubjectPublicKeyInfo (RFC 8410). */
export function spki(publicKey: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.concat([SPKI_PREFIX, publicKey]));
}

export function publicKeyPem(publicKey: Uint8Array): string {
  return verifyKey(publicKey).key.export({ type: 'spki', format: 'pem' }).toString();
}

/** Reads `-----BEGIN PUBLIC KEY-----` (SPKI) of an Ed25519 key. */
export function parsePublicKeyPem(pem: string): Result<VerifyKey, Failure<'not-a-key'>> {
  try {
    const key = createPublicKey({ key: pem, format: 'pem' });
    if (key.asymmetricKeyType !== 'ed25519') return failure('not-a-key', `the file holds a ${key.asymmetricKeyType ?? 'strange'} key, not Ed25519`);
    const der = key.export({ type: 'spki', format: 'der' });
    return ok({ publicKey: Uint8Array.from(der.subarray(-32)), key });
  } catch {
    return failure('not-a-key', 'the file is not a PEM public key');
  }
}

/** SHA-256 of the key's SPKI: what a claim pins and a person compares. */
export function keyFingerprint(publicKey: Uint8Array): Uint8Array<ArrayBuffer> {
  return sha256(spki(publicKey));
}

/** Six groups of four hex digits, short enough to read over the telephone; 96 bits. */
export function spokenFingerprint(publicKey: Uint8Array): string {
  return Buffer.from(keyFingerprint(publicKey))
    .toString('hex')
    .slice(0, 24)
    .replace(/(.{4})(?=.)/gu, '$1 ');
}

export function sha256(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return Uint8Array.from(hash.digest());
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
