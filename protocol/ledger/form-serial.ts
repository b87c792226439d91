import { z } from 'zod';
import { failure, ok, type Failure, type Result } from '../result/result.js';

/** The number that stands on a pre-printed form (R106): letters, digits, `/` and `-`, with digits at its end: `RJ-0045001`. */
export const formSerial = z.string().regex(/^[A-Z0-9/-]{0,14}[0-9]{1,9}$/u);
/** The name of a printer in the kiosk's `devices.json`. */
export const formPrinter = z.string().regex(/^[a-z0-9][a-z0-9-]{0,23}$/u);

/** More than any box holds; a mistyped digit should not load a million. */
export const FORMS_MAX = 10_000;

export type SerialRange = { readonly prefix: string; readonly from: number; readonly count: number; readonly digits: number };

/** Up to nine digits at the end count on; what stands before them is the same on each form of a pack. */
const PARTS = /^(.*?)([0-9]{1,9})$/u;

const number = (digits: string): number => Number.parseInt(digits, 10);

/** Forms from the first number to the last, both included. Refused: another beginning, another length, the last before the first, too many. */
export function serialRange(first: string, last: string): Result<SerialRange, Failure<'not-serial' | 'not-range'>> {
  if (!formSerial.safeParse(first).success || !formSerial.safeParse(last).success)
    return failure('not-serial', 'a form number ends in digits and has only A-Z, 0-9, / and - before them');
  const [, prefix = '', from = ''] = PARTS.exec(first) ?? [];
  const [, lastPrefix = '', to = ''] = PARTS.exec(last) ?? [];
  const count = number(to) - number(from) + 1;
  if (prefix !== lastPrefix || from.length !== to.length || count < 1 || count > FORMS_MAX)
    return failure('not-range', `${first} to ${last} is not one pack of at most ${FORMS_MAX} forms`);
  return ok({ prefix, from: number(from), count, digits: from.length });
}

export function serialsOf({ prefix, from, count, digits }: SerialRange): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${String(from + i).padStart(digits, '0')}`);
}
