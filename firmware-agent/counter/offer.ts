import type { Bill } from '#protocol/bill/bill.js';
import type { Problem } from '#protocol/counter/problem.js';
import { ID_RANDOM_BYTES, newTransactionId } from '#protocol/identity/ids.js';
import type { OperatorLogin, TransactionId } from '#protocol/identity/identity.js';
import { formatRupees, type Paise } from '#protocol/money/paise.js';
import { receiptNumber } from '#protocol/receipt/receipt.js';
import { err, ok, unreachable, type Failure, type Result } from '#protocol/result/result.js';
import { allowedModes, quote, type Quote, type QuoteError } from '#protocol/rulebook/quote.js';
import type { Mode, Service } from '#protocol/rulebook/rulebook.js';
import { businessDate, clockTime } from '#protocol/time/time.js';
import type { Answer } from '#protocol/wire/frames.js';
import type { SaleRow } from '../ledger/sales.js';
import { appendProblem, COUNTER_DELAYS, problem, type Kiosk } from './kiosk.js';
import { leaseProblem } from './lease.js';

/** A bill with its charge, under a transaction id that is already on disk. */
export type Offer = {
  readonly transaction: TransactionId;
  readonly service: Service;
  readonly bill: Bill;
  readonly quote: Quote;
  readonly mode: Mode;
};

type Found = { readonly bill: Bill; readonly mode: Mode };

/** Finds the bill by the best mode that the service and the moment allow, computes the charge, and writes the quote. */
export async function makeOffer(kiosk: Kiosk, service: Service, consumer: string, operator: OperatorLogin): Promise<Result<Offer, Problem>> {
  const found = await findBill(kiosk, service, consumer);
  if (!found.ok) return found;
  const { bill, mode } = found.value;
  const before = kiosk.sales.paidHere(bill);
  if (before !== undefined) return err(paidHere(kiosk, before));
  const made = writeQuote(kiosk, service, bill, mode, operator, undefined);
  // Where a part may be paid, the quote still stands: the part may be within what is left.
  if (!made.ok || mode === 'online' || service.part.rule === 'allowed') return made;
  const short = leaseProblem(kiosk, made.value);
  if (short === undefined) return made;
  abandon(kiosk, made.value.transaction, 'not-secured', operator);
  return err(short);
}

function paidHere(kiosk: Kiosk, before: SaleRow): Problem {
  const receipt = receiptNumber(kiosk.identity.bundle.kiosk, kiosk.identity.certificate.epoch, before.seq);
  return problem('bill-paid-here', { time: clockTime(before.at), amount: formatRupees(before.totalPaise), receipt });
}

/** The same bill for another amount: a new transaction, since an id stands for one amount. The old quote is ended. */
export function makePartOffer(kiosk: Kiosk, offer: Offer, part: Paise | undefined, operator: OperatorLogin): Result<Offer, Problem> {
  const priced = quote(kiosk.ruleBook(), offer.bill, businessDate(kiosk.clock.now()), part);
  if (!priced.ok) return err(quoteProblem(priced.error, offer.service));
  const made = writeQuote(kiosk, offer.service, offer.bill, offer.mode, operator, part);
  // In this order a disk that fills up in between leaves the operator with a quote that still stands.
  if (made.ok) abandon(kiosk, offer.transaction, 'replaced', operator);
  return made;
}

export function abandon(
  kiosk: Kiosk,
  transaction: TransactionId,
  reason: 'operator' | 'not-secured' | 'restart' | 'replaced',
  operator: OperatorLogin | null,
): Result<void, Problem> {
  kiosk.captures.forget(transaction);
  const written = kiosk.ledger.append({ kind: 'abandoned', transaction, reason }, operator, kiosk.clock.now());
  return written.ok ? ok(undefined) : err(appendProblem(written.error));
}

function writeQuote(
  kiosk: Kiosk,
  service: Service,
  bill: Bill,
  mode: Mode,
  operator: OperatorLogin,
  part: Paise | undefined,
): Result<Offer, Problem> {
  const now = kiosk.clock.now();
  const priced = quote(kiosk.ruleBook(), bill, businessDate(now), part);
  if (!priced.ok) return err(quoteProblem(priced.error, service));
  const transaction = newTransactionId(now, kiosk.random(ID_RANDOM_BYTES));
  const written = kiosk.ledger.append(
    {
      kind: 'quoted',
      transaction,
      service: service.code,
      department: service.department,
      consumer: bill.consumer,
      billNumber: bill.number,
      totalPaise: priced.value.totalPaise,
      mode,
    },
    operator,
    now,
    () => kiosk.sales.rememberBill(transaction, bill),
  );
  return written.ok ? ok({ transaction, service, bill, quote: priced.value, mode }) : err(appendProblem(written.error));
}

async function findBill(kiosk: Kiosk, service: Service, consumer: string): Promise<Result<Found, Problem>> {
  const modes = allowedModes(kiosk.ruleBook(), service.code);
  const cached = modes.includes('semi-offline-delayed') ? (): Result<Found, Problem> => fromMaster(kiosk, service, consumer) : undefined;
  if (!modes.includes('online') || !kiosk.link.isUp)
    return cached?.() ?? err(problem(modes.includes('online') ? 'hub-down' : 'mode-not-allowed', { service: service.name.en }));
  const asked = await kiosk.link.ask({ ask: 'bill', service: service.code, consumer }, COUNTER_DELAYS.billMs);
  if (!asked.ok) return cached?.() ?? err(problem('hub-down'));
  return fromHub(asked.value, service, consumer, cached);
}

function fromHub(answer: Answer, service: Service, consumer: string, cached: (() => Result<Found, Problem>) | undefined): Result<Found, Problem> {
  if (answer.answer === 'bill') return ok({ bill: answer.bill, mode: 'online' });
  if (answer.answer !== 'no') return err(problem('hub-down'));
  switch (answer.code) {
    case 'consumer-unknown':
      return err(problem('consumer-unknown', { consumer, department: service.department }));
    case 'bill-paid':
      return err(problem('bill-paid-hub', { detail: answer.detail }));
    case 'suspended':
      return err(problem('kiosk-suspended'));
    default:
      // The department does not answer: the cached master file serves, where the mode is allowed.
      return cached?.() ?? err(problem('department-down', { department: service.department }));
  }
}

function fromMaster(kiosk: Kiosk, service: Service, consumer: string): Result<Found, Problem> {
  if (kiosk.link.isSuspended) return err(problem('kiosk-suspended'));
  if (kiosk.masters.version(service.department) === 0) return err(problem('bill-data-absent', { department: service.department }));
  const bill = kiosk.masters.find(service.department, service.code, consumer);
  if (bill === undefined) return err(problem('consumer-unknown', { consumer, department: service.department }));
  return ok({ bill, mode: 'semi-offline-delayed' });
}

function quoteProblem(error: Failure<QuoteError>, service: Service): Problem {
  switch (error.code) {
    case 'service-unknown':
      return problem('service-unknown');
    case 'no-tariff':
      return problem('no-tariff', { service: service.name.en });
    case 'part-refused':
      return problem('part-refused', { department: service.department });
    case 'part-too-small':
      return problem('part-too-small', { minimum: service.part.rule === 'allowed' ? formatRupees(service.part.minimumPaise) : '' });
    case 'more-than-bill':
      return problem('more-than-bill');
    case 'nothing-due':
      return problem('nothing-due');
    default:
      return unreachable(error.code);
  }
}
