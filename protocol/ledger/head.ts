import { z } from 'zod';
import { districtCode, epoch, kioskCode } from '../identity/identity.js';
import { failure, ok, type Failure, type Result } from '../result/result.js';
import { cborHash, encodeCbor, readCbor, unixMs } from '../signing/cbor.js';
import { openCose, signCose } from '../signing/cose.js';
import type { SigningKey, VerifyKey } from '../signing/keys.js';

/**
 * "The chain of this kiosk and epoch has so many entries, and the last one's hash is this." The kiosk signs it when it exports; the hub signs it as
 * its acknowledgement, after its own commit. The two name their signer, so neither can pass as the other.
 */
export const head = z.strictObject({
  v: z.literal(1),
  by: z.enum(['kiosk', 'hub']),
  district: districtCode,
  kiosk: kioskCode,
  epoch,
  count: z.int().min(0),
  hash: cborHash,
  at: unixMs,
});
export type Head = z.infer<typeof head>;

export function signHead(key: SigningKey, facts: Head): Uint8Array<ArrayBuffer> {
  return signCose(key, 'jharokha/head/1', encodeCbor(facts));
}

export function openHead(key: VerifyKey, by: Head['by'], bytes: Uint8Array): Result<Head, Failure<'bad-head'>> {
  const payload = openCose(key, 'jharokha/head/1', bytes);
  if (!payload.ok) return failure('bad-head', payload.error.detail);
  const read = readCbor(head, payload.value);
  if (!read.ok) return failure('bad-head', read.error.detail);
  return read.value.by === by ? ok(read.value) : failure('bad-head', `the head is signed as ${read.value.by}, not ${by}`);
}
