import type { z } from 'zod';
import { failure, type Failure, type Result } from '../result/result.js';
import { encodeCbor, readCbor, type CborValue } from './cbor.js';
import { openCose, signCose, type Purpose } from './cose.js';
import type { SigningKey, VerifyKey } from './keys.js';

/** Signs a record as deterministic CBOR in a COSE_Sign1 for one purpose. */
export function signRecord(key: SigningKey, purpose: Purpose, facts: CborValue): Uint8Array<ArrayBuffer> {
  return signCose(key, purpose, encodeCbor(facts));
}

/** Opens what `signRecord` made: signature, deterministic form and shape; any fault comes under one code. */
export function openRecord<T, C extends string>(
  key: VerifyKey,
  purpose: Purpose,
  shape: z.ZodType<T>,
  bytes: Uint8Array,
  code: C,
): Result<T, Failure<C>> {
  const payload = openCose(key, purpose, bytes);
  if (!payload.ok) return failure(code, payload.error.detail);
  const read = readCbor(shape, payload.value);
  return read.ok ? read : failure(code, read.error.detail);
}
