import { waitFor, type ActorRefFrom } from 'xstate';
import { Lock } from '../lock.js';
import type { PrinterCause } from '../ports.js';
import type { PrinterDriver } from './driver.js';
import type { printerMachine, PrinterTask } from './machine.js';

/** Hands work to the chart, one piece at a time, and settles each exactly once: by the driver, or by a refusal. */
export class Turns {
  private readonly actor: ActorRefFrom<typeof printerMachine>;
  private readonly lock = new Lock();
  private closing: Promise<void> | undefined;

  constructor(actor: ActorRefFrom<typeof printerMachine>) {
    this.actor = actor;
  }

  /** The next piece waits until the chart too has done with the one before. */
  take<T>(work: (printer: PrinterDriver) => Promise<T>, refused: (cause: PrinterCause, detail: string) => T): Promise<T> {
    return this.lock.hold(async () => {
      if (this.closing !== undefined) return refused('printer-absent', 'the printer was closed');
      const outcome = await new Promise<T>((resolve, reject) => {
        const task: PrinterTask = {
          run: (printer) => work(printer).then(resolve, reject),
          refuse: (cause, detail) => resolve(refused(cause, detail)),
        };
        this.actor.send({ type: 'TASK', task });
      });
      // Rejects only when the chart is stopped meanwhile.
      if (this.closing === undefined) await waitFor(this.actor, (chart) => !chart.matches({ connected: 'busy' })).catch(() => undefined);
      return outcome;
    });
  }

  /** Closing the line makes a piece of work under way end by itself; a job of paper then ends as unknown. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    const printer = this.actor.getSnapshot().context.driverNow;
    this.actor.stop();
    await printer?.close();
    await this.lock.hold(async () => undefined);
  }
}
