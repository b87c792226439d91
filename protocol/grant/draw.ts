import type { DistrictCode, KioskCode, TransactionId } from '../identity/identity.js';
import { addPaise, subtractPaise, type Paise } from '../money/paise.js';
import { assert, failure, ok, type Failure, type Result } from '../result/result.js';
import { equalBytes } from '../signing/keys.js';
import type { UnixMs } from '../time/time.js';
import type { Grant, Lease } from './grant.js';

/** A grant as the kiosk holds it: what the hub signed, and what was drawn from it so far. `sales`: made without the link since the hub last raised it. */
export type HeldGrant<G extends Grant = Grant> = { readonly grant: G; readonly drawnPaise: Paise; readonly sales: number; readonly closed: boolean };

export type Owner = { readonly district: DistrictCode; readonly kiosk: KioskCode; readonly epoch: number };

export type TakeError = 'not-ours' | 'old-number' | 'limit-falls' | 'lease-still-open' | 'base-not-in-chain';

function isOurs(grant: Grant, owner: Owner): boolean {
  return grant.district === owner.district && grant.kiosk === owner.kiosk && grant.epoch === owner.epoch;
}

/**
 * Takes a lease or its raise. A raise keeps id and base, and neither number nor limit may fall (I10); another id is taken only when the one held
 * is closed (I9).
 * @param lastNumber the highest lease number ever taken in this epoch
 * @param inChain whether the base is an entry of our own chain: a lease made for another history of this key is refused
 */
export function takeLease(
  held: HeldGrant<Lease> | undefined,
  offered: Lease,
  owner: Owner,
  lastNumber: number,
  inChain: (base: Lease['base']) => boolean,
): Result<HeldGrant<Lease>, Failure<TakeError>> {
  if (!isOurs(offered, owner)) return failure('not-ours', 'the lease names another kiosk or epoch');
  if (offered.number <= lastNumber) return failure('old-number', `lease number ${offered.number} is not above ${lastNumber}`);
  if (held !== undefined && !held.closed && held.grant.id !== offered.id) return failure('lease-still-open', 'another lease is still open');
  if (held === undefined || held.grant.id !== offered.id) {
    if (!inChain(offered.base)) return failure('base-not-in-chain', 'the lease starts from an entry that is not ours');
    return ok({ grant: offered, drawnPaise: 0n as Paise, sales: 0, closed: false });
  }
  if (offered.base.seq !== held.grant.base.seq || !equalBytes(offered.base.hash, held.grant.base.hash))
    return failure('base-not-in-chain', 'a raise may not move the entry that the lease starts from');
  if (offered.limitPaise < held.grant.limitPaise) return failure('limit-falls', 'a raise may not lower the limit');
  return ok({ ...held, grant: offered, sales: 0 });
}

/** Takes a hold for the transaction that asked for it. */
export function takeHold(offered: Grant, owner: Owner, transaction: TransactionId, total: Paise): Result<HeldGrant, Failure<'not-ours'>> {
  const fits = offered.kind === 'hold' && isOurs(offered, owner) && offered.transaction === transaction && offered.limitPaise === total;
  return fits
    ? ok({ grant: offered, drawnPaise: 0n as Paise, sales: 0, closed: false })
    : failure('not-ours', 'the hold is not for this transaction and amount');
}

export type DrawError = 'closed' | 'expired' | 'used-up' | 'over-sale-cap' | 'over-count-cap' | 'other-transaction';

export function remainingOf(held: HeldGrant): Paise {
  return subtractPaise(held.grant.limitPaise, held.drawnPaise);
}

/**
 * Draws one sale, or says why not. The caller stores the result in the same database transaction as the sale's entry (I4).
 * @param now a clock that never goes back
 * @param link caps per sale and by count bind only while the hub can not be reached
 */
export function draw(
  held: HeldGrant,
  sale: { readonly transaction: TransactionId; readonly totalPaise: Paise },
  now: UnixMs,
  link: 'up' | 'down',
): Result<HeldGrant, Failure<DrawError>> {
  const { grant } = held;
  assert(sale.totalPaise > 0n, 'a sale moves money');
  if (held.closed) return failure('closed', 'the grant is closed');
  if (now > grant.notAfter) return failure('expired', 'the grant has run out');
  if (grant.kind === 'hold' && grant.transaction !== sale.transaction) return failure('other-transaction', 'the hold is for another transaction');
  if (grant.kind === 'lease' && link === 'down') {
    if (sale.totalPaise > grant.salePaiseMax) return failure('over-sale-cap', 'the sale is above the cap for one sale without the link');
    if (held.sales >= grant.salesMax) return failure('over-count-cap', 'as many sales were made without the link as may be');
  }
  if (sale.totalPaise > remainingOf(held)) return failure('used-up', 'the sale is more than what is left of the grant');
  const sales = link === 'down' ? held.sales + 1 : held.sales;
  return ok({ ...held, drawnPaise: addPaise(held.drawnPaise, sale.totalPaise), sales });
}
