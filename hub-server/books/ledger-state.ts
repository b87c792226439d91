import { paise, type Paise } from '#protocol/money/paise.js';
import { assert } from '#protocol/result/result.js';
import { balanceOf, readAccountCode, type Account, type AccountCode } from './account.js';
import type { JournalDraft, JournalKey, PostedJournal, TransferKind } from './journal.js';
import type { Refusal } from './post-result.js';

/** A transfer that the books already hold, as far as a new one needs to know it. */
export type KnownTransfer = { readonly kind: TransferKind; readonly debit: AccountCode; readonly credit: AccountCode; readonly amountPaise: Paise };

/** What an adapter reads before a batch is decided: exactly what `needsOf` names, all of it under the batch's own transaction. */
export type Known = {
  readonly lastNumber: bigint;
  readonly accounts: Iterable<Account>;
  readonly journals: Iterable<PostedJournal>;
  /** Original key → key of the journal that reverses it. */
  readonly reversals: Iterable<readonly [JournalKey, JournalKey]>;
  /** Journal keys and transfer ids that were burnt, with the first refusal. */
  readonly refused: Iterable<readonly [string, Refusal]>;
  readonly transfers: Iterable<readonly [string, KnownTransfer]>;
  /** Pending transfer id → how it was resolved. */
  readonly resolutions: Iterable<readonly [string, 'posted' | 'voided']>;
};

export type Needs = {
  readonly accounts: ReadonlySet<AccountCode>;
  /** Journals by key: the drafts' own and the originals they reverse. */
  readonly journals: ReadonlySet<JournalKey>;
  readonly originals: ReadonlySet<JournalKey>;
  /** Ids given by callers, to be unique over all journals. */
  readonly ownIds: ReadonlySet<string>;
  readonly pendingIds: ReadonlySet<string>;
};

/** Names all that must be read to decide these drafts. Accounts behind a pending transfer come with it and are not named here. */
export function needsOf(drafts: readonly JournalDraft[]): Needs {
  const accounts = new Set<AccountCode>();
  const journals = new Set<JournalKey>();
  const originals = new Set<JournalKey>();
  const ownIds = new Set<string>();
  const pendingIds = new Set<string>();
  for (const draft of drafts) {
    journals.add(draft.key);
    if (draft.reverses !== undefined) originals.add(draft.reverses);
    for (const spec of draft.opens) accounts.add(spec.code);
    for (const transfer of draft.transfers) {
      if (transfer.id !== undefined) ownIds.add(transfer.id);
      if (transfer.kind === 'posted' || transfer.kind === 'pending') {
        accounts.add(transfer.debit);
        accounts.add(transfer.credit);
        if (transfer.kind === 'posted' && transfer.shortfall?.kind === 'from') accounts.add(transfer.shortfall.debit);
      } else pendingIds.add(transfer.pendingId);
    }
  }
  return { accounts, journals, originals, ownIds, pendingIds };
}

/** Changes of the four counters, as differences. */
export type Move = {
  readonly debitsPending?: bigint;
  readonly debitsPosted?: bigint;
  readonly creditsPending?: bigint;
  readonly creditsPosted?: bigint;
};

/** The part of the books that a batch works on, in memory. Each journal is kept or taken back whole. */
export class LedgerState {
  readonly accounts: Map<string, Account>;
  readonly journals: Map<JournalKey, PostedJournal>;
  readonly reversals: Map<JournalKey, JournalKey>;
  readonly refused: Map<string, Refusal>;
  readonly transfers: Map<string, KnownTransfer>;
  readonly resolutions: Map<string, 'posted' | 'voided'>;
  readonly opened = new Set<string>();
  readonly changed = new Set<string>();
  lastNumber: bigint;
  #undo: (() => void)[] = [];

  constructor(known: Known) {
    this.lastNumber = known.lastNumber;
    this.accounts = new Map([...known.accounts].map((account) => [account.code, account]));
    this.journals = new Map([...known.journals].map((journal) => [journal.key, journal]));
    this.reversals = new Map(known.reversals);
    this.refused = new Map(known.refused);
    this.transfers = new Map(known.transfers);
    this.resolutions = new Map(known.resolutions);
  }

  keep(): void {
    this.#undo = [];
  }

  takeBack(): void {
    for (const step of this.#undo.toReversed()) step();
    this.#undo = [];
  }

  open(account: Account): void {
    assert(!this.accounts.has(account.code) && readAccountCode(account.code).ok, `"${account.code}" can be opened`);
    this.accounts.set(account.code, account);
    this.opened.add(account.code);
    this.#undo.push(() => {
      this.accounts.delete(account.code);
      this.opened.delete(account.code);
    });
  }

  /** Moves an account's counters and returns its posted balance after. */
  move(code: AccountCode, by: Move): Paise {
    const before = this.accounts.get(code);
    assert(before !== undefined, `${code} is loaded`);
    const after: Account = {
      ...before,
      debitsPending: paise(before.debitsPending + (by.debitsPending ?? 0n)),
      debitsPosted: paise(before.debitsPosted + (by.debitsPosted ?? 0n)),
      creditsPending: paise(before.creditsPending + (by.creditsPending ?? 0n)),
      creditsPosted: paise(before.creditsPosted + (by.creditsPosted ?? 0n)),
    };
    assert(after.debitsPending >= 0n && after.creditsPending >= 0n, `pending counters of ${code} stay at or above zero`);
    const isNewlyChanged = !this.changed.has(code);
    this.accounts.set(code, after);
    this.changed.add(code);
    this.#undo.push(() => {
      this.accounts.set(code, before);
      if (isNewlyChanged) this.changed.delete(code);
    });
    return balanceOf(after);
  }

  remember(id: string, transfer: KnownTransfer): void {
    this.transfers.set(id, transfer);
    this.#undo.push(() => this.transfers.delete(id));
  }

  resolve(pendingId: string, how: 'posted' | 'voided'): void {
    this.resolutions.set(pendingId, how);
    this.#undo.push(() => this.resolutions.delete(pendingId));
  }
}
