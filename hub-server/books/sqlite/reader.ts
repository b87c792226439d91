import type { Sqlite } from '#platform/sqlite/open.js';
import { paise } from '#protocol/money/paise.js';
import type { Account, AccountCode } from '../account.js';
import type { PostedJournal, TransferKind } from '../journal.js';
import type { Known, KnownTransfer, Needs } from '../ledger-state.js';
import type { Refusal } from '../post-result.js';
import {
  ACCOUNT_COLUMNS,
  JOURNAL_COLUMNS,
  TRANSFER_COLUMNS,
  accountOf,
  journalOf,
  type AccountRow,
  type JournalRow,
  type TransferRow,
} from './rows.js';

type FoundTransfer = { readonly kind: string; readonly debit: string; readonly credit: string; readonly amount: bigint };

/** Reads of one district's books, each statement prepared once. */
export class BooksReader {
  readonly #district: string;
  readonly #account;
  readonly #journalByKey;
  readonly #journalsByTransaction;
  readonly #journalsAfter;
  readonly #transfersBetween;
  readonly #reversalOf;
  readonly #lastNumber;
  readonly #anyRefused;
  readonly #refused;
  readonly #transferById;
  readonly #transferByPlace;
  readonly #resolution;
  readonly #accounts;

  constructor(db: Sqlite, district: string) {
    this.#district = district;
    this.#account = db.prepare<[string, string], AccountRow>(`SELECT ${ACCOUNT_COLUMNS} FROM account WHERE district = ? AND code = ?`);
    this.#accounts = db.prepare<[string], AccountRow>(`SELECT ${ACCOUNT_COLUMNS} FROM account WHERE district = ? ORDER BY code`);
    const journal = `SELECT ${JOURNAL_COLUMNS} FROM journal WHERE district = ?`;
    this.#journalByKey = db.prepare<[string, string], JournalRow>(`${journal} AND key = ?`);
    this.#journalsByTransaction = db.prepare<[string, string], JournalRow>(`${journal} AND transaction_id = ? ORDER BY number`);
    this.#journalsAfter = db.prepare<[string, bigint, number], JournalRow>(`${journal} AND number > ? ORDER BY number LIMIT ?`);
    this.#transfersBetween = db.prepare<[string, bigint, bigint], TransferRow>(
      `SELECT ${TRANSFER_COLUMNS} FROM transfer WHERE district = ? AND journal BETWEEN ? AND ? ORDER BY journal, leg, part`,
    );
    this.#reversalOf = db.prepare<[string, string], { readonly key: string }>('SELECT key FROM journal WHERE district = ? AND reverses = ?');
    this.#lastNumber = db.prepare<[string], { readonly number: bigint }>(
      'SELECT number FROM journal WHERE district = ? ORDER BY number DESC LIMIT 1',
    );
    this.#anyRefused = db.prepare<[string], { readonly id: string }>('SELECT id FROM refused_id WHERE district = ? LIMIT 1');
    this.#refused = db.prepare<[string, string], { readonly code: string }>('SELECT code FROM refused_id WHERE district = ? AND id = ?');
    const found = 'SELECT t.kind, t.debit, t.credit, t.amount FROM transfer t';
    this.#transferById = db.prepare<[string, string], FoundTransfer>(`${found} WHERE t.district = ? AND t.id = ?`);
    this.#transferByPlace = db.prepare<[string, string, bigint, number], FoundTransfer>(
      `${found} JOIN journal j ON j.district = t.district AND j.number = t.journal
       WHERE j.district = ? AND j.key = ? AND t.leg = ? AND t.part = ? AND t.id IS NULL`,
    );
    this.#resolution = db.prepare<[string, string], { readonly kind: string }>('SELECT kind FROM transfer WHERE district = ? AND pending = ?');
  }

  account(code: AccountCode): Account | undefined {
    const row = this.#account.get(this.#district, code);
    return row && accountOf(row);
  }

  accounts(): readonly Account[] {
    return this.#accounts.all(this.#district).map(accountOf);
  }

  lastNumber(): bigint {
    return this.#lastNumber.get(this.#district)?.number ?? 0n;
  }

  journal(key: string): PostedJournal | undefined {
    const row = this.#journalByKey.get(this.#district, key);
    return row && this.#withTransfers([row])[0];
  }

  journalsOfTransaction(transaction: string): readonly PostedJournal[] {
    return this.#journalsByTransaction.all(this.#district, transaction).flatMap((row) => this.#withTransfers([row]));
  }

  journalsAfter(number: bigint, limit: number): readonly PostedJournal[] {
    return this.#withTransfers(this.#journalsAfter.all(this.#district, number, limit));
  }

  /** @param rows with consecutive numbers */
  #withTransfers(rows: readonly JournalRow[]): readonly PostedJournal[] {
    const first = rows[0];
    const last = rows.at(-1);
    if (first === undefined || last === undefined) return [];
    const byJournal = Map.groupBy(this.#transfersBetween.all(this.#district, first.number, last.number), (t) => t.journal);
    return rows.map((row) => journalOf(row, byJournal.get(row.number) ?? []));
  }

  known(needs: Needs): Known {
    const transfers = this.#transfers(needs);
    const accounts = new Set<AccountCode>(needs.accounts);
    for (const [, transfer] of transfers) accounts.add(transfer.debit).add(transfer.credit);
    const found = <T>(keys: Iterable<string>, read: (key: string) => T | undefined): [string, T][] => {
      const hits: [string, T][] = [];
      for (const key of keys) {
        const hit = read(key);
        if (hit !== undefined) hits.push([key, hit]);
      }
      return hits;
    };
    const journals = found(new Set([...needs.journals, ...needs.originals]), (key) => this.journal(key));
    const isAnyRefused = this.#anyRefused.get(this.#district) !== undefined;
    const mayBeRefused = isAnyRefused ? [...needs.journals, ...needs.ownIds] : [];
    return {
      lastNumber: this.lastNumber(),
      accounts: found(accounts, (code) => this.#account.get(this.#district, code)).map(([, row]) => accountOf(row)),
      journals: journals.map(([, journal]) => journal),
      reversals: found(needs.originals, (key) => this.#reversalOf.get(this.#district, key)?.key),
      refused: found(mayBeRefused, (id) => this.#refused.get(this.#district, id)?.code as Refusal | undefined),
      transfers,
      resolutions: found(needs.pendingIds, (id) => this.#resolutionOf(id)),
    };
  }

  #transfers(needs: Needs): readonly (readonly [string, KnownTransfer])[] {
    const transfers: (readonly [string, KnownTransfer])[] = [];
    for (const id of new Set([...needs.ownIds, ...needs.pendingIds])) {
      const row = this.#findTransfer(id);
      if (row === undefined) continue;
      const { debit, credit } = row;
      transfers.push([
        id,
        { kind: row.kind as TransferKind, debit: debit as AccountCode, credit: credit as AccountCode, amountPaise: paise(row.amount) },
      ]);
    }
    return transfers;
  }

  #findTransfer(id: string): FoundTransfer | undefined {
    const place = /^(?<key>[^/]+)\/(?<leg>[1-9]\d{0,4})(?<rest>\/rest)?$/u.exec(id)?.groups;
    if (place === undefined) return this.#transferById.get(this.#district, id);
    return this.#transferByPlace.get(this.#district, place['key'] ?? '', BigInt(place['leg'] ?? ''), place['rest'] === undefined ? 0 : 1);
  }

  #resolutionOf(pendingId: string): 'posted' | 'voided' | undefined {
    const kind = this.#resolution.get(this.#district, pendingId)?.kind;
    return kind === undefined ? undefined : kind === 'post-pending' ? 'posted' : 'voided';
  }
}
