import { asNumber } from '#platform/sqlite/open.js';
import { billKey } from '#protocol/bill/bill.js';
import { transactionId, type KioskCode, type TransactionId } from '#protocol/identity/identity.js';
import type { SaleBody } from '#protocol/ledger/entry.js';
import { paise, type Paise } from '#protocol/money/paise.js';
import { posting, type Posting, type PostingState } from '#protocol/posting/posting.js';
import { assert, unreachable } from '#protocol/result/result.js';
import type { UnixMs } from '#protocol/time/time.js';
import type { Outcome } from '#protocol/wire/frames.js';
import type { Hub } from '../hub.js';
import type { Payment } from './department-http.js';

/** `due`: waits for the next batch. `asking`: an online sale whose answer is not known yet. The other three are ends. */
export type StoredState = 'due' | 'asking' | 'posted' | 'refused' | 'refund-due';

/** What became of one sale's bill money after the counter. Sums in paise. */
export type PostingRecord = {
  readonly transaction: TransactionId;
  readonly kiosk: string;
  readonly receipt: string;
  readonly department: string;
  readonly service: string;
  readonly consumer: string;
  readonly billNumber: string;
  readonly billKey: string;
  readonly amountPaise: Paise;
  readonly mode: string;
  readonly soldAt: UnixMs;
  readonly postBy: UnixMs;
  readonly state: StoredState;
  readonly reference: string | undefined;
  readonly postedAt: UnixMs | undefined;
  readonly returnedAt: UnixMs | undefined;
  readonly reason: string | undefined;
  readonly attempts: number;
  readonly nextTryAt: UnixMs;
  readonly batch: string | undefined;
};

export type SaleRecord = { readonly kiosk: KioskCode | string; readonly receipt: string; readonly sale: SaleBody; readonly at: UnixMs };

/**
 * `recorded`: the payment goes its way. `paid-before`: another transaction has paid this bill whole, so this one is owed back to its citizen.
 * `not-its-own`: the transaction id or the receipt number is another sale's; nothing was written, and the entry must be refused.
 */
export type RecordedSale = 'recorded' | 'paid-before' | 'not-its-own';

export const PAID_BEFORE = 'the bill was already paid by another receipt';

/**
 * Takes a verified sale in. Called inside the transaction that also posts the books. The same sale again gives the same answer and changes nothing.
 * The first entry that pays a bill whole owns it; a part payment owns nothing, but comes too late once the bill is owned.
 */
export function recordSale(hub: Hub, { kiosk, receipt, sale, at }: SaleRecord): RecordedSale {
  assert(hub.db.inTransaction, 'a sale is recorded inside the transaction of its journal');
  const key = billKey({ department: sale.department, consumer: sale.consumer, number: sale.billNumber });
  // A union, since an OR over the two would read every posting of the district for each sale.
  const there = hub.db
    .prepare<[string, string, string, string], Row>(
      'SELECT * FROM posting WHERE district = ? AND transaction_id = ? UNION SELECT * FROM posting WHERE district = ? AND receipt = ?',
    )
    .all(hub.district, sale.transaction, hub.district, receipt);
  const [known] = there;
  if (known !== undefined) return there.length === 1 && isSame(known, kiosk, receipt, key, sale) ? answerAgain(known) : 'not-its-own';
  const owner = ownerOf(hub, key);
  const state: StoredState = owner !== undefined ? 'refund-due' : sale.mode === 'online' ? 'asking' : 'due';
  hub.db
    .prepare(
      `INSERT INTO posting (district, transaction_id, kiosk, receipt, department, service, consumer, bill_number, bill_key, amount_paise, part, mode,
        sold_at, post_by, state, reason, next_try_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      hub.district,
      sale.transaction,
      kiosk,
      receipt,
      sale.department,
      sale.service,
      sale.consumer,
      sale.billNumber,
      key,
      sale.billPaise,
      sale.part ? 1 : 0,
      sale.mode,
      at,
      sale.postBy,
      state,
      owner === undefined ? null : PAID_BEFORE,
      hub.now(),
    );
  if (owner !== undefined) return 'paid-before';
  if (!sale.part) hub.db.prepare('INSERT INTO bill_owner VALUES (?, ?, ?)').run(hub.district, key, sale.transaction);
  return 'recorded';
}

function isSame(row: Row, kiosk: string, receipt: string, key: string, sale: SaleBody): boolean {
  return (
    row.transaction_id === sale.transaction &&
    row.kiosk === kiosk &&
    row.receipt === receipt &&
    row.bill_key === key &&
    row.service === sale.service &&
    row.amount_paise === sale.billPaise
  );
}

function answerAgain(row: Row): RecordedSale {
  return row.state === 'refund-due' && row.reason === PAID_BEFORE ? 'paid-before' : 'recorded';
}

function ownerOf(hub: Hub, key: string): string | undefined {
  return hub.db
    .prepare<[string, string], { readonly transaction_id: string }>('SELECT transaction_id FROM bill_owner WHERE district = ? AND bill_key = ?')
    .get(hub.district, key)?.transaction_id;
}

/** Whether a sale that the hub knows of has paid this bill whole and stands. */
export function isPaid(hub: Hub, department: string, consumer: string, billNumber: string): boolean {
  return ownerOf(hub, `${department}:${consumer}:${billNumber}`) !== undefined;
}

/** What became of these sales; those that the hub does not know are left out. */
export function outcomes(hub: Hub, transactions: readonly TransactionId[]): readonly Outcome[] {
  return transactions.flatMap((transaction) => {
    const found = findPosting(hub, transaction);
    return found === undefined ? [] : [{ transaction, state: postingState(found) }];
  });
}

/** The cash of a refused sale went back over the counter: the bill can be paid again. Safe to call again. */
export function markReturned(hub: Hub, transaction: TransactionId): 'returned' | 'not-refused' {
  const done = hub.db
    .prepare("UPDATE posting SET returned_at = coalesce(returned_at, ?) WHERE district = ? AND transaction_id = ? AND state = 'refused'")
    .run(hub.now(), hub.district, transaction);
  if (done.changes !== 1) return 'not-refused';
  release(hub, transaction);
  return 'returned';
}

/** The citizen of a refused sale had left with a receipt: the money is owed back by the hub. Safe to call again. */
export function markRefundDue(hub: Hub, transaction: TransactionId): 'refund-due' | 'not-refused' {
  hub.db
    .prepare("UPDATE posting SET state = 'refund-due' WHERE district = ? AND transaction_id = ? AND state = 'refused' AND returned_at IS NULL")
    .run(hub.district, transaction);
  if (findPosting(hub, transaction)?.state !== 'refund-due') return 'not-refused';
  release(hub, transaction);
  return 'refund-due';
}

/** The bill can be paid again. */
export function release(hub: Hub, transaction: TransactionId): void {
  hub.db.prepare('DELETE FROM bill_owner WHERE district = ? AND transaction_id = ?').run(hub.district, transaction);
}

/** The facts of a receipt's second half, to be signed with the hub's key by `signPosting`; undefined for a number that the hub does not know. */
export function secondFact(hub: Hub, receipt: string): Posting | undefined {
  const row = hub.db.prepare<[string, string], Row>('SELECT * FROM posting WHERE district = ? AND receipt = ?').get(hub.district, receipt);
  if (row === undefined) return undefined;
  const found = recordOf(row);
  return posting.parse({
    v: 1,
    district: hub.district,
    kiosk: found.kiosk,
    receipt: found.receipt,
    transaction: found.transaction,
    department: found.department,
    state: postingState(found),
    at: hub.now(),
  });
}

export function findPosting(hub: Hub, transaction: TransactionId): PostingRecord | undefined {
  const row = hub.db.prepare<[string, string], Row>('SELECT * FROM posting WHERE district = ? AND transaction_id = ?').get(hub.district, transaction);
  return row && recordOf(row);
}

/** Postings in one state, oldest first: `due` for the next batch, `refund-due` for what is owed back. */
export function listPostings(hub: Hub, state: StoredState, department?: string): readonly PostingRecord[] {
  return hub.db
    .prepare<[string, string, string | null, string | null], Row>(
      'SELECT * FROM posting WHERE district = ? AND state = ? AND (? IS NULL OR department = ?) ORDER BY transaction_id',
    )
    .all(hub.district, state, department ?? null, department ?? null)
    .map(recordOf);
}

export function postingState(found: PostingRecord): PostingState {
  switch (found.state) {
    case 'due':
      return { kind: 'received', postBy: found.postBy };
    case 'asking':
      return { kind: 'asking' };
    case 'posted':
      assert(found.reference !== undefined && found.postedAt !== undefined, 'a posted payment has its reference and time');
      return { kind: 'posted', reference: found.reference, at: found.postedAt };
    case 'refused':
      return { kind: 'refused', reason: found.reason ?? '' };
    case 'refund-due':
      return { kind: 'refund-due', reason: found.reason ?? '' };
    default:
      return unreachable(found.state);
  }
}

/** How the department is asked about it. The request id is the transaction id: it was on the kiosk's disk before anything moved. */
export function paymentOf(found: PostingRecord): Payment {
  return {
    requestId: found.transaction,
    service: found.service as Payment['service'],
    consumer: found.consumer,
    billNumber: found.billNumber,
    amountPaise: found.amountPaise,
    paidAt: found.soldAt,
    counter: found.kiosk,
  };
}

type Row = {
  readonly transaction_id: string;
  readonly kiosk: string;
  readonly receipt: string;
  readonly department: string;
  readonly service: string;
  readonly consumer: string;
  readonly bill_number: string;
  readonly bill_key: string;
  readonly amount_paise: bigint;
  readonly mode: string;
  readonly sold_at: bigint;
  readonly post_by: bigint;
  readonly state: StoredState;
  readonly reference: string | null;
  readonly posted_at: bigint | null;
  readonly returned_at: bigint | null;
  readonly reason: string | null;
  readonly attempts: bigint;
  readonly next_try_at: bigint;
  readonly batch: string | null;
};

function recordOf(row: Row): PostingRecord {
  const time = (value: bigint | null): UnixMs | undefined => (value === null ? undefined : asNumber(value));
  return {
    transaction: transactionId.parse(row.transaction_id),
    kiosk: row.kiosk,
    receipt: row.receipt,
    department: row.department,
    service: row.service,
    consumer: row.consumer,
    billNumber: row.bill_number,
    billKey: row.bill_key,
    amountPaise: paise(row.amount_paise),
    mode: row.mode,
    soldAt: asNumber(row.sold_at),
    postBy: asNumber(row.post_by),
    state: row.state,
    reference: row.reference ?? undefined,
    postedAt: time(row.posted_at),
    returnedAt: time(row.returned_at),
    reason: row.reason ?? undefined,
    attempts: asNumber(row.attempts),
    nextTryAt: asNumber(row.next_try_at),
    batch: row.batch ?? undefined,
  };
}
