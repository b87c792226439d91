import { asNumber, type Sqlite } from '#platform/sqlite/open.js';
import type { DepartmentCode } from '#protocol/identity/identity.js';

/** A person as a department numbers them: another department may give the same number to somebody else. */
export type Person = { readonly department: DepartmentCode; readonly consumer: string };

/**
 * Whose finger stands on which page of which reader. The template itself never leaves the reader; its SHA-256 tells whether the page still holds what
 * was enrolled, whatever became of the module meanwhile.
 */
export type KnownFinger = Person & { readonly reader: string; readonly page: number; readonly template: Uint8Array; readonly at: number };

type Row = { reader: string; page: bigint; department: DepartmentCode; consumer: string; template: Buffer; at: bigint };

/** The people whose fingers this counter's own readers know. Local to the machine: not in the chain, and gone with it. */
export class Fingers {
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    this.#db = db;
  }

  all(reader: string): readonly KnownFinger[] {
    return this.#db.prepare<[string], Row>('SELECT * FROM finger WHERE reader = ? ORDER BY page').all(reader).map(known);
  }

  /** Fingers of one person, newest first: a second finger is enrolled for the day when the first is cut. */
  of(reader: string, { department, consumer }: Person): readonly KnownFinger[] {
    return this.#db
      .prepare<[string, string, string], Row>('SELECT * FROM finger WHERE reader = ? AND department = ? AND consumer = ? ORDER BY at DESC, page DESC')
      .all(reader, department, consumer)
      .map(known);
  }

  /** The lowest page that nobody has; undefined when the reader is full. */
  freePage(reader: string, capacity: number): number | undefined {
    const taken = new Set(this.all(reader).map(({ page }) => page));
    for (let page = 0; page < capacity; page += 1) if (!taken.has(page)) return page;
    return undefined;
  }

  put(finger: KnownFinger): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO finger (reader, page, department, consumer, template, at) VALUES (?, ?, ?, ?, ?, ?)')
      .run(finger.reader, finger.page, finger.department, finger.consumer, finger.template, finger.at);
  }

  erase(reader: string, page: number): void {
    this.#db.prepare('DELETE FROM finger WHERE reader = ? AND page = ?').run(reader, page);
  }
}

function known({ page, template, at, ...rest }: Row): KnownFinger {
  return { ...rest, page: asNumber(page), template: Uint8Array.from(template), at: asNumber(at) };
}
