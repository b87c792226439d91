import type { Unsubscribe } from '../../ports.js';

/** What the person with the key does. `right`: an enrolled finger. `wrong`: any other. Both are a touch too. */
export type Press = 'right' | 'wrong';
/** What a finger on the sensor looks like while it is enrolled, by the number of CTAP 2.1 §6.7. */
export type Sample = { readonly status: number };
/** `waits`: only orders move the finger. Otherwise it comes by itself whenever the key waits for it. */
export type Habit = 'waits' | Press;

export type Gesture =
  | { readonly kind: 'press'; readonly press: Press }
  | { readonly kind: 'sample'; readonly status: number }
  | { readonly kind: 'none' };

/** The finger before the sensor. A press while nothing waits is a press on a sleeping sensor: it does nothing. */
export class Person {
  habit: Habit = 'waits';
  /** How long the key waits for a finger. */
  patienceMs = 30_000;
  private waiting: ((gesture: Gesture) => void) | undefined;
  private watchers: (() => void)[] = [];

  get isAwaited(): boolean {
    return this.waiting !== undefined;
  }

  /** Resolves at the moment when a finger is awaited; at once when one is. */
  awaited(): Promise<void> {
    if (this.isAwaited) return Promise.resolve();
    return new Promise((resolve) => {
      this.watchers.push(resolve);
    });
  }

  /** True when something waited for it. */
  do(gesture: Gesture): boolean {
    const { waiting } = this;
    waiting?.(gesture);
    return waiting !== undefined;
  }

  /** Waits for a gesture; `none` when none comes in time or when the wait is ended. */
  gesture(signal: AbortSignal): Promise<Gesture> {
    if (signal.aborted) return Promise.resolve({ kind: 'none' });
    return new Promise((resolve) => {
      const stops: Unsubscribe[] = [];
      const end = (gesture: Gesture): void => {
        this.waiting = undefined;
        for (const stop of stops) stop();
        resolve(gesture);
      };
      const onAbort = (): void => end({ kind: 'none' });
      signal.addEventListener('abort', onAbort, { once: true });
      const late = setTimeout(() => end({ kind: 'none' }), this.patienceMs);
      stops.push(
        () => signal.removeEventListener('abort', onAbort),
        () => clearTimeout(late),
      );
      this.waiting = end;
      for (const watcher of this.watchers.splice(0)) watcher();
      const { habit } = this;
      if (habit === 'waits') return;
      // A real finger comes after the key has begun to flash.
      const soon = setTimeout(() => end({ kind: 'press', press: habit }), 20);
      stops.push(() => clearTimeout(soon));
    });
  }
}
