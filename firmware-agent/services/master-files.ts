import { asNumber, type Sqlite } from '#platform/sqlite/open.js';
import { bill, type Bill } from '#protocol/bill/bill.js';
import { encodeCbor, readCbor } from '#protocol/signing/cbor.js';

/** Departments' bills kept at the counter for the modes that do not ask the department. */
export class MasterFiles {
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    this.#db = db;
  }

  /** Version held whole; 0 when none is. */
  version(department: string): number {
    const row = this.#db.prepare<[string], { version: bigint }>('SELECT version FROM master WHERE department = ?').get(department);
    return asNumber(row?.version ?? 0n);
  }

  find(department: string, service: string, consumer: string): Bill | undefined {
    const row = this.#db
      .prepare<[string, string, number], { bill: Buffer }>('SELECT bill FROM master_bill WHERE service = ? AND consumer = ? AND version = ?')
      .get(service, consumer, this.version(department));
    const read = row === undefined ? undefined : readCbor(bill, row.bill);
    return read?.ok === true ? read.value : undefined;
  }

  /** Stores one part of a coming version beside the one in use. */
  storePart(department: string, version: number, bills: readonly Bill[]): void {
    const insert = this.#db.prepare('INSERT OR REPLACE INTO master_bill VALUES (?, ?, ?, ?, ?)');
    this.#db.transaction(() => {
      for (const one of bills) insert.run(department, one.service, one.consumer, version, encodeCbor(one));
    })();
  }

  /** The last part is here: the new version is used from now on and the old one goes. */
  finish(department: string, version: number, at: number): void {
    this.#db.transaction(() => {
      this.#db
        .prepare('INSERT INTO master VALUES (?, ?, ?) ON CONFLICT (department) DO UPDATE SET version = excluded.version, held_at = excluded.held_at')
        .run(department, version, at);
      this.#db.prepare('DELETE FROM master_bill WHERE department = ? AND version <> ?').run(department, version);
    })();
  }
}
