import type { Logger } from '#platform/log/log.js';
import type { LifeLogEvent } from '../devices/life/live-driver.js';

/** A cable with a loose contact loses its device every few seconds; a day of that must not fill the disk, nor hide all else. */
const WINDOW_MS = 10 * 60_000;
const LINES_A_WINDOW = 3;

const LEVELS = { connected: 'info', 'not-connected': 'warn', lost: 'warn', unexpected: 'warn' } as const satisfies Record<
  LifeLogEvent['event'],
  string
>;

type Window = { readonly begunMs: number; lines: number };

/**
 * Writes what happens to the lines of devices: at most three lines of a kind for a device in ten minutes, `untold` with the next; the rest at `debug`.
 * @param now monotonic, milliseconds
 */
export function deviceLog(log: Pick<Logger, 'info' | 'warn' | 'debug'>, now: () => number): (event: LifeLogEvent) => void {
  const windows = new Map<string, Window>();
  return (event) => {
    const key = `${event.event} ${event.name}`;
    const before = windows.get(key);
    const isOver = before === undefined || now() - before.begunMs >= WINDOW_MS;
    const window = isOver ? { begunMs: now(), lines: 0 } : before;
    windows.set(key, window);
    window.lines += 1;
    if (window.lines > LINES_A_WINDOW) return log.debug({ event }, 'device');
    const untold = isOver ? Math.max(0, (before?.lines ?? 0) - LINES_A_WINDOW) : 0;
    return log[LEVELS[event.event]](untold === 0 ? { event } : { event, untold }, 'device');
  };
}
