import { z } from 'zod';
import { DEVICE_PROBLEM_CODES } from './device.js';

/**
 * Everything that can stand between a citizen and a receipt, by a stable code. The screen has a text for each code in each language
 * that says what happened, whether the money is safe, and what to do; a missing text does not compile.
 */
export const PROBLEM_CODES = [
  // Who may work
  'pin-wrong',
  'login-unknown',
  'login-locked',
  'login-needs-hub',
  'login-not-counter',
  'kiosk-suspended',
  // What was typed or scanned
  'amount-unreadable',
  'field-missing',
  'field-malformed',
  'scan-unreadable',
  'scan-unknown',
  'scan-not-now',
  'service-unknown',
  // The bill
  'consumer-unknown',
  'bill-paid-hub',
  'bill-paid-here',
  'bill-data-absent',
  'nothing-due',
  'no-tariff',
  'part-refused',
  'part-too-small',
  'more-than-bill',
  'cash-short',
  'cash-much',
  'count-differs',
  // The person who must be here
  'presence-needed',
  'presence-no-device',
  'presence-refused',
  'witness-not-yet',
  'witness-missing',
  // Others who must answer
  'hub-down',
  'department-down',
  'mode-not-allowed',
  'department-refused',
  'department-unknown',
  'refused-late',
  // The money that secures a sale
  'wallet-too-small',
  'lease-absent',
  'lease-used-up',
  'lease-expired',
  'lease-sale-cap',
  'lease-count-cap',
  'grant-refused',
  // The appliance
  'clock-set-back',
  'disk-full',
  'disk-full-saved',
  'ledger-broken',
  'ledger-fork',
  'printer-first',
  'restarted-in-sale',
  'not-given-back',
  // The devices
  ...DEVICE_PROBLEM_CODES,
  'print-unknown',
  'print-later',
  // Good news, told in the same place
  'saved-printed',
  'refund-done',
  'abandoned',
] as const;

export const problemCode = z.enum(PROBLEM_CODES);
export type ProblemCode = z.infer<typeof problemCode>;

/** A code with the values its text quotes: already formatted (rupees, times, names), never sentences. */
export const problem = z.strictObject({ code: problemCode, values: z.record(z.string(), z.string()).optional() });
export type Problem = z.infer<typeof problem>;
