import assert from 'node:assert/strict';
import { paise } from '#protocol/money/paise.js';
import { makeOffer, makePartOffer } from '../../../firmware-agent/counter/offer.js';
import { commitSale, secure } from '../../../firmware-agent/counter/secure.js';
import { billOf, NOW, OPERATOR, saleBody, serviceOf, transactionOf } from '../protocol/samples.js';
import { Bench, codeOf, valueOf } from './bench.js';

const SERVICE = serviceOf('101', 'JVVNL');

describe('what the counter knows of its own sales', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
    bench.ready();
  });
  afterEach(() => bench.close());

  const bill = { department: billOf().department, consumer: '210312345678', number: 'B7' };
  const sellB7 = (more: Parameters<typeof saleBody>[1] = {}): void => {
    const { transaction, service, department, consumer, billNumber, totalPaise, mode } = saleBody(7, more);
    valueOf(bench.append({ kind: 'quoted', transaction, service, department, consumer, billNumber, totalPaise, mode }));
    valueOf(bench.append(saleBody(7, more)));
  };

  it('a bill paid whole here is known, until it is refused or given back', () => {
    const { sales } = bench.kiosk;
    assert.equal(sales.paidHere(bill), undefined);
    sellB7({ mode: 'online' });
    assert.equal(sales.paidHere(bill)?.outcome, 'asking');
    assert.equal(sales.paidHere({ ...bill, number: 'B8' }), undefined);
    assert.equal(sales.paidHere({ ...bill, consumer: '210312345679' }), undefined);
    valueOf(bench.append({ kind: 'refused', transaction: transactionOf(7), reason: 'no', cash: 'to-return' }));
    assert.equal(sales.paidHere(bill), undefined);
  });

  it('a part payment leaves the bill open', () => {
    sellB7({ part: true });
    assert.equal(bench.kiosk.sales.paidHere(bill), undefined);
  });

  it('a posted bill stays known, and one that the hub owes back can be paid again', () => {
    sellB7();
    valueOf(bench.append({ kind: 'confirmed', transaction: transactionOf(7), reference: 'R', at: NOW }));
    assert.equal(bench.kiosk.sales.paidHere(bill)?.outcome, 'posted');
    bench.restart();
    assert.equal(bench.kiosk.sales.paidHere(bill)?.reference, 'R');
  });

  it('the same bill is refused with the receipt that paid it', async () => {
    const offer = valueOf(await makeOffer(bench.kiosk, SERVICE, '210312345678', OPERATOR));
    valueOf(commitSale(bench.kiosk, offer, valueOf(await secure(bench.kiosk, offer)), offer.quote.totalPaise, OPERATOR));
    const again = await makeOffer(bench.kiosk, SERVICE, '210312345678', OPERATOR);
    assert.ok(!again.ok);
    assert.equal(again.error.code, 'bill-paid-here');
    assert.match(again.error.values?.['receipt'] ?? '', /K1111/u);
  });

  it('a quote for another part ends the one before, and stands alone', async () => {
    const book = {
      ...bench.book,
      services: bench.book.services.map((one) => ({ ...one, part: { rule: 'allowed', minimumPaise: paise(100n) } as const })),
    };
    const parts = new Bench({ book });
    parts.ready();
    const whole = valueOf(await makeOffer(parts.kiosk, SERVICE, '210312345678', OPERATOR));
    const part = valueOf(makePartOffer(parts.kiosk, whole, paise(5_000n), OPERATOR));
    assert.deepEqual(
      parts.kiosk.sales.openQuotes().map((row) => row.transaction),
      [part.transaction],
    );
    assert.equal(parts.kiosk.sales.find(whole.transaction)?.state, 'abandoned');
    parts.ledger.markForked(1);
    assert.equal(codeOf(makePartOffer(parts.kiosk, part, paise(6_000n), OPERATOR)), 'ledger-broken');
    assert.equal(parts.kiosk.sales.find(part.transaction)?.state, 'quoted', 'a part that can not be written leaves the offer standing');
    parts.close();
  });

  it('what is not sent yet is counted by the sales alone', () => {
    sellB7();
    const { sales } = bench.kiosk;
    const row = sales.find(transactionOf(7));
    assert.ok(row !== undefined);
    assert.deepEqual(sales.unsentSummary(row.seq - 1), { count: 1, sum: row.totalPaise, oldest: row.at });
    assert.deepEqual(sales.unsentSummary(row.seq), { count: 0, sum: 0n, oldest: null });
    assert.deepEqual(sales.awaitingOutcome(5), [row.transaction]);
  });
});
