import assert from 'node:assert/strict';
import { getShortestPaths } from 'xstate/graph';
import type { AnyEventObject, AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import { APPLIANCE_DELAYS, applianceMachine } from '../../../firmware-agent/counter/appliance-machine.js';
import { answersOf, ChartRun, matter, Played, type Matter } from './chart-bench.js';
import { EVERY_KEY, leaves, placeOf } from './chart-walk.js';

describe('the appliance chart', () => {
  let of: Matter;
  before(async () => {
    of = await matter();
  });
  after(() => of.bench.close());

  const EVENTS = [
    { type: 'LOG_IN', login: '01', pin: '482915' },
    { type: 'LOG_IN_BY_KEY', login: '01' },
    { type: 'KEY_TOUCH' },
    { type: 'KEY_ANSWERED', result: { ok: false, error: { problem: { code: 'key-denied' }, triesLeft: null, lockedUntil: null } } },
    { type: 'OPEN_TILL', float: 'good' },
    { type: 'OPEN_TILL', float: 'bad' },
    { type: 'CLOSE_TILL', counted: '0' },
    { type: 'CLOSE_TILL', counted: 'bad' },
    { type: 'LEDGER_BROKEN', problem: { code: 'ledger-broken' }, detail: 'x' },
    { type: 'SHOW_RECEIPTS' },
    { type: 'BACK' },
    { type: 'CONFIRM' },
    { type: 'LOG_OUT' },
    { type: 'LANGUAGE', language: 'hi' },
    { type: 'PRINTER_WELL' },
    { type: 'REST' },
    { type: 'WAKE' },
    { type: 'xstate.after.logInMs.appliance.checkingPin' },
    { type: 'xstate.error.actor.0.appliance.checkingPin', error: new Error('broke') },
    { type: 'xstate.done.actor.service', output: { leaving: 'closing' } },
    { type: 'xstate.done.actor.service', output: { leaving: 'logged-out' } },
    { type: 'xstate.done.actor.service', output: { leaving: 'resting' } },
  ] as const;

  it('has no state that can not be reached', () => {
    const answers = answersOf(of);
    const logIns = Object.values(answers.logIn).map((output) => ({ type: 'xstate.done.actor.0.appliance.checkingPin', output }));
    const reached = new Set<string>();
    // The till decides by itself where some states lead; each walk has it the other way at the start.
    for (const till of ['open', 'shut'] as const) {
      for (const broken of [null, { problem: { code: 'ledger-broken' as const }, detail: 'x' }]) {
        const played = new Played(of);
        played.till = till;
        const walk = getShortestPaths(applianceMachine as AnyStateMachine, {
          input: { ports: played.ports, language: 'en', broken },
          events: [...EVENTS, ...logIns] as AnyEventObject[],
          serializeState: (snapshot) => placeOf(snapshot as AnyMachineSnapshot) as never,
          serializeEvent: (event) => JSON.stringify(event, (_k, v: unknown) => (typeof v === 'bigint' ? v.toString() : v)) as never,
          stopWhen: () => {
            played.till = till;
            return false;
          },
        });
        for (const path of walk) reached.add(placeOf(path.state as AnyMachineSnapshot));
      }
    }
    const passing = ['selfTest', 'tillCheck', 'tillTried', 'closeTried'];
    assert.deepEqual(
      leaves(applianceMachine).filter((state) => !reached.has(state) && !passing.includes(state)),
      [],
    );
    for (const state of passing)
      assert.ok((applianceMachine.config.states as Record<string, { always?: unknown }>)[state]?.always !== undefined, `${state} is passed through`);
  });

  it('gives a view in every state, from the start to the closed till', async () => {
    const run = new ChartRun(of).start();
    assert.equal(run.draw().screen, 'login');
    await run.send({ type: 'LOG_IN', login: '01', pin: '1' });
    assert.equal(run.draw().screen, 'login');
    await run.played.answer('logIn', 'no');
    assert.equal(run.problem, 'pin-wrong');
    await run.send({ type: 'LOG_IN', login: '01', pin: '482915' });
    await run.played.answer('logIn', 'yes');
    assert.equal(run.draw().screen, 'till-opening');
    await run.send({ type: 'OPEN_TILL', float: 'bad' });
    assert.equal(run.problem, 'amount-unreadable');
    await run.send({ type: 'OPEN_TILL', float: 'good' });
    assert.equal(run.draw().screen, 'menu');
    await run.send({ type: 'START_CLOSING' });
    assert.equal(run.draw().screen, 'till-closing');
    await run.send({ type: 'BACK' });
    assert.equal(run.draw().screen, 'menu');
    await run.send({ type: 'START_CLOSING' }, { type: 'CLOSE_TILL', counted: 'bad' });
    assert.equal(run.problem, 'amount-unreadable');
    await run.send({ type: 'CLOSE_TILL', counted: '0' });
    assert.equal(run.draw().screen, 'till-closed');
    await run.send({ type: 'CONFIRM' });
    assert.equal(run.draw().screen, 'login');
    assert.deepEqual(run.played.unexpected, []);
    run.stop();
  });

  it('out of order lets people read and nothing else, whatever is pressed [INV-44]', async () => {
    const run = new ChartRun(of, { problem: { code: 'ledger-broken' }, detail: 'entry 7' }).start();
    const everything = [...EVERY_KEY, ...EVENTS.slice(0, 12)];
    for (const event of [...everything, ...everything.toReversed()]) {
      await run.send(event as never);
      assert.match(run.state, /^outOfOrder/u, event.type);
      run.draw();
    }
    assert.deepEqual(run.played.deeds, []);
    assert.deepEqual(new Set(run.drawn.values()), new Set(['out-of-order', 'receipts']));
    run.clock.increment(10 ** 9);
    assert.match(run.state, /^outOfOrder/u);
    run.stop();
  });

  it('goes out of order from wherever it stands, and the sale in hand goes no further [INV-44]', async () => {
    const broken = { type: 'LEDGER_BROKEN', problem: { code: 'ledger-broken' }, detail: 'x' } as const;
    const ways: readonly ((run: ChartRun) => Promise<void>)[] = [
      async (run) => void run.start(),
      (run) => run.open(),
      async (run) => {
        await run.open();
        await run.send({ type: 'SCANNED', scan: { kind: 'scan', text: 'good' } });
      },
      toSecuring,
      async (run) => {
        await toSecuring(run);
        await run.played.answer('secure', 'yes');
      },
    ];
    for (const way of ways) {
      const run = new ChartRun(of);
      await way(run);
      const { length } = run.played.deeds;
      await run.send(broken);
      assert.match(run.state, /^outOfOrder/u);
      for (const port of ['fetch', 'secure', 'print', 'outcome'] as const)
        if (run.played.isOpen(port)) await run.played.answer(port, Object.keys(answersOf(of)[port])[0] as never);
      assert.match(run.state, /^outOfOrder/u);
      assert.deepEqual(
        run.played.deeds.slice(length).filter((deed) => deed.did !== 'abandon'),
        [],
      );
      run.stop();
    }
  });

  it('stops waiting for a log-in in time, and a late answer opens nothing', async () => {
    const run = new ChartRun(of).start();
    await run.send({ type: 'LOG_IN', login: '01', pin: '482915' });
    run.clock.increment(APPLIANCE_DELAYS.logInMs - 1);
    assert.equal(run.state, 'checkingPin');
    run.clock.increment(1);
    assert.equal(run.state, 'locked');
    assert.equal(run.problem, 'hub-down');
    await run.played.answer('logIn', 'yes');
    assert.equal(run.state, 'locked');
    run.stop();
  });

  it('a log-in that breaks is told as no answer', async () => {
    const run = new ChartRun(of).start();
    await run.send({ type: 'LOG_IN', login: '01', pin: '482915' });
    await run.played.answer('logIn', 'throws');
    assert.deepEqual([run.state, run.problem], ['locked', 'hub-down']);
    run.stop();
  });
});

/** To where the money is being secured. */
async function toSecuring(run: ChartRun): Promise<void> {
  await run.open();
  await run.send({ type: 'SCANNED', scan: { kind: 'scan', text: 'good' } });
  await run.played.answer('fetch', 'found');
  await run.send({ type: 'AGREE' }, { type: 'TAKE_CASH', received: 'good' });
  assert.equal(run.state, 'open/securing');
}
