import { MINUTE_MS, type UnixMs } from '#protocol/time/time.js';

/** A wall clock that may be wrong and a monotonic clock that may not, both in milliseconds. */
export type Clocks = { readonly wall: () => UnixMs; readonly monotonic: () => number };

export const SYSTEM_CLOCKS: Clocks = { wall: () => Date.now(), monotonic: () => performance.now() };

/** A wall clock this far behind the ledger's newest entry was set back, not merely adrift. */
export const CLOCK_TOLERANCE_MS = 2 * MINUTE_MS;

export type ClockTrust = 'good' | 'set-back';

/**
 * The appliance's one time: the wall clock read once at start and carried on by the monotonic clock, so nobody can turn it while it runs; put right by
 * the hub's signed-in time whenever the link stands; never behind the newest entry.
 */
export class StationClock {
  readonly #clocks: Clocks;
  #base: UnixMs;
  #baseMonotonic: number;
  #floor: UnixMs;
  #byHub = false;

  constructor(clocks: Clocks, newestEntryAt: UnixMs) {
    this.#clocks = clocks;
    this.#base = clocks.wall();
    this.#baseMonotonic = clocks.monotonic();
    this.#floor = newestEntryAt;
  }

  #reading(): UnixMs {
    return Math.round(this.#base + (this.#clocks.monotonic() - this.#baseMonotonic));
  }

  now(): UnixMs {
    return Math.max(this.#reading(), this.#floor);
  }

  /** The hub's time, read over a proven channel. */
  setByHub(now: UnixMs): void {
    this.#base = now;
    this.#baseMonotonic = this.#clocks.monotonic();
    this.#byHub = true;
  }

  /** Each entry lifts the floor, so times along the chain never fall. */
  wrote(at: UnixMs): void {
    this.#floor = Math.max(this.#floor, at);
  }

  /** `set-back`: the wall clock stands before the newest entry and no hub has told the time since start. A lease must not be drawn by such a clock. */
  trust(): ClockTrust {
    return !this.#byHub && this.#reading() + CLOCK_TOLERANCE_MS < this.#floor ? 'set-back' : 'good';
  }
}
