import { z } from 'zod';

/**
 * A district, tagged by the scheme of its number: `lgd:102` (Local Government Directory) or `c11:110` (Census 2011). The numbers overlap, so a
 * bare one is never stored (110 is Jaipur in one scheme and Nagaur in the other).
 */
export const districtCode = z
  .string()
  .regex(/^(?:lgd|c11):[1-9]\d{0,3}$/u, 'a district is lgd:<number> or c11:<number>')
  .brand<'DistrictCode'>();
export type DistrictCode = z.infer<typeof districtCode>;

/** A counter appliance's slot in the district's books, such as `d35k1111`. Its grammar is a profile's: see `grammar.ts`. */
export const kioskCode = z
  .string()
  .regex(/^[a-z0-9-]{3,16}$/u, 'a kiosk code is 3 to 16 of a-z, 0-9, -')
  .brand<'KioskCode'>();
export type KioskCode = z.infer<typeof kioskCode>;

/** Who works at the counter, such as `d35k1111co01` (R120). */
export const operatorLogin = z
  .string()
  .regex(/^[a-z0-9.-]{3,40}$/u, 'a login is 3 to 40 of a-z, 0-9, dot, -')
  .brand<'OperatorLogin'>();
export type OperatorLogin = z.infer<typeof operatorLogin>;

/** A department or other payee, such as `JVVNL`. */
export const departmentCode = z
  .string()
  .regex(/^[A-Z][A-Z0-9-]{1,11}$/u, 'a department code is 2 to 12 of A-Z, 0-9, -')
  .brand<'DepartmentCode'>();
export type DepartmentCode = z.infer<typeof departmentCode>;

/** What the operator types to choose a service, such as `101`. */
export const serviceCode = z
  .string()
  .regex(/^\d{3,6}$/u, 'a service code is 3 to 6 digits')
  .brand<'ServiceCode'>();
export type ServiceCode = z.infer<typeof serviceCode>;

/** Names one sale for ever, made and stored by the kiosk before anything moves. 128 bits, time-ordered, 26 Crockford base32 characters. */
export const transactionId = z
  .string()
  .regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/u, 'a transaction id is 26 Crockford base32 characters')
  .brand<'TransactionId'>();
export type TransactionId = z.infer<typeof transactionId>;

/** Names one grant (hold or lease) for ever; same form as a transaction id. */
export const grantId = transactionId.brand<'GrantId'>();
export type GrantId = z.infer<typeof grantId>;

/** Rises by one each time another key is given the same kiosk slot; a chain of entries lives within one epoch. */
export const epoch = z.int().min(1).max(65_535);

export type Language = 'en' | 'hi';
export const language = z.enum(['en', 'hi']);

/** A name as it is shown, in both languages of the counter. */
export const localName = z.strictObject({ en: z.string().min(1).max(120), hi: z.string().min(1).max(120) });
export type LocalName = z.infer<typeof localName>;
