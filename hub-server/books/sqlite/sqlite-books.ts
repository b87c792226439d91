import type { Sqlite } from '#platform/sqlite/open.js';
import type { DistrictCode } from '#protocol/identity/identity.js';
import { assert } from '#protocol/result/result.js';
import type { UnixMs } from '#protocol/time/time.js';
import { NO_COUNTERS, type Account, type AccountCode, type AccountSpec } from '../account.js';
import type { Books, CloseResult, OpenResult, Position, Statement, StatementQuery } from '../books.js';
import { EVENT_ACCOUNT_NUMBERS } from '../chart.js';
import { decide } from '../engine.js';
import type { JournalDraft, PostedJournal } from '../journal.js';
import { needsOf } from '../ledger-state.js';
import type { PostResult } from '../post-result.js';
import { BooksReader } from './reader.js';
import { ACCOUNT_COLUMNS, accountOf, type AccountRow } from './rows.js';
import { statementReader, type StatementReader } from './statements.js';
import { BooksWriter } from './writer.js';

const liveAccountsSql = (): string => {
  const numbers = EVENT_ACCOUNT_NUMBERS.map((number) => `'${number}'`).join(', ');
  return `SELECT ${ACCOUNT_COLUMNS} FROM account WHERE district = ? AND (substr(code, 1, 4) NOT IN (${numbers})
    OR debits_posted <> credits_posted OR debits_pending <> 0 OR credits_pending <> 0) ORDER BY code`;
};

/**
 * The books on SQLite. Every answer comes at once and every posting is whole before the next statement of anyone can run, since the driver is
 * synchronous. The connection may serve other tables too; `postJournalsWithin` joins the transaction that is open on it.
 */
export class SqliteBooks implements Books {
  readonly district: DistrictCode;
  readonly #db: Sqlite;
  readonly #reader: BooksReader;
  readonly #writer: BooksWriter;
  readonly #statement: StatementReader;
  readonly #liveAccounts;

  /** @param db a store whose schema `openStore` has brought up to date */
  constructor(db: Sqlite, district: DistrictCode) {
    this.district = district;
    this.#db = db;
    this.#reader = new BooksReader(db, district);
    this.#writer = new BooksWriter(db, district);
    this.#statement = statementReader(db, district);
    this.#liveAccounts = db.prepare<[string], AccountRow>(liveAccountsSql());
  }

  openAccounts(specs: readonly AccountSpec[], at: UnixMs): readonly OpenResult[] {
    return this.#join(() => specs.map((spec) => this.#openAccount(spec, at)));
  }

  closeAccount(code: AccountCode): CloseResult {
    return this.#join(() => {
      const account = this.#reader.account(code);
      if (account === undefined) return 'account-not-found';
      if (account.closed === 'closed') return 'already-closed';
      this.#writer.close(code);
      return 'closed';
    });
  }

  postJournal(draft: JournalDraft): PostResult {
    const [result] = this.postJournals([draft]);
    assert(result !== undefined, 'one result for one draft');
    return result;
  }

  postJournals(drafts: readonly JournalDraft[]): readonly PostResult[] {
    return this.#inTransaction(() => this.postJournalsWithin(drafts));
  }

  postJournalsWithin(drafts: readonly JournalDraft[]): readonly PostResult[] {
    assert(this.#db.inTransaction, 'postJournalsWithin is called inside an open transaction');
    const { results, writes } = decide(this.#reader.known(needsOf(drafts)), drafts);
    this.#writer.write(writes);
    return results;
  }

  account(code: AccountCode): Account | undefined {
    return this.#reader.account(code);
  }

  journal(key: string): PostedJournal | undefined {
    return this.#reader.journal(key);
  }

  journalsOfTransaction(transaction: string): readonly PostedJournal[] {
    return this.#reader.journalsOfTransaction(transaction);
  }

  statement(query: StatementQuery): Statement | undefined {
    const account = this.#reader.account(query.account);
    return account && this.#statement(account, query);
  }

  liveAccounts(): readonly Account[] {
    return this.#liveAccounts.all(this.district).map(accountOf);
  }

  position(): Position {
    const read = this.#db.transaction((): Position => ({ lastNumber: this.#reader.lastNumber(), accounts: this.#reader.accounts() }));
    return read();
  }

  journalsAfter(number: bigint, limit: number): readonly PostedJournal[] {
    const read = this.#db.transaction(() => this.#reader.journalsAfter(number, limit));
    return read();
  }

  #openAccount(spec: AccountSpec, at: UnixMs): OpenResult {
    const open = this.#reader.account(spec.code);
    if (open === undefined) {
      const account: Account = { ...NO_COUNTERS, code: spec.code, normal: spec.normal, guard: spec.guard, closed: 'open', openedAt: at };
      this.#writer.open(account);
      return { result: 'created', account };
    }
    if (open.normal !== spec.normal) return { result: 'exists-with-different-normal', account: open };
    if (open.guard !== spec.guard) return { result: 'exists-with-different-guard', account: open };
    return { result: 'exists', account: open };
  }

  #join<T>(work: () => T): T {
    return this.#db.inTransaction ? work() : this.#inTransaction(work);
  }

  /** IMMEDIATE: what is read to decide stays true until it is written, whichever process else has the file open. */
  #inTransaction<T>(work: () => T): T {
    assert(!this.#db.inTransaction, 'a transaction is open already: call postJournalsWithin');
    return this.#db.transaction(work).immediate();
  }
}
