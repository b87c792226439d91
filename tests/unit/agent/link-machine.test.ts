import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createActor, fromCallback, SimulatedClock, type ActorRefFrom } from 'xstate';
import { LINK_DELAYS, linkMachine, type LinkEvent } from '../../../firmware-agent/link/link-machine.js';

/** The chart of the link over a session that a test plays, and a clock moved by hand. */
class Played {
  readonly clock = new SimulatedClock();
  sessions = 0;
  open = 0;
  readonly actor: ActorRefFrom<typeof linkMachine>;
  #say: (event: LinkEvent) => void = () => undefined;

  constructor(chance: () => number = () => 0) {
    const session = fromCallback<LinkEvent>(({ sendBack }) => {
      this.sessions += 1;
      this.open += 1;
      this.#say = sendBack;
      return () => {
        this.open -= 1;
      };
    });
    const input = { chance, now: () => this.clock.now() };
    this.actor = createActor(linkMachine.provide({ actors: { session } }), { clock: this.clock, input }).start();
  }

  say(event: LinkEvent): void {
    this.#say(event);
  }

  get state(): string {
    const { value } = this.actor.getSnapshot();
    return typeof value === 'string' ? value : Object.entries(value).flat().join('.');
  }

  /** How long until it dials again, from now. */
  wait(): number {
    return (this.actor.getSnapshot().context.nextTryAt ?? Number.NaN) - this.clock.now();
  }
}

const LOST = { type: 'LOST', detail: 'cut' } as const;

describe('the chart of the link', () => {
  it('dials at once, is up when welcomed, and dials again after a loss', () => {
    const link = new Played();
    assert.deepEqual([link.state, link.sessions], ['trying.dialling', 1]);
    link.say({ type: 'WELCOMED' });
    assert.equal(link.state, 'trying.up');
    link.say(LOST);
    assert.deepEqual([link.state, link.open], ['waiting', 0]);
    link.clock.increment(link.wait() - 1);
    assert.equal(link.sessions, 1);
    link.clock.increment(1);
    assert.deepEqual([link.state, link.sessions, link.open], ['trying.dialling', 2, 1]);
    link.actor.stop();
    assert.equal(link.open, 0, 'a stopped link leaves no session open');
  });

  it('waits longer after each failure up to a bound, never less than half of it, and begins anew after a welcome', () => {
    const between = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(between, fc.integer({ min: 1, max: 14 }), (chance, failures) => {
        const link = new Played(() => chance);
        for (let n = 0; n < failures; n += 1) {
          link.say(LOST);
          const bound = Math.min(LINK_DELAYS.retryMaxMs, LINK_DELAYS.firstRetryMs * 2 ** n);
          assert.ok(link.wait() >= bound / 2 && link.wait() <= bound, `failure ${n + 1}: ${link.wait()} of ${bound}`);
          link.clock.increment(link.wait());
          assert.equal(link.state, 'trying.dialling');
        }
        link.say({ type: 'WELCOMED' });
        assert.equal(link.actor.getSnapshot().context.nextTryAt, null);
        link.say(LOST);
        assert.ok(link.wait() <= LINK_DELAYS.firstRetryMs);
        link.actor.stop();
      }),
    );
  });

  it('kiosks that lose their hub at one moment do not all dial at one moment', () => {
    const waits = new Set(
      [0, 0.25, 0.5, 0.75].map((chance) => {
        const link = new Played(() => chance);
        link.say(LOST);
        link.actor.stop();
        return link.wait();
      }),
    );
    assert.equal(waits.size, 4);
  });

  it('refused by the hub, asks again now and then', () => {
    const link = new Played();
    link.say({ type: 'REFUSED', detail: '4403' });
    assert.deepEqual([link.state, link.wait()], ['refused', LINK_DELAYS.refusedRetryMs]);
    link.clock.increment(LINK_DELAYS.refusedRetryMs);
    assert.equal(link.state, 'trying.dialling');
    link.actor.stop();
  });

  it('is told by hand to try at once, and does not open a second session by it', () => {
    const link = new Played();
    link.actor.send({ type: 'TRY_NOW' });
    assert.equal(link.sessions, 1);
    for (const end of [LOST, { type: 'REFUSED', detail: 'x' } as const]) {
      link.say(end);
      link.actor.send({ type: 'TRY_NOW' });
      link.actor.send({ type: 'TRY_NOW' });
      assert.deepEqual([link.state, link.open], ['trying.dialling', 1]);
    }
    link.clock.increment(10 ** 8);
    assert.equal(link.sessions, 3, 'the waits that were cut short come to nothing');
    link.actor.stop();
  });

  it('remembers since when it is down, however often it dials in vain', () => {
    const link = new Played();
    link.say({ type: 'WELCOMED' });
    link.clock.increment(5_000);
    link.say(LOST);
    for (let n = 0; n < 3; n += 1) {
      link.clock.increment(link.wait());
      link.say(LOST);
    }
    const { since, up, detail } = link.actor.getSnapshot().context;
    assert.deepEqual([since, up, detail], [5_000, false, 'cut']);
    link.actor.stop();
  });

  it('a word of a session that is over changes nothing', () => {
    const link = new Played();
    link.say(LOST);
    link.say({ type: 'WELCOMED' });
    assert.equal(link.state, 'waiting');
    link.actor.stop();
  });
});
