import { asNumber, type Sqlite } from '#platform/sqlite/open.js';
import { serialRange, serialsOf } from '#protocol/ledger/form-serial.js';
import type { EntryBody } from '#protocol/ledger/entry.js';
import { assert, failure, ok, type Failure, type Result } from '#protocol/result/result.js';

/** Pre-printed forms of one printer, counted: `loaded` = `printed` + `unsure` + `spoilt` + `left`. */
export type FormCounts = {
  readonly loaded: number;
  readonly printed: number;
  /** A paper was begun on it and nobody has said what came out. */
  readonly unsure: number;
  readonly spoilt: number;
  readonly left: number;
};

type FormState = 'left' | 'taken' | 'printed' | 'unknown' | 'spoilt';
type FormBody = Extract<EntryBody, { kind: 'stock-loaded' | 'form-used' | 'forms-spoilt' }>;

/** One row a form, made anew from the chain at start like every read model. `place` is the order of loading. */
export const FORM_TABLE = `
CREATE TABLE form (
  printer TEXT NOT NULL, serial TEXT NOT NULL, place INTEGER NOT NULL, state TEXT NOT NULL, txn TEXT, copy INTEGER, PRIMARY KEY (printer, serial)
) STRICT, WITHOUT ROWID;
CREATE INDEX form_by_state ON form (printer, state, place, serial);
CREATE INDEX form_by_paper ON form (txn, copy);
`;

/** Brings the forms up to one more entry; the range was checked when the entry was read. */
export function projectForms(db: Sqlite, seq: number, body: FormBody): void {
  if (body.kind === 'form-used') {
    db.prepare("UPDATE form SET state = 'taken', txn = ?, copy = ? WHERE printer = ? AND serial = ?").run(
      body.transaction,
      body.copy,
      body.printer,
      body.serial,
    );
    return;
  }
  const range = serialRange(body.first, body.last);
  assert(range.ok, 'an entry of forms is read only with a range');
  // Loaded again: one of which nobody knew what became was found unused.
  const change =
    body.kind === 'stock-loaded'
      ? db.prepare(
          "INSERT INTO form VALUES (?, ?, ?, 'left', NULL, NULL) ON CONFLICT DO UPDATE SET state = 'left', txn = NULL, copy = NULL WHERE state = 'unknown'",
        )
      : db.prepare("INSERT INTO form VALUES (?, ?, ?, 'spoilt', NULL, NULL) ON CONFLICT DO UPDATE SET state = 'spoilt'");
  for (const serial of serialsOf(range.value)) change.run(body.printer, serial, seq);
}

/** What became of a paper becomes of its forms; a paper that never started leaves them in the printer. A spoilt one stays spoilt. */
export function projectFormsOfPaper(db: Sqlite, paper: { readonly transaction: string; readonly copy: number; readonly outcome: string }): void {
  const started = paper.outcome !== 'not-started';
  db.prepare(
    started
      ? "UPDATE form SET state = ? WHERE txn = ? AND copy = ? AND state <> 'spoilt'"
      : "UPDATE form SET state = ?, txn = NULL, copy = NULL WHERE txn = ? AND copy = ? AND state <> 'spoilt'",
  ).run(started ? paper.outcome : 'left', paper.transaction, paper.copy);
}

/** The forms of a kiosk's printers as the chain tells them. */
export class Stock {
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    this.#db = db;
  }

  counts(printer: string): FormCounts {
    const rows = this.#db
      .prepare<[string], { state: FormState; n: bigint }>('SELECT state, count(*) AS n FROM form WHERE printer = ? GROUP BY state')
      .all(printer);
    const of = (...states: readonly FormState[]): number =>
      rows.filter(({ state }) => states.includes(state)).reduce((sum, { n }) => sum + asNumber(n), 0);
    return {
      loaded: of('left', 'taken', 'printed', 'unknown', 'spoilt'),
      printed: of('printed'),
      unsure: of('taken', 'unknown'),
      spoilt: of('spoilt'),
      left: of('left'),
    };
  }

  left(printer: string): number {
    const row = this.#db.prepare<[string], { n: bigint }>("SELECT count(*) AS n FROM form WHERE printer = ? AND state = 'left'").get(printer);
    return asNumber(row?.n ?? 0n);
  }

  /** The forms that lie in the printer next, in the order in which their packs were loaded. */
  next(printer: string, count: number): readonly string[] {
    return this.#list(printer, 'left', count);
  }

  /** Of which nobody has said what became, oldest first. */
  unsure(printer: string, limit: number): readonly string[] {
    return this.#list(printer, 'unknown', limit);
  }

  /** Whether a paper was begun on a form of which nobody has said what became. */
  hasUnsure(transaction: string, copy: number): boolean {
    return this.#db.prepare("SELECT 1 FROM form WHERE txn = ? AND copy = ? AND state IN ('taken', 'unknown')").get(transaction, copy) !== undefined;
  }

  /** A pack may be loaded when none of its forms was printed or spoilt. */
  canLoad(printer: string, first: string, last: string): Result<void, Failure<'not-serial' | 'not-range' | 'used'>> {
    const states = this.#states(printer, first, last);
    if (!states.ok) return states;
    const used = states.value.find(({ state }) => state === 'printed' || state === 'spoilt' || state === 'taken');
    return used === undefined ? ok(undefined) : failure('used', used.serial);
  }

  /** Only what was loaded can be spoilt, and only once; a printed one too, when its print was no good. */
  canSpoil(printer: string, first: string, last: string): Result<void, Failure<'not-serial' | 'not-range' | 'used'>> {
    const states = this.#states(printer, first, last);
    if (!states.ok) return states;
    const not = states.value.find(({ state }) => state === undefined || state === 'spoilt' || state === 'taken');
    return not === undefined ? ok(undefined) : failure('used', not.serial);
  }

  #list(printer: string, state: FormState, limit: number): readonly string[] {
    return this.#db
      .prepare<[string, string, number], { serial: string }>('SELECT serial FROM form WHERE printer = ? AND state = ? ORDER BY place, serial LIMIT ?')
      .all(printer, state, limit)
      .map(({ serial }) => serial);
  }

  #states(
    printer: string,
    first: string,
    last: string,
  ): Result<readonly { readonly serial: string; readonly state: FormState | undefined }[], Failure<'not-serial' | 'not-range'>> {
    const range = serialRange(first, last);
    if (!range.ok) return range;
    const find = this.#db.prepare<[string, string], { state: FormState }>('SELECT state FROM form WHERE printer = ? AND serial = ?');
    return ok(serialsOf(range.value).map((serial) => ({ serial, state: find.get(printer, serial)?.state })));
  }
}
