import type { Problem } from '#protocol/counter/problem.js';
import type { OperatorLogin, TransactionId } from '#protocol/identity/identity.js';
import { err, ok, unreachable, type Result } from '#protocol/result/result.js';
import type { Outcome } from '#protocol/wire/frames.js';
import type { SaleRow } from '../ledger/sales.js';
import { appendProblem, COUNTER_DELAYS, type Kiosk } from './kiosk.js';

/** Writes what the hub says became of a sale, once. A refusal that finds a receipt already printed is settled by the hub, not over the counter. */
export function noteOutcome(kiosk: Kiosk, outcome: Outcome): void {
  const row = kiosk.sales.find(outcome.transaction);
  if (row === undefined || (row.outcome !== 'asking' && row.outcome !== 'received')) return;
  const { state } = outcome;
  const now = kiosk.clock.now();
  switch (state.kind) {
    case 'asking':
    case 'received':
      return;
    case 'posted':
      kiosk.ledger.append({ kind: 'confirmed', transaction: row.transaction, reference: state.reference, at: state.at }, null, now);
      return;
    case 'refused':
      kiosk.ledger.append(
        { kind: 'refused', transaction: row.transaction, reason: state.reason, cash: row.newestPaper === 'none' ? 'to-return' : 'citizen-gone' },
        null,
        now,
      );
      return;
    case 'refund-due':
      kiosk.ledger.append({ kind: 'refused', transaction: row.transaction, reason: state.reason, cash: 'citizen-gone' }, null, now);
      return;
    default:
      unreachable(state);
  }
}

/** Waits a bounded time for the department's word on a sale; what is not known by then becomes the receipt's second fact later. */
export async function awaitOutcome(kiosk: Kiosk, sale: SaleRow): Promise<SaleRow> {
  const known = (): SaleRow | undefined => {
    const row = kiosk.sales.find(sale.transaction);
    return row === undefined || row.outcome === 'asking' ? undefined : row;
  };
  const already = known();
  if (already !== undefined) return already;
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      stop();
      resolve(known() ?? sale);
    };
    const timer = setTimeout(finish, COUNTER_DELAYS.outcomeMs);
    const stop = kiosk.ledger.onChange(() => known() !== undefined && finish());
  });
}

/** The cash went back over the counter. */
export function giveBack(kiosk: Kiosk, transaction: TransactionId, operator: OperatorLogin): Result<void, Problem> {
  const row = kiosk.sales.find(transaction);
  if (row === undefined || row.outcome !== 'refused') return ok(undefined);
  const written = kiosk.ledger.append({ kind: 'returned', transaction, totalPaise: row.totalPaise }, operator, kiosk.clock.now());
  return written.ok ? ok(undefined) : err(appendProblem(written.error));
}
