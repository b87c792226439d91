import { minPaise, paise, subtractPaise, type Paise } from '#protocol/money/paise.js';
import { assert, err, ok, unreachable, type Result } from '#protocol/result/result.js';
import { debitRoom, type Account, type AccountCode } from './account.js';
import { SUM_MAX } from './draft-shape.js';
import { derivedTransferId, standInTransferId, type PostedTransfer, type TransferDraft } from './journal.js';
import type { KnownTransfer, LedgerState, Move } from './ledger-state.js';
import type { Refusal } from './post-result.js';

export type LegRefusal = { readonly code: Refusal; readonly leg: number | undefined; readonly detail: string };

type Draft<K extends TransferDraft['kind']> = Extract<TransferDraft, { readonly kind: K }>;
type Fault = { readonly code: Refusal; readonly detail: string };
/** How a wanted movement is written down. */
type Line = Omit<PostedTransfer, 'debitBalancePaise' | 'creditBalancePaise' | 'leg'>;

/** Tries one leg on the books: moves counters and returns the transfers it became (none, one or two), or says why not. */
export function applyLeg(state: LedgerState, key: string, leg: number, draft: TransferDraft): Result<readonly PostedTransfer[], LegRefusal> {
  const id = draft.id ?? derivedTransferId(key, leg);
  const lines = legLines(state, draft, id);
  if (!lines.ok) return err({ ...lines.error, leg });
  const posted: PostedTransfer[] = [];
  for (const line of lines.value) {
    // Re-checked line by line: the rest that falls to a stand-in is not yet in the counters when the first part is judged.
    const fault = draft.kind === 'posted' || draft.kind === 'pending' ? roomFault(state, line) : undefined;
    if (fault !== undefined) return err({ ...fault, leg });
    posted.push(moveLine(state, leg, line));
  }
  return ok(posted);
}

function legLines(state: LedgerState, draft: TransferDraft, id: string): Result<readonly Line[], Fault> {
  const idFault = draft.id === undefined ? undefined : ownIdFault(state, draft.id);
  if (idFault !== undefined) return err(idFault);
  switch (draft.kind) {
    case 'posted':
      return postedLines(state, draft, id);
    case 'pending': {
      const fault = partiesFault(state, draft, [draft.debit, draft.credit]) ?? closedFault(state, [draft.debit, draft.credit]);
      return fault === undefined ? ok([line(draft, id, 'named', draft, draft.amountPaise)]) : err(fault);
    }
    case 'post-pending':
    case 'void-pending':
      return resolvingLines(state, draft, id);
    default:
      return unreachable(draft);
  }
}

function ownIdFault(state: LedgerState, id: string): Fault | undefined {
  const failed = state.refused.get(id);
  if (failed !== undefined) return { code: 'id-already-failed', detail: `transfer ${id} was refused before: ${failed}` };
  return state.transfers.has(id) ? { code: 'transfer-id-exists', detail: `transfer ${id} is in another journal` } : undefined;
}

function postedLines(state: LedgerState, draft: Draft<'posted'>, id: string): Result<readonly Line[], Fault> {
  const standIn = draft.shortfall?.kind === 'from' ? draft.shortfall.debit : undefined;
  // A stand-in answers for a debit account that is missing or closed, so only the others must be there.
  const named = standIn === undefined ? [draft.debit, draft.credit] : [standIn, draft.credit];
  const fault = partiesFault(state, draft, named, standIn) ?? closedFault(state, named);
  if (fault !== undefined) return err(fault);
  if (draft.shortfall === undefined) return ok([line(draft, id, 'named', draft, draft.amountPaise)]);
  const held = minPaise(roomToDebit(state.accounts.get(draft.debit), draft.amountPaise), draft.amountPaise);
  const lines: Line[] = [];
  if (held > 0n) lines.push(line(draft, id, 'named', draft, held));
  const rest = subtractPaise(draft.amountPaise, held);
  if (rest > 0n && standIn !== undefined) {
    lines.push(line(draft, standInTransferId(id), 'stand-in', { debit: standIn, credit: draft.credit }, rest));
  }
  return ok(lines);
}

/** What an account can give: nothing when it is missing or closed, everything asked when no guard bounds it. */
function roomToDebit(account: Account | undefined, asked: Paise): Paise {
  if (account === undefined || account.closed === 'closed') return paise(0n);
  return debitRoom(account) ?? asked;
}

function resolvingLines(state: LedgerState, draft: Draft<'post-pending' | 'void-pending'>, id: string): Result<readonly Line[], Fault> {
  if (draft.kind === 'post-pending' && draft.amountPaise <= 0n) return err(notPositive(draft.amountPaise));
  const pending = state.transfers.get(draft.pendingId);
  const fault = resolvingFault(state, draft, pending);
  if (fault !== undefined) return err(fault);
  assert(pending !== undefined, `pending transfer ${draft.pendingId} is known`);
  if (draft.kind === 'void-pending') return ok([line(draft, id, 'named', pending, pending.amountPaise)]);
  const closed = closedFault(state, [pending.debit, pending.credit]);
  return closed === undefined ? ok([line(draft, id, 'named', pending, draft.amountPaise)]) : err(closed);
}

function resolvingFault(state: LedgerState, draft: Draft<'post-pending' | 'void-pending'>, pending: KnownTransfer | undefined): Fault | undefined {
  const name = draft.pendingId;
  if (pending === undefined) return { code: 'pending-transfer-not-found', detail: `${name} is not in the books` };
  if (pending.kind !== 'pending') return { code: 'pending-transfer-not-pending', detail: `${name} is a ${pending.kind} transfer` };
  if (draft.kind === 'post-pending' && draft.amountPaise > pending.amountPaise) {
    return { code: 'exceeds-pending-amount', detail: `${draft.amountPaise} of the ${pending.amountPaise} paise pending in ${name}` };
  }
  switch (state.resolutions.get(name)) {
    case 'posted':
      return { code: 'already-posted', detail: `${name} was posted` };
    case 'voided':
      return { code: 'already-voided', detail: `${name} was voided` };
    case undefined:
      return undefined;
  }
}

function notPositive(amount: bigint): Fault {
  return { code: 'amount-must-be-positive', detail: `${amount} paise` };
}

function partiesFault(
  state: LedgerState,
  draft: Draft<'posted' | 'pending'>,
  mustExist: readonly AccountCode[],
  standIn?: AccountCode,
): Fault | undefined {
  if (draft.amountPaise <= 0n) return notPositive(draft.amountPaise);
  const pays = [draft.debit, ...(standIn === undefined ? [] : [standIn])];
  if (pays.includes(draft.credit) || standIn === draft.debit) return { code: 'accounts-must-differ', detail: `${draft.debit} to ${draft.credit}` };
  const missing = mustExist.find((code) => !state.accounts.has(code));
  return missing === undefined ? undefined : { code: 'account-not-found', detail: `${missing} is not open` };
}

function closedFault(state: LedgerState, codes: readonly AccountCode[]): Fault | undefined {
  const closed = codes.find((code) => state.accounts.get(code)?.closed === 'closed');
  return closed === undefined ? undefined : { code: 'account-closed', detail: `${closed} is closed` };
}

function loaded(state: LedgerState, code: AccountCode): Account {
  const account = state.accounts.get(code);
  assert(account !== undefined, `${code} is loaded`);
  return account;
}

/** Guards and bounds, as the counters stand. */
function roomFault(state: LedgerState, { debit, credit, amountPaise }: Line): Fault | undefined {
  const payer = loaded(state, debit);
  const payee = loaded(state, credit);
  const debits = payer.debitsPending + payer.debitsPosted + amountPaise;
  const credits = payee.creditsPending + payee.creditsPosted + amountPaise;
  if (debits > SUM_MAX) return { code: 'overflows', detail: `${debit} can not be debited so much` };
  if (credits > SUM_MAX) return { code: 'overflows', detail: `${credit} can not be credited so much` };
  if (payer.guard === 'debits-must-not-exceed-credits' && debits > payer.creditsPosted) {
    const held = payer.creditsPosted - payer.debitsPosted - payer.debitsPending;
    return { code: 'exceeds-credits', detail: `${debit} holds ${held} paise, ${amountPaise} were asked` };
  }
  if (payee.guard === 'credits-must-not-exceed-debits' && credits > payee.debitsPosted) {
    const room = payee.debitsPosted - payee.creditsPosted - payee.creditsPending;
    return { code: 'exceeds-debits', detail: `${credit} can take ${room} paise, ${amountPaise} were offered` };
  }
  return undefined;
}

function line(
  draft: TransferDraft,
  id: string,
  part: Line['part'],
  parties: { readonly debit: AccountCode; readonly credit: AccountCode },
  amountPaise: Paise,
): Line {
  return {
    id,
    part,
    kind: draft.kind,
    debit: parties.debit,
    credit: parties.credit,
    amountPaise,
    ...('pendingId' in draft ? { pendingId: draft.pendingId } : {}),
    ...(draft.item === undefined ? {} : { item: draft.item }),
  };
}

function moveLine(state: LedgerState, leg: number, it: Line): PostedTransfer {
  const [debitBy, creditBy] = movesOf(state, it);
  const debitBalancePaise = state.move(it.debit, debitBy);
  const creditBalancePaise = state.move(it.credit, creditBy);
  state.remember(it.id, it);
  if (it.pendingId !== undefined) state.resolve(it.pendingId, it.kind === 'post-pending' ? 'posted' : 'voided');
  return { ...it, leg, debitBalancePaise, creditBalancePaise };
}

function movesOf(state: LedgerState, it: Line): readonly [Move, Move] {
  switch (it.kind) {
    case 'posted':
      return [{ debitsPosted: it.amountPaise }, { creditsPosted: it.amountPaise }];
    case 'pending':
      return [{ debitsPending: it.amountPaise }, { creditsPending: it.amountPaise }];
    case 'post-pending': {
      // The whole reserve goes, the posted part stays: what was not used returns.
      const pending = state.transfers.get(it.pendingId ?? '');
      assert(pending !== undefined, 'a resolved transfer is known');
      return [
        { debitsPending: -pending.amountPaise, debitsPosted: it.amountPaise },
        { creditsPending: -pending.amountPaise, creditsPosted: it.amountPaise },
      ];
    }
    case 'void-pending':
      return [{ debitsPending: -it.amountPaise }, { creditsPending: -it.amountPaise }];
    default:
      return unreachable(it.kind);
  }
}
