import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ApplianceEvent } from '../../../firmware-agent/counter/appliance-machine.js';
import { SERVICE_DELAYS } from '../../../firmware-agent/counter/service-setup.js';
import { answersOf, ChartRun, matter, settled, type Answers, type Deed, type Matter, type Waiting } from './chart-bench.js';
import { KEYS } from './chart-walk.js';

/** One thing that happens: a key (perhaps twice), an answer or failure of a port, or time. */
type Happening =
  | { readonly kind: 'key'; readonly event: ApplianceEvent; readonly times: number }
  | { readonly kind: 'answer'; readonly pick: number }
  | { readonly kind: 'time'; readonly ms: number };

const happenings = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant('key' as const), event: fc.constantFrom(...KEYS), times: fc.integer({ min: 1, max: 3 }) }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('answer' as const), pick: fc.nat(100) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.constantFrom(...Object.values(SERVICE_DELAYS), 1, 1_000) }) },
  ),
  { minLength: 10, maxLength: 60 },
);
/** The keys that bring a sale forward stand closer together than chance would have it. */
const sale: readonly Happening[] = [
  { kind: 'key', event: { type: 'SCANNED', scan: { kind: 'scan', text: 'good' } }, times: 2 },
  { kind: 'answer', pick: 0 },
  { kind: 'key', event: { type: 'AGREE' }, times: 2 },
  { kind: 'key', event: { type: 'TAKE_CASH', received: 'good' }, times: 2 },
  { kind: 'answer', pick: 0 },
];
const commits = fc.array(fc.constantFrom('received' as const, 'asking' as const, 'no' as const), { maxLength: 6 });
const recoveries = fc.constantFrom<keyof Answers['recover']>('nothing', 'owed', 'unprinted', 'perhaps');

const HEARD_IN: Readonly<Partial<Record<Waiting, string>>> = { fetch: 'open/fetching', secure: 'open/securing', outcome: 'open/asking' };
const WAITING: readonly Waiting[] = ['fetch', 'secure', 'outcome', 'print'];
const DID_IT_PRINT_LEAVES = ['IT_PRINTED', 'PRINT_NOW', 'PRINT_LATER', 'LANGUAGE'];
/** Where a port is being waited for, keys have nothing to do; only a slow fetch can be left. */
const BUSY = ['open/securing', 'open/committing', 'open/asking', 'open/printing', 'open/reprinting', 'open/slip', 'open/returning'];

class Watch {
  readonly run: ChartRun;
  readonly #of: Matter;
  #found = 0;
  #secured = 0;
  #chosen = new Set<string>();
  #checked = 0;

  constructor(of: Matter, run: ChartRun, recovery: keyof Answers['recover']) {
    this.#of = of;
    this.run = run;
    const recovered = answersOf(of).recover[recovery].shown.sale;
    if (recovered !== null) this.#chosen.add(recovered.transaction);
  }

  async take(one: Happening): Promise<void> {
    const [state, deeds] = [this.run.state, this.run.played.deeds.length];
    if (one.kind === 'time') {
      this.run.clock.increment(one.ms);
      await settled();
    } else if (one.kind === 'answer') await this.#answer(one.pick);
    else for (let i = 0; i < one.times; i += 1) await this.#key(one.event);
    if (state === 'open/didItPrint' && (one.kind !== 'key' || !DID_IT_PRINT_LEAVES.includes(one.event.type))) {
      assert.equal(this.run.state, state, 'nothing leaves the question by itself');
      assert.equal(this.run.played.deeds.length, deeds);
    }
    this.#check();
  }

  async #key(event: ApplianceEvent): Promise<void> {
    const [state, deeds] = [this.run.state, this.run.played.deeds.length];
    if (event.type === 'REPRINT' && state === 'open/receipts')
      this.#chosen.add(this.#of.rows[event.receipt === 'good' ? 'posted' : 'refused'].transaction);
    await this.run.send(event);
    if (BUSY.includes(state)) {
      assert.equal(this.run.state, state, `${event.type} does nothing while the counter works`);
      assert.equal(this.run.played.deeds.length, deeds);
    }
  }

  async #answer(pick: number): Promise<void> {
    const port = WAITING.find((one) => this.run.played.isOpen(one));
    if (port === undefined) return;
    const names = [...Object.keys(answersOf(this.#of)[port]), 'throws'];
    const name = names[pick % names.length] as 'throws';
    const isHeard = HEARD_IN[port] === this.run.state;
    if (isHeard && port === 'fetch' && (name as string) === 'found') this.#found += 1;
    if (isHeard && port === 'secure' && (name as string) === 'yes') this.#secured += 1;
    await this.run.played.answer(port, name);
  }

  #check(): void {
    assert.equal(this.run.failed, undefined);
    const { deeds } = this.run.played;
    const count = (did: Deed['did']): number => deeds.filter((deed) => deed.did === did).length;
    assert.ok(count('commit') <= this.#secured && this.#secured <= this.#found, 'one commit for one securing of one offer');
    for (; this.#checked < deeds.length; this.#checked += 1) {
      const deed = deeds[this.#checked];
      if (deed?.did !== 'print') continue;
      const before = deeds.slice(0, this.#checked);
      assert.ok(before.some((one) => one.did === 'commit') || this.#chosen.has(deed.of), 'nothing prints before its sale is committed');
      if (deed.of === this.#of.rows.refused.transaction)
        assert.ok(
          before.some((one) => one.did === 'giveBack' && one.of === deed.of),
          'no slip before the cash is given back',
        );
    }
  }
}

describe('the counter, pressed at random', function () {
  this.timeout(90_000);
  let of: Matter;
  before(async () => {
    of = await matter();
  });
  after(() => of.bench.close());

  it('commits once for one offer, prints nothing unsold, and every view can be drawn [INV-41] [INV-42]', async () => {
    const reached = { commit: 0, print: 0, giveBack: 0, sawItPrinted: 0, abandon: 0 };
    const states = new Set<string>();
    await fc.assert(
      fc.asyncProperty(recoveries, commits, happenings, fc.boolean(), async (recovery, results, all, sells) => {
        const run = new ChartRun(of);
        run.played.queue.commit.push(...results);
        await run.open(recovery);
        const watch = new Watch(of, run, recovery);
        const half = Math.floor(all.length / 2);
        for (const one of sells ? [...all.slice(0, half), ...sale, ...all.slice(half)] : all) await watch.take(one);
        for (const did of Object.keys(reached) as (keyof typeof reached)[]) reached[did] += run.count(did) > 0 ? 1 : 0;
        for (const state of run.drawn.keys()) states.add(state);
        assert.deepEqual(run.played.unexpected, []);
        run.stop();
      }),
      { numRuns: 400 },
    );
    for (const [did, times] of Object.entries(reached)) assert.ok(times > 8, `${did}: only in ${times} runs`);
    assert.ok(states.size >= 16, [...states].join(', '));
  });
});
