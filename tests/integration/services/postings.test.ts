import assert from 'node:assert/strict';
import { openPosting, signPosting } from '#protocol/posting/posting.js';
import { verifyKey } from '#protocol/signing/keys.js';
import type { Bill } from '#protocol/bill/bill.js';
import {
  PAID_BEFORE,
  findPosting,
  isPaid,
  listPostings,
  markRefundDue,
  markReturned,
  outcomes,
  recordSale,
  secondFact,
} from '../../../hub-server/services/postings.js';
import { settle } from '../../../hub-server/services/settle.js';
import { NOON, makeHub, newTransaction, sell, someBills, type TestHub } from './world.js';

describe('postings', () => {
  let world: TestHub;
  const [bill, other] = someBills('JVVNL', '101', 2) as unknown as readonly [Bill, Bill];
  const paid = (of: Bill): boolean => isPaid(world.hub, of.department, of.consumer, of.number);
  const refuse = (transaction: string): void => {
    settle(world.hub, transaction as ReturnType<typeof newTransaction>, { kind: 'refused', reason: 'no' }, () => undefined);
  };

  beforeEach(() => {
    world = makeHub();
  });
  afterEach(() => world.close());

  it('take an online sale as one to ask for, and a delayed one as due', () => {
    const [online, delayed] = [sell(world.hub, { bill }), sell(world.hub, { bill: other, mode: 'semi-offline-delayed' })];
    assert.deepEqual([online.verdict, delayed.verdict], ['recorded', 'recorded']);
    assert.deepEqual(outcomes(world.hub, [online.sale.transaction, delayed.sale.transaction, newTransaction()]), [
      { transaction: online.sale.transaction, state: { kind: 'asking' } },
      { transaction: delayed.sale.transaction, state: { kind: 'received', postBy: delayed.sale.postBy } },
    ]);
  });

  it('take the same sale again with the same answer', () => {
    const { hub } = world;
    const { sale, receipt } = sell(hub, { bill });
    const again = hub.db.transaction(() => recordSale(hub, { kiosk: 'd35k1111', receipt, sale, at: NOON }))();
    assert.equal(again, 'recorded');
    const second = sell(hub, { bill }, 'd35k2222');
    const secondAgain = hub.db.transaction(() => recordSale(hub, { kiosk: 'd35k2222', receipt: second.receipt, sale: second.sale, at: NOON }))();
    assert.equal(secondAgain, 'paid-before');
    assert.equal(listPostings(hub, 'asking').length + listPostings(hub, 'refund-due').length, 2);
  });

  it('a transaction id or a receipt number of another sale is told, and nothing is written', () => {
    const { hub } = world;
    const { sale, receipt } = sell(hub, { bill });
    const tries = [
      { kiosk: 'd35k6666', receipt: 'D35K6666-1-000001', sale },
      { kiosk: 'd35k1111', receipt: 'D35K1111-1-999999', sale },
      { kiosk: 'd35k1111', receipt, sale: { ...sale, billPaise: sale.salt ? other.amountPaise : sale.billPaise } },
      { kiosk: 'd35k1111', receipt, sale: { ...sale, transaction: newTransaction() } },
    ];
    for (const one of tries) assert.equal(hub.db.transaction(() => recordSale(hub, { ...one, at: NOON }))(), 'not-its-own');
    assert.equal(listPostings(hub, 'asking').length, 1);
  });

  it('are recorded only inside a transaction', () => {
    const { sale } = sell(world.hub, { bill });
    assert.throws(() => recordSale(world.hub, { kiosk: 'd35k1111', receipt: 'R', sale, at: NOON }), /inside the transaction/u);
  });

  it('of a bill paid at two counters: the first owns it, the second is owed back', () => {
    assert.equal(paid(bill), false);
    const first = sell(world.hub, { bill, mode: 'semi-offline-delayed' });
    assert.equal(paid(bill), true);
    const second = sell(world.hub, { bill, mode: 'semi-offline-delayed' }, 'd35k2222');
    assert.equal(second.verdict, 'paid-before');
    assert.deepEqual(
      outcomes(world.hub, [first.sale.transaction, second.sale.transaction]).map((o) => o.state),
      [
        { kind: 'received', postBy: first.sale.postBy },
        { kind: 'refund-due', reason: PAID_BEFORE },
      ],
    );
    assert.equal(paid(other), false);
  });

  it('of parts own nothing, until the whole is paid', () => {
    assert.equal(sell(world.hub, { bill, partPaise: 10_000n }).verdict, 'recorded');
    assert.equal(paid(bill), false);
    assert.equal(sell(world.hub, { bill, partPaise: 10_000n }).verdict, 'recorded');
    assert.equal(sell(world.hub, { bill }).verdict, 'recorded');
    assert.equal(sell(world.hub, { bill, partPaise: 10_000n }).verdict, 'paid-before');
  });

  it('a refused sale keeps its bill until the cash went back; then it can be paid again', () => {
    const { sale } = sell(world.hub, { bill });
    assert.equal(markReturned(world.hub, sale.transaction), 'not-refused');
    refuse(sale.transaction);
    assert.equal(paid(bill), true);
    assert.equal(markReturned(world.hub, sale.transaction), 'returned');
    assert.equal(markReturned(world.hub, sale.transaction), 'returned');
    assert.equal(paid(bill), false);
    assert.equal(markRefundDue(world.hub, sale.transaction), 'not-refused');
    const again = sell(world.hub, { bill });
    assert.equal(again.verdict, 'recorded');
    // The old sale's late repetition must not free the bill of the new one.
    assert.equal(markReturned(world.hub, sale.transaction), 'returned');
    assert.equal(paid(bill), true);
  });

  it('a refused sale whose citizen had left is owed back', () => {
    const { sale } = sell(world.hub, { bill });
    refuse(sale.transaction);
    assert.equal(markRefundDue(world.hub, sale.transaction), 'refund-due');
    assert.equal(markRefundDue(world.hub, sale.transaction), 'refund-due');
    assert.equal(markReturned(world.hub, sale.transaction), 'not-refused');
    assert.deepEqual(outcomes(world.hub, [sale.transaction])[0]?.state, { kind: 'refund-due', reason: 'no' });
    assert.equal(paid(bill), false);
  });

  it('end once: a second answer changes nothing', () => {
    const { sale } = sell(world.hub, { bill });
    let booked = 0;
    const book = (): void => void (booked += 1);
    settle(world.hub, sale.transaction, { kind: 'confirmed', reference: 'A/1' }, book);
    assert.equal(settle(world.hub, sale.transaction, { kind: 'confirmed', reference: 'B/2' }, book), undefined);
    assert.equal(settle(world.hub, sale.transaction, { kind: 'refused', reason: 'late' }, book), undefined);
    assert.equal(findPosting(world.hub, sale.transaction)?.reference, 'A/1');
    assert.equal(booked, 1);
  });

  it('books that fail take the outcome back with them', () => {
    const { sale } = sell(world.hub, { bill });
    const failing = (): void => {
      throw new Error('books closed');
    };
    assert.throws(() => settle(world.hub, sale.transaction, { kind: 'confirmed', reference: 'A/1' }, failing), /books closed/u);
    assert.equal(findPosting(world.hub, sale.transaction)?.state, 'asking');
  });

  it('give a receipt its second fact, which verifies under the hub’s key', () => {
    const { hub } = world;
    const { sale, receipt } = sell(hub, { bill });
    settle(hub, sale.transaction, { kind: 'confirmed', reference: 'JVVNL/7' }, () => undefined);
    const fact = secondFact(hub, receipt);
    assert.ok(fact !== undefined);
    assert.deepEqual(fact.state, { kind: 'posted', reference: 'JVVNL/7', at: NOON });
    assert.deepEqual(openPosting(verifyKey(hub.hubKey.publicKey), signPosting(hub.hubKey, fact)), { ok: true, value: fact });
    assert.equal(secondFact(hub, 'D35K9999-1-000001'), undefined);
  });
});
