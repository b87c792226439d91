import { asNumber } from '#platform/sqlite/open.js';
import { paise } from '#protocol/money/paise.js';
import type { Account, AccountCode, Guard, Side } from '../account.js';
import {
  derivedTransferId,
  standInTransferId,
  type JournalKind,
  type JournalRefs,
  type PostedJournal,
  type PostedTransfer,
  type TransferKind,
} from '../journal.js';

export type AccountRow = {
  readonly code: string;
  readonly normal: string;
  readonly guard: string;
  readonly closed: bigint;
  readonly debits_pending: bigint;
  readonly debits_posted: bigint;
  readonly credits_pending: bigint;
  readonly credits_posted: bigint;
  readonly opened_at: bigint;
};
export const ACCOUNT_COLUMNS = 'code, normal, guard, closed, debits_pending, debits_posted, credits_pending, credits_posted, opened_at';

export function accountOf(row: AccountRow): Account {
  return {
    code: row.code as AccountCode,
    normal: row.normal as Side,
    guard: row.guard as Guard,
    closed: row.closed === 0n ? 'open' : 'closed',
    debitsPending: paise(row.debits_pending),
    debitsPosted: paise(row.debits_posted),
    creditsPending: paise(row.credits_pending),
    creditsPosted: paise(row.credits_posted),
    openedAt: asNumber(row.opened_at),
  };
}

export type RefsRow = {
  readonly transaction_id: string | null;
  readonly grant_id: string | null;
  readonly entry_hash: string | null;
  readonly batch: string | null;
  readonly reference: string | null;
};

export function refsOf(row: RefsRow): JournalRefs {
  return {
    ...(row.transaction_id === null ? {} : { transaction: row.transaction_id }),
    ...(row.grant_id === null ? {} : { grant: row.grant_id }),
    ...(row.entry_hash === null ? {} : { entry: row.entry_hash }),
    ...(row.batch === null ? {} : { batch: row.batch }),
    ...(row.reference === null ? {} : { reference: row.reference }),
  };
}

export type JournalRow = RefsRow & {
  readonly number: bigint;
  readonly key: string;
  readonly kind: string;
  readonly business_date: string;
  readonly at: bigint;
  readonly content: Uint8Array;
  readonly reverses: string | null;
};
export const JOURNAL_COLUMNS = 'number, key, kind, business_date, at, content, transaction_id, grant_id, entry_hash, batch, reference, reverses';

export type TransferRow = {
  readonly journal: bigint;
  readonly leg: bigint;
  readonly part: bigint;
  readonly id: string | null;
  readonly kind: string;
  readonly debit: string;
  readonly credit: string;
  readonly amount: bigint;
  readonly pending: string | null;
  readonly item: string | null;
  readonly debit_balance: bigint;
  readonly credit_balance: bigint;
};
export const TRANSFER_COLUMNS = 'journal, leg, part, id, kind, debit, credit, amount, pending, item, debit_balance, credit_balance';

/** The id column is empty where the id can be derived from journal and place, which most can. */
export function transferIdOf(key: string, row: Pick<TransferRow, 'id' | 'leg' | 'part'>): string {
  if (row.id !== null) return row.id;
  const derived = derivedTransferId(key, asNumber(row.leg));
  return row.part === 0n ? derived : standInTransferId(derived);
}

function transferOf(key: string, row: TransferRow): PostedTransfer {
  return {
    id: transferIdOf(key, row),
    leg: asNumber(row.leg),
    part: row.part === 0n ? 'named' : 'stand-in',
    kind: row.kind as TransferKind,
    debit: row.debit as AccountCode,
    credit: row.credit as AccountCode,
    amountPaise: paise(row.amount),
    ...(row.pending === null ? {} : { pendingId: row.pending }),
    ...(row.item === null ? {} : { item: row.item }),
    debitBalancePaise: paise(row.debit_balance),
    creditBalancePaise: paise(row.credit_balance),
  };
}

export function journalOf(row: JournalRow, transfers: readonly TransferRow[]): PostedJournal {
  return {
    number: row.number,
    key: row.key,
    kind: row.kind as JournalKind,
    businessDate: row.business_date,
    at: asNumber(row.at),
    refs: refsOf(row),
    ...(row.reverses === null ? {} : { reverses: row.reverses }),
    content: row.content,
    transfers: transfers.map((t) => transferOf(row.key, t)),
  };
}
