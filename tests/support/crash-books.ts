import Database from 'better-sqlite3';
import { join } from 'node:path';

export type SaleJournal = {
  readonly transaction: string;
  readonly entry: string;
  readonly grant: string | null;
  readonly moves: readonly { readonly debit: string; readonly credit: string; readonly amount: bigint }[];
};
export type PostingRow = { readonly transaction: string; readonly state: string; readonly amount: bigint; readonly receipt: string };
export type DepartmentRow = { readonly code: string; readonly url: string };

/** The hub's store, read by plain SQL beside the running hub: none of its own code is asked. */
export class BooksReader {
  readonly #db: Database.Database;

  constructor(hubDir: string) {
    this.#db = new Database(join(hubDir, 'hub.db'), { readonly: true });
    this.#db.defaultSafeIntegers(true);
  }

  close(): void {
    this.#db.close();
  }

  #all<T>(sql: string, ...values: readonly string[]): readonly T[] {
    return this.#db.prepare<string[], T>(sql).all(...values);
  }

  /** Number of the newest entry that the hub holds of the kiosk. */
  chainLength(kiosk: string): bigint {
    return this.#all<{ seq: bigint }>('SELECT seq FROM chain WHERE kiosk = ?', kiosk)[0]?.seq ?? 0n;
  }

  journals(kind: string): readonly SaleJournal[] {
    const moves = Map.groupBy(
      this.#all<{ journal: bigint; debit: string; credit: string; amount: bigint }>(
        'SELECT journal, debit, credit, amount FROM transfer ORDER BY journal, leg, part',
      ),
      (row) => row.journal,
    );
    return this.#all<{ number: bigint; transaction_id: string; entry_hash: string; grant_id: string | null }>(
      'SELECT number, transaction_id, entry_hash, grant_id FROM journal WHERE kind = ? ORDER BY number',
      kind,
    ).map((row) => ({
      transaction: row.transaction_id,
      entry: row.entry_hash,
      grant: row.grant_id,
      moves: (moves.get(row.number) ?? []).map(({ debit, credit, amount }) => ({ debit, credit, amount })),
    }));
  }

  /** Credits less debits of every account whose code begins so, posted only. */
  balance(prefix: string): bigint {
    const rows = this.#all<{ balance: bigint }>(
      'SELECT credits_posted - debits_posted AS balance FROM account WHERE substr(code, 1, length(?)) = ?',
      prefix,
      prefix,
    );
    return rows.reduce((sum, row) => sum + row.balance, 0n);
  }

  accounts(prefix: string): readonly { readonly code: string; readonly balance: bigint }[] {
    return this.#all('SELECT code, credits_posted - debits_posted AS balance FROM account WHERE substr(code, 1, length(?)) = ?', prefix, prefix);
  }

  grants(): readonly {
    readonly id: string;
    readonly kind: string;
    readonly state: string;
    readonly limit: bigint;
    readonly transaction: string | null;
  }[] {
    return this.#all('SELECT id, kind, state, limit_paise AS "limit", transaction_id AS "transaction" FROM grant_issued');
  }

  postings(): readonly PostingRow[] {
    return this.#all('SELECT transaction_id AS "transaction", state, amount_paise AS amount, receipt FROM posting');
  }

  departments(): readonly DepartmentRow[] {
    return this.#all('SELECT code, base_url AS url FROM department');
  }

  count(table: 'fork' | 'held_entry'): bigint {
    return this.#all<{ n: bigint }>(`SELECT count(*) AS n FROM ${table}`)[0]?.n ?? 0n;
  }
}

export type DepartmentPayment = {
  readonly requestId: string;
  readonly consumer: string;
  readonly billNumber: string;
  readonly amountPaise: string;
  readonly status: 'confirmed' | 'refused';
};

/** What a department itself has booked. */
export async function paymentsOf(url: string): Promise<readonly DepartmentPayment[]> {
  const answer = await fetch(`${url}/ledger`);
  return ((await answer.json()) as { readonly payments: readonly DepartmentPayment[] }).payments;
}

export async function orderDepartment(url: string, what: Readonly<Record<string, unknown>>): Promise<void> {
  const answer = await fetch(`${url}/control`, { method: 'POST', body: JSON.stringify(what) });
  if (answer.status !== 200) throw new Error(`the department refused the order: ${await answer.text()}`);
}
