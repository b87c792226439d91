import assert from 'node:assert/strict';
import { paise } from '#protocol/money/paise.js';
import { checkBooks } from '../../../../hub-server/books/audit.js';
import { isPosted } from '../../../../hub-server/books/post-result.js';
import { draft, pending, posted, transactionNumber, type BooksFactory } from '../fixtures.js';
import { BANK, CASH, OTHER, WALLET, counters, withBooks } from './world.js';

const post = (pendingId: string, amount: bigint) => ({ kind: 'post-pending', pendingId, amountPaise: paise(amount) }) as const;
const cancel = (pendingId: string) => ({ kind: 'void-pending', pendingId }) as const;

export function twoPhaseContract(factory: BooksFactory): void {
  describe('two phases', () => {
    it('reserve, then post a part: the rest returns', async () => {
      await withBooks(factory, async (books) => {
        await books.postJournal(draft('hold:1', [{ ...pending(WALLET, OTHER, 600n), id: transactionNumber(1) }]));
        assert.deepEqual(await counters(books, WALLET), [600n, 0n, 0n, 1_000n]);
        assert.deepEqual(await counters(books, OTHER), [0n, 0n, 600n, 0n]);
        const result = await books.postJournal(draft('take:1', [post(transactionNumber(1), 250n)]));
        assert.ok(isPosted(result));
        const [transfer] = result.journal.transfers;
        assert.deepEqual([transfer?.debit, transfer?.credit, transfer?.amountPaise], [WALLET.code, OTHER.code, 250n]);
        assert.deepEqual([transfer?.debitBalancePaise, transfer?.creditBalancePaise], [750n, 250n]);
        assert.deepEqual(await counters(books, WALLET), [0n, 250n, 0n, 1_000n]);
        assert.deepEqual(await counters(books, OTHER), [0n, 0n, 0n, 250n]);
        assert.deepEqual(await checkBooks(books), []);
      });
    });

    it('reserve, then void: all returns', async () => {
      await withBooks(factory, async (books) => {
        await books.postJournals([draft('hold:1', [pending(WALLET, OTHER, 600n)]), draft('void:1', [cancel('hold:1/1')])]);
        assert.deepEqual(await counters(books, WALLET), [0n, 0n, 0n, 1_000n]);
        assert.deepEqual(await counters(books, OTHER), [0n, 0n, 0n, 0n]);
        assert.deepEqual(await checkBooks(books), []);
      });
    });

    it('hold money that nothing else may take, and credit nothing before it is posted', async () => {
      await withBooks(factory, async (books) => {
        await books.postJournal(draft('hold:1', [pending(WALLET, OTHER, 600n)]));
        assert.equal((await books.postJournal(draft('spend:1', [posted(WALLET, BANK, 401n)]))).result, 'exceeds-credits');
        assert.equal((await books.postJournal(draft('spend:2', [posted(OTHER, BANK, 1n)]))).result, 'exceeds-credits');
        assert.equal((await books.postJournal(draft('spend:3', [posted(WALLET, BANK, 400n)]))).result, 'created');
      });
    });

    it('bound credits likewise', async () => {
      await withBooks(factory, async (books) => {
        await books.postJournal(draft('cash:1', [posted(CASH, BANK, 100n), pending(BANK, CASH, 60n)]));
        assert.equal((await books.postJournal(draft('cash:2', [posted(BANK, CASH, 41n)]))).result, 'exceeds-debits');
        assert.equal((await books.postJournal(draft('cash:3', [posted(BANK, CASH, 40n)]))).result, 'created');
      });
    });

    it('work within one journal and within one batch', async () => {
      await withBooks(factory, async (books) => {
        const results = await books.postJournals([
          draft('both:1', [pending(WALLET, OTHER, 100n), post('both:1/1', 60n)]),
          draft('both:2', [pending(WALLET, OTHER, 100n)]),
          draft('both:3', [cancel('both:2/1')]),
          draft('both:4', [post('both:2/1', 1n)]),
          draft('both:5', [cancel('both:1/1')]),
        ]);
        assert.deepEqual(
          results.map((r) => r.result),
          ['created', 'created', 'created', 'already-voided', 'already-posted'],
        );
        assert.deepEqual(await counters(books, WALLET), [0n, 60n, 0n, 1_000n]);
        assert.deepEqual(await checkBooks(books), []);
      });
    });

    it('leave no trace of a resolution whose journal was refused', async () => {
      await withBooks(factory, async (books) => {
        await books.postJournal(draft('hold:1', [pending(WALLET, OTHER, 600n)]));
        const refused = await books.postJournals([
          draft('take:1', [post('hold:1/1', 600n), posted(OTHER, BANK, 601n)]),
          draft('take:2', [post('hold:1/1', 600n), posted(OTHER, BANK, 600n)]),
        ]);
        assert.deepEqual(
          refused.map((r) => r.result),
          ['exceeds-credits', 'created'],
        );
        assert.equal(refused.map((r) => ('leg' in r ? r.leg : undefined))[0], 2);
      });
    });

    it('of a refused journal were never made, for the rest of the batch and after it', async () => {
      await withBooks(factory, async (books) => {
        const refused = draft('hold:1', [pending(WALLET, OTHER, 600n), posted(OTHER, BANK, 1n)]);
        const results = await books.postJournals([refused, draft('take:1', [post('hold:1/1', 600n)])]);
        assert.deepEqual(
          results.map((r) => r.result),
          ['exceeds-credits', 'pending-transfer-not-found'],
        );
        assert.equal((await books.postJournal(draft('take:2', [cancel('hold:1/1')]))).result, 'pending-transfer-not-found');
      });
    });

    it('of a closed account can be voided, not posted', async () => {
      await withBooks(factory, async (books) => {
        await books.postJournal(draft('hold:1', [pending(WALLET, OTHER, 600n)]));
        await books.closeAccount(OTHER.code);
        assert.equal((await books.postJournal(draft('take:1', [post('hold:1/1', 600n)]))).result, 'account-closed');
        assert.equal((await books.postJournal(draft('void:1', [cancel('hold:1/1')]))).result, 'created');
        assert.deepEqual(await counters(books, WALLET), [0n, 0n, 0n, 1_000n]);
      });
    });
  });
}
