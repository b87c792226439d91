import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sqlite } from '#platform/sqlite/open.js';
import { departmentCode, districtCode, grantId, kioskCode, transactionId } from '#protocol/identity/identity.js';
import { paise } from '#protocol/money/paise.js';
import { readAccountCode, type AccountCode, type AccountSpec, type Guard, type Side } from '../../../hub-server/books/account.js';
import type { Books } from '../../../hub-server/books/books.js';
import type { JournalDraft, TransferDraft } from '../../../hub-server/books/journal.js';
import type { When } from '../../../hub-server/books/journals.js';
import { SqliteBooks } from '../../../hub-server/books/sqlite/sqlite-books.js';
import { openStore } from '../../../hub-server/store/open-store.js';

export const JAIPUR = districtCode.parse('lgd:102');
export const AJMER = districtCode.parse('lgd:86');
export const KIOSK = kioskCode.parse('d35k1111');
export const JVVNL = departmentCode.parse('JVVNL');
export const PHED = departmentCode.parse('PHED');

/** A moment on 22 November 2026. */
export const AT = 1_795_330_800_000;
export const WHEN: When = { businessDate: '2026-11-22', at: AT };

/** 26 Crockford characters that end in a number. */
const idText = (n: number): string => `01JD${n.toString().padStart(22, '0')}`;
export const transactionNumber = (n: number) => transactionId.parse(idText(n));
export const grantNumber = (n: number) => grantId.parse(idText(n));
/** What a test knows to be there. */
export function sure<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the test expected a value here');
  return value;
}

/** Stands for the SHA-256 of a kiosk's entry. */
export const entryNumber = (n: number): string => n.toString(16).padStart(64, '0');

export function code(text: string): AccountCode {
  const read = readAccountCode(text);
  if (!read.ok) throw new Error(read.error.detail);
  return read.value;
}

export function spec(text: string, normal: Side, guard: Guard = 'none'): AccountSpec {
  return { code: code(text), normal, guard };
}

export function posted(debit: AccountSpec, credit: AccountSpec, amount: bigint): Extract<TransferDraft, { kind: 'posted' }> {
  return { kind: 'posted', debit: debit.code, credit: credit.code, amountPaise: paise(amount) };
}

export function pending(debit: AccountSpec, credit: AccountSpec, amount: bigint): Extract<TransferDraft, { kind: 'pending' }> {
  return { kind: 'pending', debit: debit.code, credit: credit.code, amountPaise: paise(amount) };
}

export function draft(key: string, transfers: readonly TransferDraft[], more: Partial<JournalDraft> = {}): JournalDraft {
  return { key, kind: 'TOPUP', ...WHEN, refs: {}, opens: [], transfers, ...more };
}

/** Makes an empty set of books of one district, for one test; called again on the same world it gives another district of the same store. */
export type BooksFactory = () => Promise<{ readonly of: (district: typeof JAIPUR) => Books; readonly end: () => Promise<void> }>;

export type TempStore = { readonly path: string; readonly db: Sqlite; readonly end: () => Promise<void> };

export async function tempStore(): Promise<TempStore> {
  const folder = await mkdtemp(join(tmpdir(), 'jharokha-books-'));
  const path = join(folder, 'hub.db');
  const opened = openStore(path);
  if (!opened.ok) throw new Error(opened.error.detail);
  const db = opened.value;
  return {
    path,
    db,
    end: async () => {
      db.close();
      await rm(folder, { recursive: true });
    },
  };
}

export const sqliteFactory: BooksFactory = async () => {
  const store = await tempStore();
  return { of: (district) => new SqliteBooks(store.db, district), end: store.end };
};
