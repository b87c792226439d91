import { asNumber, type Sqlite } from '#platform/sqlite/open.js';
import type { Bill } from '#protocol/bill/bill.js';
import { ZERO, addPaise, formatRupees, minPaise, paise, subtractPaise, type Paise } from '#protocol/money/paise.js';
import { assert } from '#protocol/result/result.js';
import { businessDate, type UnixMs } from '#protocol/time/time.js';
import { paymentToJson, settledJson, type Payment, type SettledJson } from './department-http.js';

/** One payment as a department's own books hold it. */
export type BookedPayment = {
  readonly requestId: string;
  readonly consumer: string;
  readonly billNumber: string;
  readonly amountPaise: Paise;
  readonly counter: string;
  readonly status: 'confirmed' | 'refused';
  /** Reference or reason. */
  readonly word: string;
  /** How often the hub has sent this request. */
  readonly asked: number;
};

type Row = {
  readonly request_id: string;
  readonly content: string;
  readonly consumer: string;
  readonly bill_number: string;
  readonly amount_paise: bigint;
  readonly counter: string;
  readonly status: 'confirmed' | 'refused';
  readonly word: string;
  readonly asked: bigint;
};

const SCHEMA = `CREATE TABLE IF NOT EXISTS payment (
  number INTEGER PRIMARY KEY, request_id TEXT NOT NULL UNIQUE, content TEXT NOT NULL, consumer TEXT NOT NULL, bill_number TEXT NOT NULL,
  amount_paise INTEGER NOT NULL, counter TEXT NOT NULL, status TEXT NOT NULL CHECK (status IN ('confirmed', 'refused')), word TEXT NOT NULL,
  asked INTEGER NOT NULL, at INTEGER NOT NULL) STRICT`;

export type DepartmentRules = {
  /** Whether a sum below what is due is taken. */
  readonly part: 'allowed' | 'refused';
  readonly now: () => UnixMs;
};

/** A simulated department's bills and payments: what its own computer knows, apart from the hub. One service. */
export class DepartmentPayments {
  readonly #db: Sqlite;
  readonly #code: string;
  readonly #bills: ReadonlyMap<string, Bill>;
  readonly #rules: DepartmentRules;

  constructor(db: Sqlite, code: string, bills: ReadonlyMap<string, Bill>, rules: DepartmentRules) {
    db.exec(SCHEMA);
    this.#db = db;
    this.#code = code;
    this.#bills = bills;
    this.#rules = rules;
  }

  /** The bill with what was paid already taken off. */
  bill(service: string, consumer: string): Bill | 'already-paid' | undefined {
    const bill = this.#bills.get(consumer);
    if (bill === undefined || bill.service !== service) return undefined;
    const paid = this.#paid(bill);
    const due = this.#dueAt(bill, this.#rules.now());
    if (paid > 0n && paid >= due) return 'already-paid';
    const rest = (sum: Paise): Paise => subtractPaise(sum, minPaise(sum, paid));
    const amountPaise = rest(bill.amountPaise);
    return { ...bill, amountPaise, lateAmountPaise: rest(bill.lateAmountPaise), arrearsPaise: minPaise(bill.arrearsPaise, amountPaise) };
  }

  /** Books a payment, once for ever: the same request with the same content gets the answer of the first time. */
  take(payment: Payment, refusal?: string): SettledJson | 'conflict' {
    const take = this.#db.transaction((): SettledJson | 'conflict' => {
      const content = JSON.stringify(paymentToJson(payment));
      const known = this.#row(payment.requestId);
      if (known !== undefined) {
        this.#db.prepare('UPDATE payment SET asked = asked + 1 WHERE request_id = ?').run(payment.requestId);
        return known.content === content ? settled(known) : 'conflict';
      }
      const reason = refusal ?? this.#objection(payment);
      const number = this.#db.prepare<[], { readonly n: bigint }>('SELECT count(*) + 1 AS n FROM payment').get()?.n ?? 1n;
      const word = reason ?? `${this.#code}/${number.toString().padStart(8, '0')}`;
      this.#db
        .prepare('INSERT INTO payment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)')
        .run(
          number,
          payment.requestId,
          content,
          payment.consumer,
          payment.billNumber,
          payment.amountPaise,
          payment.counter,
          reason === undefined ? 'confirmed' : 'refused',
          word,
          this.#rules.now(),
        );
      const row = this.#row(payment.requestId);
      assert(row !== undefined, 'what was put in is there');
      return settled(row);
    });
    return take.immediate();
  }

  find(requestId: string): SettledJson | undefined {
    const row = this.#row(requestId);
    return row && settled(row);
  }

  /** Every request ever booked, in order. */
  ledger(): readonly BookedPayment[] {
    const rows = this.#db.prepare<[], Row>('SELECT * FROM payment ORDER BY number').all();
    return rows.map((row) => ({
      requestId: row.request_id,
      consumer: row.consumer,
      billNumber: row.bill_number,
      amountPaise: paise(row.amount_paise),
      counter: row.counter,
      status: row.status,
      word: row.word,
      asked: asNumber(row.asked),
    }));
  }

  close(): void {
    this.#db.close();
  }

  #row(requestId: string): Row | undefined {
    return this.#db.prepare<[string], Row>('SELECT * FROM payment WHERE request_id = ?').get(requestId);
  }

  #paid(bill: Bill): Paise {
    const rows = this.#db
      .prepare<[string, string], { readonly amount_paise: bigint }>(
        "SELECT amount_paise FROM payment WHERE consumer = ? AND bill_number = ? AND status = 'confirmed'",
      )
      .all(bill.consumer, bill.number);
    return rows.reduce((sum, row) => addPaise(sum, paise(row.amount_paise)), ZERO);
  }

  #dueAt(bill: Bill, at: UnixMs): Paise {
    return businessDate(at) > bill.dueOn ? bill.lateAmountPaise : bill.amountPaise;
  }

  #objection(payment: Payment): string | undefined {
    const bill = this.#bills.get(payment.consumer);
    if (bill === undefined || bill.service !== payment.service) return 'no such consumer';
    if (bill.number !== payment.billNumber) return `bill ${payment.billNumber} is not the consumer's present bill`;
    const whole = this.#dueAt(bill, payment.paidAt);
    const paid = this.#paid(bill);
    if (paid >= whole) return 'the bill is paid already';
    const due = subtractPaise(whole, paid);
    if (payment.amountPaise > due) return `more than what is due, Rs ${formatRupees(due)}`;
    if (payment.amountPaise < due && this.#rules.part === 'refused') return `less than what is due, Rs ${formatRupees(due)}`;
    return payment.amountPaise === 0n ? 'nothing was paid' : undefined;
  }
}

function settled(row: Row): SettledJson {
  return settledJson.parse(
    row.status === 'confirmed'
      ? { requestId: row.request_id, status: 'confirmed', reference: row.word }
      : { requestId: row.request_id, status: 'refused', reason: row.word },
  );
}
