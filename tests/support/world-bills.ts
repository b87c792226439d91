import { Readable } from 'node:stream';
import { bill, type Bill } from '#protocol/bill/bill.js';
import { paise } from '#protocol/money/paise.js';
import { businessDate, DAY_MS } from '#protocol/time/time.js';
import { billsCsv } from '../../hub-server/services/generate-bills.js';

/** The three departments of the test district, by the services of the hub's first rule book. */
export const DEPARTMENTS = [
  { code: 'JVVNL', service: '101', en: 'Jaipur Vidyut Vitran Nigam', hi: 'जयपुर विद्युत वितरण निगम', part: 'refused' },
  { code: 'PHED', service: '102', en: 'Public Health Engineering Department', hi: 'जन स्वास्थ्य अभियांत्रिकी विभाग', part: 'allowed' },
  { code: 'BSNL', service: '103', en: 'Bharat Sanchar Nigam', hi: 'भारत संचार निगम', part: 'refused' },
] as const;
export type DepartmentName = (typeof DEPARTMENTS)[number]['code'];

export const BILLS_EACH = 12;

const CONSUMER: Readonly<Record<DepartmentName, (n: number) => string>> = {
  JVVNL: (n) => `2101000001${n.toString().padStart(2, '0')}`,
  PHED: (n) => `410000${n.toString().padStart(2, '0')}`,
  BSNL: (n) => `014122056${n.toString().padStart(2, '0')}`,
};

/** Bill `n` of a department: odd ones are past their due date and cost 2 % more. Sums are all different and never round. */
export function testBill(department: (typeof DEPARTMENTS)[number], n: number): Bill {
  const due = n % 2 === 1 ? -3 : 5;
  const amountPaise = paise(30_050n + 3_737n * BigInt(n));
  const day = (offset: number): string => businessDate(Date.now() + offset * DAY_MS);
  return bill.parse({
    department: department.code,
    service: department.service,
    consumer: CONSUMER[department.code](n),
    number: `${department.code.slice(0, 1)}2610${n.toString().padStart(4, '0')}`,
    name: 'Kamla Devi Sharma',
    office: 'AEN Jhotwara, Jaipur',
    period: 'Sep-Oct 2026',
    issuedOn: day(due - 15),
    dueOn: day(due),
    amountPaise,
    lateAmountPaise: paise(amountPaise + amountPaise / 50n),
    arrearsPaise: paise(0n),
  });
}

export function testBills(department: (typeof DEPARTMENTS)[number]): readonly Bill[] {
  return Array.from({ length: BILLS_EACH }, (_, n) => testBill(department, n));
}

export function billFile(bills: readonly Bill[]): AsyncIterable<Uint8Array> {
  return Readable.from([...billsCsv(bills)].map((line) => Buffer.from(line)));
}
