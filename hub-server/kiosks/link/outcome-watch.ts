import { transactionId, type TransactionId } from '#protocol/identity/identity.js';
import { SECOND_MS } from '#protocol/time/time.js';
import type { Outcome } from '#protocol/wire/frames.js';
import type { Hub } from '../../hub.js';
import { outcomes } from '../../services/postings.js';

const LOOK_MS = SECOND_MS;

type Row = { kiosk: string; transaction_id: string; state: string };

/**
 * Batches are posted by another process (`hub remit`): looks at the table now and then and tells connected kiosks what is new, posted or owed back. A
 * kiosk that is not connected asks when it comes back, so nothing hangs on this.
 */
export function watchOutcomes(hub: Hub, tell: (kiosk: string, outcome: Outcome) => void): () => void {
  const select = hub.db.prepare<[string, number], Row>(
    "SELECT kiosk, transaction_id, state FROM posting WHERE district = ? AND (posted_at > ? OR state = 'refund-due')",
  );
  let seen = hub.now();
  // A refund has no time of its own in the table; those known are remembered.
  const owed = new Set(select.all(hub.district, seen).map((row) => row.transaction_id));
  const timer = setInterval(() => {
    const from = seen;
    seen = hub.now();
    for (const row of select.all(hub.district, from - 1)) {
      if (row.state === 'refund-due' && owed.has(row.transaction_id)) continue;
      if (row.state === 'refund-due') owed.add(row.transaction_id);
      tellOne(hub, row.kiosk, transactionId.parse(row.transaction_id), tell);
    }
  }, LOOK_MS);
  return () => clearInterval(timer);
}

function tellOne(hub: Hub, kiosk: string, transaction: TransactionId, tell: (kiosk: string, outcome: Outcome) => void): void {
  for (const outcome of outcomes(hub, [transaction])) tell(kiosk, outcome);
}
