import { z } from 'zod';
import { districtCode, epoch, grantId, kioskCode, transactionId } from '../identity/identity.js';
import { type Failure, type Result } from '../result/result.js';
import { cborHash, cborSum, unixMs } from '../signing/cbor.js';
import { openRecord, signRecord } from '../signing/record.js';
import type { SigningKey, VerifyKey } from '../signing/keys.js';

const common = {
  v: z.literal(1),
  id: grantId,
  district: districtCode,
  kiosk: kioskCode,
  epoch,
  /** Rises with every signed state of a grant; for leases it rises over the kiosk's whole epoch, so an old one can never be shown again. */
  number: z.int().min(1),
  /** What may be drawn over the grant's whole life. Raised, never lowered. */
  limitPaise: cborSum,
  issuedAt: unixMs,
  notAfter: unixMs,
};

/** For one transaction and its exact amount: where the mode needs the hub. */
export const hold = z.strictObject({ ...common, kind: z.literal('hold'), transaction: transactionId });

/** For many sales up to a sum and a time: where the mode does not need the hub. */
export const lease = z.strictObject({
  ...common,
  kind: z.literal('lease'),
  /** Bind only without the link. */
  salePaiseMax: cborSum,
  salesMax: z.int().min(1),
  /** The entry of the kiosk's own chain that the lease starts from. */
  base: z.strictObject({ seq: z.int().min(0), hash: cborHash }),
});

/** The hub's signed word that money is set aside for a kiosk's sales (money reference §5; invariants I1–I11). */
export const grant = z.discriminatedUnion('kind', [hold, lease]);
export type Grant = z.infer<typeof grant>;
export type Hold = z.infer<typeof hold>;
export type Lease = z.infer<typeof lease>;

export function signGrant(hub: SigningKey, facts: Grant): Uint8Array<ArrayBuffer> {
  return signRecord(hub, 'jharokha/grant/1', facts);
}

export function openGrant(hub: VerifyKey, bytes: Uint8Array): Result<Grant, Failure<'bad-grant'>> {
  return openRecord(hub, 'jharokha/grant/1', grant, bytes, 'bad-grant');
}
