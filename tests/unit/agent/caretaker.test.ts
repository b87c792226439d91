import assert from 'node:assert/strict';
import type { Bill } from '#protocol/bill/bill.js';
import { paise } from '#protocol/money/paise.js';
import { HOUR_MS } from '#protocol/time/time.js';
import type { Answer, Ask, Outcome } from '#protocol/wire/frames.js';
import { signRuleBook } from '#protocol/rulebook/rulebook.js';
import { noteOutcome } from '../../../firmware-agent/counter/outcome.js';
import { Caretaker, heldRuleBook, takeRuleBook } from '../../../firmware-agent/services/caretaker.js';
import { billOf, DAY, makeWorld, NOW, ruleBookOf, saleBody, transactionOf } from '../protocol/samples.js';
import { Bench, valueOf } from './bench.js';

type Master = Extract<Answer, { readonly answer: 'master' }>;
type MasterAsk = Extract<Ask, { readonly ask: 'master' }>;

const billsOf = (version: number, count: number): readonly Bill[] =>
  Array.from({ length: count }, (_, n) => billOf({ consumer: `2103123456${n.toString().padStart(2, '0')}`, number: `V${version}-${n}` }));

const partOf = (version: number, bills: readonly Bill[], { from, have }: MasterAsk, size: number): Master => {
  const part = version <= have ? [] : bills.slice(from, from + size);
  const done = version <= have || from + part.length >= bills.length;
  return { answer: 'master', version, total: version <= have ? 0 : bills.length, from, bills: [...part], done };
};

class World {
  readonly bench = new Bench({ book: ruleBookOf({ departments: ruleBookOf().departments.slice(0, 1) }) });
  readonly told: Outcome[] = [];
  readonly caretaker = new Caretaker(this.bench.kiosk, (outcome) => {
    this.told.push(outcome);
    noteOutcome(this.bench.kiosk, outcome);
  });
  lease: (question: Ask) => Answer | undefined = () => undefined;
  master: (question: MasterAsk) => Answer | undefined = () => undefined;
  outcomes: (question: Extract<Ask, { readonly ask: 'outcomes' }>) => Answer | undefined = () => undefined;

  constructor() {
    const { link } = this.bench;
    link.isUp = true;
    link.answer = (question) => {
      if (question.ask === 'lease') return this.lease(question);
      if (question.ask === 'master') return this.master(question);
      return question.ask === 'outcomes' ? this.outcomes(question) : undefined;
    };
  }

  asked(kind: Ask['ask']): number {
    return this.bench.link.asked.filter((question) => question.ask === kind).length;
  }

  held(): readonly (string | undefined)[] {
    return billsOf(0, 12).map((one) => this.bench.kiosk.masters.find('JVVNL', '101', one.consumer)?.number);
  }

  serve(version: number, count: number, size = 5): void {
    this.master = (question) => partOf(version, billsOf(version, count), question, size);
  }

  grant(more: Parameters<Bench['lease']>[0]): void {
    this.lease = () => ({ answer: 'lease', grant: this.bench.lease(more) });
  }
}

const numbers = (version: number, count: number): readonly (string | undefined)[] =>
  Array.from({ length: 12 }, (_, n) => (n < count ? `V${version}-${n}` : undefined));

describe('master files after a welcome', () => {
  it('come in parts and are used only when whole', async () => {
    const world = new World();
    const seen: unknown[] = [];
    world.master = (question) => {
      seen.push(world.held().filter((one) => one !== undefined).length);
      return partOf(3, billsOf(3, 12), question, 5);
    };
    await world.caretaker.afterWelcome();
    assert.deepEqual(seen, [0, 0, 0]);
    assert.deepEqual(world.held(), numbers(3, 12));
    assert.equal(world.bench.kiosk.masters.version('JVVNL'), 3);
    world.bench.close();
  });

  it('change in one step: the old one serves until the new one is whole, then it is gone', async () => {
    const world = new World();
    world.serve(1, 12);
    await world.caretaker.afterWelcome();
    world.master = (question) => {
      assert.deepEqual(world.held(), numbers(1, 12));
      return partOf(2, billsOf(2, 7), question, 5);
    };
    await world.caretaker.afterWelcome();
    assert.deepEqual(world.held(), numbers(2, 7));
    assert.equal(world.bench.db.prepare('SELECT count(*) FROM master_bill').pluck().get(), 7n);
    world.bench.close();
  });

  it('start again when the version changes on the way', async () => {
    const world = new World();
    let parts = 0;
    world.master = (question) => {
      parts += 1;
      const version = parts <= 2 ? 4 : 5;
      return partOf(version, billsOf(version, 12), question, 5);
    };
    await world.caretaker.afterWelcome();
    assert.deepEqual(world.held(), numbers(5, 12));
    assert.equal(world.bench.kiosk.masters.version('JVVNL'), 5);
    world.bench.close();
  });

  it('are kept when the hub has only an older one, as after a restored backup', async () => {
    const world = new World();
    world.serve(7, 12);
    await world.caretaker.afterWelcome();
    world.serve(6, 12);
    await world.caretaker.afterWelcome();
    assert.deepEqual(world.held(), numbers(7, 12));
    assert.equal(world.bench.kiosk.masters.version('JVVNL'), 7);
    world.bench.close();
  });

  it('cut on the way are asked for again from the start at the next welcome', async () => {
    const world = new World();
    world.master = (question) => (question.from === 0 ? partOf(1, billsOf(1, 12), question, 5) : undefined);
    await world.caretaker.afterWelcome();
    assert.equal(world.bench.kiosk.masters.version('JVVNL'), 0);
    assert.deepEqual(world.held(), numbers(1, 0));
    world.serve(1, 12);
    await world.caretaker.afterWelcome();
    assert.deepEqual(world.held(), numbers(1, 12));
    world.bench.close();
  });

  it('that never end, or say nothing, are given up', async () => {
    const world = new World();
    world.master = ({ from }) => ({ answer: 'master', version: 2, total: 99, from, bills: [], done: false });
    await world.caretaker.afterWelcome();
    assert.equal(world.asked('master'), 1);
    world.master = ({ from }) => ({ answer: 'master', version: 2, total: 99, from, bills: [billOf()], done: false });
    await world.caretaker.afterWelcome();
    assert.ok(world.asked('master') <= 401);
    assert.equal(world.bench.kiosk.masters.version('JVVNL'), 0);
    world.bench.close();
  });

  it('do not fit on a full disk: what was there goes on serving', async () => {
    const world = new World();
    world.serve(1, 12);
    await world.caretaker.afterWelcome();
    const { db } = world.bench;
    db.pragma(`max_page_count = ${String(db.pragma('page_count', { simple: true }))}`);
    world.master = (question) => partOf(2, billsOf(2, 400), question, 200);
    await world.caretaker.afterWelcome();
    assert.deepEqual(world.held(), numbers(1, 12));
    world.bench.close();
  });
});

describe('the lease is kept', () => {
  it('asked for when there is none, and taken', async () => {
    const world = new World();
    world.grant({});
    await world.caretaker.keepLease();
    assert.equal(world.bench.kiosk.grants.lease()?.grant.number, 1);
    await world.caretaker.keepLease();
    assert.equal(world.asked('lease'), 1, 'a full one is left alone');
    world.bench.close();
  });

  it('raised when a quarter is gone, and when it runs out within half a day', async () => {
    const world = new World();
    const { bench } = world;
    world.grant({});
    await world.caretaker.keepLease();
    const sell = (n: number, sum: bigint): void => {
      const sums = { billPaise: paise(sum), totalPaise: paise(sum) };
      valueOf(bench.append(saleBody(n, sums)));
    };
    sell(1, 125_000n);
    world.grant({ number: 2, limitPaise: paise(600_000n), salesMax: 100 });
    // One of three sales is more than a quarter of the count.
    await world.caretaker.keepLease();
    assert.equal(bench.kiosk.grants.lease()?.grant.number, 2);
    sell(2, 118_750n);
    await world.caretaker.keepLease();
    assert.equal(world.asked('lease'), 2, 'exactly a quarter is not more than a quarter');
    sell(3, 1n);
    world.grant({ number: 3, limitPaise: paise(700_000n), salesMax: 100 });
    await world.caretaker.keepLease();
    assert.equal(bench.kiosk.grants.lease()?.grant.number, 3);
    bench.at += DAY - 12 * HOUR_MS;
    await world.caretaker.keepLease();
    assert.equal(world.asked('lease'), 3);
    bench.at += 1;
    world.grant({ number: 4, limitPaise: paise(700_000n), salesMax: 100 });
    await world.caretaker.keepLease();
    assert.equal(bench.kiosk.grants.lease()?.grant.notAfter, bench.at + DAY);
    bench.close();
  });

  it('not asked for without the link or with a broken ledger', async () => {
    const world = new World();
    world.bench.link.isUp = false;
    await world.caretaker.keepLease();
    world.bench.link.isUp = true;
    world.bench.ledger.markForked(1);
    await world.caretaker.keepLease();
    assert.equal(world.asked('lease'), 0);
    world.bench.close();
  });

  it('refused by the hub, it is asked for again when everything sent is acknowledged, one question at a time', async () => {
    const world = new World();
    const { bench, caretaker } = world;
    valueOf(bench.append({ kind: 'started', software: 'x', clean: true }));
    world.lease = () => ({ answer: 'no', code: 'wallet-too-small', detail: 'empty' });
    caretaker.acknowledged();
    assert.equal(world.asked('lease'), 0, 'something is not sent yet');
    valueOf(bench.ledger.acknowledge(bench.hubHead()));
    caretaker.acknowledged();
    caretaker.acknowledged();
    assert.equal(world.asked('lease'), 1);
    await new Promise((resolve) => setImmediate(resolve));
    world.grant({});
    caretaker.acknowledged();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(bench.kiosk.grants.lease()?.grant.number, 1);
    bench.close();
  });
});

describe('outcomes still owed', () => {
  it('are asked for after a welcome and written once', async () => {
    const world = new World();
    const { bench } = world;
    const { transaction, service, department, consumer, billNumber, totalPaise, mode } = saleBody(1);
    valueOf(bench.append({ kind: 'quoted', transaction, service, department, consumer, billNumber, totalPaise, mode }));
    valueOf(bench.append(saleBody(1)));
    const state = { kind: 'posted', reference: 'REF-1', at: NOW } as const;
    world.outcomes = ({ transactions }) => ({ answer: 'outcomes', outcomes: transactions.map((one) => ({ transaction: one, state })) });
    await world.caretaker.afterWelcome();
    await world.caretaker.afterWelcome();
    assert.deepEqual(bench.bodies('confirmed'), [{ kind: 'confirmed', transaction, reference: 'REF-1', at: NOW }]);
    assert.equal(world.asked('outcomes'), 1, 'what is known is not asked again');
    bench.close();
  });

  it('however many: the newest are not forgotten behind the oldest', async () => {
    const world = new World();
    const { bench } = world;
    const insert = bench.db.prepare(
      "INSERT INTO sale (txn, seq, at, state, service, department, consumer, bill_number, total, outcome) VALUES (?, ?, 1, 'sold', '101', 'JVVNL', '1', '1', 1, 'received')",
    );
    for (let n = 1; n <= 450; n += 1) insert.run(transactionOf(n), n);
    const asked = new Set<string>();
    world.outcomes = ({ transactions }) => {
      assert.ok(transactions.length <= 200);
      for (const one of transactions) asked.add(one);
      return { answer: 'outcomes', outcomes: [] };
    };
    await world.caretaker.afterWelcome();
    assert.equal(asked.size, 450);
    bench.close();
  });

  it('a second welcome in the middle is done after the first, not beside it', async () => {
    const world = new World();
    world.serve(1, 12);
    const first = world.caretaker.afterWelcome();
    await world.caretaker.afterWelcome();
    await first;
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(world.held(), numbers(1, 12));
    assert.equal(world.asked('master'), 4, 'three parts, then one question that says nothing is newer');
    world.bench.close();
  });
});

describe('the rule book in force', () => {
  it('is the newest that the district signed for itself', () => {
    const bench = new Bench();
    const { kiosk } = bench;
    const held = heldRuleBook(kiosk);
    assert.equal(held.version, 3);
    const signed = (more: Parameters<typeof ruleBookOf>[0]): Uint8Array => signRuleBook(bench.world.district, ruleBookOf(more));
    assert.equal(takeRuleBook(kiosk, held, signed({ version: 3 })).version, 3);
    assert.equal(takeRuleBook(kiosk, held, signed({ version: 2 })), held);
    assert.equal(takeRuleBook(kiosk, held, signRuleBook(makeWorld('kota').district, ruleBookOf({ version: 9 }))), held);
    assert.equal(takeRuleBook(kiosk, held, Uint8Array.of(1)), held);
    const newer = takeRuleBook(kiosk, held, signed({ version: 4 }));
    assert.equal(newer.version, 4);
    assert.equal(bench.ledger.ruleBookVersion, 4);
    assert.equal(heldRuleBook(kiosk).version, 4);
    bench.close();
  });
});
