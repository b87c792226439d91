import assert from 'node:assert/strict';
import { checkBooks } from '../../../../hub-server/books/audit.js';
import { AJMER, JAIPUR, draft, posted, spec, type BooksFactory } from '../fixtures.js';
import { BANK, CLOSED, NOWHERE, WALLET, counters, withBooks } from './world.js';

export function accountContract(factory: BooksFactory): void {
  describe('accounts', () => {
    it('open once and keep their identity', async () => {
      await withBooks(factory, async (books) => {
        const results = await books.openAccounts(
          [NOWHERE, WALLET, { ...WALLET, normal: 'debit' }, { ...WALLET, guard: 'none' }, { ...WALLET, normal: 'debit', guard: 'none' }],
          7,
        );
        assert.deepEqual(
          results.map((r) => r.result),
          ['created', 'exists', 'exists-with-different-normal', 'exists-with-different-guard', 'exists-with-different-normal'],
        );
        assert.equal((await books.account(WALLET.code))?.openedAt, 1);
        assert.equal((await books.account(NOWHERE.code))?.openedAt, 7);
        assert.deepEqual(await counters(books, WALLET), [0n, 0n, 0n, 1_000n]);
      });
    });

    it('are closed once, for ever', async () => {
      await withBooks(factory, async (books) => {
        assert.equal(await books.closeAccount(NOWHERE.code), 'account-not-found');
        assert.equal(await books.closeAccount(CLOSED.code), 'already-closed');
        assert.equal(await books.closeAccount(BANK.code), 'closed');
        assert.equal((await books.account(BANK.code))?.closed, 'closed');
      });
    });

    it('of two districts never meet, whatever their codes and keys', async () => {
      const world = await factory();
      try {
        const [jaipur, ajmer] = [world.of(JAIPUR), world.of(AJMER)];
        const opens = [BANK, WALLET];
        await jaipur.postJournal(draft('topup:same', [posted(BANK, WALLET, 5n)], { opens }));
        assert.equal(await ajmer.account(WALLET.code), undefined);
        const second = await ajmer.postJournal(draft('topup:same', [posted(BANK, WALLET, 7n)], { opens }));
        assert.equal(second.result, 'created');
        assert.deepEqual(await counters(jaipur, WALLET), [0n, 0n, 0n, 5n]);
        assert.deepEqual(await counters(ajmer, WALLET), [0n, 0n, 0n, 7n]);
        assert.deepEqual([await checkBooks(jaipur), await checkBooks(ajmer)], [[], []]);
        assert.equal((await ajmer.position()).lastNumber, 1n);
      } finally {
        await world.end();
      }
    });

    it('kept for one event leave the live list when they are empty', async () => {
      await withBooks(factory, async (books) => {
        const reserve = spec('2015:reserve:01JD0000000000000000000001', 'credit', 'debits-must-not-exceed-credits');
        await books.postJournal(draft('grant:1', [posted(WALLET, reserve, 10n)], { opens: [reserve] }));
        const live = async () => (await books.liveAccounts()).some((a) => a.code === reserve.code);
        assert.equal(await live(), true);
        await books.postJournal(draft('release:1', [posted(reserve, WALLET, 10n)]));
        assert.equal(await live(), false);
        const codes = (await books.liveAccounts()).map((a) => a.code);
        assert.deepEqual(codes, codes.toSorted());
        assert.ok((await books.position()).accounts.some((a) => a.code === reserve.code));
      });
    });
  });
}
