import type { Problem } from '#protocol/counter/problem.js';
import type { OperatorLogin } from '#protocol/identity/identity.js';
import type { EntryBody } from '#protocol/ledger/entry.js';
import { presenceHash, PRESSES_BEFORE_WITNESS } from '#protocol/presence/presence.js';
import { err, ok, type Result } from '#protocol/result/result.js';
import type { PidBlock } from '../devices/aadhaar/pid-block.js';
import { appendProblem, problem, type Kiosk } from './kiosk.js';
import type { Offer } from './offer.js';

type PressOutcome = Extract<EntryBody, { kind: 'presence' }>['outcome'];

/** What one press came to. `block` is the SHA-256 of an encrypted block that goes on to the hub; `sealed` that block, kept in memory alone until then. */
export type Press =
  | { readonly outcome: 'given'; readonly block?: Uint8Array<ArrayBuffer>; readonly sealed?: PidBlock }
  | { readonly outcome: Exclude<PressOutcome, 'given'>; readonly problem: Problem };

/** A device that can be asked for one press. It must hand over what came of the press once, however it ended. */
export type PresenceSource = {
  readonly by: 'finger' | 'aadhaar';
  readonly press: (request: {
    readonly bound: Uint8Array;
    readonly consumer: string;
    readonly pressesBefore: number;
    readonly signal: AbortSignal;
  }) => Promise<Press>;
};

/** Whether the person must still show that they are here before money may move. */
export function needsPresence(kiosk: Pick<Kiosk, 'sales'>, offer: Offer): boolean {
  return offer.service.presence !== undefined && kiosk.sales.presence(offer.transaction).given === null;
}

export function boundHash(kiosk: Kiosk, offer: Offer): Uint8Array<ArrayBuffer> {
  const { district, kiosk: code } = kiosk.identity.bundle;
  const { transaction, service, bill, quote } = offer;
  return presenceHash({ district, kiosk: code, transaction, service: service.code, consumer: bill.consumer, totalPaise: quote.totalPaise });
}

/** Asks for one press and writes it down, whatever came of it, before anybody is told: nobody is made to press again unseen (R46). */
export async function askPresence(
  kiosk: Kiosk,
  source: PresenceSource,
  offer: Offer,
  operator: OperatorLogin,
  signal: AbortSignal,
): Promise<Result<PidBlock | undefined, Problem>> {
  const bound = boundHash(kiosk, offer);
  const pressesBefore = kiosk.sales.presence(offer.transaction).attempts;
  const press = await source.press({ bound, consumer: offer.bill.consumer, pressesBefore, signal });
  const attempt = pressesBefore + 1;
  const block = press.outcome === 'given' ? (press.block ?? null) : null;
  const { transaction } = offer;
  const written = kiosk.ledger.append(
    { kind: 'presence', transaction, attempt, by: source.by, bound, outcome: press.outcome, block, witness: '' },
    operator,
    kiosk.clock.now(),
  );
  if (!written.ok) return err(appendProblem(written.error));
  return press.outcome === 'given' ? ok(press.sealed) : err(press.problem);
}

/** A witness stands in for a finger that can not be read, after presses in vain. */
export function witnessPresence(kiosk: Kiosk, offer: Offer, witness: string, operator: OperatorLogin): Result<void, Problem> {
  const name = witness.trim();
  const { attempts } = kiosk.sales.presence(offer.transaction);
  if (attempts < PRESSES_BEFORE_WITNESS) return err(problem('witness-not-yet', { presses: String(PRESSES_BEFORE_WITNESS - attempts) }));
  if (name === '') return err(problem('witness-missing'));
  const { transaction } = offer;
  const written = kiosk.ledger.append(
    {
      kind: 'presence',
      transaction,
      attempt: attempts + 1,
      by: 'witness',
      bound: boundHash(kiosk, offer),
      outcome: 'given',
      block: null,
      witness: name.slice(0, 60),
    },
    operator,
    kiosk.clock.now(),
  );
  return written.ok ? ok(undefined) : err(appendProblem(written.error));
}
