import { z } from 'zod';
import { departmentCode, serviceCode } from '../identity/identity.js';
import { cborSum } from '../signing/cbor.js';
import { isBusinessDate } from '../time/time.js';

export const businessDateText = z.string().refine(isBusinessDate, 'a date is YYYY-MM-DD');

/** One bill as the department states it. Both totals include the arrears; all sums in paise. */
export const bill = z.strictObject({
  department: departmentCode,
  service: serviceCode,
  consumer: z.string().regex(/^[A-Z0-9/-]{3,24}$/u, 'a consumer number is 3 to 24 of A-Z, 0-9, /, -'),
  number: z.string().regex(/^[A-Z0-9/-]{1,24}$/u, 'a bill number is 1 to 24 of A-Z, 0-9, /, -'),
  name: z.string().min(1).max(80),
  office: z.string().max(60),
  period: z.string().max(30),
  issuedOn: businessDateText,
  dueOn: businessDateText,
  /** Payable up to and including the due date. */
  amountPaise: cborSum,
  /** Payable after the due date. */
  lateAmountPaise: cborSum,
  /** How much of either total is unpaid from earlier bills. */
  arrearsPaise: cborSum,
});
export type Bill = z.infer<typeof bill>;

/** What makes a bill the same bill at every counter: paid once here means paid everywhere. */
export function billKey(of: Pick<Bill, 'department' | 'consumer' | 'number'>): string {
  return `${of.department}:${of.consumer}:${of.number}`;
}
