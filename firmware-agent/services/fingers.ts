import { asNumber, type Sqlite } from '#platform/sqlite/open.js';

/** Whose finger stands on which page of which reader. The template itself never leaves the reader. */
export type KnownFinger = { readonly reader: string; readonly page: number; readonly consumer: string; readonly at: number };

type Row = { reader: string; page: bigint; consumer: string; at: bigint };

/** The people whose fingers this counter's own readers know. Local to the machine: not in the chain, and gone with it. */
export class Fingers {
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    this.#db = db;
  }

  all(reader: string): readonly KnownFinger[] {
    return this.#db.prepare<[string], Row>('SELECT * FROM finger WHERE reader = ? ORDER BY page').all(reader).map(known);
  }

  /** Pages of one person, newest first: a second finger is enrolled for the day when the first is cut. */
  pagesOf(reader: string, consumer: string): readonly number[] {
    return this.#db
      .prepare<[string, string], Row>('SELECT * FROM finger WHERE reader = ? AND consumer = ? ORDER BY at DESC, page DESC')
      .all(reader, consumer)
      .map(({ page }) => asNumber(page));
  }

  /** The lowest page that nobody has; undefined when the reader is full. */
  freePage(reader: string, capacity: number): number | undefined {
    const taken = new Set(this.all(reader).map(({ page }) => page));
    for (let page = 0; page < capacity; page += 1) if (!taken.has(page)) return page;
    return undefined;
  }

  put(finger: KnownFinger): void {
    this.#db
      .prepare('INSERT INTO finger VALUES (?, ?, ?, ?) ON CONFLICT (reader, page) DO UPDATE SET consumer = excluded.consumer, at = excluded.at')
      .run(finger.reader, finger.page, finger.consumer, finger.at);
  }

  erase(reader: string, page: number): void {
    this.#db.prepare('DELETE FROM finger WHERE reader = ? AND page = ?').run(reader, page);
  }
}

function known({ reader, page, consumer, at }: Row): KnownFinger {
  return { reader, page: asNumber(page), consumer, at: asNumber(at) };
}
