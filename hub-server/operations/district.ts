import { z } from 'zod';
import { districtCode, type DistrictCode, type LocalName } from '#protocol/identity/identity.js';
import { assert } from '#protocol/result/result.js';
import type { Hub } from '../hub.js';
import { rowOf } from '../store/rows.js';

/** What the hub's books say of their own district. */
export type DistrictFacts = {
  readonly code: DistrictCode;
  readonly name: LocalName;
  readonly society: LocalName;
  readonly hubName: string;
  /** `host:port` at which devices reach the hub. */
  readonly hubAddress: string;
  /** Host (and port, where it is not 443) of the address in a receipt's code. */
  readonly receiptHost: string;
};

const districtRow = z
  .object({
    code: districtCode,
    name_en: z.string(),
    name_hi: z.string(),
    society_en: z.string(),
    society_hi: z.string(),
    hub_name: z.string(),
    hub_address: z.string(),
    receipt_host: z.string(),
  })
  .transform((r): DistrictFacts => ({
    code: r.code,
    name: { en: r.name_en, hi: r.name_hi },
    society: { en: r.society_en, hi: r.society_hi },
    hubName: r.hub_name,
    hubAddress: r.hub_address,
    receiptHost: r.receipt_host,
  }));

export function districtFacts(hub: Hub): DistrictFacts {
  const sql = 'SELECT code, name_en, name_hi, society_en, society_hi, hub_name, hub_address, receipt_host FROM district WHERE code = @district';
  const facts = rowOf(hub.db, districtRow, sql, { district: hub.district });
  assert(facts !== undefined, `the books are of district ${hub.district}`);
  return facts;
}
