import assert from 'node:assert/strict';
import { isPosted } from '../../../../hub-server/books/post-result.js';
import { draft, pending, posted, spec, transactionNumber, type BooksFactory } from '../fixtures.js';
import { BANK, NOWHERE, OTHER, OWED, PAYABLE, WALLET, counters, withBooks } from './world.js';

export function idempotencyContract(factory: BooksFactory): void {
  describe('requests that come again', () => {
    it('are told exists, with the journal as it was posted', async () => {
      await withBooks(factory, async (books) => {
        const sent = draft('topup:2', [{ ...posted(BANK, OTHER, 5n), id: transactionNumber(1), item: 'x' }], { refs: { reference: 'UTR, 1' } });
        const first = await books.postJournal(sent);
        const again = await books.postJournal({ ...sent, businessDate: '2026-11-23', at: 9 });
        assert.ok(isPosted(first) && isPosted(again));
        assert.deepEqual([first.result, again.result], ['created', 'exists']);
        assert.deepEqual({ ...again.journal, content: [...again.journal.content] }, { ...first.journal, content: [...first.journal.content] });
        assert.deepEqual(await counters(books, OTHER), [0n, 0n, 0n, 5n]);
      });
    });

    it('are found out within one batch too', async () => {
      await withBooks(factory, async (books) => {
        const sent = draft('topup:2', [posted(BANK, OTHER, 5n)]);
        const results = await books.postJournals([sent, sent, { ...sent, kind: 'SALE' }, draft('spend:1', [posted(OTHER, BANK, 5n)])]);
        assert.deepEqual(
          results.map((r) => r.result),
          ['created', 'exists', 'exists-with-different-kind', 'created'],
        );
        assert.deepEqual(await counters(books, OTHER), [0n, 5n, 0n, 5n]);
      });
    });

    it('stay refused when money comes too late: the key is burnt', async () => {
      await withBooks(factory, async (books) => {
        const tooMuch = draft('spend:1', [{ ...posted(OTHER, BANK, 5n), id: transactionNumber(5) }]);
        assert.equal((await books.postJournal(tooMuch)).result, 'exceeds-credits');
        await books.postJournal(draft('topup:2', [posted(BANK, OTHER, 500n)]));
        const again = await books.postJournal(tooMuch);
        assert.equal(again.result, 'id-already-failed');
        assert.ok('detail' in again && again.detail.includes('exceeds-credits'));
        const sameTransfer = await books.postJournal({ ...tooMuch, key: 'spend:2' });
        assert.equal(sameTransfer.result, 'id-already-failed');
        const fresh = await books.postJournal({ ...tooMuch, key: 'spend:3', transfers: [posted(OTHER, BANK, 5n)] });
        assert.equal(fresh.result, 'created');
      });
    });

    it('may be mended when they were refused for what they say, not for how the books stood', async () => {
      await withBooks(factory, async (books) => {
        assert.equal((await books.postJournal(draft('spend:1', [posted(WALLET, BANK, 0n)]))).result, 'amount-must-be-positive');
        assert.equal((await books.postJournal(draft('spend:1', [posted(WALLET, BANK, 1n)]))).result, 'created');
      });
    });
  });

  describe('a shortfall', () => {
    const sale = (key: string, amount: bigint, from = WALLET) =>
      draft(key, [{ ...posted(from, PAYABLE, amount), shortfall: { kind: 'from' as const, debit: OWED.code } }]);

    it('is taken from the stand-in, and a retry is the same request whatever is left', async () => {
      await withBooks(factory, async (books) => {
        const sales = [sale('sale:1', 700n), sale('sale:2', 700n), sale('sale:3', 700n)];
        const results = await books.postJournals(sales);
        const parts = results.map((r) => (isPosted(r) ? r.journal.transfers.map((t) => [t.part, t.amountPaise, t.id]) : []));
        assert.deepEqual(parts, [
          [['named', 700n, 'sale:1/1']],
          [
            ['named', 300n, 'sale:2/1'],
            ['stand-in', 400n, 'sale:2/1/rest'],
          ],
          [['stand-in', 700n, 'sale:3/1/rest']],
        ]);
        assert.deepEqual(
          (await books.postJournals(sales)).map((r) => r.result),
          ['exists', 'exists', 'exists'],
        );
        assert.deepEqual(
          [await counters(books, WALLET), await counters(books, OWED), await counters(books, PAYABLE)],
          [
            [0n, 1_000n, 0n, 1_000n],
            [0n, 1_100n, 0n, 0n],
            [0n, 0n, 0n, 2_100n],
          ],
        );
        const other = { ...sale('sale:1', 700n), transfers: [{ ...posted(WALLET, PAYABLE, 700n), shortfall: { kind: 'drop' as const } }] };
        assert.equal((await books.postJournal(other)).result, 'exists-with-different-shortfall');
        const elsewhere = {
          ...sale('sale:1', 700n),
          transfers: [{ ...posted(WALLET, PAYABLE, 700n), shortfall: { kind: 'from' as const, debit: BANK.code } }],
        };
        assert.equal((await books.postJournal(elsewhere)).result, 'exists-with-different-shortfall');
        const answers = ['sale:1/1', 'sale:1/1/rest', 'sale:2/1/rest', 'sale:3/1'].map((pendingId, i) =>
          draft(`void:${i}`, [{ kind: 'void-pending', pendingId }]),
        );
        assert.deepEqual(
          (await books.postJournals(answers)).map((r) => r.result.replace('pending-transfer-', '')),
          ['not-pending', 'not-found', 'not-pending', 'not-found'],
        );
      });
    });

    it('leaves alone what is held for another', async () => {
      await withBooks(factory, async (books) => {
        const [, sold] = await books.postJournals([draft('hold:1', [pending(WALLET, OTHER, 400n)]), sale('sale:1', 700n)]);
        assert.ok(sold !== undefined && isPosted(sold));
        assert.deepEqual(
          sold.journal.transfers.map((t) => t.amountPaise),
          [600n, 100n],
        );
      });
    });

    it('of a missing or closed account is the whole sum', async () => {
      await withBooks(factory, async (books) => {
        assert.equal((await books.postJournal(sale('sale:1', 5n, NOWHERE))).result, 'created');
        await books.closeAccount(WALLET.code);
        assert.equal((await books.postJournal(sale('sale:2', 6n))).result, 'created');
        assert.deepEqual(await counters(books, OWED), [0n, 11n, 0n, 0n]);
        assert.equal(await books.account(NOWHERE.code), undefined);
      });
    });

    it('may be dropped: what is there moves, even nothing, and a retry is the same request', async () => {
      await withBooks(factory, async (books) => {
        const empty = (key: string) => draft(key, [{ ...posted(WALLET, BANK, 5_000n), shortfall: { kind: 'drop' as const } }]);
        const results = await books.postJournals([empty('release:1'), empty('release:2'), empty('release:1'), empty('release:2')]);
        assert.deepEqual(
          results.map((r) => (isPosted(r) ? [r.result, ...r.journal.transfers.map((t) => t.amountPaise)] : r)),
          [['created', 1_000n], ['created'], ['exists', 1_000n], ['exists']],
        );
      });
    });

    it('never comes where no guard bounds the account', async () => {
      await withBooks(factory, async (books) => {
        const open = spec('1060:gateway-receivable:g1', 'debit');
        const result = await books.postJournal({ ...sale('sale:1', 5n, open), opens: [open] });
        assert.ok(isPosted(result));
        assert.deepEqual(
          result.journal.transfers.map((t) => t.debit),
          [open.code],
        );
      });
    });
  });
}
