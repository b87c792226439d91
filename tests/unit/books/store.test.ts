import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asNumber, openSqlite } from '#platform/sqlite/open.js';
import type { Migration } from '../../../hub-server/store/migrations.js';
import { openStore } from '../../../hub-server/store/open-store.js';
import { HUB_MIGRATIONS } from '../../../hub-server/store/schema.js';

const one: Migration = { number: 1, name: 'one', sql: 'CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);' };
const two: Migration = { number: 2, name: 'two', sql: 'CREATE TABLE b (x INTEGER) STRICT; INSERT INTO b SELECT x + 1 FROM a;' };
const broken: Migration = { number: 3, name: 'broken', sql: 'CREATE TABLE c (x INTEGER) STRICT; INSERT INTO nowhere VALUES (1);' };

async function withFile(test: (path: string) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'jharokha-store-'));
  try {
    test(join(folder, 'hub.db'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function look(path: string): { readonly version: unknown; readonly tables: unknown } {
  const db = openSqlite(path);
  const version = db.pragma('user_version', { simple: true });
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all();
  db.close();
  return { version, tables };
}

function refusal(path: string, migrations: readonly Migration[]): string {
  const opened = openStore(path, migrations);
  if (!opened.ok) return `${opened.error.code}: ${opened.error.detail}`;
  opened.value.close();
  return 'opened';
}

describe('the hub store', () => {
  it('is made, opened again and brought forward', async () => {
    await withFile((path) => {
      assert.equal(refusal(path, [one]), 'opened');
      assert.deepEqual(look(path), { version: 1n, tables: ['a', 'migration'] });
      assert.equal(refusal(path, [one]), 'opened');
      assert.equal(refusal(path, [one, two]), 'opened');
      assert.deepEqual(look(path), { version: 2n, tables: ['a', 'b', 'migration'] });
    });
  });

  it('of a newer release is refused and left alone', async () => {
    await withFile((path) => {
      refusal(path, [one, two]);
      const before = look(path);
      assert.match(refusal(path, [one]), /^store-newer: the store is at schema 2, this program knows 1/u);
      assert.deepEqual(look(path), before);
    });
  });

  it('moves by all steps or none', async () => {
    await withFile((path) => {
      refusal(path, [one]);
      assert.throws(() => openStore(path, [one, two, broken]), /nowhere/u);
      assert.deepEqual(look(path), { version: 1n, tables: ['a', 'migration'] });
    });
  });

  it('is refused when a step was edited after it ran', async () => {
    await withFile((path) => {
      refusal(path, [one, two]);
      assert.match(refusal(path, [one, { ...two, sql: `${two.sql} -- more` }]), /^store-altered: schema step 2 \(two\)/u);
    });
  });

  it('never takes another program’s database for its own', async () => {
    await withFile((path) => {
      const db = openSqlite(path);
      db.exec('CREATE TABLE somebody (x INTEGER)');
      db.close();
      assert.match(refusal(path, [one]), /^store-foreign/u);
      assert.deepEqual(look(path), { version: 0n, tables: ['somebody'] });
      const marked = openSqlite(path);
      marked.exec('DROP TABLE somebody');
      marked.pragma('application_id = 5');
      marked.close();
      assert.match(refusal(path, [one]), /^store-foreign/u);
    });
  });

  it('numbers its steps without a gap', async () => {
    await withFile((path) => assert.throws(() => openStore(path, [two]), /numbered/u));
    assert.deepEqual(
      HUB_MIGRATIONS.map((m) => m.number),
      HUB_MIGRATIONS.map((_, i) => i + 1),
    );
  });

  it('gives times and counts back as numbers, and never a rounded one', () => {
    assert.equal(asNumber(1_795_330_800_000n), 1_795_330_800_000);
    assert.throws(() => asNumber(9_007_199_254_740_993n), /does not fit/u);
  });
});
