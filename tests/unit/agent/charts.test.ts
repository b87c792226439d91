import assert from 'node:assert/strict';
import { getShortestPaths, getStateNodes } from 'xstate/graph';
import type { AnyEventObject, AnyStateMachine, AnyMachineSnapshot, StateNode } from 'xstate';
import type { ScreenName } from '#protocol/counter/view.js';
import { APPLIANCE_DELAYS, applianceMachine } from '../../../firmware-agent/counter/appliance-machine.js';
import { serviceMachine } from '../../../firmware-agent/counter/service-machine.js';
import { SERVICE_DELAYS } from '../../../firmware-agent/counter/service-setup.js';
import { OPERATOR } from '../protocol/samples.js';
import { answersOf, ChartRun, matter, Played, settled, type Answers, type AtOnce, type Matter, type Port, type Waiting } from './chart-bench.js';

const AT_ONCE: readonly Port[] = ['recover', 'commit', 'giveBack'];

/** Where each port is invoked, by the chart's own name for the state. */
const INVOKED: Readonly<Record<string, Port>> = {
  recovering: 'recover',
  fetching: 'fetch',
  securing: 'secure',
  committing: 'commit',
  asking: 'outcome',
  printing: 'print',
  reprinting: 'print',
  slip: 'print',
  returning: 'giveBack',
};
const TIME_OUT: Readonly<Record<string, keyof typeof SERVICE_DELAYS>> = {
  fetching: 'fetchMs',
  securing: 'secureMs',
  asking: 'outcomeMs',
  printing: 'printMs',
  reprinting: 'printMs',
  slip: 'printMs',
};

/** Everything that an operator or a device can do. */
const KEYS = [
  { type: 'CHOOSE', code: '101' },
  { type: 'CHOOSE', code: '999' },
  { type: 'GIVE_CONSUMER', consumer: 'good' },
  { type: 'GIVE_CONSUMER', consumer: 'bad' },
  { type: 'PAY_PART', amount: 'good' },
  { type: 'PAY_PART', amount: 'bad' },
  { type: 'AGREE' },
  { type: 'TAKE_CASH', received: 'good' },
  { type: 'TAKE_CASH', received: 'bad' },
  { type: 'BACK' },
  { type: 'CONFIRM' },
  { type: 'PRINT_NOW' },
  { type: 'PRINT_LATER' },
  { type: 'IT_PRINTED' },
  { type: 'SHOW_RECEIPTS' },
  { type: 'REPRINT', receipt: 'good' },
  { type: 'REPRINT', receipt: 'refused' },
  { type: 'REPRINT', receipt: 'none' },
  { type: 'SHOW_QUEUE' },
  { type: 'TRY_LINK' },
  { type: 'START_CLOSING' },
  { type: 'LOG_OUT' },
  { type: 'LANGUAGE', language: 'hi' },
  { type: 'SCANNED', scan: { kind: 'scan', text: 'good' } },
  { type: 'SCANNED', scan: { kind: 'unreadable' } },
  { type: 'PRINTER_WELL' },
] as const;

type Step = AnyEventObject & { readonly port?: Port; readonly name?: string };

/** What can happen in one state: keys, and the answers, failure and time-out of what is invoked there. */
function eventsIn(answers: Answers, state: string): readonly Step[] {
  const port = INVOKED[state];
  if (port === undefined) return KEYS;
  const done = Object.entries(answers[port]).map(([name, output]): Step => ({
    type: `xstate.done.actor.0.service.${state}`,
    output: output as unknown,
    port,
    name,
  }));
  const failed: readonly Step[] = AT_ONCE.includes(port)
    ? []
    : [{ type: `xstate.error.actor.0.service.${state}`, error: new Error('broke'), port, name: 'throws' }];
  const delay = TIME_OUT[state];
  const late: readonly Step[] = delay === undefined ? [] : [{ type: `xstate.after.${delay}.service.${state}`, delay }];
  return [...KEYS, ...done, ...failed, ...late];
}

const leaves = (machine: AnyStateMachine): readonly string[] =>
  getStateNodes(machine)
    .filter((node: StateNode) => Object.keys(node.states).length === 0)
    .map((node: StateNode) => node.path.join('.'));

const valueOf = (snapshot: AnyMachineSnapshot): string =>
  typeof snapshot.value === 'string'
    ? snapshot.value
    : Object.entries(snapshot.value as Record<string, string>)
        .flat()
        .join('.');

/** Events that are told apart in the walk. */
const wordOf = (event: Step): string => `${event.type}:${event.name ?? JSON.stringify(event)}`;

/** States that are told apart in the walk: where the chart stands, and what it has in hand. */
function keyOf(snapshot: AnyMachineSnapshot): string {
  const { offer, sale, secured, told } = snapshot.context as { offer: unknown; sale: { outcome: string } | null; secured: unknown; told: unknown };
  return `${valueOf(snapshot)} ${offer === null ? '' : 'offer'} ${secured === null ? '' : 'secured'} ${sale?.outcome ?? ''} ${told === null ? '' : 'told'}`;
}

describe('the service chart', function () {
  this.timeout(60_000);
  let of: Matter;
  before(async () => {
    of = await matter();
  });
  after(() => of.bench.close());

  const paths = () =>
    getShortestPaths(serviceMachine as AnyStateMachine, {
      input: { ports: new Played(of).ports, operator: OPERATOR, language: 'en' },
      events: (snapshot) => eventsIn(answersOf(of), valueOf(snapshot as AnyMachineSnapshot)),
      serializeState: (snapshot) => keyOf(snapshot as AnyMachineSnapshot) as never,
      serializeEvent: (event) => wordOf(event as Step) as never,
    });

  it('has no state that can not be reached', () => {
    const reached = new Set(paths().map((path) => valueOf(path.state as AnyMachineSnapshot)));
    assert.deepEqual(
      leaves(serviceMachine).filter((state) => !reached.has(state)),
      [],
    );
  });

  it('walked along every generated path, stands where the walk says, and every view can be drawn', async () => {
    const all = paths();
    assert.ok(all.length > 40, `${all.length} paths`);
    const drawn = new Map<string, ScreenName>();
    for (const path of all) {
      const run = new ChartRun(of);
      const steps = path.steps
        .map(({ event, state }) => ({ event: event as Step, state: state as AnyMachineSnapshot }))
        .filter(({ event }) => event.type !== 'xstate.init');
      for (const { event } of steps) {
        if (event.port !== undefined && AT_ONCE.includes(event.port)) run.played.queue[event.port as AtOnce].push(event.name as never);
      }
      const first = run.played.queue.recover.shift();
      await run.open((first ?? 'nothing') as keyof Answers['recover']);
      for (const { event, state } of steps) {
        await take(run, event);
        const expected = valueOf(state);
        // What answers at once is past by now: the next step tells where it stands.
        if (expected === 'gone' || AT_ONCE.includes(INVOKED[expected] as Port)) continue;
        assert.equal(run.state, `open/${expected}`, steps.map((one) => `${one.event.type} ${one.event.name ?? ''}`).join(', '));
      }
      holdsAlways(run);
      assert.equal(run.failed, undefined);
      for (const [state, screen] of run.drawn) drawn.set(state, screen);
      run.stop();
    }
    const services = leaves(serviceMachine).filter((state) => state !== 'gone');
    assert.deepEqual(
      services.filter((state) => !drawn.has(`open/${state}`)),
      [],
    );
  });
});

async function take(run: ChartRun, event: Step): Promise<void> {
  if (event.type.startsWith('xstate.after')) {
    run.clock.increment(SERVICE_DELAYS[event['delay'] as keyof typeof SERVICE_DELAYS]);
    return settled();
  }
  if (event.port === undefined) return run.send(event as never);
  if (AT_ONCE.includes(event.port)) return settled();
  return run.played.answer(event.port as Waiting, event.name as never);
}

/** What no path may ever have done. */
function holdsAlways(run: ChartRun): void {
  const { deeds } = run.played;
  for (const [i, deed] of deeds.entries()) {
    const before = deeds.slice(0, i);
    if (deed.did === 'commit') {
      assert.ok(!before.some((one) => one.did === 'abandon' && one.of.startsWith(deed.of)), 'an abandoned offer is not committed');
    }
  }
}

describe('the appliance chart', () => {
  let of: Matter;
  before(async () => {
    of = await matter();
  });
  after(() => of.bench.close());

  const EVENTS = [
    { type: 'LOG_IN', login: '01', pin: '482915' },
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
    { type: 'xstate.after.logInMs.appliance.checkingPin' },
    { type: 'xstate.error.actor.0.appliance.checkingPin', error: new Error('broke') },
    { type: 'xstate.done.actor.service', output: { leaving: 'closing' } },
    { type: 'xstate.done.actor.service', output: { leaving: 'logged-out' } },
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
          serializeState: (snapshot) => valueOf(snapshot as AnyMachineSnapshot) as never,
          serializeEvent: (event) => JSON.stringify(event, (_k, v: unknown) => (typeof v === 'bigint' ? v.toString() : v)) as never,
          stopWhen: () => {
            played.till = till;
            return false;
          },
        });
        for (const path of walk) reached.add(valueOf(path.state as AnyMachineSnapshot));
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
    const everything = [...KEYS, ...EVENTS.slice(0, 12)];
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
