import type { Paise } from '#protocol/money/paise.js';
import type { BusinessDate, UnixMs } from '#protocol/time/time.js';
import type { AccountCode, AccountSpec } from './account.js';

/** What a journal records. A later kind is added here and in `journals.ts`; the engine treats all alike. */
export const JOURNAL_KINDS = [
  'TOPUP',
  'GRANT_RESERVE',
  'GRANT_RELEASE',
  'SALE',
  'SALE_REFUSED',
  'REFUND_DUE',
  'DEPT_REMIT',
  'DEPT_CONFIRM',
  'DEPT_RETURN',
] as const;
export type JournalKind = (typeof JOURNAL_KINDS)[number];

/** Names a journal for ever: the event's kind and identity, such as `topup:UTR123`. Made, and kept, by the caller before it posts. */
export type JournalKey = string;
export const JOURNAL_KEY_PATTERN = /^[a-z][a-z0-9-]*(?::[A-Za-z0-9._-]+){1,4}$/u;
export const JOURNAL_KEY_LENGTH_MAX = 160;

/** More than this is a defect of the caller; a batch of remittances is cut before it comes here. */
export const TRANSFERS_PER_JOURNAL_MAX = 10_000;

/** What a journal is about, for reports and export: part of its content. `entry` is the kiosk entry's SHA-256 in hex. */
export type JournalRefs = {
  readonly transaction?: string;
  readonly grant?: string;
  readonly entry?: string;
  readonly batch?: string;
  readonly reference?: string;
};

/**
 * One wanted movement. `id` is 26 Crockford characters where the caller keeps one; otherwise it is derived: `<journal key>/<leg>`.
 * `item` names what this movement is for within the journal, such as one sale of a batch.
 */
export type TransferDraft = { readonly id?: string; readonly item?: string } & (
  | {
      readonly kind: 'posted';
      readonly debit: AccountCode;
      readonly credit: AccountCode;
      readonly amountPaise: Paise;
      readonly shortfall?: Shortfall;
    }
  | { readonly kind: 'pending'; readonly debit: AccountCode; readonly credit: AccountCode; readonly amountPaise: Paise }
  | { readonly kind: 'post-pending'; readonly pendingId: string; readonly amountPaise: Paise }
  | { readonly kind: 'void-pending'; readonly pendingId: string }
);

/**
 * What happens when the guarded debit account holds less than the amount. Absent: refused. `drop`: only what is there moves.
 * `from`: the rest moves from a stand-in account, in a second transfer; a missing or closed debit account then counts as empty, so that a sale
 * whose citizen holds a receipt is always posted in full. Decided by the engine, so the draft, and its content, never depend on a balance.
 */
export type Shortfall = { readonly kind: 'drop' } | { readonly kind: 'from'; readonly debit: AccountCode };

/**
 * A group of transfers that is posted whole or not at all. `businessDate` (the day of the books) and `at` (the hub's clock) say when it was
 * posted: they are kept, but are not content, so a later retry of the same journal is still the same journal.
 */
export type JournalDraft = {
  readonly key: JournalKey;
  readonly kind: JournalKind;
  readonly businessDate: BusinessDate;
  readonly at: UnixMs;
  readonly refs: JournalRefs;
  /** Names the journal that this one undoes, transfer by transfer in reverse order. A journal is reversed once. */
  readonly reverses?: JournalKey;
  /** Accounts to open, when they are not yet, if the journal is posted. */
  readonly opens: readonly AccountSpec[];
  readonly transfers: readonly TransferDraft[];
};

export type TransferKind = TransferDraft['kind'];

/** One movement as it stands in the books for ever. Balances are the accounts' posted balances, on their normal sides, after it. */
export type PostedTransfer = {
  readonly id: string;
  /** Position in the draft, from 1. */
  readonly leg: number;
  /** `stand-in`: the rest that the first account did not hold. */
  readonly part: 'named' | 'stand-in';
  readonly kind: TransferKind;
  readonly debit: AccountCode;
  readonly credit: AccountCode;
  readonly amountPaise: Paise;
  readonly pendingId?: string;
  readonly item?: string;
  readonly debitBalancePaise: Paise;
  readonly creditBalancePaise: Paise;
};

/** `number` counts the district's journals from 1 without a gap, in the order of posting. */
export type PostedJournal = {
  readonly number: bigint;
  readonly key: JournalKey;
  readonly kind: JournalKind;
  readonly businessDate: BusinessDate;
  readonly at: UnixMs;
  readonly refs: JournalRefs;
  readonly reverses?: JournalKey;
  /** SHA-256 of what was asked, see `content.ts`. */
  readonly content: Uint8Array;
  readonly transfers: readonly PostedTransfer[];
};

/** Movements that changed posted balances; a pending or a void one did not. */
export function isPostedMovement(transfer: PostedTransfer): boolean {
  return transfer.kind === 'posted' || transfer.kind === 'post-pending';
}

export function derivedTransferId(key: JournalKey, leg: number): string {
  return `${key}/${leg}`;
}

export function standInTransferId(id: string): string {
  return `${id}/rest`;
}
