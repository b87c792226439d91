/** Time, handed in so that a test can hold it. All in milliseconds. */
export type Timers = {
  /** Monotonic; only differences mean something. */
  readonly now: () => number;
  /** Runs once after the delay; the answer cancels it. */
  readonly after: (delayMs: number, run: () => void) => () => void;
};

export const systemTimers: Timers = {
  now: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** The value of a promise, or `late` when it does not come in time. The promise goes on; whoever made it ends what it holds. */
export async function within<T>(timers: Timers, limitMs: number, promise: Promise<T>): Promise<T | 'late'> {
  let cancel: (() => void) | undefined;
  const late = new Promise<'late'>((resolve) => {
    cancel = timers.after(limitMs, () => resolve('late'));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    cancel?.();
  }
}

/** Until the delay is over, or until `ending`. */
export function pause(timers: Timers, delayMs: number, ending?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      cancel();
      ending?.removeEventListener('abort', wake);
      resolve();
    };
    const cancel = timers.after(delayMs, wake);
    ending?.addEventListener('abort', wake, { once: true });
    if (ending?.aborted === true) wake();
  });
}
