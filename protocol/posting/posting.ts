import { z } from 'zod';
import { departmentCode, districtCode, kioskCode, transactionId } from '../identity/identity.js';
import { type Failure, type Result } from '../result/result.js';
import { unixMs } from '../signing/cbor.js';
import { openRecord, signRecord } from '../signing/record.js';
import type { SigningKey, VerifyKey } from '../signing/keys.js';

/** What became of the money after the counter. `asking`: the department has not answered and is asked again by the same request id. */
export const postingState = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('asking') }),
  z.strictObject({ kind: z.literal('received'), postBy: unixMs }),
  z.strictObject({ kind: z.literal('posted'), reference: z.string().min(1).max(40), at: unixMs }),
  z.strictObject({ kind: z.literal('refused'), reason: z.string().max(120) }),
  /** Refused or paid twice after the citizen had left: the society owes it back. */
  z.strictObject({ kind: z.literal('refund-due'), reason: z.string().max(120) }),
]);
export type PostingState = z.infer<typeof postingState>;

/** The receipt's second fact, signed by the hub: when the department got the money, under which reference. */
export const posting = z.strictObject({
  v: z.literal(1),
  district: districtCode,
  kiosk: kioskCode,
  receipt: z.string().max(40),
  transaction: transactionId,
  department: departmentCode,
  state: postingState,
  at: unixMs,
});
export type Posting = z.infer<typeof posting>;

export function signPosting(hub: SigningKey, facts: Posting): Uint8Array<ArrayBuffer> {
  return signRecord(hub, 'jharokha/posting/1', facts);
}

export function openPosting(hub: VerifyKey, bytes: Uint8Array): Result<Posting, Failure<'bad-posting'>> {
  return openRecord(hub, 'jharokha/posting/1', posting, bytes, 'bad-posting');
}
