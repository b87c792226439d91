import type { Problem } from '#protocol/counter/problem.js';
import { formatRupees } from '#protocol/money/paise.js';
import type { SaleRow } from '../ledger/sales.js';
import { problem, type Kiosk } from './kiosk.js';
import { abandon } from './offer.js';

/**
 * What the counter must show first after a restart: decided from the chain alone, never from a remembered screen.
 * - `unprinted`: saved, and no paper is known to be out.
 * - `told`: what became of a sale that never was, to be told when the sale shown is dealt with.
 */
export type Recovered = {
  readonly kind: 'nothing' | 'unprinted' | 'perhaps-printed' | 'not-given-back';
  readonly shown: { readonly sale: SaleRow | null; readonly problem: Problem | null; readonly told: Problem | null };
};

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
  if (owed !== undefined) return { kind: 'not-given-back', shown: { sale: owed, problem: problem('not-given-back'), told } };
  const newest = kiosk.sales.newestSold();
  if (newest !== undefined && newest.newestPaper === 'none' && newest.outcome !== 'returned')
    return { kind: 'unprinted', shown: { sale: newest, problem: problem('printer-silent', { cause: 'restart' }), told } };
  if (newest !== undefined && (newest.newestPaper === 'unknown' || newest.newestPaper === 'open'))
    return { kind: 'perhaps-printed', shown: { sale: newest, problem: problem('print-unknown', { cause: 'restart' }), told } };
  return { kind: 'nothing', shown: { sale: null, problem: told, told: null } };
}
