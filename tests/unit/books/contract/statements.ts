import assert from 'node:assert/strict';
import type { StatementCursor, StatementLine } from '../../../../hub-server/books/books.js';
import { draft, pending, posted, sure, type BooksFactory } from '../fixtures.js';
import { BANK, NOWHERE, OTHER, WALLET, withBooks } from './world.js';

const brief = (line: StatementLine) => [line.number, line.leg, line.side, line.amountPaise, line.balancePaise];

export function statementContract(factory: BooksFactory): void {
  describe('statements', () => {
    const history = [
      draft('topup:2', [posted(BANK, WALLET, 500n)], { businessDate: '2026-11-23', refs: { reference: 'UTR2' } }),
      draft('spend:1', [{ ...posted(WALLET, BANK, 200n), item: 'a' }, posted(WALLET, OTHER, 100n), posted(OTHER, WALLET, 30n)], {
        businessDate: '2026-11-24',
      }),
      draft('hold:1', [pending(WALLET, OTHER, 50n)], { businessDate: '2026-11-24' }),
      draft('take:1', [{ kind: 'post-pending', pendingId: 'hold:1/1', amountPaise: posted(WALLET, OTHER, 20n).amountPaise }], {
        businessDate: '2026-11-25',
      }),
      draft('late:1', [posted(WALLET, BANK, 10n)], { businessDate: '2026-11-23' }),
    ];
    const all = [
      [1n, 1, 'credit', 1_000n, 1_000n],
      [2n, 1, 'credit', 500n, 1_500n],
      [3n, 1, 'debit', 200n, 1_300n],
      [3n, 2, 'debit', 100n, 1_200n],
      [3n, 3, 'credit', 30n, 1_230n],
      [5n, 1, 'debit', 20n, 1_210n],
      [6n, 1, 'debit', 10n, 1_200n],
    ];

    it('show every posted movement with the balance it left', async () => {
      await withBooks(factory, async (books) => {
        await books.postJournals(history);
        const statement = await books.statement({ account: WALLET.code, limit: 100 });
        assert.deepEqual(statement?.lines.map(brief), all);
        assert.deepEqual([statement?.openingPaise, statement?.next], [0n, undefined]);
        const [, topup, spend] = statement?.lines ?? [];
        assert.deepEqual(
          [topup?.kind, topup?.refs, topup?.counterAccount, topup?.transferId],
          ['TOPUP', { reference: 'UTR2' }, BANK.code, 'topup:2/1'],
        );
        assert.equal(spend?.item, 'a');
      });
    });

    it('take days, both included, and open with the balance before the first line', async () => {
      await withBooks(factory, async (books) => {
        await books.postJournals(history);
        const statement = await books.statement({ account: WALLET.code, from: '2026-11-24', to: '2026-11-25', limit: 100 });
        assert.deepEqual(statement?.lines.map(brief), all.slice(2, 6));
        assert.equal(statement?.openingPaise, 1_500n);
        const day = await books.statement({ account: WALLET.code, from: '2026-11-23', to: '2026-11-23', limit: 100 });
        assert.deepEqual(day?.lines.map(brief), [all[1], all[6]]);
        const bank = await books.statement({ account: BANK.code, from: '2026-11-24', limit: 1 });
        assert.deepEqual([bank?.openingPaise, bank?.lines[0]?.balancePaise], [1_500n, 1_300n]);
      });
    });

    it('come page by page, each line once', async () => {
      await withBooks(factory, async (books) => {
        await books.postJournals(history);
        for (const limit of [1, 2, 3, 7, 8]) {
          const seen: unknown[] = [];
          let after: StatementCursor | undefined;
          do {
            const page = await books.statement({ account: WALLET.code, limit, ...(after === undefined ? {} : { after }) });
            assert.ok(page !== undefined && page.lines.length <= limit);
            seen.push(...page.lines.map(brief));
            after = page.next;
          } while (after !== undefined);
          assert.deepEqual(seen, all);
        }
      });
    });

    it('show both parts of one leg', async () => {
      await withBooks(factory, async (books) => {
        await books.postJournal(draft('sale:1', [{ ...posted(WALLET, OTHER, 1_500n), shortfall: { kind: 'from', debit: BANK.code } }]));
        const first = await books.statement({ account: OTHER.code, limit: 1 });
        const second = await books.statement({ account: OTHER.code, limit: 1, after: sure(first?.next) });
        assert.deepEqual([...sure(first).lines, ...sure(second).lines].map(brief), [
          [2n, 1, 'credit', 1_000n, 1_000n],
          [2n, 1, 'credit', 500n, 1_500n],
        ]);
        assert.deepEqual([second?.openingPaise, second?.next], [1_000n, undefined]);
      });
    });

    it('are empty for an account without movement, absent for one that is not open', async () => {
      await withBooks(factory, async (books) => {
        assert.deepEqual((await books.statement({ account: OTHER.code, limit: 5 }))?.lines, []);
        assert.equal(await books.statement({ account: NOWHERE.code, limit: 5 }), undefined);
      });
    });
  });
}
