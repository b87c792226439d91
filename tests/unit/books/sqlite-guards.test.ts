import assert from 'node:assert/strict';
import type { Sqlite } from '#platform/sqlite/open.js';
import { checkBooks } from '../../../hub-server/books/audit.js';
import { SqliteBooks } from '../../../hub-server/books/sqlite/sqlite-books.js';
import { STATEMENT_SQL } from '../../../hub-server/books/sqlite/statements.js';
import { BANK, OTHER, WALLET } from './contract/world.js';
import { JAIPUR, draft, pending, posted, tempStore } from './fixtures.js';

async function withStore(test: (db: Sqlite, books: SqliteBooks) => Promise<void> | void): Promise<void> {
  const store = await tempStore();
  try {
    const books = new SqliteBooks(store.db, JAIPUR);
    books.openAccounts([BANK, WALLET, OTHER], 1);
    books.postJournals([
      draft('topup:1', [posted(BANK, WALLET, 1_000n)]),
      draft('sale:1', [posted(WALLET, OTHER, 300n)]),
      draft('hold:1', [pending(WALLET, OTHER, 50n)]),
      draft('take:1', [{ kind: 'post-pending', pendingId: 'hold:1/1', amountPaise: posted(WALLET, OTHER, 20n).amountPaise }]),
      draft('undo:1', [posted(OTHER, WALLET, 300n)], { reverses: 'sale:1' }),
      draft('spend:1', [posted(OTHER, BANK, 9_999n)]),
    ]);
    await test(store.db, books);
  } finally {
    await store.end();
  }
}

describe('the SQLite store guards the books by itself', () => {
  const refusals: readonly (readonly [string, string, RegExp])[] = [
    ['a changed transfer', 'UPDATE transfer SET amount = 1 WHERE journal = 1', /append-only/u],
    ['a removed transfer', 'DELETE FROM transfer WHERE journal = 1', /append-only/u],
    [
      'a replaced transfer',
      'INSERT OR REPLACE INTO transfer SELECT district, journal, leg, part, id, kind, debit, credit, 1, pending, item, 0, 0 FROM transfer',
      /append-only/u,
    ],
    ['a changed journal', "UPDATE journal SET business_date = '2020-01-01'", /append-only/u],
    ['a removed journal', 'DELETE FROM journal', /append-only/u],
    ['a forgotten refusal', 'DELETE FROM refused_id', /append-only/u],
    ['a changed refusal', "UPDATE refused_id SET code = 'x'", /append-only/u],
    ['a removed account', 'DELETE FROM account', /never removed/u],
    ['another guard', "UPDATE account SET guard = 'none'", /identity/u],
    ['another normal side', "UPDATE account SET normal = 'debit'", /identity/u],
    ['another code', "UPDATE account SET code = '2010:wallet:mine' WHERE code = '2010:wallet:d35k1111'", /identity/u],
    ['another district', "UPDATE account SET district = 'lgd:1'", /identity/u],
    ['falling debits', 'UPDATE account SET debits_posted = debits_posted - 1 WHERE debits_posted > 0', /never fall/u],
    ['falling credits', 'UPDATE account SET credits_posted = 0 WHERE credits_posted > 0', /never fall/u],
    ['an overdrawn wallet', "UPDATE account SET debits_posted = 5000 WHERE code = '2010:wallet:d35k1111'", /CHECK/u],
    ['an overdrawn wallet, by holds', "UPDATE account SET debits_pending = 5000 WHERE code = '2010:wallet:d35k1111'", /CHECK/u],
    [
      'a second reversal',
      "INSERT INTO journal SELECT district, 99, 'undo:2', kind, business_date, at, content, NULL, NULL, NULL, NULL, NULL, reverses FROM journal WHERE reverses IS NOT NULL",
      /UNIQUE/u,
    ],
    [
      'a second resolution',
      'INSERT INTO transfer SELECT district, journal, 2, part, id, kind, debit, credit, amount, pending, item, 0, 0 FROM transfer WHERE pending IS NOT NULL',
      /UNIQUE/u,
    ],
    [
      'a transfer to nowhere',
      "INSERT INTO transfer SELECT district, journal, 2, part, id, kind, debit, '2010:wallet:nobody', amount, pending, item, 0, 0 FROM transfer WHERE journal = 1",
      /FOREIGN KEY/u,
    ],
    [
      'a transfer of nothing',
      'INSERT INTO transfer SELECT district, journal, 2, part, id, kind, debit, credit, 0, pending, item, 0, 0 FROM transfer WHERE journal = 1',
      /CHECK/u,
    ],
    [
      'a text for a sum',
      "INSERT INTO transfer SELECT district, journal, 2, part, id, kind, debit, credit, 'x', pending, item, 0, 0 FROM transfer WHERE journal = 1",
      /cannot store TEXT/u,
    ],
  ];
  for (const [what, sql, message] of refusals) {
    it(`refuses ${what}`, async () => {
      await withStore((db) => {
        assert.throws(() => db.exec(sql), message);
      });
    });
  }

  it('lets a closed account stay closed', async () => {
    await withStore((db, books) => {
      books.closeAccount(OTHER.code);
      assert.throws(() => db.exec('UPDATE account SET closed = 0'), /stays closed/u);
    });
  });
});

describe('the audit', () => {
  const drop = (...triggers: readonly string[]): string => triggers.map((name) => `DROP TRIGGER ${name};`).join('');
  const openAccounts = drop('account_counters_only_rise', 'account_identity_is_never_changed');
  const openTransfers = drop('transfer_is_never_changed', 'transfer_is_never_removed');
  const openJournals = drop('journal_is_never_changed', 'journal_is_never_removed');
  const faults: readonly (readonly [string, string, string])[] = [
    [
      'a counter that its transfers do not make',
      `${openAccounts} UPDATE account SET credits_posted = credits_posted + 1 WHERE code = '2010:wallet:d35k1111'`,
      'I3,L1',
    ],
    ['a hold that nothing made', `${openAccounts} UPDATE account SET credits_pending = 7 WHERE code = '1010:bank:main'`, 'I3,L1'],
    ['an amount changed on disk', `${openTransfers} UPDATE transfer SET amount = 999 WHERE journal = 1`, 'I3'],
    [
      'an amount and all balances changed',
      `${openTransfers} UPDATE transfer SET amount = 100, debit_balance = 100, credit_balance = 100 WHERE journal = 1`,
      'I1,I3',
    ],
    ['a kept balance changed', `${openTransfers} UPDATE transfer SET credit_balance = 0 WHERE journal = 2`, 'I3'],
    ['a transfer taken out', `${openTransfers} DELETE FROM transfer WHERE journal = 5`, 'I3,L5'],
    ['two parties swapped', `${openTransfers} UPDATE transfer SET debit = credit, credit = debit WHERE journal = 2`, 'I1,I3,L5'],
    ['a hold made good by another pair', `${openTransfers} UPDATE transfer SET debit = '1010:bank:main' WHERE journal = 4`, 'I3'],
    ['a hold posted beyond its sum', `${openTransfers} UPDATE transfer SET amount = 60 WHERE journal = 4`, 'I3'],
    [
      'a hold resolved twice',
      'DROP INDEX transfer_resolved_once; INSERT INTO transfer SELECT district, journal, 2, part, id, kind, debit, credit, amount, pending, item, 660, 340 FROM transfer WHERE pending IS NOT NULL',
      'I3',
    ],
    [
      'a journal taken out',
      `PRAGMA foreign_keys = OFF; ${openJournals}${openTransfers} DELETE FROM transfer WHERE journal = 3; DELETE FROM journal WHERE number = 3`,
      'I3',
    ],
    [
      'the last journal taken out',
      `PRAGMA foreign_keys = OFF; ${openJournals}${openTransfers} DELETE FROM transfer WHERE journal = 5; DELETE FROM journal WHERE number = 5`,
      'I3',
    ],
    ['a reversal of another journal', `${openJournals} UPDATE journal SET reverses = 'topup:1' WHERE number = 5`, 'L5'],
    ['a reversal of a reversal', `${openJournals} UPDATE journal SET reverses = 'undo:1' WHERE number = 4`, 'L5'],
    ['a guard that the chart does not know', `${openAccounts} UPDATE account SET guard = 'none' WHERE code = '2010:wallet:d35k1111'`, 'L2'],
  ];
  it('is quiet about sound books', async () => {
    await withStore(async (_db, books) => assert.deepEqual(await checkBooks(books), []));
  });
  for (const [what, sql, expected] of faults) {
    it(`finds ${what}`, async () => {
      await withStore(async (db, books) => {
        db.exec(sql);
        const found = await checkBooks(books);
        assert.ok(found.length > 0 && found.every((f) => f.where !== '' && f.detail !== ''));
        if (what === 'a hold resolved twice') assert.ok(found.some((f) => f.detail.includes('was resolved already by')));
        const kinds = [...new Set(found.map((f) => f.invariant))].toSorted().join(',');
        assert.equal(kinds, expected, JSON.stringify(found, null, 1));
      });
    });
  }
});

describe('a page of a statement', () => {
  it('is read from the account’s own index, in order, without sorting', async () => {
    await withStore((db) => {
      const asked = { district: JAIPUR, account: WALLET.code, number: 0n, leg: 0, part: 0, from: '', to: '9', limit: 5 };
      const plan = db.prepare<[typeof asked], { readonly detail: string }>(`EXPLAIN QUERY PLAN ${STATEMENT_SQL}`).all(asked);
      const details = plan.map((row) => row.detail).join('\n');
      for (const side of ['debit', 'credit'])
        assert.match(details, new RegExp(`INDEX transfer_${side} \\(district=\\? AND ${side}=\\? AND \\(journal,leg,part\\)>`, 'u'));
      assert.doesNotMatch(details, /TEMP B-TREE|SCAN/u);
    });
  });
});

describe('posting within a caller’s transaction', () => {
  it('stands or falls with it, burnt keys too', async () => {
    await withStore((db, books) => {
      const before = books.position();
      const sale = draft('sale:2', [posted(WALLET, OTHER, 5n)]);
      const tooMuch = draft('sale:3', [posted(WALLET, OTHER, 50_000n)]);
      const fail = db.transaction(() => {
        const results = books.postJournalsWithin([sale, tooMuch]);
        assert.deepEqual(
          results.map((r) => r.result),
          ['created', 'exceeds-credits'],
        );
        books.openAccounts([{ ...WALLET, code: '2010:wallet:new' as typeof WALLET.code }], 1);
        throw new Error('the disk of the caller is full');
      });
      assert.throws(fail, /disk of the caller/u);
      assert.deepEqual(books.position(), before);
      db.exec('CREATE TABLE other (x INTEGER)');
      const succeed = db.transaction(() => {
        db.exec('INSERT INTO other VALUES (1)');
        return [...books.postJournalsWithin([tooMuch]), ...books.postJournalsWithin([sale]), ...books.postJournalsWithin([sale])].map(
          (r) => r.result,
        );
      });
      assert.deepEqual(succeed.immediate(), ['exceeds-credits', 'created', 'exists']);
      assert.equal(books.postJournal(tooMuch).result, 'id-already-failed');
    });
  });

  it('is a defect outside of one, as an own transaction is inside', async () => {
    await withStore((db, books) => {
      assert.throws(() => books.postJournalsWithin([]), /inside an open transaction/u);
      const nested = db.transaction(() => books.postJournals([]));
      assert.throws(nested, /open already/u);
    });
  });
});
