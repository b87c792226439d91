import nacl from 'tweetnacl';
import { assert, failure, ok, type Failure, type Result } from '../result/result.js';

/** X25519 pair that others seal to. */
export type SealingKey = { readonly publicKey: Uint8Array<ArrayBuffer>; readonly secretKey: Uint8Array<ArrayBuffer> };

/** Randomness one sealed message takes: 32 bytes for the ephemeral key and 24 for the nonce. */
export const SEAL_RANDOM_BYTES = 56;

/** @param seed 32 random bytes */
export function sealingKey(seed: Uint8Array): SealingKey {
  const pair = nacl.box.keyPair.fromSecretKey(seed);
  return { publicKey: Uint8Array.from(pair.publicKey), secretKey: Uint8Array.from(pair.secretKey) };
}

/** Seals for one reader: ephemeral public key (32) ‖ nonce (24) ‖ NaCl box. Says nothing of the sender: what must be believed is signed inside. */
export function seal(reader: Uint8Array, message: Uint8Array, random: Uint8Array): Uint8Array<ArrayBuffer> {
  assert(random.length === SEAL_RANDOM_BYTES, 'a seal takes 56 random bytes');
  const ephemeral = nacl.box.keyPair.fromSecretKey(random.subarray(0, 32));
  const nonce = random.subarray(32);
  return Uint8Array.from(Buffer.concat([ephemeral.publicKey, nonce, nacl.box(message, nonce, reader, ephemeral.secretKey)]));
}

export function unseal(key: SealingKey, sealed: Uint8Array): Result<Uint8Array<ArrayBuffer>, Failure<'not-sealed-for-us'>> {
  if (sealed.length < SEAL_RANDOM_BYTES + nacl.box.overheadLength) return failure('not-sealed-for-us', 'too short');
  const opened = nacl.box.open(sealed.subarray(SEAL_RANDOM_BYTES), sealed.subarray(32, SEAL_RANDOM_BYTES), sealed.subarray(0, 32), key.secretKey);
  return opened === null ? failure('not-sealed-for-us', 'the message was not sealed for this key') : ok(Uint8Array.from(opened));
}
