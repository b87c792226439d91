import type { Bill } from '../bill/bill.js';
import { ZERO, addPaise, type Paise } from '../money/paise.js';
import { failure, ok, type Failure, type Result } from '../result/result.js';
import type { BusinessDate } from '../time/time.js';
import { findService, type Mode, type Payer, type RuleBook, type TariffRow } from './rulebook.js';

/** What the citizen pays and what the department owes for the service, as the rule book of one version says on one day. */
export type Quote = {
  readonly ruleBookVersion: number;
  /** Of the bill itself: full, late or part amount. */
  readonly billPaise: Paise;
  readonly citizenFeePaise: Paise;
  /** Paid by the department through the society (R69, R72); never part of `totalPaise`. */
  readonly departmentFeePaise: Paise;
  /** What the citizen hands over: exactly the bill plus a citizen-paid fee. */
  readonly totalPaise: Paise;
  readonly late: boolean;
  readonly part: boolean;
  readonly payer: Payer;
  readonly authority: string;
};

export type QuoteError = 'service-unknown' | 'no-tariff' | 'part-refused' | 'part-too-small' | 'more-than-bill' | 'nothing-due';

/**
 * Computes the charge. The operator cannot type a fee; only a part of the bill may be named, where the department allows it.
 * @param partPaise the part offered, or undefined for the whole bill
 */
export function quote(book: RuleBook, bill: Bill, on: BusinessDate, partPaise?: Paise): Result<Quote, Failure<QuoteError>> {
  const service = findService(book, bill.service);
  if (service === undefined) return failure('service-unknown', `service ${bill.service} is not in rule book ${book.version}`);
  const row = tariffOn(book, bill.service, on);
  if (row === undefined) return failure('no-tariff', `no charge is laid down for service ${bill.service} on ${on}`);
  const late = on > bill.dueOn;
  const whole = late ? bill.lateAmountPaise : bill.amountPaise;
  if (whole === 0n) return failure('nothing-due', `bill ${bill.number} has nothing left to pay`);
  if (partPaise !== undefined && partPaise > whole) return failure('more-than-bill', 'the amount is more than the bill');
  const part = partPaise !== undefined && partPaise < whole;
  if (part && service.part.rule === 'refused') return failure('part-refused', `${bill.department} does not take a part of this bill`);
  if (part && service.part.rule === 'allowed' && (partPaise <= 0n || partPaise < service.part.minimumPaise))
    return failure('part-too-small', 'the part is below what the department takes');
  const billPaise = part ? partPaise : whole;
  const citizenFeePaise = row.payer === 'citizen' ? row.chargePaise : ZERO;
  const departmentFeePaise = row.payer === 'department' ? row.chargePaise : ZERO;
  return ok({
    ruleBookVersion: book.version,
    billPaise,
    citizenFeePaise,
    departmentFeePaise,
    totalPaise: addPaise(billPaise, citizenFeePaise),
    late,
    part,
    payer: row.payer,
    authority: row.authority,
  });
}

function tariffOn(book: RuleBook, service: string, on: BusinessDate): TariffRow | undefined {
  return book.tariff.find((row) => row.service === service && row.from <= on && on <= (row.to ?? '9999-12-31'));
}

/** The modes a service may run in here: what the service and the network's profile both allow (C3). */
export function allowedModes(book: RuleBook, service: string): readonly Mode[] {
  return findService(book, service)?.modes.filter((m) => book.profileModes.includes(m)) ?? [];
}
