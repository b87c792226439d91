import { z } from 'zod';
import { districtCode, kioskCode, operatorLogin } from '../identity/identity.js';
import { type Failure, type Result } from '../result/result.js';
import { cborBytes, unixMs } from '../signing/cbor.js';
import { keyCredential, KEYS_PER_LOGIN_MAX } from './key-log-in.js';
import { openRecord, signRecord } from '../signing/record.js';
import type { SigningKey, VerifyKey } from '../signing/keys.js';

/** argon2id (RFC 9106) parameters and digest: enough to check a PIN, not to learn it. Memory in KiB. */
export const pinVerifier = z.strictObject({ salt: cborBytes(16), memoryKib: z.int(), passes: z.int(), hash: cborBytes(32) });
export type PinVerifier = z.infer<typeof pinVerifier>;

/** Costs of one PIN check: RFC 9106 §4's second choice scaled to a small board (19 MiB, two passes). */
export const PIN_COST = { memoryKib: 19_456, passes: 2 } as const;
export const PIN_PATTERN = /^\d{6}$/u;

/**
 * The hub's word that an operator may work at one kiosk until a time, with a verifier sealed to the kiosk: all logins stay at the data centre (R16), and a
 * counter without the link can still open for those who were known there lately (C10).
 */
export const operatorGrant = z.strictObject({
  v: z.literal(1),
  district: districtCode,
  kiosk: kioskCode,
  login: operatorLogin,
  role: z.literal('counter'),
  issuedAt: unixMs,
  notAfter: unixMs,
  /** `pinVerifier` in CBOR, sealed to the kiosk's sealing key. */
  sealedVerifier: z.instanceof(Uint8Array),
  /** Security keys that may stand for the PIN. Public halves only. */
  keys: z.array(keyCredential).max(KEYS_PER_LOGIN_MAX).readonly(),
});
export type OperatorGrant = z.infer<typeof operatorGrant>;

export function signOperatorGrant(hub: SigningKey, facts: OperatorGrant): Uint8Array<ArrayBuffer> {
  return signRecord(hub, 'jharokha/operator/1', facts);
}

export function openOperatorGrant(hub: VerifyKey, bytes: Uint8Array): Result<OperatorGrant, Failure<'bad-operator-grant'>> {
  return openRecord(hub, 'jharokha/operator/1', operatorGrant, bytes, 'bad-operator-grant');
}
