import type { Problem } from '#protocol/counter/problem.js';
import { draw, remainingOf, type DrawError, type HeldGrant } from '#protocol/grant/draw.js';
import type { TransactionId } from '#protocol/identity/identity.js';
import { formatRupees } from '#protocol/money/paise.js';
import { unreachable } from '#protocol/result/result.js';
import type { Quote } from '#protocol/rulebook/quote.js';
import { clockTime } from '#protocol/time/time.js';
import { problem, type Kiosk } from './kiosk.js';

/** Why the lease could not fund a sale at this moment; undefined when it could. Draws nothing. */
export function leaseProblem(
  kiosk: Kiosk,
  sale: { readonly transaction: TransactionId; readonly quote: Pick<Quote, 'totalPaise'> },
): Problem | undefined {
  if (kiosk.link.isSuspended) return problem('kiosk-suspended');
  if (kiosk.clock.trust() === 'set-back') return problem('clock-set-back', { time: clockTime(kiosk.clock.now()) });
  const lease = kiosk.grants.lease();
  if (lease === undefined || lease.closed) return problem('lease-absent');
  const wanted = { transaction: sale.transaction, totalPaise: sale.quote.totalPaise };
  const drawn = draw(lease, wanted, kiosk.clock.now(), kiosk.link.isUp ? 'up' : 'down');
  return drawn.ok ? undefined : drawProblem(drawn.error.code, lease);
}

export function drawProblem(code: DrawError, held: HeldGrant): Problem {
  switch (code) {
    case 'expired':
      return problem('lease-expired');
    case 'used-up':
      return problem('lease-used-up', { left: formatRupees(remainingOf(held)) });
    case 'over-sale-cap':
      return problem('lease-sale-cap', { cap: held.grant.kind === 'lease' ? formatRupees(held.grant.salePaiseMax) : '' });
    case 'over-count-cap':
      return problem('lease-count-cap');
    case 'closed':
    case 'other-transaction':
      return problem('lease-absent');
    default:
      return unreachable(code);
  }
}
