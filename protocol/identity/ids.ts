import { createHash } from 'node:crypto';
import { assert } from '../result/result.js';
import { crockford } from '../signing/base32.js';
import type { UnixMs } from '../time/time.js';
import { grantId, transactionId, type GrantId, type TransactionId } from './identity.js';

/** Bytes of randomness that one id takes. */
export const ID_RANDOM_BYTES = 10;

function timeOrderedId(at: UnixMs, random: Uint8Array): string {
  assert(random.length === ID_RANDOM_BYTES && Number.isSafeInteger(at) && at >= 0 && at < 2 ** 48, 'id from 48 bits of time and 80 of chance');
  const time = Array.from({ length: 10 }, (_, i) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.charAt(Math.floor(at / 32 ** (9 - i)) % 32)).join('');
  return time + crockford(random);
}

/** 48 bits of milliseconds then 80 random bits, as ULID lays them out: ids sort by time. */
export function newTransactionId(at: UnixMs, random: Uint8Array): TransactionId {
  return transactionId.parse(timeOrderedId(at, random));
}

export function newGrantId(at: UnixMs, random: Uint8Array): GrantId {
  return grantId.parse(timeOrderedId(at, random));
}

/** Salted digest that stands for a consumer number where it must not be read in clear: 16 bytes of SHA-256(salt ‖ number). */
export function consumerDigest(salt: Uint8Array, consumer: string): Uint8Array {
  return createHash('sha256').update(salt).update(consumer, 'utf8').digest().subarray(0, 16);
}
