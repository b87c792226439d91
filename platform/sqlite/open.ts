import Database from 'better-sqlite3';

export type Sqlite = Database.Database;

/**
 * Opens a database that money may live in: write-ahead log, every commit flushed, integers as bigint, foreign keys held.
 * Throws when the file can not be opened or is not a database.
 */
export function openSqlite(path: string): Sqlite {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  db.pragma('busy_timeout = 5000');
  db.defaultSafeIntegers(true);
  return db;
}

/** A count, place or time read as bigint, as a plain number. Never for money. Throws beyond 2^53: such a count is a defect. */
export function asNumber(value: bigint): number {
  const plain = Number(value);
  if (!Number.isSafeInteger(plain)) throw new Error(`integer ${value} does not fit`);
  return plain;
}
