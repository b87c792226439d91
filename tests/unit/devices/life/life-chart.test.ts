import assert from 'node:assert/strict';
import { adjacencyMapToArray, getAdjacencyMap, getShortestPaths, getStateNodes } from 'xstate/graph';
import type { AnyEventObject, AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import { ok } from '#protocol/result/result.js';
import { lifeMachine } from '../../../../firmware-agent/devices/life/machine.js';
import { systemTimers } from '../../../../firmware-agent/devices/timers.js';
import { leaves, placeOf } from '../../agent/chart-walk.js';
import { ABSENT, DELAYS, inputOf, PlayedDriver, PlayedLife, READY, settled, TROUBLE, type Manner } from './played-life.js';

/** What the chart is told in the walk, and how the device, the clock or somebody else brings it about in the run. */
type Step = AnyEventObject & { readonly name: string; readonly play: (life: PlayedLife) => void };
type Told = Omit<Step, 'name' | 'play'> & { readonly type: string };

const step = (name: string, told: Told, play: Step['play']): Step => ({ ...told, name, play });

const BROKE = new Error('broke');
const ABSENT_FAULT = { ok: false, error: { detail: 'not there' } } as const;
const BUSY_FAULT = { ok: false, error: { detail: 'held', code: 'busy' } } as const;

const opening = (life: PlayedLife): Parameters<PlayedLife['open']>[0] => [...life.openings][0];
const connected = (output: unknown): Told => ({ type: 'xstate.done.actor.0.life.connecting', output });
const opens = (manner: Manner): Step => step(`opens ${manner}`, connected(ok(new PlayedDriver(manner))), (life) => life.open(opening(life), manner));

const CONNECTING: readonly Step[] = [
  opens('asked'),
  opens('mute'),
  opens('broken'),
  step('is absent', connected(ABSENT_FAULT), (life) => life.open(opening(life), ABSENT_FAULT)),
  step('is busy', connected(BUSY_FAULT), (life) => life.open(opening(life), BUSY_FAULT)),
  step('is late', connected(ABSENT_FAULT), (life) => life.clock.increment(DELAYS.connectMs)),
  step('breaks', { type: 'xstate.error.actor.0.life.connecting', error: BROKE }, (life) => life.open(opening(life), BROKE)),
];

const WAITING: readonly Step[] = [
  step('the wait is over', { type: 'xstate.after.backoff.life.waiting' }, (life) => life.clock.increment(DELAYS.backoffFirstMs)),
];

const seen = (output: unknown): Told => ({ type: 'xstate.done.actor.0.life.connected.looking', output });
const look = (name: string, found: Parameters<PromiseWithResolvers<never>['resolve']>[0] & object): Step =>
  step(name, seen(found), (life) => life.driver?.looking?.resolve(found));
const GONE = { found: 'gone', why: 'pulled' };
const LOOKING: readonly Step[] = [
  look('is well', { found: 'answer', report: READY } as never),
  look('is in trouble', { found: 'answer', report: TROUBLE } as never),
  look('is silent', { found: 'silence', report: TROUBLE } as never),
  look('is gone', GONE as never),
  step('looks too long', seen(GONE), (life) => life.clock.increment(DELAYS.lookMs)),
  step('look breaks', { type: 'xstate.error.actor.0.life.connected.looking', error: BROKE }, (life) => life.driver?.looking?.reject(BROKE)),
];

/** What passes by itself: a device that can not be asked, and a line on which nobody can listen. */
const BY_ITSELF = {
  mute: step('counts as well', seen({ found: 'answer', report: READY }), () => undefined),
  broken: step('line breaks', { type: 'xstate.error.actor.0.life.connected', error: BROKE }, () => undefined),
} as const;

const IDLE: readonly Step[] = [
  step('is looked at again', { type: 'xstate.after.poll.life.connected.idle' }, (life) => life.clock.increment(DELAYS.pollMs)),
];

const BUSY: readonly Step[] = [
  step('is done', { type: 'xstate.done.actor.0.life.connected.busy', output: undefined }, (life) => life.ran.at(-1)?.resolve()),
  step('work breaks', { type: 'xstate.error.actor.0.life.connected.busy', error: BROKE }, (life) => life.ran.at(-1)?.reject(BROKE)),
];

const TASK = { run: async () => undefined, refuse: () => undefined };
const report = (name: string, told: typeof READY): Step =>
  step(name, { type: 'REPORT', report: told }, (life) => life.driver?.tell(told) ?? life.actor.send({ type: 'REPORT', report: told }));
const ALWAYS: readonly Step[] = [
  report('tells that it is well', READY),
  report('tells of trouble', TROUBLE),
  step('is pulled', { type: 'LOST', why: 'pulled' }, (life) => life.driver?.lose() ?? life.actor.send({ type: 'LOST', why: 'pulled' })),
  step('something is plugged in', { type: 'NUDGE' }, (life) => life.actor.send({ type: 'NUDGE' })),
  step('work comes', { type: 'TASK', task: TASK }, (life) => life.actor.send({ type: 'TASK', task: life.task() })),
  step('something odd', { type: 'ODD' }, (life) => life.actor.send({ type: 'ODD' } as never)),
];

const IN: Readonly<Record<string, readonly Step[]>> = {
  connecting: CONNECTING,
  waiting: WAITING,
  'connected.looking': LOOKING,
  'connected.idle': IDLE,
  'connected.busy': BUSY,
};

const contextOf = (snapshot: AnyMachineSnapshot): { driverNow?: PlayedDriver; report: typeof READY; silentLooks: number } =>
  snapshot.context as ReturnType<typeof contextOf>;

/** Where the run does not stand still. */
function passing(snapshot: AnyMachineSnapshot): Step | undefined {
  const { driverNow } = contextOf(snapshot);
  if (driverNow?.manner === 'broken') return BY_ITSELF.broken;
  return driverNow?.manner === 'mute' && placeOf(snapshot) === 'connected.looking' ? BY_ITSELF.mute : undefined;
}

function stepsIn(snapshot: AnyMachineSnapshot): readonly Step[] {
  const next = passing(snapshot);
  return next === undefined ? [...(IN[placeOf(snapshot)] ?? []), ...ALWAYS] : [next];
}

/** States that are told apart in the walk. */
function keyOf(snapshot: AnyMachineSnapshot): string {
  const { driverNow, report: told, silentLooks } = contextOf(snapshot);
  return `${placeOf(snapshot)} ${driverNow?.manner ?? 'no line'} ${told.state} ${told.problem?.code ?? ''} ${silentLooks}`;
}

const WALK = {
  input: inputOf({ connect: async () => ABSENT_FAULT, timers: systemTimers }),
  events: (snapshot: unknown) => stepsIn(snapshot as AnyMachineSnapshot),
  serializeState: (snapshot: unknown) => keyOf(snapshot as AnyMachineSnapshot) as never,
  serializeEvent: (event: unknown) => ((event as Partial<Step>).name ?? 'start') as never,
};

type Leg = { readonly step: Step; readonly to: AnyMachineSnapshot };

/** One path for every transition from every state that can be reached: the shortest to where it begins, and the transition. */
function everyPath(): readonly (readonly Leg[])[] {
  const chart = lifeMachine as AnyStateMachine;
  const ways = new Map<string, readonly Leg[]>();
  for (const path of getShortestPaths(chart, WALK)) {
    const legs = path.steps.map(({ event, state }) => ({ step: event as unknown as Step, to: state as AnyMachineSnapshot }));
    ways.set(
      keyOf(path.state as AnyMachineSnapshot),
      legs.filter((leg) => leg.step.type !== 'xstate.init'),
    );
  }
  type Transition = { readonly state: AnyMachineSnapshot; readonly event: Step; readonly nextState: AnyMachineSnapshot };
  const all: readonly Transition[] = adjacencyMapToArray(getAdjacencyMap(chart, WALK));
  return all.map(({ state, event, nextState }) => {
    const way = ways.get(keyOf(state));
    assert.ok(way !== undefined, keyOf(state));
    return [...way, { step: event, to: nextState }];
  });
}

const wordsOf = (path: readonly Leg[]): string => path.map((leg) => leg.step.name).join(', ');

/** What holds at every moment of every device's life. */
function holdsNow(life: PlayedLife, words: string): void {
  assert.ok(life.mostAtOnce <= 1, `two lines at once: ${words}`);
  if (life.report.state === 'ready') assert.equal(life.lines.size, 1, `ready without a line: ${words}`);
  const chart = life.actor.getSnapshot();
  const isConnected = placeOf(chart).startsWith('connected');
  assert.equal(life.lines.size, isConnected ? 1 : 0, `connected by its chart, and its line: ${words}`);
  assert.equal(chart.context.whyAway === undefined, isConnected || chart.context.failedTries === 0, `it says why it is away: ${words}`);
}

describe('the life chart of a device', function () {
  this.timeout(60_000);
  const paths = everyPath();

  it('has no state that can not be reached, and listens for nothing that the walk leaves out', () => {
    const reached = new Set(paths.flatMap((path) => path.map((leg) => placeOf(leg.to))));
    assert.deepEqual(
      leaves(lifeMachine).filter((state) => !reached.has(state)),
      [],
    );
    const told = new Set(paths.flatMap((path) => path.map((leg) => leg.step.type)));
    const heard = getStateNodes(lifeMachine as AnyStateMachine).flatMap((node) => node.ownEvents.map(String));
    assert.deepEqual(
      heard.filter((type) => type !== '*' && !told.has(type)),
      [],
    );
  });

  it('walked along every transition: stands where the walk says, one line at a time, ready on an open one only, and nothing open behind a stop', async () => {
    assert.ok(paths.length > 150, `${paths.length} paths`);
    for (const path of paths) {
      const life = new PlayedLife();
      await settled();
      let tasks = 0;
      for (const [i, { step: next, to }] of path.entries()) {
        const words = wordsOf(path.slice(0, i + 1));
        if (next.type === 'TASK') tasks += 1;
        next.play(life);
        await settled();
        if (passing(to) !== undefined) continue;
        assert.equal(keyOf(life.actor.getSnapshot()), keyOf(to), words);
        holdsNow(life, words);
      }
      assert.equal(life.ran.length + life.refused, tasks, `each piece of work is taken or refused, once: ${wordsOf(path)}`);
      await life.stop();
      assert.deepEqual([life.lines.size, life.openings.size, life.mostAtOnce <= 1], [0, 0, true], `nothing is open behind a stop: ${wordsOf(path)}`);
    }
  });

  it('looks at once when something was plugged in, and only at what can be asked', async () => {
    for (const manner of ['asked', 'mute'] as const) {
      const life = new PlayedLife();
      await settled();
      life.open(opening(life), manner);
      await settled();
      life.driver?.looking?.resolve({ found: 'answer', report: READY });
      await settled();
      assert.equal(placeOf(life.actor.getSnapshot()), 'connected.idle');
      life.actor.send({ type: 'NUDGE' });
      assert.equal(placeOf(life.actor.getSnapshot()), manner === 'asked' ? 'connected.looking' : 'connected.idle');
      await life.stop();
    }
  });

  it('opens no second line while the kernel still holds the first opening, closes that when it comes, and then connects', async () => {
    const life = new PlayedLife('goes on');
    await settled();
    const stuck = opening(life);
    for (const _ of [1, 2, 3]) {
      life.clock.increment(DELAYS.connectMs);
      await settled();
      assert.equal(placeOf(life.actor.getSnapshot()), 'waiting');
      assert.match(life.actor.getSnapshot().context.whyAway ?? '', /did not open within/u);
      life.actor.send({ type: 'NUDGE' });
      await settled();
      assert.equal(placeOf(life.actor.getSnapshot()), 'connecting');
      assert.deepEqual([...life.openings], [stuck]);
    }
    life.open(stuck, 'asked');
    await settled();
    assert.equal(life.lines.size, 0, 'nobody waits for that one any more');
    life.open(opening(life), 'asked');
    await settled();
    life.driver?.looking?.resolve({ found: 'answer', report: READY });
    await settled();
    assert.deepEqual([life.report, life.lines.size, life.mostAtOnce], [READY, 1, 1]);
    await life.stop();
    assert.equal(life.lines.size, 0);
  });

  it('opens the next line when the last one is closed, however soon it is to', async () => {
    const life = new PlayedLife();
    await settled();
    life.open(opening(life), 'asked');
    await settled();
    const hurry = life.actor.subscribe((chart) => {
      if (chart.matches('waiting')) queueMicrotask(() => life.actor.send({ type: 'NUDGE' }));
    });
    life.driver?.looking?.resolve({ found: 'gone', why: 'pulled' });
    await settled();
    hurry.unsubscribe();
    assert.deepEqual([placeOf(life.actor.getSnapshot()), life.openings.size, life.mostAtOnce], ['connecting', 1, 1]);
    await life.stop();
  });

  it('closes a line that comes up after it was given up, though nobody tries again yet', async () => {
    const life = new PlayedLife('goes on');
    await settled();
    life.clock.increment(DELAYS.connectMs);
    await settled();
    life.open(opening(life), 'asked');
    assert.equal(life.lines.size, 1);
    await settled();
    assert.deepEqual([placeOf(life.actor.getSnapshot()), life.lines.size], ['waiting', 0]);
    await life.stop();
  });

  it('is absent until it is known otherwise', () => assert.deepEqual(new PlayedLife().report, ABSENT));
});
