import { createActor } from 'xstate';
import type { PaperLine, PaperWidth } from '#protocol/receipt/paper.js';
import { failure } from '#protocol/result/result.js';
import { Listeners, sameReport } from '../listeners.js';
import type { DeviceReport, PrinterHandle, PrintOutcome } from '../ports.js';
import { paperBitmap, warmPaper } from '../raster/paper.js';
import { systemTimers, type Timers } from '../timers.js';
import type { Transport } from '../transport.js';
import { PRINTER_DELAYS, type PrinterDelays } from './delays.js';
import type { Confirmation } from './driver.js';
import { printerMachine, type PrinterLogEvent } from './machine.js';
import { Turns } from './turns.js';

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

  const turns = new Turns(actor);
  return {
    state: () => report,
    onChange: (listener) => changes.add(listener),
    async print(lines: readonly PaperLine[]): Promise<PrintOutcome> {
      const paper = paperBitmap(lines, width);
      return turns.take<PrintOutcome>(
        (printer) => printer.print(paper),
        (cause, detail) => ({ outcome: 'not-started', cause, detail }),
      );
    },
    openDrawer: () => turns.take((printer) => printer.openDrawer(), failure),
    clear: () => turns.take((printer) => printer.clear(), failure),
    close: () => turns.close(),
  };
}
