import type { Problem } from '#protocol/counter/problem.js';
import type { DepartmentCode, OperatorLogin } from '#protocol/identity/identity.js';
import { presenceHash, PRESSES_BEFORE_WITNESS, type PresenceOutcome, type PresenceWay } from '#protocol/presence/presence.js';
import { err, ok, type Result } from '#protocol/result/result.js';
import type { PidBlock } from '../devices/aadhaar/pid-block.js';
import { appendProblem, problem, type Kiosk } from './kiosk.js';
import type { Offer } from './offer.js';

/** What one press came to. `block` is the SHA-256 of an encrypted block that goes on to the hub; `sealed` that block, kept in memory alone until then. */
export type Press =
  | { readonly outcome: 'given'; readonly block?: Uint8Array<ArrayBuffer>; readonly sealed?: PidBlock }
  | { readonly outcome: Exclude<PresenceOutcome, 'given' | 'withdrawn'>; readonly problem: Problem };

/** A device that can be asked for one press. It must hand over what came of the press once, however it ended. */
export type PresenceSource = {
  readonly by: PresenceWay;
  readonly press: (request: {
    readonly bound: Uint8Array;
    readonly department: DepartmentCode;
    readonly consumer: string;
    readonly pressesBefore: number;
    readonly signal: AbortSignal;
  }) => Promise<Press>;
};

/** Stands where `devices.json` names no device for it: an asking in vain like any other, so that a witness comes near. */
export function noSource(by: PresenceWay): PresenceSource {
  return { by, press: async () => ({ outcome: 'failed', problem: problem('presence-no-device') }) };
}

/** Whether the person must still show that they are here before money may move. */
export function needsPresence(kiosk: Pick<Kiosk, 'sales'>, offer: Offer): boolean {
  return offer.service.presence !== undefined && kiosk.sales.presence(offer.transaction).given === null;
}

export function boundHash(kiosk: Kiosk, offer: Offer): Uint8Array<ArrayBuffer> {
  const { district, kiosk: code } = kiosk.identity.bundle;
  const { transaction, service, bill, quote } = offer;
  return presenceHash({ district, kiosk: code, transaction, service: service.code, consumer: bill.consumer, totalPaise: quote.totalPaise });
}

/**
 * Asks for one press and writes it down, whatever came of it, before anybody is told: nobody is made to press again unseen (R46). One that was left
 * meanwhile is withdrawn: what the device still said of it is nobody's consent.
 */
export async function askPresence(
  kiosk: Kiosk,
  source: PresenceSource,
  offer: Offer,
  operator: OperatorLogin,
  signal: AbortSignal,
): Promise<Result<void, Problem>> {
  const bound = boundHash(kiosk, offer);
  const { transaction } = offer;
  const { department } = offer.service;
  const pressesBefore = kiosk.sales.presence(transaction).presses;
  const press = await source.press({ bound, department, consumer: offer.bill.consumer, pressesBefore, signal });
  const isLeft = signal.aborted;
  const sealed = press.outcome === 'given' ? press.sealed : undefined;
  if (isLeft) sealed?.discard();
  const block = press.outcome === 'given' && !isLeft ? (press.block ?? null) : null;
  const outcome = isLeft ? 'withdrawn' : press.outcome;
  // Counted here and not before: an asking that was left may have been written meanwhile.
  const attempt = kiosk.sales.presence(transaction).attempts + 1;
  const body = { kind: 'presence', transaction, attempt, by: source.by, bound, outcome, block, witness: '' } as const;
  const written = kiosk.ledger.append(body, operator, kiosk.clock.now());
  if (!written.ok) {
    sealed?.discard();
    return err(appendProblem(written.error));
  }
  if (press.outcome !== 'given') return err(press.problem);
  if (isLeft) return err(problem('presence-needed'));
  if (sealed !== undefined) kiosk.captures.keep(transaction, bound, sealed);
  return ok(undefined);
}

/** A witness stands in for a finger that can not be read, after askings in vain. */
export function witnessPresence(kiosk: Kiosk, offer: Offer, witness: string, operator: OperatorLogin): Result<void, Problem> {
  const name = witness.trim();
  const { attempts, inVain } = kiosk.sales.presence(offer.transaction);
  if (inVain < PRESSES_BEFORE_WITNESS) return err(problem('witness-not-yet', { presses: String(PRESSES_BEFORE_WITNESS - inVain) }));
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
