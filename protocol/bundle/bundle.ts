import { z } from 'zod';
import { districtCode, epoch, kioskCode, localName } from '../identity/identity.js';
import { approvedPlace } from '../place/place.js';
import { type Failure, type Result } from '../result/result.js';
import { unixMs } from '../signing/cbor.js';
import { openRecord, signRecord } from '../signing/record.js';
import type { SigningKey, VerifyKey } from '../signing/keys.js';

/** What an approved kiosk is told once: who it is, whom it trusts, where its hub is. Signed by the district; a lower number is never taken. */
export const bundle = z.strictObject({
  v: z.literal(1),
  number: z.int().min(1),
  district: districtCode,
  kiosk: kioskCode,
  epoch,
  site: localName,
  /** Where the kiosk may work (R113); absent where the district has approved no place by coordinates. */
  place: approvedPlace.optional(),
  kioskCertificate: z.instanceof(Uint8Array),
  hubCertificate: z.instanceof(Uint8Array),
  /** `host:port` of the hub's TLS door. */
  hub: z.string().max(100),
  /** Start of every receipt's code: see `receiptPrefix`. */
  receiptPrefix: z.string().max(100),
  /** The district-signed rule book's bytes. */
  ruleBook: z.instanceof(Uint8Array),
  issuedAt: unixMs,
});
export type Bundle = z.infer<typeof bundle>;

export function signBundle(district: SigningKey, facts: Bundle): Uint8Array<ArrayBuffer> {
  return signRecord(district, 'jharokha/bundle/1', facts);
}

export function openBundle(district: VerifyKey, bytes: Uint8Array): Result<Bundle, Failure<'bad-bundle'>> {
  return openRecord(district, 'jharokha/bundle/1', bundle, bytes, 'bad-bundle');
}
