import { createActor, waitFor } from 'xstate';
import type { PaperLine, PaperWidth } from '#protocol/receipt/paper.js';
import { err, failure, type Failure, type Result } from '#protocol/result/result.js';
import { Listeners, sameReport } from '../listeners.js';
import { Lock } from '../lock.js';
import type { DeviceReport, PrinterCause, PrinterHandle, PrintOutcome } from '../ports.js';
import { paperBitmap, warmPaper } from '../raster/paper.js';
import { systemTimers, type Timers } from '../timers.js';
import type { Transport } from '../transport.js';
import { PRINTER_DELAYS, type PrinterDelays } from './delays.js';
import type { Confirmation, PrinterDriver } from './driver.js';
import { printerMachine, type PrinterLogEvent, type PrinterTask } from './machine.js';

export type PrinterOptions = {
  readonly width: PaperWidth;
  readonly confirmation?: Confirmation;
  readonly drawerPin?: 2 | 5;
  readonly delays?: PrinterDelays;
  readonly timers?: Timers;
  readonly log?: (event: PrinterLogEvent) => void;
};

/** Starts the life of a printer on a transport and gives the narrow face of it that the counter sees. */
export function startPrinter(transport: Transport, options: PrinterOptions): PrinterHandle {
  const { width, confirmation = 'paper-status', drawerPin = 2, delays = PRINTER_DELAYS, timers = systemTimers, log = () => undefined } = options;
  warmPaper(width);
  const driver = { confirmation, drawerPin, delays, timers };
  const actor = createActor(printerMachine, { input: { transport, driver, leftover: { state: 'unsure' }, timers, log } });
  const changes = new Listeners<DeviceReport>();
  let report = actor.getSnapshot().context.report;
  actor.subscribe(({ context }) => {
    if (sameReport(report, context.report)) return;
    report = context.report;
    changes.tell(report);
  });
  actor.start();

  const turns = new Lock();
  let closing: Promise<void> | undefined;
  /** Settled exactly once, by the driver or by a refusal. */
  const settle = <T>(work: (printer: PrinterDriver) => Promise<T>, refused: (cause: PrinterCause, detail: string) => T): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (closing !== undefined) return resolve(refused('printer-absent', 'the printer was closed'));
      const task: PrinterTask = {
        run: (printer) => work(printer).then(resolve, reject),
        refuse: (cause, detail) => resolve(refused(cause, detail)),
      };
      actor.send({ type: 'TASK', task });
    });
  /** One task at a time reaches the chart; the next one waits until the chart too has done with the one before. */
  const perform = <T>(work: (printer: PrinterDriver) => Promise<T>, refused: (cause: PrinterCause, detail: string) => T): Promise<T> =>
    turns.hold(async () => {
      const outcome = await settle(work, refused);
      if (closing === undefined) await waitFor(actor, (chart) => !chart.matches({ connected: 'busy' })).catch(() => undefined);
      return outcome;
    });
  const refuse = (cause: PrinterCause, detail: string): Result<void, Failure<PrinterCause>> => err(failure(cause, detail).error);

  /** Closing the line makes a job under way end by itself, as unknown. */
  const end = async (): Promise<void> => {
    const printer = actor.getSnapshot().context.driverNow;
    actor.stop();
    await printer?.close();
    await turns.hold(async () => undefined);
  };

  return {
    state: () => report,
    onChange: (listener) => changes.add(listener),
    async print(lines: readonly PaperLine[]): Promise<PrintOutcome> {
      const paper = paperBitmap(lines, width);
      return perform<PrintOutcome>(
        (printer) => printer.print(paper),
        (cause, detail) => ({ outcome: 'not-started', cause, detail }),
      );
    },
    openDrawer: () => perform((printer) => printer.openDrawer(), refuse),
    clear: () => perform((printer) => printer.clear(), refuse),
    async close() {
      closing ??= end();
      await closing;
    },
  };
}
