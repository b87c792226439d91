import type { Sqlite } from '#platform/sqlite/open.js';
import { assert } from '#protocol/result/result.js';
import type { Account } from '../account.js';
import { derivedTransferId, standInTransferId, type PostedJournal, type PostedTransfer } from '../journal.js';
import type { Writes } from '../engine.js';
import { ACCOUNT_COLUMNS, JOURNAL_COLUMNS, TRANSFER_COLUMNS } from './rows.js';

/** Writes of one district's books, each statement prepared once. Every method runs inside a transaction that its caller holds. */
export class BooksWriter {
  readonly #district: string;
  readonly #open;
  readonly #move;
  readonly #close;
  readonly #journal;
  readonly #transfer;
  readonly #refuse;

  constructor(db: Sqlite, district: string) {
    this.#district = district;
    this.#open = db.prepare(`INSERT INTO account (district, ${ACCOUNT_COLUMNS}) VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?)`);
    this.#move = db.prepare(
      'UPDATE account SET debits_pending = ?, debits_posted = ?, credits_pending = ?, credits_posted = ? WHERE district = ? AND code = ?',
    );
    this.#close = db.prepare('UPDATE account SET closed = 1 WHERE district = ? AND code = ? AND closed = 0');
    this.#journal = db.prepare(`INSERT INTO journal (district, ${JOURNAL_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#transfer = db.prepare(`INSERT INTO transfer (district, ${TRANSFER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#refuse = db.prepare('INSERT INTO refused_id (district, id, code, at) VALUES (?, ?, ?, ?)');
  }

  write(writes: Writes): void {
    for (const account of writes.opened) this.open(account);
    for (const a of writes.changed) {
      const moved = this.#move.run(a.debitsPending, a.debitsPosted, a.creditsPending, a.creditsPosted, this.#district, a.code);
      assert(moved.changes === 1, `${a.code} is one row`);
    }
    for (const journal of writes.journals) this.#insertJournal(journal);
    for (const { id, code, at } of writes.refused) this.#refuse.run(this.#district, id, code, at);
  }

  open(a: Account): void {
    this.#open.run(this.#district, a.code, a.normal, a.guard, a.debitsPending, a.debitsPosted, a.creditsPending, a.creditsPosted, a.openedAt);
  }

  close(code: string): void {
    this.#close.run(this.#district, code);
  }

  #insertJournal(j: PostedJournal): void {
    const { transaction, grant, entry, batch, reference } = j.refs;
    const refs = [transaction ?? null, grant ?? null, entry ?? null, batch ?? null, reference ?? null];
    this.#journal.run(this.#district, j.number, j.key, j.kind, j.businessDate, j.at, j.content, ...refs, j.reverses ?? null);
    for (const transfer of j.transfers) this.#insertTransfer(j, transfer);
  }

  #insertTransfer(j: PostedJournal, t: PostedTransfer): void {
    const derived = derivedTransferId(j.key, t.leg);
    const isDerived = t.id === (t.part === 'named' ? derived : standInTransferId(derived));
    this.#transfer.run(
      this.#district,
      j.number,
      t.leg,
      t.part === 'named' ? 0 : 1,
      isDerived ? null : t.id,
      t.kind,
      t.debit,
      t.credit,
      t.amountPaise,
      t.pendingId ?? null,
      t.item ?? null,
      t.debitBalancePaise,
      t.creditBalancePaise,
    );
  }
}
