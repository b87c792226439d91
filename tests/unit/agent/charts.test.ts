import assert from 'node:assert/strict';
import { getShortestPaths } from 'xstate/graph';
import type { AnyEventObject, AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import type { ScreenName } from '#protocol/counter/view.js';
import { serviceMachine } from '../../../firmware-agent/counter/service-machine.js';
import { SERVICE_DELAYS } from '../../../firmware-agent/counter/service-setup.js';
import { OPERATOR } from '../protocol/samples.js';
import { answersOf, ChartRun, matter, Played, settled, type Answers, type AtOnce, type Matter, type Port, type Waiting } from './chart-bench.js';
import { EVERY_KEY, leaves, placeOf } from './chart-walk.js';

const AT_ONCE: readonly Port[] = ['recover', 'commit', 'giveBack'];

/** Where each port is invoked, by the chart's own name for the state. */
const INVOKED: Readonly<Record<string, Port>> = {
  recovering: 'recover',
  fetching: 'fetch',
  presence: 'presence',
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
  presence: 'presenceMs',
  securing: 'secureMs',
  asking: 'outcomeMs',
  printing: 'printMs',
  reprinting: 'printMs',
  slip: 'printMs',
};

/** Passed through in one step: nothing rests there. */
const PASSING: readonly string[] = ['presenceTried', 'seenTried'];

type Step = AnyEventObject & { readonly port?: Port; readonly name?: string };

/** What can happen in one state: keys, and the answers, failure and time-out of what is invoked there. */
function eventsIn(answers: Answers, state: string): readonly Step[] {
  const port = INVOKED[state];
  if (port === undefined) return EVERY_KEY;
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
  return [...EVERY_KEY, ...done, ...failed, ...late];
}

/** Events that are told apart in the walk. */
const wordOf = (event: Step): string => `${event.type}:${event.name ?? JSON.stringify(event)}`;

/** States that are told apart in the walk: where the chart stands, and what it has in hand. */
function keyOf(snapshot: AnyMachineSnapshot): string {
  const { offer, sale, secured, told } = snapshot.context as { offer: unknown; sale: { outcome: string } | null; secured: unknown; told: unknown };
  return `${placeOf(snapshot)} ${offer === null ? '' : 'offer'} ${secured === null ? '' : 'secured'} ${sale?.outcome ?? ''} ${told === null ? '' : 'told'}`;
}

describe('the service chart', function () {
  this.timeout(60_000);
  let of: Matter;
  before(async () => {
    of = await matter();
  });
  after(() => of.bench.close());

  /** The walk over services that want a finger, and over those that do not. */
  const WANTS = ['not-asked', 'needed'] as const;
  const played = (presence: Played['presence']): Played => Object.assign(new Played(of), { presence });
  const paths = (presence: Played['presence']) =>
    getShortestPaths(serviceMachine as AnyStateMachine, {
      input: { ports: played(presence).ports, operator: OPERATOR, language: 'en', power: 'enough' },
      events: (snapshot) => eventsIn(answersOf(of), placeOf(snapshot as AnyMachineSnapshot)),
      serializeState: (snapshot) => keyOf(snapshot as AnyMachineSnapshot) as never,
      serializeEvent: (event) => wordOf(event as Step) as never,
    });

  it('has no state that can not be reached', () => {
    const reached = new Set(WANTS.flatMap((presence) => paths(presence).map((path) => placeOf(path.state as AnyMachineSnapshot))));
    assert.deepEqual(
      leaves(serviceMachine).filter((state) => !reached.has(state) && !PASSING.includes(state)),
      [],
    );
  });

  it('walked along every generated path, stands where the walk says, and every view can be drawn', async () => {
    const all = WANTS.flatMap((presence) => paths(presence).map((path) => ({ ...path, presence })));
    assert.ok(all.length > 80, `${all.length} paths`);
    const drawn = new Map<string, ScreenName>();
    for (const path of all) {
      const run = new ChartRun(of);
      run.played.presence = path.presence;
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
        const expected = placeOf(state);
        // What answers at once is past by now: the next step tells where it stands.
        if (expected === 'gone' || AT_ONCE.includes(INVOKED[expected] as Port)) continue;
        assert.equal(run.state, `open/${expected}`, steps.map((one) => `${one.event.type} ${one.event.name ?? ''}`).join(', '));
      }
      holdsAlways(run);
      assert.equal(run.failed, undefined);
      for (const [state, screen] of run.drawn) drawn.set(state, screen);
      run.stop();
    }
    const services = leaves(serviceMachine).filter((state) => state !== 'gone' && !PASSING.includes(state));
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
