import assert from 'node:assert/strict';
import { paise } from '#protocol/money/paise.js';
import { openHead } from '#protocol/ledger/head.js';
import { PUSH_ENTRIES_MAX } from '#protocol/wire/frames.js';
import { valueOf } from '../../unit/agent/bench.js';
import { saleBody, transactionOf } from '../../unit/protocol/samples.js';
import { Chain, HubBench } from '../../unit/hub/bench.js';
import { FIRST, LinkWorld, type RawKiosk } from './world.js';

const STARTED = { kind: 'started', software: '0.1.0', clean: true } as const;

describe('pushes over the kiosk link', () => {
  let template: HubBench;
  let world: LinkWorld;
  let chain: Chain;
  before(async () => {
    template = await HubBench.open();
  });
  after(() => template.close());
  beforeEach(async () => {
    world = await LinkWorld.open(template);
    chain = new Chain(world.bench.identity());
  });
  afterEach(() => world.close());

  const proven = async (): Promise<RawKiosk> => {
    const kiosk = await world.raw();
    await kiosk.auth(world.identity());
    await kiosk.frame('welcome');
    return kiosk;
  };
  const counted = (head: Uint8Array): number => valueOf(openHead(world.bench.hub.hubCertificate.key, 'hub', head)).count;
  const tip = (): number => world.bench.ingest.tip(world.bench.device()).seq;
  const push = (kiosk: RawKiosk, from: number, to?: number): void => kiosk.send({ t: 'push', from, entries: [...chain.bytes(from, to)] });

  it('are acknowledged each, up to their last entry', async () => {
    for (let n = 0; n < 6; n += 1) chain.add(STARTED);
    const kiosk = await proven();
    push(kiosk, 1, 2);
    push(kiosk, 3, 6);
    assert.equal(counted((await kiosk.frame('ack', 2)).head), 6);
    assert.equal(counted((await kiosk.frame('ack', 1)).head), 2);
  });

  it('twice are acknowledged twice and booked once', async () => {
    chain.sell(1, {
      id: world.bench.grant(valueOf(world.bench.grants.keepLease(world.bench.device(), world.bench.ingest.tip(world.bench.device())))).id,
      number: 1,
      kind: 'lease',
    });
    const kiosk = await proven();
    push(kiosk, 1);
    push(kiosk, 1);
    assert.equal(counted((await kiosk.frame('ack', 2)).head), 2);
    assert.equal(world.bench.payable('JVVNL'), saleBody(1).totalPaise);
  });

  it('with a gap are answered by what is expected, and the link goes on', async () => {
    for (let n = 0; n < 4; n += 1) chain.add(STARTED);
    const kiosk = await proven();
    push(kiosk, 3);
    const nack = await kiosk.frame('nack');
    assert.deepEqual([nack.code, nack.expected], ['gap', 1]);
    push(kiosk, 1);
    assert.equal(counted((await kiosk.frame('ack')).head), 4);
  });

  it('of a second history are kept as proof; people are told and the kiosk gets no grant any more [INV-32]', async () => {
    for (let n = 0; n < 3; n += 1) chain.add(STARTED);
    const kiosk = await proven();
    push(kiosk, 1);
    await kiosk.frame('ack');
    const copy = chain.copy(1);
    copy.add({ kind: 'operator-off' });
    kiosk.send({ t: 'push', from: 2, entries: [...copy.bytes(2)] });
    const nack = await kiosk.frame('nack');
    assert.deepEqual([nack.code, nack.expected], ['fork', 2]);
    assert.deepEqual(world.bench.forks(), [{ kiosk: FIRST, seq: 2n }]);
    assert.match(world.alarms[0] ?? '', /fork at entry 2/u);
    kiosk.send({ t: 'ask', id: 7, ask: { ask: 'lease' } });
    const { id, answer } = await kiosk.frame('answer');
    assert.ok(id === 7 && answer.answer === 'no' && answer.code === 'suspended');
  });

  it('with a bad entry are refused at its number; people are told', async () => {
    chain.add(STARTED);
    const kiosk = await proven();
    kiosk.send({ t: 'push', from: 1, entries: [...chain.bytes(1), Uint8Array.of(1, 2, 3)] });
    const nack = await kiosk.frame('nack');
    assert.deepEqual([nack.code, nack.expected], ['bad-entry', 2]);
    assert.match(world.alarms[0] ?? '', /bad-entry at entry 2/u);
    assert.equal(tip(), 1);
  });

  it('are acknowledged only after the commit: one that fails at the very end is not [INV-30]', async () => {
    chain.add(STARTED);
    const { db } = world.bench.hub;
    // Broken at COMMIT itself, when every statement has passed.
    db.exec(`CREATE TABLE t_one (id INTEGER PRIMARY KEY);
      CREATE TABLE t_many (one INTEGER REFERENCES t_one (id) DEFERRABLE INITIALLY DEFERRED);
      CREATE TRIGGER cut AFTER INSERT ON entry BEGIN INSERT INTO t_many VALUES (1); END`);
    const kiosk = await proven();
    push(kiosk, 1);
    assert.equal(await kiosk.close4xxx(), 1011);
    assert.ok(!kiosk.frames.some((frame) => frame.t === 'ack'));
    assert.equal(tip(), 0);
    assert.match(world.defects.join(), /FOREIGN KEY/u);
    db.exec('DROP TRIGGER cut');
    const again = await proven();
    push(again, 1);
    assert.equal(counted((await again.frame('ack')).head), 1);
    assert.equal(tip(), 1);
  });

  it('with online sales wake the asking of departments; others do not', async () => {
    const kiosk = await proven();
    const hold = valueOf(world.bench.grants.issueHold(world.bench.device(), { transaction: transactionOf(1), totalPaise: saleBody(1).totalPaise }));
    chain.add(STARTED);
    push(kiosk, 1);
    await kiosk.frame('ack');
    assert.equal(world.online, 0);
    chain.sell(1, { id: world.bench.grant(hold).id, number: 1, kind: 'hold' }, { mode: 'online' });
    push(kiosk, 2);
    await kiosk.frame('ack', 2);
    assert.equal(world.online, 1);
    assert.equal(world.bench.payable('JVVNL'), saleBody(1).totalPaise);
  });

  it('tell the kiosk what became of a sale, and ask it to close its lease, when it is connected', async () => {
    const kiosk = await proven();
    const outcome = { transaction: transactionOf(1), state: { kind: 'posted', reference: 'R-1', at: 5 } } as const;
    world.link.tell(FIRST, outcome);
    assert.deepEqual((await kiosk.frame('outcome')).outcome, outcome);
    assert.equal(world.link.askToCloseLease(FIRST), 'told');
    await kiosk.frame('close-lease');
    kiosk.close();
    await kiosk.until('the link is down', () => kiosk.closed !== undefined);
    const other = await proven();
    other.close();
    await other.until('the link is down', () => other.closed !== undefined);
    assert.equal(world.link.askToCloseLease('d35k2222'), 'not-connected');
  });

  it('may have a hundred entries, not one more', async () => {
    for (let n = 0; n <= PUSH_ENTRIES_MAX; n += 1) chain.add(STARTED);
    const kiosk = await proven();
    push(kiosk, 1, PUSH_ENTRIES_MAX);
    assert.equal(counted((await kiosk.frame('ack')).head), PUSH_ENTRIES_MAX);
    push(kiosk, 1, PUSH_ENTRIES_MAX + 1);
    assert.equal(await kiosk.close4xxx(), 4400);
  });

  it('answer each question under its own number, in whatever order', async () => {
    const kiosk = await proven();
    kiosk.send({ t: 'ask', id: 9, ask: { ask: 'outcomes', transactions: [] } });
    kiosk.send({
      t: 'ask',
      id: 4,
      ask: { ask: 'hold', transaction: transactionOf(1), service: saleBody(1).service, consumer: '1', billNumber: '1', totalPaise: paise(5n) },
    });
    kiosk.send({ t: 'ask', id: 5, ask: { ask: 'master', department: saleBody(1).department, have: 0, from: 0 } });
    await kiosk.frame('answer', 3);
    const answers = new Map(kiosk.frames.flatMap((frame) => (frame.t === 'answer' ? [[frame.id, frame.answer.answer] as const] : [])));
    assert.deepEqual([answers.get(9), answers.get(4), answers.get(5)], ['outcomes', 'hold', 'master']);
  });
});
