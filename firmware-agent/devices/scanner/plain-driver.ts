import type { ScanEvent, Unsubscribe } from '../ports.js';
import type { Connection } from '../transport/transport.js';
import { ScanFramer } from './codec/framer.js';
import { GapClock, type DriverContext, type ScannerDriver } from './driver.js';

/** A scanner that sends its codes as lines of text. It is only listened to: nothing is ever asked of it. */
export class PlainDriver implements ScannerDriver {
  private readonly connection: Connection;

  constructor(connection: Connection, context: DriverContext) {
    this.connection = connection;
    const framer = new ScanFramer();
    const tell = (events: readonly ScanEvent[]): void => events.forEach(context.tell);
    const clock = new GapClock(context, {
      standing: () => framer.standing,
      lost() {
        tell(framer.gap());
        return undefined;
      },
      quiet: () => framer.quiet(),
    });
    connection.onBytes((chunk) => {
      tell(framer.read(chunk));
      clock.heard();
    });
    connection.onClose(() => clock.end());
  }

  onLost(listener: (why: string) => void): Unsubscribe {
    return this.connection.onClose(listener);
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}
