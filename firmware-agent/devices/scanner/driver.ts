import type { LiveDriver } from '../life/live-driver.js';
import type { ScanEvent, Unsubscribe } from '../ports.js';
import type { Timers } from '../timers.js';
import type { Connection } from '../transport/transport.js';
import { ScanFramer, type RepeatFilter } from './framer.js';

/** Every wait of the scanner, in milliseconds. */
export type ScannerDelays = {
  /** Opening the line. */
  readonly connectMs: number;
  /** Bytes of one scan come at once; a gap this long in the middle means that the rest is lost. */
  readonly gapMs: number;
  /** The same code again within this is the same reading. */
  readonly repeatMs: number;
  readonly backoffFirstMs: number;
  readonly backoffLongestMs: number;
};

export const SCANNER_DELAYS: ScannerDelays = { connectMs: 3_000, gapMs: 250, repeatMs: 1_000, backoffFirstMs: 250, backoffLongestMs: 5_000 };

/** One scanner on one open line. It is only listened to: nothing is ever asked of it. */
export class ScannerDriver implements LiveDriver {
  private readonly connection: Connection;

  constructor(connection: Connection, tell: (event: ScanEvent) => void, repeats: RepeatFilter, delays: ScannerDelays, timers: Timers) {
    this.connection = connection;
    const framer = new ScanFramer();
    let stopGap: () => void = () => undefined;
    const pass = (events: readonly ScanEvent[]): void => {
      for (const event of events) if (repeats.passes(event, timers.now())) tell(event);
    };
    connection.onBytes((chunk) => {
      stopGap();
      pass(framer.read(chunk));
      if (framer.isUnfinished) stopGap = timers.after(delays.gapMs, () => pass(framer.gap()));
    });
    // A cable pulled in the middle of a scan is a gap too.
    connection.onClose(() => {
      stopGap();
      pass(framer.gap());
    });
  }

  onLost(listener: (why: string) => void): Unsubscribe {
    return this.connection.onClose(listener);
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}
