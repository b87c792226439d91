import { z } from 'zod';
import { districtCode, epoch, kioskCode } from '../identity/identity.js';
import { failure, ok, type Failure, type Result } from '../result/result.js';
import { cborHash, unixMs } from '../signing/cbor.js';
import { openRecord, signRecord } from '../signing/record.js';
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
  return signRecord(key, 'jharokha/head/1', facts);
}

export function openHead(key: VerifyKey, by: Head['by'], bytes: Uint8Array): Result<Head, Failure<'bad-head'>> {
  const read = openRecord(key, 'jharokha/head/1', head, bytes, 'bad-head');
  if (!read.ok) return read;
  return read.value.by === by ? ok(read.value) : failure('bad-head', `the head is signed as ${read.value.by}, not ${by}`);
}
