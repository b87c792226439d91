import { openSqlite, type Sqlite } from '#platform/sqlite/open.js';
import { err, ok, type Failure, type Result } from '#protocol/result/result.js';
import { migrate, type Migration, type MigrationError } from './migrations.js';
import { HUB_MIGRATIONS } from './schema.js';

/**
 * Opens the hub's store and brings its schema up to date. On a refusal the file is closed again, untouched.
 * Delete triggers fire on REPLACE too, so that no conflict clause can slip a row out of an append-only table.
 */
export function openStore(path: string, migrations: readonly Migration[] = HUB_MIGRATIONS): Result<Sqlite, Failure<MigrationError>> {
  const db = openSqlite(path);
  db.pragma('recursive_triggers = ON');
  const migrated = migrate(db, migrations);
  if (migrated.ok) return ok(db);
  db.close();
  return err(migrated.error);
}
