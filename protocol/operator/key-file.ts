import { z } from 'zod';
import { districtCode, epoch, kioskCode, operatorLogin } from '../identity/identity.js';
import { failure, type Failure, type Result } from '../result/result.js';
import { readCbor, unixMs } from '../signing/cbor.js';
import { peekCose } from '../signing/cose.js';
import type { SigningKey, VerifyKey } from '../signing/keys.js';
import { openRecord, signRecord } from '../signing/record.js';
import { keyCredential } from './key-log-in.js';

/**
 * A kiosk's word that it made this credential on a key at its own bench, for this login, and that the key signed with it: what the technician brings
 * to the administrator. Nothing in it is secret; it lets nobody in until the hub takes it.
 */
export const keyFile = z.strictObject({
  v: z.literal(1),
  district: districtCode,
  kiosk: kioskCode,
  epoch,
  login: operatorLogin,
  credential: keyCredential,
  /** Model of the key, 32 hex digits (AAGUID). */
  model: z.string().regex(/^[0-9a-f]{32}$/u),
  madeAt: unixMs,
});
export type KeyFile = z.infer<typeof keyFile>;

export function signKeyFile(kiosk: SigningKey, facts: KeyFile): Uint8Array<ArrayBuffer> {
  return signRecord(kiosk, 'jharokha/key/1', facts);
}

/** What a file says of itself, before anybody's signature is checked: only to find the kiosk whose key must open it. */
export function peekKeyFile(bytes: Uint8Array): Result<KeyFile, Failure<'bad-key-file'>> {
  const payload = peekCose(bytes);
  if (!payload.ok) return failure('bad-key-file', payload.error.detail);
  const read = readCbor(keyFile, payload.value);
  return read.ok ? read : failure('bad-key-file', read.error.detail);
}

export function openKeyFile(kiosk: VerifyKey, bytes: Uint8Array): Result<KeyFile, Failure<'bad-key-file'>> {
  return openRecord(kiosk, 'jharokha/key/1', keyFile, bytes, 'bad-key-file');
}
