import { z } from 'zod';
import { asNumber, type Sqlite } from '#platform/sqlite/open.js';

/** What a cell may be bound to. */
export type Cell = string | number | bigint | Uint8Array | null;
export type Cells = Readonly<Record<string, Cell>>;

/** A time, count or place: the store gives every INTEGER as bigint. */
export const smallColumn = z.bigint().transform(asNumber);
export const bytesColumn = z.instanceof(Uint8Array).transform((b) => Uint8Array.from(b));

/** The rows of a query, each checked: a row of another shape is a defect and throws. */
export function rowsOf<T>(db: Sqlite, shape: z.ZodType<T>, sql: string, cells: Cells): readonly T[] {
  return db
    .prepare<[Cells]>(sql)
    .all(cells)
    .map((row) => shape.parse(row));
}

/** The only row of a query, or undefined. */
export function rowOf<T>(db: Sqlite, shape: z.ZodType<T>, sql: string, cells: Cells): T | undefined {
  const row = db.prepare<[Cells]>(sql).get(cells);
  return row === undefined ? undefined : shape.parse(row);
}

/** Runs one statement and tells how many rows it changed. */
export function change(db: Sqlite, sql: string, cells: Cells): number {
  return db.prepare<[Cells]>(sql).run(cells).changes;
}

/** Runs `work` alone in the store: nothing of another connection falls between its reads and its writes. */
export function alone<T>(db: Sqlite, work: () => T): T {
  return db.transaction(work).immediate();
}
