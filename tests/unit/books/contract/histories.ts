import assert from 'node:assert/strict';
import fc from 'fast-check';
import { paise } from '#protocol/money/paise.js';
import type { AccountSpec } from '../../../../hub-server/books/account.js';
import { checkBooks } from '../../../../hub-server/books/audit.js';
import type { Books } from '../../../../hub-server/books/books.js';
import type { JournalDraft, TransferDraft } from '../../../../hub-server/books/journal.js';
import { totalsOf } from '../../../../hub-server/books/trial-balance.js';
import { JAIPUR, draft, posted, type BooksFactory } from '../fixtures.js';
import { LedgerModel } from '../ledger-model.js';
import { BANK, CASH, NOWHERE, OTHER, OWED, PAYABLE, WALLET } from './world.js';

const OPEN: readonly AccountSpec[] = [BANK, WALLET, OTHER, OWED, CASH, PAYABLE];
const RUNS = 200;

const account = fc.constantFrom(...OPEN, BANK, WALLET, WALLET, OTHER, NOWHERE).map((a) => a.code);
const amountPaise = fc.bigInt({ min: 1n, max: 400n }).map(paise);
const key = fc.integer({ min: 1, max: 40 }).map((n) => `j:${n}`);
const pendingId = fc.tuple(key, fc.integer({ min: 1, max: 2 })).map(([k, leg]) => `${k}/${leg}`);

const transfer: fc.Arbitrary<TransferDraft> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('posted' as const),
      debit: fc.constantFrom(BANK, CASH, OWED).map((a) => a.code),
      credit: account,
      amountPaise,
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('posted' as const), debit: account, credit: account, amountPaise }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('posted' as const),
      debit: account,
      credit: account,
      amountPaise,
      shortfall: fc.oneof(
        fc.constant({ kind: 'drop' as const }),
        account.map((debit) => ({ kind: 'from' as const, debit })),
      ),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('pending' as const), debit: account, credit: account, amountPaise }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('post-pending' as const), pendingId, amountPaise }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('void-pending' as const), pendingId }) },
);

/** A step posts a journal, undoes an earlier one, takes up a hold that is known to be open, or sends an earlier step again. */
type Step =
  | { readonly do: 'post'; readonly key: string; readonly transfers: readonly TransferDraft[] }
  | { readonly do: 'settle'; readonly key: string; readonly which: number; readonly part: number; readonly how: 'post-pending' | 'void-pending' }
  | { readonly do: 'undo'; readonly key: string; readonly which: number }
  | { readonly do: 'again'; readonly which: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ do: fc.constant('post' as const), key, transfers: fc.array(transfer, { minLength: 1, maxLength: 3 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      key,
      which: fc.nat(60),
      part: fc.integer({ min: 1, max: 125 }),
      how: fc.constantFrom('post-pending' as const, 'post-pending' as const, 'void-pending' as const),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('undo' as const), key, which: fc.nat(60) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('again' as const), which: fc.nat(60) }) },
);
const history = fc.array(step, { minLength: 10, maxLength: 60 });

/** Every history starts with money, or most of it would be refusals. */
const START = draft('start:1', [posted(BANK, WALLET, 2_000n), posted(CASH, BANK, 500n), posted(OWED, PAYABLE, 700n)]);

/** Turns steps into drafts against the model: a mirror can only be written once its original is known. */
function draftOf(it: Step, model: LedgerModel, sent: readonly JournalDraft[]): JournalDraft | undefined {
  switch (it.do) {
    case 'post':
      return draft(it.key, it.transfers);
    case 'settle': {
      // Now and then the transfer named is no hold, or more is asked than was held.
      const choice = it.part % 8 === 0 ? model.facts : model.holds();
      const held = choice[it.which % Math.max(choice.length, 1)];
      if (held === undefined) return undefined;
      const { id: holdId, amount } = held;
      if (it.how === 'void-pending') return draft(it.key, [{ kind: it.how, pendingId: holdId }]);
      return draft(it.key, [{ kind: it.how, pendingId: holdId, amountPaise: paise((amount * BigInt(it.part)) / 100n + 1n) }]);
    }
    case 'undo': {
      const what = sent[it.which % Math.max(sent.length, 1)]?.key ?? '';
      const transfers = model.mirror(what);
      return transfers === undefined || transfers.length === 0 || what === it.key ? undefined : draft(it.key, transfers, { reverses: what });
    }
    case 'again':
      return sent[it.which % Math.max(sent.length, 1)];
  }
}

function broken(a: AccountSpec, [debitsPending = 0n, debits = 0n, creditsPending = 0n, credits = 0n]: readonly bigint[]): boolean {
  if (a.guard === 'debits-must-not-exceed-credits') return debitsPending + debits > credits;
  return a.guard === 'credits-must-not-exceed-debits' && creditsPending + credits > debits;
}

async function sameAsModel(books: Books, model: LedgerModel): Promise<void> {
  const { accounts } = await books.position();
  for (const a of accounts) {
    const kept = [a.debitsPending, a.debitsPosted, a.creditsPending, a.creditsPosted];
    assert.deepEqual(kept, model.counters(a.code), a.code);
    assert.equal(broken(a, kept), false, `L2 ${a.code}`);
  }
  const totals = totalsOf(accounts);
  assert.deepEqual([totals.debitsPosted, totals.debitsPending], [totals.creditsPosted, totals.creditsPending], 'L1');
}

/** Posts one history journal by journal beside the model; tells what it sent and counts what it met. */
async function live(books: Books, steps: readonly Step[], met: Map<string, number>): Promise<readonly JournalDraft[]> {
  const model = new LedgerModel(OPEN);
  const sent: JournalDraft[] = [START];
  await books.openAccounts(OPEN, 1);
  assert.deepEqual([model.post(START), (await books.postJournal(START)).result], ['created', 'created']);
  for (const it of steps) {
    const next = draftOf(it, model, sent);
    if (next === undefined) continue;
    sent.push(next);
    const expected = model.post(next);
    const { result } = await books.postJournal(next);
    assert.equal(result.replace(/^(exists-with-different)-.*$/u, '$1'), expected);
    await sameAsModel(books, model);
    const kinds = expected === 'created' ? next.transfers.map((t) => `created ${t.kind}${next.reverses === undefined ? '' : ' undo'}`) : [expected];
    for (const name of new Set(kinds)) met.set(name, (met.get(name) ?? 0) + 1);
  }
  assert.deepEqual(await checkBooks(books), []);
  return sent;
}

export function historyContract(factory: BooksFactory): void {
  const fresh = async <T>(use: (books: Books) => Promise<T>): Promise<T> => {
    const world = await factory();
    try {
      return await use(world.of(JAIPUR));
    } finally {
      await world.end();
    }
  };

  describe('random histories', function () {
    this.timeout(120_000);

    it('agree with a model of facts and sums after every step (L1, L2, L5), and reach every kind of answer', async () => {
      const met = new Map<string, number>();
      await fc.assert(
        fc.asyncProperty(history, (steps) => fresh(async (books) => void (await live(books, steps, met)))),
        { numRuns: RUNS },
      );
      // A generator that never gets there proves nothing: every answer must have come up.
      for (const name of [
        'created posted',
        'created pending',
        'created post-pending',
        'created void-pending',
        'created posted undo',
        'exists',
        'exists-with-different',
        'id-already-failed',
        'exceeds-credits',
        'exceeds-debits',
        'account-not-found',
        'accounts-must-differ',
        'pending-transfer-not-found',
        'pending-transfer-not-pending',
        'exceeds-pending-amount',
        'already-posted',
        'already-voided',
        'already-reversed',
        'original-is-a-reversal',
      ]) {
        assert.ok(met.has(name), `"${name}" never came up: ${[...met].join(' ')}`);
      }
    });

    it('give the same books in one batch, in cut batches and one by one (netting is exact)', async () => {
      await fc.assert(
        fc.asyncProperty(history, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 60, maxLength: 60 }), async (steps, cuts) => {
          const one = await fresh(async (books) => ({ sent: await live(books, steps, new Map()), ...(await seen(books)) }));
          const whole = await fresh(async (books) => {
            await books.openAccounts(OPEN, 1);
            await books.postJournals(one.sent);
            return seen(books);
          });
          const cut = await fresh(async (books) => {
            await books.openAccounts(OPEN, 1);
            for (let i = 0, c = 0; i < one.sent.length; i += cuts[c] ?? 1, c += 1) await books.postJournals(one.sent.slice(i, i + (cuts[c] ?? 1)));
            return seen(books);
          });
          assert.deepEqual(whole, { position: one.position, journals: one.journals });
          assert.deepEqual(cut, whole);
        }),
        { numRuns: RUNS / 4 },
      );
    });

    it('change nothing when any of their requests come again, in any order (L3)', async () => {
      await fc.assert(
        fc.asyncProperty(history, fc.array(fc.nat(59), { maxLength: 80 }), (steps, replay) =>
          fresh(async (books) => {
            const sent = await live(books, steps, new Map());
            const before = await seen(books);
            const again = replay.flatMap((n) => sent[n] ?? []);
            const results = again.length === 0 ? [] : await books.postJournals(again);
            assert.ok(results.every((r) => r.result !== 'created'));
            assert.deepEqual(await seen(books), before);
          }),
        ),
        { numRuns: RUNS / 2 },
      );
    });
  });
}

async function seen(books: Books) {
  const journals = await books.journalsAfter(0n, 10_000);
  return { position: await books.position(), journals: journals.map((j) => ({ ...j, content: Buffer.from(j.content).toString('hex') })) };
}
