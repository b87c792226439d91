import assert from 'node:assert/strict';
import type { Outcome } from '#protocol/wire/frames.js';
import type { TransactionId } from '#protocol/identity/identity.js';
import { connectDepartment, registeredConnectors, type Connector, type Connectors } from '../../../hub-server/services/connector.js';
import { findPosting } from '../../../hub-server/services/postings.js';
import { POSTING_DELAYS, startPostingWorker, type PostingWorker, type PostingWorkerOptions } from '../../../hub-server/services/posting-worker.js';
import {
  HASTY,
  PATIENT,
  TOKEN,
  enterDepartment,
  makeHub,
  newTransaction,
  openDepartment,
  sell,
  someBills,
  type Department,
  type TestHub,
} from './world.js';
import { HandTimer } from './hand-timer.js';

describe('posting worker', () => {
  let world: TestHub;
  let office: Department;
  let hand: HandTimer;
  let worker: PostingWorker | undefined;
  let told: Outcome[];
  let booked: TransactionId[];
  let tellings: (() => void)[];

  beforeEach(async () => {
    world = makeHub();
    office = await openDepartment();
    hand = new HandTimer(world.clock);
    worker = undefined;
    told = [];
    booked = [];
    tellings = [];
  });
  afterEach(async () => {
    await worker?.stop();
    await office.server.close();
    world.close();
  });

  function start(connectors: Connectors = () => office.connector, more: Partial<PostingWorkerOptions> = {}, hub = world.hub): PostingWorker {
    worker = startPostingWorker(hub, {
      connectors,
      book: (ended) => {
        assert.ok(hub.db.inTransaction, 'the books move inside the transaction');
        booked.push(ended.transaction);
      },
      onOutcome: (outcome) => {
        assert.ok(!hub.db.inTransaction, 'an outcome is told after its commit');
        told.push(outcome);
        for (const tell of tellings) tell();
      },
      onDefect: (error) => {
        throw error;
      },
      timer: hand.timer,
      ...more,
    });
    return worker;
  }
  const outcomesTold = (count: number): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (told.length >= count) resolve();
      };
      tellings.push(look);
      look();
    });
  const billAt = (n: number): Department['bills'][number] => office.bills[n] ?? assert.fail();
  /** A connector that counts, and tells when a question is over. */
  function watched(inner: Connector): { readonly connector: Connector; readonly asked: string[]; readonly over: (count: number) => Promise<void> } {
    const asked: string[] = [];
    let over = 0;
    let look = (): void => undefined;
    const pay: Connector['pay'] = async (payment, how, signal) => {
      asked.push(`${how} ${payment.requestId}`);
      try {
        return await inner.pay(payment, how, signal);
      } finally {
        over += 1;
        // After the worker has written down what it learnt.
        setImmediate(() => look());
      }
    };
    const wait = (count: number): Promise<void> =>
      new Promise((resolve) => {
        look = () => {
          if (over >= count) resolve();
        };
        look();
      });
    return { connector: { ...inner, pay }, asked, over: wait };
  }

  it('asks for a sale as soon as it is woken, books and tells the answer once', async () => {
    const running = start();
    const { sale } = sell(world.hub, { bill: billAt(0) });
    running.wake();
    running.wake();
    await outcomesTold(1);
    const state = { kind: 'posted', reference: 'JVVNL/00000001', at: world.clock.now };
    assert.deepEqual(told, [{ transaction: sale.transaction, state }]);
    assert.deepEqual(booked, [sale.transaction]);
    assert.deepEqual(
      office.server.ledger().map((p) => [p.requestId, p.asked]),
      [[sale.transaction, 1]],
    );
    running.wake();
    assert.deepEqual(await running.postNow(sale.transaction, 1_000), state);
    assert.equal(office.server.ledger()[0]?.asked, 1);
  });

  it('tells a refusal, and leaves the money to go back over the counter', async () => {
    office.server.order({ do: 'refuse', reason: 'meter removed' });
    const { sale } = sell(world.hub, { bill: billAt(0) });
    start();
    await outcomesTold(1);
    assert.deepEqual(told, [{ transaction: sale.transaction, state: { kind: 'refused', reason: 'meter removed' } }]);
  });

  it('leaves alone what waits for a batch', async () => {
    sell(world.hub, { bill: billAt(1), mode: 'semi-offline-delayed' });
    sell(world.hub, { bill: billAt(0) });
    start();
    await outcomesTold(1);
    assert.equal(office.server.ledger().length, 1);
    assert.equal(hand.waiting, 0);
  });

  for (const order of ['lose-answer', 'fail', 'drop', 'garbage', 'wrong-request', 'answer-twice'] as const) {
    it(`${order}, again and again: asked by the same request id until it is known, paid once`, async () => {
      office.server.order({ do: order, times: 2 });
      office.server.order({ do: 'drop', on: 'lookups', times: 2 });
      const { sale } = sell(world.hub, { bill: billAt(0) });
      const seen = watched(office.connector);
      start(() => seen.connector);
      for (let asked = 1; told.length === 0; asked += 1) {
        await seen.over(asked);
        if (told.length === 0) hand.next();
        assert.ok(asked < 12, 'the answer becomes known');
      }
      assert.equal(told[0]?.state.kind, 'posted');
      assert.deepEqual(new Set(seen.asked.slice(1)), new Set(seen.asked.length > 1 ? [`again ${sale.transaction}`] : []));
      assert.deepEqual(
        office.server.ledger().map((p) => [p.requestId, p.status]),
        [[sale.transaction, 'confirmed']],
      );
      assert.deepEqual(booked, [sale.transaction]);
    });
  }

  it('waits longer each time, up to a limit', async () => {
    office.server.order({ do: 'fail', times: 1_000 });
    sell(world.hub, { bill: billAt(0) });
    const seen = watched(office.connector);
    start(() => seen.connector);
    const pauses: number[] = [];
    for (let asked = 1; asked <= 10; asked += 1) {
      await seen.over(asked);
      pauses.push(hand.next());
    }
    const { firstRetryMs, retryMaxMs } = POSTING_DELAYS;
    assert.deepEqual(
      pauses,
      Array.from({ length: 10 }, (_, n) => Math.min(firstRetryMs * 2 ** n, retryMaxMs)),
    );
  });

  it('a clock set back by a year does not hold a sale up for a year', async () => {
    office.server.order({ do: 'fail' });
    sell(world.hub, { bill: billAt(0) });
    const seen = watched(office.connector);
    const running = start(() => seen.connector);
    await seen.over(1);
    world.clock.now -= 365 * 86_400_000;
    running.wake();
    await outcomesTold(1);
  });

  it('a department that stalls holds up no other, and the sale in flight is asked for once', async () => {
    office.server.order({ do: 'stall' });
    const water = await openDepartment('PHED', '102');
    try {
      const slow = sell(world.hub, { bill: billAt(0) });
      const running = start((code) => (code === 'PHED' ? water.connector : office.connector));
      await office.server.holding(1);
      const quick = sell(world.hub, { bill: water.bills[0] ?? assert.fail() });
      running.wake();
      await outcomesTold(1);
      assert.equal(told[0]?.transaction, quick.sale.transaction);
      running.wake();
      const known = running.postNow(slow.sale.transaction, 1_000);
      hand.next();
      assert.deepEqual(await known, { kind: 'asking' });
      assert.deepEqual(
        office.server.ledger().map((p) => [p.requestId, p.asked]),
        [[slow.sale.transaction, 1]],
      );
    } finally {
      await water.server.close();
    }
  });

  it('postNow gives what is known at the deadline, and the answer when it comes before', async () => {
    office.server.order({ do: 'stall' });
    const { sale } = sell(world.hub, { bill: billAt(0) });
    const running = start();
    await office.server.holding(1);
    const early = running.postNow(sale.transaction, 2_000);
    hand.next();
    assert.deepEqual(await early, { kind: 'asking' });
    const inTime = running.postNow(sale.transaction, 2_000);
    office.server.order({ do: 'release' });
    assert.equal((await inTime)?.kind, 'posted');
    assert.equal(office.server.ledger()[0]?.asked, 1);
    assert.equal(await running.postNow(newTransaction(), 1_000), undefined);
  });

  it('a hub that stops in the middle of a question goes on with the same request id after the start', async () => {
    office.server.order({ do: 'stall' });
    const { sale } = sell(world.hub, { bill: billAt(0) });
    const running = start();
    await office.server.holding(1);
    await running.stop();
    assert.equal(told.length, 0);
    const hub = world.reopen();
    assert.equal(findPosting(hub, sale.transaction)?.state, 'asking');
    const seen = watched(office.connector);
    start(() => seen.connector, {}, hub);
    hand.next();
    await outcomesTold(1);
    assert.deepEqual(seen.asked, [`again ${sale.transaction}`]);
    assert.equal(told[0]?.state.kind, 'posted');
    assert.deepEqual(
      office.server.ledger().map((p) => [p.requestId, p.asked]),
      [[sale.transaction, 1]],
    );
  });

  it('a hub that was killed after it noted the question looks it up before it sends', async () => {
    const { sale } = sell(world.hub, { bill: billAt(0) });
    world.hub.db.prepare('UPDATE posting SET attempts = 1').run();
    const seen = watched(office.connector);
    start(() => seen.connector);
    await outcomesTold(1);
    assert.deepEqual(seen.asked, [`again ${sale.transaction}`]);
  });

  it('asks for many at once, each once, with few open at a time', async () => {
    const sales = office.bills.map((bill) => sell(world.hub, { bill }).sale.transaction);
    let open = 0;
    let most = 0;
    const pay: Connector['pay'] = async (payment, how, signal) => {
      open += 1;
      most = Math.max(most, open);
      try {
        return await office.connector.pay(payment, how, signal);
      } finally {
        open -= 1;
      }
    };
    start(() => ({ ...office.connector, pay }));
    await outcomesTold(sales.length);
    assert.deepEqual(
      office.server
        .ledger()
        .map((p) => p.requestId)
        .toSorted(),
      sales.toSorted(),
    );
    assert.ok(office.server.ledger().every((p) => p.asked === 1));
    assert.ok(most > 1 && most <= 8, `${most} open at a time`);
  });

  it('a department out of the register, or down, is asked when it comes back, with the address it then has', async () => {
    const { sale } = sell(world.hub, { bill: billAt(0) });
    const running = start(registeredConnectors(world.hub, PATIENT));
    assert.deepEqual(await running.postNow(sale.transaction, 60_000), { kind: 'asking' });
    assert.match(findPosting(world.hub, sale.transaction)?.reason ?? '', /not in the register/u);
    enterDepartment(world.hub, 'JVVNL');
    assert.deepEqual(await running.postNow(sale.transaction, 60_000), { kind: 'asking' });
    assert.match(findPosting(world.hub, sale.transaction)?.reason ?? '', /unreachable/u);
    enterDepartment(world.hub, 'JVVNL', office.server.url);
    assert.equal((await running.postNow(sale.transaction, 60_000))?.kind, 'posted');
  });

  it('a time-out is an unknown like any other', async () => {
    office.server.order({ do: 'stall' });
    const { sale } = sell(world.hub, { bill: billAt(0) });
    const hasty = connectDepartment({ code: billAt(0).department, baseUrl: office.server.url, token: TOKEN }, HASTY);
    const running = start(() => hasty);
    assert.deepEqual(await running.postNow(sale.transaction, 60_000), { kind: 'asking' });
    assert.match(findPosting(world.hub, sale.transaction)?.reason ?? '', /timeout/u);
  });

  it('books that fail stop the worker, and the sale stays to be asked for', async () => {
    const { sale } = sell(world.hub, { bill: someBills('JVVNL', '101', 1)[0] ?? assert.fail() });
    const defect = new Promise<unknown>((resolve) => {
      const book = (): never => {
        throw new Error('books closed');
      };
      start(() => office.connector, { book, onDefect: resolve });
    });
    assert.match(String(await defect), /books closed/u);
    assert.equal(findPosting(world.hub, sale.transaction)?.state, 'asking');
    assert.equal(office.server.ledger()[0]?.asked, 1);
  });
});
