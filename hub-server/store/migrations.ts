import { createHash } from 'node:crypto';
import { asNumber, type Sqlite } from '#platform/sqlite/open.js';
import { assert, failure, ok, type Failure, type Result } from '#protocol/result/result.js';

/**
 * One step of the hub's schema. Numbers run 1, 2, 3, … without a gap. A step that has left the house is never edited: add another.
 * `sql` may hold many statements; it runs inside the one transaction of `migrate`, so it must not begin or end one.
 */
export type Migration = { readonly number: number; readonly name: string; readonly sql: string };

export type MigrationReport = { readonly from: number; readonly to: number };

export type MigrationError = 'store-newer' | 'store-foreign' | 'store-altered';

/** `JHUB` in ASCII, in the SQLite header: this file is a district hub's store and no other SQLite database. */
export const HUB_APPLICATION_ID = 0x4a485542n;

/**
 * Brings a database to the newest schema, all steps or none, in one transaction that also moves `user_version`. Safe to run at every start.
 * `store-newer`: a later release has written here. `store-foreign`: not a hub's database. `store-altered`: a step was edited after it ran here.
 * Throws when a step's SQL fails; nothing of it stays.
 */
export function migrate(db: Sqlite, migrations: readonly Migration[]): Result<MigrationReport, Failure<MigrationError>> {
  assert(
    migrations.every((m, i) => m.number === i + 1),
    'migrations are numbered 1, 2, 3, … in order',
  );
  const run = db.transaction((): Result<MigrationReport, Failure<MigrationError>> => {
    const foreign = foreignFault(db);
    if (foreign !== undefined) return failure('store-foreign', foreign);
    const from = asNumber(pragma(db, 'user_version'));
    if (from > migrations.length) {
      return failure(
        'store-newer',
        `the store is at schema ${from}, this program knows ${migrations.length}: run the newer release, or restore a backup`,
      );
    }
    const altered = alteredFault(db, migrations.slice(0, from));
    if (altered !== undefined) return failure('store-altered', altered);
    for (const migration of migrations.slice(from)) apply(db, migration);
    return ok({ from, to: migrations.length });
  });
  return run.immediate();
}

function apply(db: Sqlite, migration: Migration): void {
  if (migration.number === 1) {
    db.pragma(`application_id = ${HUB_APPLICATION_ID}`);
    db.exec('CREATE TABLE migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL) STRICT');
  }
  db.exec(migration.sql);
  db.prepare('INSERT INTO migration (number, name, digest) VALUES (?, ?, ?)').run(migration.number, migration.name, digest(migration));
  db.pragma(`user_version = ${migration.number}`);
}

function digest(migration: Migration): string {
  return createHash('sha256').update(migration.sql).digest('hex');
}

function foreignFault(db: Sqlite): string | undefined {
  const id = pragma(db, 'application_id');
  if (id === HUB_APPLICATION_ID) return undefined;
  if (id !== 0n) return 'the file is another program’s SQLite database';
  const tables = db.prepare<[], { readonly n: bigint }>('SELECT count(*) AS n FROM sqlite_schema').get();
  return tables?.n === 0n ? undefined : 'the file already holds tables that are not a hub’s';
}

function alteredFault(db: Sqlite, ran: readonly Migration[]): string | undefined {
  if (ran.length === 0) return undefined;
  const rows = db.prepare<[], { readonly digest: string }>('SELECT digest FROM migration ORDER BY number').all();
  const changed = ran.find((migration, i) => rows[i]?.digest !== digest(migration));
  return changed && `schema step ${changed.number} (${changed.name}) was edited after it ran on this store`;
}

function pragma(db: Sqlite, name: 'user_version' | 'application_id'): bigint {
  const value: unknown = db.pragma(name, { simple: true });
  return typeof value === 'bigint' ? value : BigInt(typeof value === 'number' ? value : 0);
}
