import assert from 'node:assert/strict';
import type { Timer } from '../../../hub-server/services/posting-worker.js';
import type { Clock } from './world.js';

/** Time that passes only when it is told to. */
export class HandTimer {
  #waiting: { readonly at: number; readonly callback: () => void }[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly timer: Timer = (callback, delayMs) => {
    const one = { at: this.#clock.now + delayMs, callback };
    this.#waiting.push(one);
    return () => {
      this.#waiting = this.#waiting.filter((w) => w !== one);
    };
  };

  /** Moves the clock to the next call, and makes it. Returns how long that was. */
  next(): number {
    const [first] = this.#waiting.toSorted((a, b) => a.at - b.at);
    assert.ok(first !== undefined, 'something waits');
    const passed = first.at - this.#clock.now;
    this.#clock.now = first.at;
    this.#waiting = this.#waiting.filter((w) => w !== first);
    first.callback();
    return passed;
  }

  get waiting(): number {
    return this.#waiting.length;
  }
}
