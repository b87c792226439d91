import assert from 'node:assert/strict';
import { paise, plainRupees } from '#protocol/money/paise.js';
import { balanceOf } from '../../../hub-server/books/account.js';
import { checkBooks } from '../../../hub-server/books/audit.js';
import type { Books } from '../../../hub-server/books/books.js';
import { reserve, settlementInFlight } from '../../../hub-server/books/chart.js';
import type { JournalDraft } from '../../../hub-server/books/journal.js';
import { fundingOf, grantRelease, grantReserve, refundDue, sale, saleRefused, topup, type Sale } from '../../../hub-server/books/journals.js';
import { isPosted } from '../../../hub-server/books/post-result.js';
import { departmentConfirm, departmentRemit, departmentReturn } from '../../../hub-server/books/remittance.js';
import { trialBalance } from '../../../hub-server/books/trial-balance.js';
import { JAIPUR, JVVNL, KIOSK, WHEN, entryNumber, grantNumber, sqliteFactory, sure, transactionNumber } from './fixtures.js';

const rs = (text: string) => paise(BigInt(text.replace('.', '')));
const GRANT = grantNumber(1);
const TX = transactionNumber(1);
const funds = topup({ reference: 'UTR1', kiosk: KIOSK, amountPaise: rs('20000.00'), when: WHEN });
const issue = (amount: string, number = 1, grant = GRANT) => grantReserve({ grant, number, kiosk: KIOSK, addPaise: rs(amount), when: WHEN });
const release = (limit: string, cause = 'close') => grantRelease({ grant: GRANT, kiosk: KIOSK, limitPaise: rs(limit), cause, when: WHEN });
const bill = (amount: string, n = 1, more: Partial<Sale> = {}): Sale => ({
  entry: entryNumber(n),
  transaction: transactionNumber(n),
  kiosk: KIOSK,
  department: JVVNL,
  grant: GRANT,
  billPaise: rs(amount),
  citizenFeePaise: rs('0.00'),
  departmentFeePaise: rs('3.95'),
  when: WHEN,
  ...more,
});

async function withBooks(
  test: (books: Books, post: (...drafts: readonly JournalDraft[]) => Promise<readonly string[]>) => Promise<void>,
): Promise<void> {
  const world = await sqliteFactory();
  try {
    const books = world.of(JAIPUR);
    await test(books, async (...drafts) => (await books.postJournals(drafts)).map((r) => r.result));
    assert.deepEqual(await checkBooks(books), []);
  } finally {
    await world.end();
  }
}

/** Every account that holds anything, debits above zero and credits below. */
async function balances(books: Books): Promise<Readonly<Record<string, string>>> {
  const { rows } = await trialBalance(books);
  const held = rows.filter((row) => row.debitPaise !== row.creditPaise);
  return Object.fromEntries(held.map((row) => [row.code, plainRupees(paise(row.debitPaise - row.creditPaise))]));
}

describe('journals of the district', () => {
  it('a bill paid in full by its grant, the department’s fee accrued apart', async () => {
    await withBooks(async (books, post) => {
      assert.deepEqual(await post(funds, issue('5000.00'), sale(bill('1234.56'))), ['created', 'created', 'created']);
      assert.deepEqual(await balances(books), {
        '1010:bank:main': '20000.00',
        '1090:receivable:JVVNL:service-charge': '3.95',
        '2010:wallet:d35k1111': '-15000.00',
        [`2015:reserve:${GRANT}`]: '-3765.44',
        '2020:payable:JVVNL': '-1234.56',
        '2035:fee-accrued-unshared': '-3.95',
      });
      assert.deepEqual(await post(release('5000.00'), release('5000.00')), ['created', 'exists']);
      const after = await balances(books);
      assert.equal(after['2010:wallet:d35k1111'], '-18765.44');
      assert.equal(after[`2015:reserve:${GRANT}`], undefined);
    });
  });

  it('a fee the citizen pays comes out of the reserve with the bill', async () => {
    await withBooks(async (books, post) => {
      await post(funds, issue('110.00'), sale(bill('100.00', 1, { citizenFeePaise: rs('10.00'), departmentFeePaise: rs('0.00') })));
      const after = await balances(books);
      assert.deepEqual([after['2020:payable:JVVNL'], after['2035:fee-accrued-unshared']], ['-100.00', '-10.00']);
      assert.equal(after[`2015:reserve:${GRANT}`], undefined);
      assert.equal(after['1090:receivable:JVVNL:service-charge'], undefined);
    });
  });

  it('a sale beyond its reserve credits the department in full, and the kiosk owes the rest', async () => {
    await withBooks(async (books, post) => {
      await post(funds, issue('1000.00'), sale(bill('700.00', 1)));
      const second = await books.postJournal(sale(bill('700.00', 2)));
      assert.ok(isPosted(second));
      assert.deepEqual(fundingOf(second.journal), { fundedPaise: rs('300.00'), unfundedPaise: rs('400.00') });
      const foreign = await books.postJournal(sale(bill('50.00', 3, { grant: grantNumber(77) })));
      const none = sale({ ...bill('60.00', 4), grant: undefined });
      assert.ok(isPosted(foreign));
      assert.deepEqual(fundingOf(foreign.journal), { fundedPaise: 0n, unfundedPaise: rs('50.00') });
      assert.deepEqual(await post(none), ['created']);
      const after = await balances(books);
      assert.deepEqual([after['1080:receivable:kiosk:d35k1111'], after['2020:payable:JVVNL']], ['510.00', '-1510.00']);
    });
  });

  it('a grant that the wallet can not bear is refused, and its id is spent', async () => {
    await withBooks(async (_books, post) => {
      assert.deepEqual(await post(funds, issue('20000.01')), ['created', 'exceeds-credits']);
      assert.deepEqual(await post(issue('10.00'), issue('10.00', 1, grantNumber(2))), ['id-already-failed', 'created']);
    });
  });

  it('a lease is raised by the difference of its limits, each number once', async () => {
    await withBooks(async (books, post) => {
      assert.deepEqual(await post(funds, issue('100.00'), issue('50.00', 2), issue('50.00', 2), issue('60.00', 2)), [
        'created',
        'created',
        'created',
        'exists',
        'exists-with-different-amount',
      ]);
      const account = await books.account(reserve(GRANT).code);
      assert.equal(account && balanceOf(account), rs('150.00'));
    });
  });

  it('a refused sale gives everything back, also where the reserve did not bear all', async () => {
    await withBooks(async (books, post) => {
      await post(funds, issue('1000.00'));
      const before = await balances(books);
      await post(sale(bill('1300.00')));
      const original = await books.journal(sale(bill('1300.00')).key);
      assert.ok(original !== undefined);
      const undo = saleRefused({ original, transaction: TX, entry: entryNumber(9), when: WHEN });
      assert.deepEqual(await post(undo, undo, { ...undo, key: 'sale-refused:again' }), ['created', 'exists', 'already-reversed']);
      assert.deepEqual(await balances(books), before);
      assert.deepEqual(await post(release('1000.00', entryNumber(9).slice(0, 32))), ['created']);
      assert.equal((await balances(books))['2010:wallet:d35k1111'], '-20000.00');
      assert.throws(() => saleRefused({ original, transaction: transactionNumber(5), entry: entryNumber(9), when: WHEN }), /is the sale of/u);
    });
  });

  it('a bill paid at two counters: the second becomes a refund to its citizen, fees too', async () => {
    await withBooks(async (books, post) => {
      const fees = { citizenFeePaise: rs('10.00'), departmentFeePaise: rs('3.95') };
      const twice = [sale(bill('100.00', 1, fees)), sale(bill('100.00', 2, fees))];
      const paidBack = { entry: entryNumber(2), transaction: transactionNumber(2), department: JVVNL, billPaise: rs('100.00'), ...fees, when: WHEN };
      const refund = refundDue({ ...paidBack, moneyIsWith: 'society' });
      assert.deepEqual(await post(funds, issue('220.00'), ...twice, refund, refund), [
        'created',
        'created',
        'created',
        'created',
        'created',
        'exists',
      ]);
      const after = await balances(books);
      assert.deepEqual(
        [after['2020:payable:JVVNL'], after['2060:citizen-refund-payable'], after['2035:fee-accrued-unshared']],
        ['-100.00', '-110.00', '-13.95'],
      );
      assert.equal(after['1090:receivable:JVVNL:service-charge'], '3.95');
    });
  });

  it('a late refusal of money that the department already has is owed by the department', async () => {
    await withBooks(async (books, post) => {
      const late = { entry: entryNumber(1), transaction: TX, department: JVVNL, billPaise: rs('100.00'), citizenFeePaise: rs('0.00') };
      const refund = refundDue({ ...late, moneyIsWith: 'department', departmentFeePaise: rs('0.00'), when: WHEN });
      assert.deepEqual(await post(refund), ['created']);
      assert.deepEqual(await balances(books), { '1095:receivable:JVVNL:refund': '100.00', '2060:citizen-refund-payable': '-100.00' });
    });
  });
});

describe('money on its way to the department', () => {
  const items = [1, 2, 3].map((n) => ({ transaction: transactionNumber(n), amountPaise: rs(`${n}00.00`) }));
  const remit = departmentRemit({ batch: 'B1', department: JVVNL, items, when: WHEN });
  const outcome = (n: number) => ({ batch: 'B1', department: JVVNL, item: sure(items[n - 1]), when: WHEN });
  const confirm = (n: number, reference = `JV${n}`) => departmentConfirm({ ...outcome(n), reference });
  const sales = items.map((item, i) => sale({ ...bill('0.00', i + 1), billPaise: item.amountPaise }));

  it('leaves in a batch that ends at zero, each item with its reference', async () => {
    await withBooks(async (books, post) => {
      await post(funds, issue('5000.00'), ...sales);
      assert.deepEqual(await post(remit, confirm(1), confirm(2)), ['created', 'created', 'created']);
      const inFlight = async () => (await balances(books))[settlementInFlight('B1').code];
      assert.equal(await inFlight(), '-300.00');
      assert.deepEqual(await post(departmentReturn(outcome(3))), ['created']);
      assert.equal(await inFlight(), undefined);
      const after = await balances(books);
      assert.deepEqual([after['1010:bank:main'], after['2020:payable:JVVNL']], ['19700.00', '-300.00']);
      const told = await books.journalsOfTransaction(transactionNumber(2));
      assert.deepEqual(
        told.map((j) => [j.kind, j.refs.batch, j.refs.reference]),
        [
          ['SALE', undefined, undefined],
          ['DEPT_CONFIRM', 'B1', 'JV2'],
        ],
      );
      const sent = await books.journal('remit:B1');
      assert.deepEqual(
        sent?.transfers.map((t) => [t.item, t.amountPaise]),
        items.map((item) => [item.transaction, item.amountPaise]),
      );
    });
  });

  it('has one outcome an item, whatever is heard later', async () => {
    await withBooks(async (_books, post) => {
      await post(funds, issue('5000.00'), ...sales, remit);
      assert.deepEqual(await post(confirm(1), confirm(1), confirm(1, 'other'), departmentReturn(outcome(1))), [
        'created',
        'exists',
        'exists-with-different-refs',
        'exists-with-different-kind',
      ]);
    });
  });

  it('is never more than is owed, and never confirmed beyond what was sent', async () => {
    await withBooks(async (_books, post) => {
      await post(funds, issue('5000.00'), ...sales.slice(0, 2));
      assert.deepEqual(await post(remit), ['exceeds-credits']);
      const part = departmentRemit({ batch: 'B1', department: JVVNL, items: items.slice(0, 1), when: WHEN });
      assert.deepEqual(await post({ ...part, key: 'remit:B1-2' }, confirm(1), confirm(2)), ['created', 'created', 'exceeds-credits']);
    });
  });
});
