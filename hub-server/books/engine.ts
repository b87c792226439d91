import { assert } from '#protocol/result/result.js';
import type { UnixMs } from '#protocol/time/time.js';
import { NO_COUNTERS, type Account } from './account.js';
import { contentOf, differenceOf } from './content.js';
import { draftFault } from './draft-shape.js';
import { isPostedMovement, type JournalDraft, type PostedJournal, type PostedTransfer } from './journal.js';
import { LedgerState, type Known } from './ledger-state.js';
import { TRANSIENT_REFUSALS, type PostResult, type Refusal } from './post-result.js';
import { applyLeg, type LegRefusal } from './transfer-rules.js';

/** What an adapter must write, in this order, for the decided batch to stand. Nothing else changes. */
export type Writes = {
  readonly opened: readonly Account[];
  /** Final counters of every account that moved and was open before; one row an account, however often it moved. */
  readonly changed: readonly Account[];
  readonly journals: readonly PostedJournal[];
  readonly refused: readonly { readonly id: string; readonly code: Refusal; readonly at: UnixMs }[];
};

export type Decision = { readonly results: readonly PostResult[]; readonly writes: Writes };

/**
 * Decides a batch of journals against what is known of the books: the rules of the ledger, free of any database. Drafts are tried in their
 * order, each sees what the ones before it did, and each is posted whole or leaves nothing but its burnt key.
 */
export function decide(known: Known, drafts: readonly JournalDraft[]): Decision {
  const state = new LedgerState(known);
  const journals: PostedJournal[] = [];
  const refused: Writes['refused'][number][] = [];
  const results = drafts.map((draft): PostResult => {
    const outcome = decideOne(state, draft);
    if ('result' in outcome) return outcome;
    if ('refusal' in outcome) {
      state.takeBack();
      const { code, leg, detail } = outcome.refusal;
      if (TRANSIENT_REFUSALS.has(code)) {
        for (const id of burntIds(draft, leg)) {
          state.refused.set(id, code);
          refused.push({ id, code, at: draft.at });
        }
      }
      return { result: code, leg, detail };
    }
    state.keep();
    keepJournal(state, outcome.posted);
    journals.push(outcome.posted);
    return { result: 'created', journal: outcome.posted };
  });
  return { results, writes: { ...accountWrites(state), journals, refused } };
}

type Outcome = PostResult | { readonly refusal: LegRefusal } | { readonly posted: PostedJournal };

function decideOne(state: LedgerState, draft: JournalDraft): Outcome {
  const fault = draftFault(draft);
  if (fault !== undefined) return { result: 'journal-malformed', leg: fault.leg, detail: fault.detail };
  const before = state.refused.get(draft.key);
  if (before !== undefined) return { result: 'id-already-failed', leg: undefined, detail: `${draft.key} was refused before: ${before}` };
  const existing = state.journals.get(draft.key);
  if (existing !== undefined) {
    const difference = differenceOf(draft, existing);
    if (difference === undefined) return { result: 'exists', journal: existing };
    return {
      result: `exists-with-different-${difference.field}`,
      leg: difference.leg,
      detail: `${draft.key} is journal ${existing.number}, with another ${difference.field}`,
    };
  }
  const refusal = reversalRefusal(state, draft) ?? openAccounts(state, draft);
  if (refusal !== undefined) return { refusal };
  return applyLegs(state, draft);
}

function applyLegs(state: LedgerState, draft: JournalDraft): Outcome {
  const transfers: PostedTransfer[] = [];
  for (const [i, transfer] of draft.transfers.entries()) {
    const applied = applyLeg(state, draft.key, i + 1, transfer);
    if (!applied.ok) return { refusal: applied.error };
    transfers.push(...applied.value);
  }
  const { key, kind, businessDate, at, refs, reverses } = draft;
  return {
    posted: {
      number: state.lastNumber + 1n,
      key,
      kind,
      businessDate,
      at,
      refs,
      ...(reverses === undefined ? {} : { reverses }),
      content: contentOf(draft),
      transfers,
    },
  };
}

function keepJournal(state: LedgerState, posted: PostedJournal): void {
  state.lastNumber = posted.number;
  state.journals.set(posted.key, posted);
  if (posted.reverses !== undefined) state.reversals.set(posted.reverses, posted.key);
}

function burntIds(draft: JournalDraft, leg: number | undefined): readonly string[] {
  const own = leg === undefined ? undefined : draft.transfers[leg - 1]?.id;
  return own === undefined ? [draft.key] : [draft.key, own];
}

function openAccounts(state: LedgerState, draft: JournalDraft): LegRefusal | undefined {
  for (const spec of draft.opens) {
    const open = state.accounts.get(spec.code);
    if (open === undefined)
      state.open({ ...NO_COUNTERS, code: spec.code, normal: spec.normal, guard: spec.guard, closed: 'open', openedAt: draft.at });
    else if (open.normal !== spec.normal || open.guard !== spec.guard) {
      return { code: 'account-differs', leg: undefined, detail: `${spec.code} is open as ${open.normal}, ${open.guard}` };
    }
  }
  return undefined;
}

/** A reversal undoes every posted movement of its original, last first, and does nothing else. */
function reversalRefusal(state: LedgerState, draft: JournalDraft): LegRefusal | undefined {
  if (draft.reverses === undefined) return undefined;
  const refuse = (code: Refusal, detail: string): LegRefusal => ({ code, leg: undefined, detail });
  const original = state.journals.get(draft.reverses);
  if (original === undefined) return refuse('original-not-found', `${draft.reverses} is not in the books`);
  if (original.reverses !== undefined) return refuse('original-is-a-reversal', `${original.key} reverses ${original.reverses}`);
  const already = state.reversals.get(original.key);
  if (already !== undefined) return refuse('already-reversed', `${original.key} was reversed by ${already}`);
  if (!isMirror(draft, original)) return refuse('reversal-not-a-mirror', `${draft.key} is not the mirror of ${original.key}`);
  return undefined;
}

function isMirror(draft: JournalDraft, original: PostedJournal): boolean {
  if (!original.transfers.every(isPostedMovement) || draft.transfers.length !== original.transfers.length) return false;
  return original.transfers.toReversed().every((was, i) => {
    const now = draft.transfers[i];
    if (now?.kind !== 'posted' || now.shortfall !== undefined) return false;
    return now.debit === was.credit && now.credit === was.debit && now.amountPaise === was.amountPaise;
  });
}

function accountWrites(state: LedgerState): Pick<Writes, 'opened' | 'changed'> {
  const current = (code: string): Account => {
    const account = state.accounts.get(code);
    assert(account !== undefined, `${code} is loaded`);
    return account;
  };
  return {
    opened: [...state.opened].map(current),
    changed: [...state.changed].filter((code) => !state.opened.has(code)).map(current),
  };
}
