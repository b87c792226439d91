import type { Problem } from '#protocol/counter/problem.js';
import { formatRupees } from '#protocol/money/paise.js';
import type { SaleRow } from '../ledger/sales.js';
import { problem, type Kiosk } from './kiosk.js';
import { abandon } from './offer.js';

/** What the counter must show first after a restart: decided from the chain alone, never from a remembered screen. */
export type Recovered =
  | { readonly kind: 'nothing'; readonly problem: Problem | null }
  /** Saved, and no paper is known to be out. */
  | { readonly kind: 'unprinted'; readonly sale: SaleRow }
  | { readonly kind: 'perhaps-printed'; readonly sale: SaleRow }
  | { readonly kind: 'not-given-back'; readonly sale: SaleRow };

/**
 * Ends what a stop left open, in the chain: prints without an end become unknown, quotes without a sale are abandoned (their money never moved).
 * @returns what became of the newest transaction, when a restart ended it: also when an earlier start did, which was killed before it could tell
 */
export function closeOpenEnds(kiosk: Kiosk): Problem | null {
  for (const { transaction, copy } of kiosk.sales.openPapers()) {
    kiosk.ledger.append({ kind: 'print-ended', transaction, copy, outcome: 'unknown', cause: 'restart', by: 'restart' }, null, kiosk.clock.now());
  }
  for (const quote of kiosk.sales.openQuotes()) abandon(kiosk, quote.transaction, 'restart', null);
  const newest = kiosk.sales.newestOfAll();
  if (newest?.state !== 'abandoned' || newest.reason !== 'restart') return null;
  return problem('restarted-in-sale', { transaction: newest.transaction, amount: formatRupees(newest.totalPaise) });
}

/** What is left in the operator's hands: cash to give back first, then the newest receipt. */
export function recover(kiosk: Kiosk, told: Problem | null): Recovered {
  const [owed] = kiosk.sales.notGivenBack();
  if (owed !== undefined) return { kind: 'not-given-back', sale: owed };
  const newest = kiosk.sales.newestSold();
  if (newest !== undefined && newest.newestPaper === 'none' && newest.outcome !== 'returned') return { kind: 'unprinted', sale: newest };
  if (newest !== undefined && (newest.newestPaper === 'unknown' || newest.newestPaper === 'open')) return { kind: 'perhaps-printed', sale: newest };
  return { kind: 'nothing', problem: told };
}
