import { asNumber } from '#platform/sqlite/open.js';
import type { TransactionId } from '#protocol/identity/identity.js';
import type { UnixMs } from '#protocol/time/time.js';
import type { Hub } from '../hub.js';
import type { PaymentAnswer } from './connector.js';
import { findPosting, release, type PostingRecord } from './postings.js';

/** Called inside the transaction that ends a posting, so that the books move with it or not at all. */
export type BookOutcome = (ended: PostingRecord) => void;

export type Known = Exclude<PaymentAnswer, { readonly kind: 'unknown' }>;

/**
 * Writes down before anything is sent that the department is asked now. From then on it may hold the payment, whatever happens here.
 * @returns how often it was asked before; undefined when the posting has left the state meanwhile
 */
export function noteAsked(hub: Hub, transaction: TransactionId, state: 'due' | 'asking', batch?: string): number | undefined {
  const row = hub.db
    .prepare<[string | null, string, string, string], { readonly attempts: bigint }>(
      `UPDATE posting SET attempts = attempts + 1, batch = coalesce(?, batch) WHERE district = ? AND transaction_id = ? AND state = ?
       RETURNING attempts`,
    )
    .get(batch ?? null, hub.district, transaction, state);
  return row && asNumber(row.attempts) - 1;
}

/** No answer was learnt: what went wrong is kept for the operator of the hub, and the time of the next question. */
export function noteTrouble(hub: Hub, transaction: TransactionId, trouble: string, nextTryAt: UnixMs): void {
  hub.db
    .prepare("UPDATE posting SET reason = ?, next_try_at = ? WHERE district = ? AND transaction_id = ? AND state IN ('due', 'asking')")
    .run(trouble.slice(0, 120), nextTryAt, hub.district, transaction);
}

/**
 * Writes the department's answer down, once: what has ended stays as it is. A refused payment of a batch is owed back at once, since its
 * citizen went home with a receipt; a refused online one first goes back over the counter.
 * @returns the posting as it ended now; undefined when it had ended before
 */
export function settle(hub: Hub, transaction: TransactionId, answer: Known, book: BookOutcome): PostingRecord | undefined {
  const write = hub.db.transaction((): PostingRecord | undefined => {
    const before = findPosting(hub, transaction);
    if (before === undefined || (before.state !== 'due' && before.state !== 'asking')) return undefined;
    if (answer.kind === 'confirmed') {
      hub.db
        .prepare("UPDATE posting SET state = 'posted', reference = ?, posted_at = ?, reason = NULL WHERE district = ? AND transaction_id = ?")
        .run(answer.reference, hub.now(), hub.district, transaction);
    } else {
      const state = before.state === 'due' ? 'refund-due' : 'refused';
      hub.db
        .prepare('UPDATE posting SET state = ?, reason = ? WHERE district = ? AND transaction_id = ?')
        .run(state, answer.reason, hub.district, transaction);
      if (state === 'refund-due') release(hub, transaction);
    }
    const ended = findPosting(hub, transaction);
    if (ended !== undefined) book(ended);
    return ended;
  });
  return hub.db.inTransaction ? write() : write.immediate();
}
