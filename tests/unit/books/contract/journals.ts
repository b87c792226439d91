import assert from 'node:assert/strict';
import { checkBooks } from '../../../../hub-server/books/audit.js';
import { mirrorOf } from '../../../../hub-server/books/journals.js';
import { totalsOf, trialBalance, trialBalanceText } from '../../../../hub-server/books/trial-balance.js';
import { draft, posted, transactionNumber, type BooksFactory } from '../fixtures.js';
import { BANK, NOWHERE, OTHER, OWED, PAYABLE, WALLET, counters, withBooks } from './world.js';

export function journalContract(factory: BooksFactory): void {
  describe('journals', () => {
    it('are posted whole or not at all: no transfer, no account, no number stays behind', async () => {
      await withBooks(factory, async (books) => {
        const before = await books.position();
        const transfers = [posted(WALLET, OTHER, 900n), posted(OTHER, NOWHERE, 5n), posted(WALLET, BANK, 101n)];
        const refused = await books.postJournal(draft('group:1', transfers, { opens: [NOWHERE] }));
        assert.deepEqual([refused.result, 'leg' in refused ? refused.leg : 0], ['exceeds-credits', 3]);
        assert.deepEqual(await books.position(), before);
        assert.equal((await books.postJournal(draft('group:2', transfers.slice(0, 2), { opens: [NOWHERE] }))).result, 'created');
        assert.deepEqual(await counters(books, NOWHERE), [0n, 0n, 0n, 5n]);
        assert.equal((await books.journal('group:2'))?.number, 2n);
      });
    });

    it('of a batch stand by themselves, each seeing those before it', async () => {
      await withBooks(factory, async (books) => {
        const results = await books.postJournals([
          draft('a:1', [posted(WALLET, OTHER, 1_000n)]),
          draft('a:2', [posted(WALLET, OTHER, 1n)]),
          draft('a:3', [posted(OTHER, WALLET, 400n)]),
          draft('a:4', [posted(WALLET, OTHER, 400n)]),
        ]);
        assert.deepEqual(
          results.map((r) => r.result),
          ['created', 'exceeds-credits', 'created', 'created'],
        );
        const numbers = (await books.journalsAfter(0n, 100)).map((j) => [j.number, j.key]);
        assert.deepEqual(numbers, [
          [1n, 'topup:first'],
          [2n, 'a:1'],
          [3n, 'a:3'],
          [4n, 'a:4'],
        ]);
        assert.deepEqual(
          (await books.journalsAfter(1n, 2)).map((j) => j.key),
          ['a:1', 'a:3'],
        );
      });
    });

    it('are found by key and by transaction, exactly as posted', async () => {
      await withBooks(factory, async (books) => {
        const refs = { transaction: transactionNumber(1), grant: 'g', entry: 'e', batch: 'b', reference: 'जयपुर "1"' };
        const first = await books.postJournal(
          draft('a:1', [{ ...posted(WALLET, OTHER, 1n), id: transactionNumber(5), item: 'i' }], { refs, kind: 'SALE' }),
        );
        await books.postJournal(draft('a:2', [posted(WALLET, OTHER, 1n)], { refs: { transaction: transactionNumber(1) } }));
        assert.ok('journal' in first);
        const found = await books.journal('a:1');
        assert.deepEqual({ ...found, content: undefined }, { ...first.journal, content: undefined });
        assert.deepEqual(
          (await books.journalsOfTransaction(transactionNumber(1))).map((j) => j.key),
          ['a:1', 'a:2'],
        );
        assert.deepEqual(await books.journalsOfTransaction(transactionNumber(2)), []);
        assert.equal(await books.journal('a:3'), undefined);
      });
    });

    it('are corrected only by their mirror, once, and the two net to zero (L5) [INV-17]', async () => {
      await withBooks(factory, async (books) => {
        await books.postJournal(draft('sale:1', [{ ...posted(WALLET, PAYABLE, 1_500n), shortfall: { kind: 'from', debit: OWED.code } }]));
        const original = await books.journal('sale:1');
        assert.ok(original !== undefined);
        const undo = draft('undo:1', mirrorOf(original), { reverses: 'sale:1' });
        const results = await books.postJournals([
          undo,
          undo,
          { ...undo, key: 'undo:2' },
          draft('undo:3', [posted(WALLET, PAYABLE, 1n)], { reverses: 'undo:1' }),
        ]);
        assert.deepEqual(
          results.map((r) => r.result),
          ['created', 'exists', 'already-reversed', 'original-is-a-reversal'],
        );
        assert.equal((await books.journal('undo:1'))?.reverses, 'sale:1');
        assert.deepEqual(await counters(books, WALLET), [0n, 1_000n, 0n, 2_000n]);
        assert.deepEqual(await counters(books, OWED), [0n, 500n, 0n, 500n]);
        assert.deepEqual(await checkBooks(books), []);
      });
    });

    it('can not be reversed when the money has moved on', async () => {
      await withBooks(factory, async (books) => {
        await books.postJournals([draft('sale:1', [posted(WALLET, PAYABLE, 500n)]), draft('remit:1', [posted(PAYABLE, BANK, 400n)])]);
        const undo = draft('undo:1', [posted(PAYABLE, WALLET, 500n)], { reverses: 'sale:1' });
        assert.equal((await books.postJournal(undo)).result, 'exceeds-credits');
      });
    });

    it('always balance: totals (L1) and trial balance', async () => {
      await withBooks(factory, async (books) => {
        await books.postJournal(draft('sale:1', [posted(WALLET, PAYABLE, 250n), posted(OWED, PAYABLE, 50n)]));
        const totals = totalsOf((await books.position()).accounts);
        assert.deepEqual(totals, { debitsPending: 0n, debitsPosted: 1_300n, creditsPending: 0n, creditsPosted: 1_300n });
        const tb = await trialBalance(books);
        assert.deepEqual([tb.balanced, tb.debitPaise, tb.creditPaise], ['balanced', 1_050n, 1_050n]);
        assert.deepEqual(
          trialBalanceText(tb)
            .split('\n')
            .filter((line) => /\d\.\d\d/u.test(line))
            .map((line) => line.split(/\s+/u)),
          [
            [BANK.code, '10.00', ''],
            [OWED.code, '0.50', ''],
            [WALLET.code, '7.50'],
            [PAYABLE.code, '3.00'],
            ['total', '10.50', '10.50'],
          ],
        );
      });
    });
  });
}
