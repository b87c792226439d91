import assert from 'node:assert/strict';
import { paise } from '#protocol/money/paise.js';
import type { JournalDraft, TransferDraft } from '../../../../hub-server/books/journal.js';
import { REFUSALS, REFUSAL_TEXT, TRANSIENT_REFUSALS, type RefusedResult } from '../../../../hub-server/books/post-result.js';
import { draft, pending, posted, transactionNumber, type BooksFactory } from '../fixtures.js';
import { BANK, CASH, CLOSED, NOWHERE, OTHER, OWED, WALLET, withBooks } from './world.js';

const HUGE = paise(9_223_372_036_854_775_000n);
const post = (pendingId: string, amount: bigint): TransferDraft => ({ kind: 'post-pending', pendingId, amountPaise: paise(amount) });
const cancel = (pendingId: string): TransferDraft => ({ kind: 'void-pending', pendingId });
const mirror = draft('undo:a', [posted(WALLET, BANK, 1_000n)], { reverses: 'topup:first' });

/** What stands in the books before each row is tried. */
const BEFORE: readonly JournalDraft[] = [
  draft('topup:other', [{ ...posted(BANK, WALLET, 10n), id: transactionNumber(1) }]),
  draft('burnt:1', [{ ...posted(OTHER, BANK, 1n), id: transactionNumber(2) }]),
  draft('held:1', [pending(WALLET, OTHER, 100n), pending(WALLET, OTHER, 50n), pending(WALLET, OTHER, 30n)]),
  draft('held:2', [post('held:1/1', 40n), cancel('held:1/2')]),
  draft('topup:undone', [posted(BANK, WALLET, 20n)]),
  draft('undo:undone', [posted(WALLET, BANK, 20n)], { reverses: 'topup:undone' }),
  draft('big:1', [{ ...posted(OWED, BANK, 1n), amountPaise: HUGE }]),
];

/** One row an answer, in order of precedence: each draft breaks the rule it is named for and, wherever it can, rules that come after. */
const ROWS: readonly (readonly [RefusedResult['result'] | 'exists', JournalDraft])[] = [
  ['journal-malformed', draft('burnt:1', [], { opens: [{ ...WALLET, guard: 'none' }] })],
  ['journal-malformed', draft('no key', [posted(OTHER, OTHER, 0n)])],
  ['journal-malformed', draft('malformed:day', [posted(OTHER, BANK, 1n)], { businessDate: '2026-02-30' })],
  ['journal-malformed', draft('malformed:time', [posted(OTHER, BANK, 1n)], { at: 1.5 })],
  ['journal-malformed', draft('malformed:ref', [posted(OTHER, BANK, 1n)], { refs: { reference: 'two\nlines' } })],
  ['journal-malformed', draft('malformed:id', [{ ...posted(OTHER, BANK, 1n), id: 'held:1/1' }])],
  [
    'journal-malformed',
    draft(
      'malformed:ids',
      [1, 2].map(() => ({ ...posted(OTHER, BANK, 1n), id: transactionNumber(9) })),
    ),
  ],
  ['journal-malformed', draft('malformed:self', [posted(WALLET, BANK, 1n)], { reverses: 'malformed:self' })],
  ['journal-malformed', draft('malformed:big', [{ ...posted(OTHER, BANK, 1n), amountPaise: 9_223_372_036_854_775_808n as typeof HUGE }])],
  ['id-already-failed', draft('burnt:1', [posted(BANK, WALLET, 0n)], { reverses: 'nothing:1' })],
  ['exists-with-different-kind', { ...draft('topup:first', [posted(OTHER, OTHER, 0n)]), kind: 'SALE', refs: { batch: 'b' } }],
  ['exists-with-different-refs', draft('topup:first', [posted(OTHER, OTHER, 0n)], { refs: { batch: 'b' }, reverses: 'topup:other' })],
  ['exists-with-different-reverses', draft('topup:first', [posted(OTHER, OTHER, 0n)], { reverses: 'topup:other' })],
  ['exists-with-different-transfer-kind', draft('topup:first', [{ ...pending(OTHER, OTHER, 0n), id: transactionNumber(3) }])],
  ['exists-with-different-transfer-id', draft('topup:first', [{ ...posted(OTHER, OTHER, 0n), id: transactionNumber(3), item: 'x' }])],
  ['exists-with-different-item', draft('topup:first', [{ ...posted(OTHER, OTHER, 0n), item: 'x' }])],
  ['exists-with-different-debit', draft('topup:first', [posted(OTHER, OTHER, 0n)])],
  ['exists-with-different-credit', draft('topup:first', [posted(BANK, OTHER, 0n)])],
  ['exists-with-different-amount', draft('topup:first', [posted(BANK, WALLET, 999n), posted(OTHER, OTHER, 0n)])],
  ['exists-with-different-transfers', draft('topup:first', [posted(BANK, WALLET, 1_000n), posted(OTHER, OTHER, 0n)])],
  ['exists-with-different-transfers', draft('held:2', [post('held:1/1', 40n)])],
  ['exists-with-different-pending-id', draft('held:2', [post('held:1/3', 41n), cancel('held:1/2')])],
  ['exists-with-different-pending-id', draft('held:2', [post('held:1/1', 40n), cancel('held:1/3')])],
  ['exists-with-different-shortfall', draft('topup:first', [{ ...posted(BANK, WALLET, 1_000n), shortfall: { kind: 'drop' } }])],
  ['exists', draft('topup:first', [posted(BANK, WALLET, 1_000n)], { businessDate: '2026-12-01', at: 5, opens: [NOWHERE] })],
  ['original-not-found', draft('undo:1', [posted(OTHER, OTHER, 0n)], { reverses: 'nothing:1', opens: [{ ...WALLET, guard: 'none' }] })],
  ['original-is-a-reversal', draft('undo:2', [posted(OTHER, OTHER, 0n)], { reverses: 'undo:undone' })],
  ['already-reversed', draft('undo:3', [posted(OTHER, OTHER, 0n)], { reverses: 'topup:undone' })],
  ['reversal-not-a-mirror', { ...mirror, transfers: [posted(WALLET, BANK, 999n)], opens: [{ ...WALLET, guard: 'none' }] }],
  ['reversal-not-a-mirror', { ...mirror, key: 'undo:b', transfers: [posted(BANK, WALLET, 1_000n)] }],
  ['reversal-not-a-mirror', { ...mirror, key: 'undo:c', transfers: [...mirror.transfers, posted(OTHER, OTHER, 0n)] }],
  ['reversal-not-a-mirror', { ...mirror, key: 'undo:d', transfers: [{ ...posted(WALLET, BANK, 1_000n), shortfall: { kind: 'drop' } }] }],
  ['reversal-not-a-mirror', draft('undo:e', [posted(OTHER, WALLET, 30n)], { reverses: 'held:1' })],
  ['account-differs', draft('open:1', [{ ...posted(OTHER, OTHER, 0n), id: transactionNumber(1) }], { opens: [{ ...WALLET, guard: 'none' }] })],
  ['account-differs', draft('open:2', [posted(OTHER, OTHER, 0n)], { opens: [{ ...WALLET, normal: 'debit' }] })],
  ['id-already-failed', draft('own:2', [{ ...posted(OTHER, OTHER, 0n), id: transactionNumber(2) }])],
  ['transfer-id-exists', draft('own:1', [{ ...posted(OTHER, OTHER, 0n), id: transactionNumber(1) }])],
  ['amount-must-be-positive', draft('zero:1', [posted(NOWHERE, NOWHERE, 0n)])],
  ['amount-must-be-positive', draft('zero:2', [posted(NOWHERE, NOWHERE, -1n)])],
  ['amount-must-be-positive', draft('zero:3', [post('nothing:1/1', 0n)])],
  ['accounts-must-differ', draft('self:1', [posted(NOWHERE, NOWHERE, 1n)])],
  ['accounts-must-differ', draft('self:2', [{ ...posted(WALLET, BANK, 1n), shortfall: { kind: 'from', debit: BANK.code } }])],
  ['accounts-must-differ', draft('self:3', [{ ...posted(WALLET, BANK, 1n), shortfall: { kind: 'from', debit: WALLET.code } }])],
  ['account-not-found', draft('none:1', [posted(NOWHERE, CLOSED, 1n)])],
  ['account-not-found', draft('none:2', [posted(CLOSED, NOWHERE, 1n)])],
  ['account-not-found', draft('none:3', [{ ...posted(WALLET, BANK, 1n), shortfall: { kind: 'from', debit: NOWHERE.code } }])],
  ['account-not-found', draft('none:4', [pending(CLOSED, NOWHERE, 1n)])],
  ['account-not-found', draft('none:5', [{ ...posted(NOWHERE, BANK, 1n), shortfall: { kind: 'drop' } }])],
  ['pending-transfer-not-found', draft('hold:1', [post('nothing:1/1', 1n)])],
  ['pending-transfer-not-found', draft('hold:2', [cancel(transactionNumber(77))])],
  ['pending-transfer-not-pending', draft('hold:3', [post('topup:first/1', 9_999n)])],
  ['pending-transfer-not-pending', draft('hold:4', [cancel(transactionNumber(1))])],
  ['exceeds-pending-amount', draft('hold:5', [post('held:1/1', 101n)])],
  ['already-posted', draft('hold:6', [post('held:1/1', 1n)])],
  ['already-posted', draft('hold:7', [cancel('held:1/1')])],
  ['already-voided', draft('hold:8', [post('held:1/2', 1n)])],
  ['already-voided', draft('hold:9', [cancel('held:1/2')])],
  ['account-closed', draft('shut:1', [{ ...posted(CLOSED, BANK, 1n), amountPaise: HUGE }])],
  ['account-closed', draft('shut:2', [{ ...posted(OWED, CLOSED, 1n), amountPaise: HUGE }])],
  ['account-closed', draft('shut:3', [pending(OTHER, CLOSED, 1n)])],
  ['account-closed', draft('shut:4', [{ ...posted(WALLET, BANK, 1n), shortfall: { kind: 'from', debit: CLOSED.code } }])],
  ['overflows', draft('flow:1', [{ ...posted(OWED, CASH, 1n), amountPaise: HUGE }])],
  ['overflows', draft('flow:2', [{ ...posted(OTHER, BANK, 1n), amountPaise: HUGE }])],
  ['overflows', draft('flow:3', [{ ...pending(OWED, CASH, 1n), amountPaise: HUGE }])],
  ['exceeds-credits', draft('over:1', [posted(OTHER, CASH, 41n)])],
  ['exceeds-credits', draft('over:2', [pending(WALLET, OTHER, 941n)])],
  ['exceeds-debits', draft('over:3', [posted(BANK, CASH, 1n)])],
  ['exceeds-debits', draft('over:4', [pending(BANK, CASH, 1n)])],
];

export function precedenceContract(factory: BooksFactory): void {
  describe('answers, in order of precedence', () => {
    for (const [i, [expected, row]] of ROWS.entries()) {
      it(`row ${i + 1}: ${expected} (${row.key})`, async () => {
        await withBooks(factory, async (books) => {
          await books.postJournals(BEFORE);
          const before = await books.position();
          const result = await books.postJournal(row);
          assert.equal(result.result, expected, 'detail' in result ? result.detail : '');
          assert.deepEqual(await books.position(), before, 'nothing moves and nothing opens');
          const again = await books.postJournal(row);
          const isTransient = TRANSIENT_REFUSALS.has(expected as (typeof REFUSALS)[number]);
          assert.equal(again.result, isTransient ? 'id-already-failed' : expected);
        });
      });
    }

    it('have a row for each refusal, in the documented order, and a text', () => {
      const seen = [...new Set(ROWS.map(([expected]) => expected))].filter((code) => REFUSALS.some((r) => r === code));
      assert.deepEqual(seen, REFUSALS);
      assert.equal(new Set(Object.values(REFUSAL_TEXT)).size, REFUSALS.length);
    });
  });
}
