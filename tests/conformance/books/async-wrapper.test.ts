import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { openSqlite, type Sqlite } from '#platform/sqlite/open.js';
import { SqliteBooks } from '../../../hub-server/books/sqlite/sqlite-books.js';
import { BANK, OTHER, WALLET } from '../../unit/books/contract/world.js';
import { JAIPUR, draft, posted, tempStore } from '../../unit/books/fixtures.js';

/** The shape of npm `sqlite` over one connection: every call is a promise that is settled in a later turn of the event loop. */
class PromisedDatabase {
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    this.#db = db;
  }

  async exec(sql: string): Promise<void> {
    await turn();
    this.#db.exec(sql);
  }

  async run(sql: string, ...params: readonly unknown[]): Promise<{ readonly changes: number }> {
    await turn();
    return { changes: this.#db.prepare(sql).run(...params).changes };
  }

  async get(sql: string, ...params: readonly unknown[]): Promise<unknown> {
    await turn();
    return this.#db
      .prepare(sql)
      .pluck()
      .get(...params);
  }
}

const WORLD = `CREATE TABLE wallet (kiosk TEXT PRIMARY KEY, paise INTEGER NOT NULL CHECK (paise >= 0));
  INSERT INTO wallet VALUES ('a', 1000), ('b', 0);`;

async function withPromises(test: (db: PromisedDatabase) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'jharokha-async-'));
  const db = openSqlite(join(folder, 'test.db'));
  try {
    db.exec(WORLD);
    await test(new PromisedDatabase(db));
  } finally {
    db.close();
    await rm(folder, { recursive: true });
  }
}

/** Says when a caller has reached a point, so that the tests order two callers without a clock. */
function gate(): { readonly open: () => void; readonly opened: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { open: resolve, opened: promise };
}

describe('why the books stand on a synchronous driver', () => {
  it('async wrapper: an acknowledged top-up falls into another caller’s transaction and is rolled back with it', async () => {
    await withPromises(async (db) => {
      const inside = gate();
      const toppedUp = gate();
      const sale = async (): Promise<void> => {
        await db.exec('BEGIN IMMEDIATE');
        await db.run("UPDATE wallet SET paise = paise - 700 WHERE kiosk = 'a'");
        inside.open();
        await toppedUp.opened;
        await db.exec('ROLLBACK');
      };
      const topup = async (): Promise<number> => {
        await inside.opened;
        const { changes } = await db.run("UPDATE wallet SET paise = paise + 5000 WHERE kiosk = 'b'");
        toppedUp.open();
        return changes;
      };
      const [, acknowledged] = await Promise.all([sale(), topup()]);
      assert.equal(acknowledged, 1, 'the bank was told: credited');
      assert.equal(await db.get("SELECT paise FROM wallet WHERE kiosk = 'b'"), 0n, 'and the money is gone');
    });
  });

  it('async wrapper: a reader sees, and may act on, money of a transaction that never commits', async () => {
    await withPromises(async (db) => {
      const inside = gate();
      const looked = gate();
      const transfer = async (): Promise<void> => {
        await db.exec('BEGIN IMMEDIATE');
        await db.run("UPDATE wallet SET paise = 9999 WHERE kiosk = 'b'");
        inside.open();
        await looked.opened;
        await db.exec('ROLLBACK');
      };
      const look = async (): Promise<unknown> => {
        await inside.opened;
        const seen = await db.get("SELECT paise FROM wallet WHERE kiosk = 'b'");
        looked.open();
        return seen;
      };
      const [, seen] = await Promise.all([transfer(), look()]);
      assert.equal(seen, 9999n);
      assert.equal(await db.get("SELECT paise FROM wallet WHERE kiosk = 'b'"), 0n);
    });
  });

  it('async wrapper: two callers who both begin properly still stop each other', async () => {
    await withPromises(async (db) => {
      const pay = async (kiosk: string): Promise<void> => {
        await db.exec('BEGIN IMMEDIATE');
        await db.run('UPDATE wallet SET paise = paise + 1 WHERE kiosk = ?', kiosk);
        await db.exec('COMMIT');
      };
      const outcomes = await Promise.allSettled([pay('a'), pay('b')]);
      const failed = outcomes.filter((o) => o.status === 'rejected');
      assert.equal(failed.length, 1);
      assert.match(String(failed[0]?.reason), /within a transaction/u);
    });
  });

  it('the books: callers that await each other’s turns never share a transaction, and a failing one takes only its own back', async () => {
    const store = await tempStore();
    try {
      const books = new SqliteBooks(store.db, JAIPUR);
      books.openAccounts([BANK, WALLET, OTHER], 1);
      const caller = async (n: number): Promise<string> => {
        await turn();
        const work = store.db.transaction((): string => {
          const [result] = books.postJournalsWithin([draft(`topup:${n}`, [posted(BANK, WALLET, 1n)])]);
          if (n % 3 === 0) throw new Error('the caller’s own table refused');
          return result?.result ?? '';
        });
        return work.immediate();
      };
      const outcomes = await Promise.allSettled(Array.from({ length: 300 }, (_, n) => caller(n)));
      const told = outcomes.filter((o) => o.status === 'fulfilled' && o.value === 'created').length;
      assert.equal(told, 200);
      assert.equal(books.account(WALLET.code)?.creditsPosted, 200n, 'what was acknowledged stands, what failed does not');
      assert.equal(books.position().lastNumber, 200n);
    } finally {
      await store.end();
    }
  });
});
