import { asNumber, type Sqlite } from '#platform/sqlite/open.js';
import { bill, type Bill } from '#protocol/bill/bill.js';
import { transactionId, type TransactionId } from '#protocol/identity/identity.js';
import { paise, type Paise } from '#protocol/money/paise.js';
import { openEntry, type SaleBody } from '#protocol/ledger/entry.js';
import { assert } from '#protocol/result/result.js';
import { encodeCbor, readCbor } from '#protocol/signing/cbor.js';
import { equalBytes, type VerifyKey } from '#protocol/signing/keys.js';

export type SaleState = 'quoted' | 'sold' | 'abandoned';
export type SaleOutcome = 'asking' | 'received' | 'posted' | 'refused' | 'returned' | 'refund-due';

/** One transaction as the chain tells it so far. `seq` and `at` are of the sale entry once it is sold, of the quote before. */
export type SaleRow = {
  readonly transaction: TransactionId;
  readonly seq: number;
  readonly at: number;
  readonly state: SaleState;
  readonly service: string;
  readonly department: string;
  readonly consumer: string;
  readonly billNumber: string;
  readonly totalPaise: Paise;
  readonly outcome: SaleOutcome | null;
  readonly reference: string | null;
  /** Why it was refused by the department, or abandoned here. */
  readonly reason: string | null;
  readonly operator: string | null;
  /** Copies on paper or begun, and how the newest one ended (null: begun and never ended). */
  readonly copies: number;
  readonly newestPaper: 'printed' | 'unknown' | 'open' | 'none';
};

/** `attempts`: all askings. `presses`: those with a finger on the device. `inVain`: those that bring a witness nearer. */
export type PresenceState = {
  readonly attempts: number;
  readonly presses: number;
  readonly inVain: number;
  readonly given: 'finger' | 'aadhaar' | 'witness' | null;
};

/** A paper by its place in the chain. */
export type UnfinishedPaper = { readonly seq: number; readonly transaction: TransactionId; readonly copy: number };

export type SignedSale = { readonly body: SaleBody; readonly hash: Uint8Array<ArrayBuffer> };

type Row = {
  txn: string;
  seq: bigint;
  at: bigint;
  state: SaleState;
  service: string;
  department: string;
  consumer: string;
  bill_number: string;
  total: bigint;
  outcome: SaleOutcome | null;
  reference: string | null;
  reason: string | null;
  operator: string | null;
  copies: bigint;
  newest: string | null;
};

const COLUMNS = `txn, seq, at, state, service, department, consumer, bill_number, total, outcome, reference, reason, operator,
  (SELECT count(*) FROM paper p WHERE p.txn = sale.txn) AS copies,
  (SELECT coalesce(outcome, 'open') FROM paper p WHERE p.txn = sale.txn ORDER BY copy DESC LIMIT 1) AS newest`;

function toRow(row: Row): SaleRow {
  const paper = row.newest === 'printed' || row.newest === 'unknown' || row.newest === 'open' ? row.newest : 'none';
  return {
    transaction: transactionId.parse(row.txn),
    seq: asNumber(row.seq),
    at: asNumber(row.at),
    state: row.state,
    service: row.service,
    department: row.department,
    consumer: row.consumer,
    billNumber: row.bill_number,
    totalPaise: paise(row.total),
    outcome: row.outcome,
    reference: row.reference,
    reason: row.reason,
    operator: row.operator,
    copies: asNumber(row.copies),
    newestPaper: paper,
  };
}

/** Read models of the chain that the counter asks. */
export class Sales {
  readonly #db: Sqlite;
  /** The sale read last, with the very bytes that were checked: screen and paper ask for the same one several times. */
  #shown: { readonly bytes: Uint8Array; readonly sale: SignedSale } | undefined;

  constructor(db: Sqlite) {
    this.#db = db;
  }

  find(transaction: TransactionId): SaleRow | undefined {
    const row = this.#db.prepare<[string], Row>(`SELECT ${COLUMNS} FROM sale WHERE txn = ?`).get(transaction);
    return row === undefined ? undefined : toRow(row);
  }

  /** The newest sale that took money, whatever became of it. */
  newestSold(): SaleRow | undefined {
    const row = this.#db.prepare<[], Row>(`SELECT ${COLUMNS} FROM sale WHERE state = 'sold' ORDER BY seq DESC LIMIT 1`).get();
    return row === undefined ? undefined : toRow(row);
  }

  /** Quotes that neither became a sale nor were abandoned: an agent was stopped in between. */
  openQuotes(): readonly SaleRow[] {
    return this.#db.prepare<[], Row>(`SELECT ${COLUMNS} FROM sale WHERE state = 'quoted' ORDER BY seq`).all().map(toRow);
  }

  /** Sold, refused by the department, and the cash is still in the till. */
  notGivenBack(): readonly SaleRow[] {
    return this.#db.prepare<[], Row>(`SELECT ${COLUMNS} FROM sale WHERE outcome = 'refused' ORDER BY seq`).all().map(toRow);
  }

  newest(limit: number): readonly SaleRow[] {
    return this.#db.prepare<[number], Row>(`SELECT ${COLUMNS} FROM sale WHERE state = 'sold' ORDER BY seq DESC LIMIT ?`).all(limit).map(toRow);
  }

  /** The newest transaction, whether it became a sale or not. */
  newestOfAll(): SaleRow | undefined {
    const row = this.#db.prepare<[], Row>(`SELECT ${COLUMNS} FROM sale ORDER BY seq DESC LIMIT 1`).get();
    return row === undefined ? undefined : toRow(row);
  }

  unsent(ackedSeq: number, limit: number): readonly SaleRow[] {
    return this.#db
      .prepare<[number, number], Row>(`SELECT ${COLUMNS} FROM sale WHERE state = 'sold' AND seq > ? ORDER BY seq LIMIT ?`)
      .all(ackedSeq, limit)
      .map(toRow);
  }

  unsentSummary(ackedSeq: number): { readonly count: number; readonly sum: Paise; readonly oldest: number | null } {
    const row = this.#db
      .prepare<[number], { n: bigint; sum: bigint; oldest: bigint | null }>(
        "SELECT count(*) AS n, coalesce(sum(total), 0) AS sum, min(at) AS oldest FROM sale WHERE state = 'sold' AND seq > ?",
      )
      .get(ackedSeq);
    return {
      count: asNumber(row?.n ?? 0n),
      sum: paise(row?.sum ?? 0n),
      oldest: row === undefined || row.oldest === null ? null : asNumber(row.oldest),
    };
  }

  /** Sales whose last word from the department is still to come. */
  awaitingOutcome(limit: number): readonly TransactionId[] {
    return this.#db
      .prepare<[number], { txn: string }>("SELECT txn FROM sale WHERE outcome IN ('asking', 'received') ORDER BY seq LIMIT ?")
      .all(limit)
      .map((row) => transactionId.parse(row.txn));
  }

  /** Whether the whole of this bill was paid at this counter and not given back. */
  paidHere(of: Pick<Bill, 'department' | 'consumer' | 'number'>): SaleRow | undefined {
    const row = this.#db
      .prepare<[string, string, string], Row>(
        `SELECT ${COLUMNS} FROM sale WHERE department = ? AND consumer = ? AND bill_number = ? AND state = 'sold' AND part = 0 AND outcome IN ('asking', 'received', 'posted') LIMIT 1`,
      )
      .get(of.department, of.consumer, of.number);
    return row === undefined ? undefined : toRow(row);
  }

  /** Prints begun whose end was never written: the agent was stopped while paper moved. */
  openPapers(): readonly { readonly transaction: TransactionId; readonly copy: number }[] {
    return this.#db
      .prepare<[], { txn: string; copy: bigint }>('SELECT txn, copy FROM paper WHERE outcome IS NULL')
      .all()
      .map((row) => ({ transaction: transactionId.parse(row.txn), copy: asNumber(row.copy) }));
  }

  /** The newest paper of a printer, when part of it may hang out of that or wait in its buffer, whatever the operator said of it. */
  unfinishedOn(printer: string): UnfinishedPaper | undefined {
    const row = this.#db
      .prepare<[string], { seq: bigint; txn: string; copy: bigint; remains: string }>(
        'SELECT seq, txn, copy, remains FROM paper WHERE printer = ? ORDER BY seq DESC LIMIT 1',
      )
      .get(printer);
    if (row?.remains !== 'perhaps') return undefined;
    return { seq: asNumber(row.seq), transaction: transactionId.parse(row.txn), copy: asNumber(row.copy) };
  }

  /** What the first paper of a sale states; undefined when there is none. */
  firstPaperShows(transaction: TransactionId): 'received' | 'posted' | undefined {
    const row = this.#db.prepare<[string], { shows: string }>('SELECT shows FROM paper WHERE txn = ? ORDER BY copy LIMIT 1').get(transaction);
    return row?.shows === 'received' || row?.shows === 'posted' ? row.shows : undefined;
  }

  /** The askings for one transaction, and by what the person showed at last that they are here. */
  presence(transaction: TransactionId): PresenceState {
    const row = this.#db
      .prepare<[string], { attempts: bigint; presses: bigint; inVain: bigint; given: PresenceState['given'] }>(
        'SELECT attempts, presses, in_vain AS inVain, given FROM presence WHERE txn = ?',
      )
      .get(transaction);
    if (row === undefined) return { attempts: 0, presses: 0, inVain: 0, given: null };
    return { attempts: asNumber(row.attempts), presses: asNumber(row.presses), inVain: asNumber(row.inVain), given: row.given };
  }

  copies(transaction: TransactionId): number {
    const row = this.#db.prepare<[string], { n: bigint }>('SELECT coalesce(max(copy), 0) AS n FROM paper WHERE txn = ?').get(transaction);
    return asNumber(row?.n ?? 0n);
  }

  /** The sale exactly as it was signed, with its place in the chain. */
  signedSale(row: SaleRow, key: VerifyKey): SignedSale {
    const stored = this.#db.prepare<[number], { bytes: Buffer }>('SELECT bytes FROM entry WHERE seq = ?').get(row.seq);
    if (stored !== undefined && this.#shown !== undefined && equalBytes(this.#shown.bytes, stored.bytes)) return this.#shown.sale;
    const opened = stored === undefined ? undefined : openEntry(key, stored.bytes);
    assert(opened?.ok === true && opened.value.entry.body.kind === 'sale', `entry ${row.seq} is the sale ${row.transaction}`);
    const sale = { body: opened.value.entry.body, hash: opened.value.hash };
    this.#shown = { bytes: opened.value.bytes, sale };
    return sale;
  }

  /** The bill as it was shown at the quote; for the paper only, so it never enters the chain. */
  billSeen(transaction: TransactionId): Bill | undefined {
    const row = this.#db.prepare<[string], { bill: Buffer }>('SELECT bill FROM bill_seen WHERE txn = ?').get(transaction);
    const read = row === undefined ? undefined : readCbor(bill, row.bill);
    return read?.ok === true ? read.value : undefined;
  }

  rememberBill(transaction: TransactionId, seen: Bill): void {
    this.#db.prepare('INSERT OR REPLACE INTO bill_seen VALUES (?, ?)').run(transaction, encodeCbor(seen));
  }
}
