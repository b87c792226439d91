import assert from 'node:assert/strict';
import type { Bill } from '#protocol/bill/bill.js';
import { connectDepartment, type Connectors } from '../../../hub-server/services/connector.js';
import { findPosting, isPaid, listPostings, secondFact, type PostingRecord } from '../../../hub-server/services/postings.js';
import { remit, type RemitReport } from '../../../hub-server/services/remit.js';
import { HASTY, PATIENT, TOKEN, enterDepartment, makeHub, openDepartment, sell, type Department, type Sold, type TestHub } from './world.js';

describe('remit', () => {
  let world: TestHub;
  let power: Department;
  let water: Department;
  let booked: PostingRecord[];

  beforeEach(async () => {
    world = makeHub();
    power = await openDepartment();
    water = await openDepartment('PHED', '102', 'allowed');
    booked = [];
    enterDepartment(world.hub, 'JVVNL', power.server.url);
    enterDepartment(world.hub, 'PHED', water.server.url);
  });
  afterEach(async () => {
    await power.server.close();
    await water.server.close();
    world.close();
  });

  const connectors: Connectors = (code) => (code === 'JVVNL' ? power.connector : code === 'PHED' ? water.connector : undefined);
  const run = (department?: string, by: Connectors = connectors): Promise<RemitReport> =>
    remit(world.hub, {
      connectors: by,
      book: (ended) => {
        assert.ok(world.hub.db.inTransaction);
        booked.push(ended);
      },
      ...(department === undefined ? {} : { department }),
    });
  const delayed = (bill: Bill | undefined, kiosk?: string): Sold =>
    sell(world.hub, { bill: bill ?? assert.fail(), mode: 'semi-offline-delayed' }, kiosk);
  const results = (report: RemitReport): readonly (readonly [string, string])[] =>
    report.batches.flatMap((b) => b.receipts.map((r) => [r.receipt, r.result] as const)).toSorted();
  /** Every request that a department has confirmed was confirmed once, for its bill. */
  function paidOnce(): void {
    for (const { server } of [power, water]) {
      const confirmed = server.ledger().filter((p) => p.status === 'confirmed');
      assert.equal(new Set(confirmed.map((p) => `${p.consumer} ${p.billNumber}`)).size, confirmed.length);
    }
  }

  it('posts what was received to each department, with its reference and second fact', async () => {
    const sold = [delayed(power.bills[0]), delayed(water.bills[0]), delayed(power.bills[1])];
    const report = await run();
    assert.deepEqual(results(report), sold.map((s) => [s.receipt, 'posted']).toSorted());
    assert.equal(report.posted, 3);
    assert.equal(
      report.postedPaise,
      sold.reduce((sum, s) => sum + s.sale.billPaise, 0n),
    );
    assert.deepEqual(report.batches.map((b) => b.department).toSorted(), ['JVVNL', 'PHED']);
    const first = sold[0] ?? assert.fail();
    const entry = power.server.ledger().find((p) => p.requestId === first.sale.transaction);
    assert.deepEqual(secondFact(world.hub, first.receipt)?.state, { kind: 'posted', reference: entry?.word, at: world.clock.now });
    assert.equal(booked.length, 3);
    paidOnce();
  });

  it('run again posts nothing again', async () => {
    delayed(power.bills[0]);
    await run();
    const again = await run();
    assert.deepEqual(again, { batches: [], posted: 0, postedPaise: 0n, refundDue: 0, left: 0 });
    assert.deepEqual(
      power.server.ledger().map((p) => p.asked),
      [1],
    );
    assert.equal(booked.length, 1);
  });

  it('posts for one department alone when it is named', async () => {
    delayed(power.bills[0]);
    delayed(water.bills[0]);
    const report = await run('PHED');
    assert.deepEqual(
      report.batches.map((b) => b.department),
      ['PHED'],
    );
    assert.equal(listPostings(world.hub, 'due', 'JVVNL').length, 1);
    assert.equal(power.server.ledger().length, 0);
  });

  it('leaves online sales to the worker', async () => {
    sell(world.hub, { bill: power.bills[0] ?? assert.fail() });
    assert.equal((await run()).posted, 0);
  });

  it('refused after the citizen had left: owed back, and the bill can be paid again', async () => {
    power.server.order({ do: 'refuse', reason: 'consumer disconnected' });
    const { sale, receipt } = delayed(power.bills[0]);
    const report = await run();
    assert.equal(report.refundDue, 1);
    assert.deepEqual(secondFact(world.hub, receipt)?.state, { kind: 'refund-due', reason: 'consumer disconnected' });
    assert.equal(isPaid(world.hub, sale.department, sale.consumer, sale.billNumber), false);
    assert.deepEqual(
      booked.map((b) => b.state),
      ['refund-due'],
    );
    assert.equal((await run()).batches.length, 0);
  });

  it('a bill paid at two counters goes to the department once', async () => {
    const first = delayed(power.bills[0]);
    assert.equal(delayed(power.bills[0], 'd35k2222').verdict, 'paid-before');
    await run();
    assert.deepEqual(
      power.server.ledger().map((p) => p.requestId),
      [first.sale.transaction],
    );
  });

  it('a batch done in part leaves the rest due, and the next run does them', async () => {
    const sold = power.bills.slice(0, 5).map((bill) => delayed(bill));
    power.server.order({ do: 'partial', first: 2 });
    const report = await run();
    assert.deepEqual([report.posted, report.left], [2, 3]);
    assert.equal(listPostings(world.hub, 'due').length, 3);
    const again = await run();
    assert.deepEqual([again.posted, again.left], [3, 0]);
    assert.deepEqual(
      power.server
        .ledger()
        .map((p) => p.requestId)
        .toSorted(),
      sold.map((s) => s.sale.transaction).toSorted(),
    );
    assert.ok(power.server.ledger().every((p) => p.status === 'confirmed' && p.asked === 1));
    paidOnce();
  });

  it('a lost answer is looked up at once: posted, not sent again', async () => {
    power.bills.slice(0, 3).forEach((bill) => delayed(bill));
    power.server.order({ do: 'lose-answer' });
    assert.equal((await run()).posted, 3);
    assert.deepEqual(
      power.server.ledger().map((p) => p.asked),
      [1, 1, 1],
    );
  });

  for (const order of ['garbage', 'wrong-request', 'lose-answer'] as const) {
    it(`${order}, with the look-up failing too: left due, and the next run finds them by request id`, async () => {
      power.bills.slice(0, 3).forEach((bill) => delayed(bill));
      power.server.order({ do: order });
      power.server.order({ do: 'drop', on: 'lookups' });
      const report = await run();
      assert.deepEqual([report.posted, report.left], [0, 3]);
      assert.equal((await run()).posted, 3);
      assert.deepEqual(
        power.server.ledger().map((p) => p.asked),
        [1, 1, 1],
      );
      paidOnce();
    });
  }

  for (const order of ['fail', 'drop'] as const) {
    it(`${order}: nothing was booked, all stay due, the next run posts them`, async () => {
      const { sale } = delayed(power.bills[0]);
      power.server.order({ do: order });
      assert.deepEqual([(await run()).left, findPosting(world.hub, sale.transaction)?.state], [1, 'due']);
      assert.equal((await run()).posted, 1);
      paidOnce();
    });
  }

  it('a stalled batch that books late is never paid twice', async () => {
    const { sale } = delayed(power.bills[0]);
    power.server.order({ do: 'stall-unbooked' });
    const hasty = connectDepartment(
      { code: sale.department, baseUrl: power.server.url, token: TOKEN },
      { ...PATIENT, batchTimeoutMs: HASTY.batchTimeoutMs },
    );
    assert.equal((await run(undefined, () => hasty)).left, 1);
    assert.equal((await run()).posted, 1);
    power.server.order({ do: 'release' });
    assert.equal((await run()).posted, 0);
    assert.deepEqual(
      power.server.ledger().map((p) => [p.requestId, p.status]),
      [[sale.transaction, 'confirmed']],
    );
  });

  it('a department that is down, or not in the register, keeps no other from its money', async () => {
    delayed(water.bills[0]);
    delayed(power.bills[0]);
    delayed(power.bills[1]);
    const report = await run(undefined, (code) => (code === 'PHED' ? water.connector : undefined));
    assert.deepEqual([report.posted, report.left], [1, 2]);
    await power.server.close();
    const down = await run();
    assert.deepEqual([down.posted, down.left], [0, 2]);
    assert.match(down.batches[0]?.receipts[0]?.result === 'left' ? down.batches[0].receipts[0].reason : '', /unreachable/u);
    power = await openDepartment();
    assert.equal((await run()).posted, 2);
  });

  it('two runs at once pay once', async () => {
    power.bills.slice(0, 10).forEach((bill) => delayed(bill));
    await Promise.all([run(), run()]);
    assert.equal(listPostings(world.hub, 'posted').length, 10);
    assert.equal(power.server.ledger().length, 10);
    assert.equal(booked.length, 10);
    paidOnce();
  });

  it('a hub killed after it sent, before it wrote the answer, finds it by request id', async () => {
    const { sale } = delayed(power.bills[0]);
    const dying: Connectors = () => ({
      ...power.connector,
      payBatch: async (batch, payments) => {
        await power.connector.payBatch(batch, payments);
        throw new Error('power cut');
      },
    });
    await assert.rejects(run(undefined, dying), /power cut/u);
    const hub = world.reopen();
    assert.equal(findPosting(hub, sale.transaction)?.state, 'due');
    assert.equal((await remit(hub, { connectors, book: () => undefined })).posted, 1);
    assert.deepEqual(
      power.server.ledger().map((p) => [p.requestId, p.asked]),
      [[sale.transaction, 1]],
    );
  });

  it('more than one batch holds goes in several', async () => {
    const many = Array.from({ length: 7 }, () => power.bills).flat();
    // Every bill many times over, in parts: the department takes none of them as whole.
    for (const bill of many) sell(world.hub, { bill, mode: 'semi-offline-delayed', partPaise: 100n });
    const report = await run();
    assert.deepEqual(
      report.batches.map((b) => b.receipts.length),
      [200, 10],
    );
    assert.equal(new Set(report.batches.map((b) => b.batch)).size, 2);
    assert.equal(report.refundDue, 210);
  });
});
