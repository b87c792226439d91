import type { Problem } from '#protocol/counter/problem.js';
import { draw, type HeldGrant } from '#protocol/grant/draw.js';
import type { OperatorLogin } from '#protocol/identity/identity.js';
import { formatRupees, type Paise } from '#protocol/money/paise.js';
import { assert, err, ok, type Result } from '#protocol/result/result.js';
import { allowedModes } from '#protocol/rulebook/quote.js';
import type { Mode } from '#protocol/rulebook/rulebook.js';
import { HOUR_MS } from '#protocol/time/time.js';
import { appendProblem, COUNTER_DELAYS, problem, type Kiosk } from './kiosk.js';
import { drawProblem, leaseProblem } from './lease.js';
import type { Offer } from './offer.js';
import { boundHash, needsPresence } from './presence.js';
import type { SaleRow } from '../ledger/sales.js';

/** The grant that will fund the sale, and the mode that it makes the sale. */
export type Secured = { readonly grant: HeldGrant; readonly mode: Mode };

/** Secures the money: a hold where the mode needs the hub, the lease where it does not, and the lease also where the hub fell silent on the way. */
export async function secure(kiosk: Kiosk, offer: Offer): Promise<Result<Secured, Problem>> {
  if (needsPresence(kiosk, offer)) return err(problem('presence-needed'));
  const refused = await handOn(kiosk, offer);
  if (refused !== undefined) return err(refused);
  const delayed = allowedModes(kiosk.ruleBook(), offer.service.code).includes('semi-offline-delayed');
  if (offer.mode !== 'online') return secureByLease(kiosk, offer);
  const asked = await kiosk.link.ask(
    {
      ask: 'hold',
      transaction: offer.transaction,
      service: offer.service.code,
      consumer: offer.bill.consumer,
      billNumber: offer.bill.number,
      totalPaise: offer.quote.totalPaise,
    },
    COUNTER_DELAYS.holdMs,
  );
  if (!asked.ok) return delayed ? secureByLease(kiosk, offer) : err(problem('hub-down'));
  if (asked.value.answer === 'hold') {
    const taken = kiosk.grants.takeHold(asked.value.grant, offer.transaction, offer.quote.totalPaise);
    if (taken.ok) return ok({ grant: taken.value, mode: 'online' });
    return err(problem(taken.error.code === 'disk-full' ? 'disk-full' : 'grant-refused', { detail: taken.error.detail }));
  }
  const no = asked.value;
  if (no.answer !== 'no') return err(problem('grant-refused', { detail: 'another answer than a hold' }));
  if (no.code === 'wallet-too-small') return err(problem('wallet-too-small', { amount: formatRupees(offer.quote.totalPaise) }));
  if (no.code === 'bill-paid') return err(problem('bill-paid-hub', { detail: no.detail }));
  if (no.code === 'suspended') return err(problem('kiosk-suspended'));
  return delayed ? secureByLease(kiosk, offer) : err(problem('grant-refused', { detail: no.detail }));
}

/** Hands a capture on to the department before any money is held. It is gone afterwards, whatever the answer: another try wants another press. */
async function handOn(kiosk: Kiosk, offer: Offer): Promise<Problem | undefined> {
  const { transaction, service, bill, quote } = offer;
  if (kiosk.sales.presence(transaction).given !== 'aadhaar') return undefined;
  const bound = boundHash(kiosk, offer);
  const block = kiosk.captures.take(transaction, bound);
  if (block === undefined) return problem('presence-needed');
  const sent = Uint8Array.from(block);
  block.fill(0);
  const asked = await kiosk.link.ask(
    {
      ask: 'presence',
      transaction,
      service: service.code,
      consumer: bill.consumer,
      totalPaise: quote.totalPaise,
      bound,
      block: sent,
    },
    COUNTER_DELAYS.presenceMs,
  );
  sent.fill(0);
  if (!asked.ok) return problem('hub-down');
  const { value: answer } = asked;
  if (answer.answer === 'presence') return undefined;
  if (answer.answer !== 'no') return problem('hub-down');
  if (answer.code === 'presence-refused') return problem('presence-refused', { reason: answer.detail });
  return problem(answer.code === 'suspended' ? 'kiosk-suspended' : 'department-down', { department: service.department });
}

function secureByLease(kiosk: Kiosk, offer: Offer): Result<Secured, Problem> {
  const short = leaseProblem(kiosk, offer);
  const lease = kiosk.grants.lease();
  if (short !== undefined || lease === undefined) return err(short ?? problem('lease-absent'));
  return ok({ grant: lease, mode: 'semi-offline-delayed' });
}

/** Commits the sale: signed entry, grant drawn, till and outbox in one transaction, flushed before anything is shown or printed. */
export function commitSale(kiosk: Kiosk, offer: Offer, secured: Secured, receivedPaise: Paise, operator: OperatorLogin): Result<SaleRow, Problem> {
  const now = kiosk.clock.now();
  const { quote: q, bill, service } = offer;
  assert(kiosk.sales.find(offer.transaction)?.state === 'quoted', 'one id stands for one sale: it is not sold again, nor after it was given up');
  const held = kiosk.grants.find(secured.grant.grant.id) ?? secured.grant;
  const drawn = draw(held, { transaction: offer.transaction, totalPaise: q.totalPaise }, now, kiosk.link.isUp ? 'up' : 'down');
  if (!drawn.ok) return err(drawProblem(drawn.error.code, held));
  const { id, number, kind } = held.grant;
  const written = kiosk.ledger.append(
    {
      kind: 'sale',
      transaction: offer.transaction,
      service: service.code,
      department: service.department,
      consumer: bill.consumer,
      billNumber: bill.number,
      billPaise: q.billPaise,
      citizenFeePaise: q.citizenFeePaise,
      departmentFeePaise: q.departmentFeePaise,
      totalPaise: q.totalPaise,
      payer: q.payer,
      late: q.late,
      part: q.part,
      mode: secured.mode,
      grant: { id, number, kind },
      tender: { kind: 'cash', receivedPaise },
      salt: kiosk.random(8),
      postBy: now + service.postWithinHours * HOUR_MS,
    },
    operator,
    now,
  );
  if (!written.ok) return err(appendProblem(written.error));
  const row = kiosk.sales.find(offer.transaction);
  if (row === undefined) throw new Error('a committed sale must be readable');
  return ok(row);
}
