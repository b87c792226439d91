import type { PaperLine, PaperWidth } from '#protocol/receipt/paper.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { Life } from '../life/life.js';
import type { LifeLogEvent } from '../life/live-driver.js';
import { causeIn, type DeviceReport, type PrinterCause, type PrinterHandle, type PrintOutcome } from '../ports.js';
import { stack, type Bitmap } from '../raster/bitmap.js';
import { centred } from '../raster/logo.js';
import { paperBitmap, warmPaper } from '../raster/paper.js';
import { systemTimers, type Timers } from '../timers.js';
import type { Transport } from '../transport/transport.js';
import type { Cutter } from './codec/commands.js';
import { PRINTER_DELAYS, type PrinterDelays } from './delays.js';
import { PrinterDriver, type Confirmation, type Leftover } from './driver.js';
import { troubleOf } from './status.js';

export type PrinterOptions = {
  readonly width: PaperWidth;
  readonly confirmation?: Confirmation;
  readonly drawerPin?: 2 | 5;
  readonly cutter?: Cutter;
  /** Printed at the top of every paper; no wider than the head. */
  readonly logo?: Bitmap;
  readonly delays?: PrinterDelays;
  readonly timers?: Timers;
  readonly log?: (event: LifeLogEvent) => void;
};

/** Starts the life of a printer on a transport and gives the narrow face of it that the counter sees. */
export function startPrinter(transport: Transport, options: PrinterOptions): PrinterHandle {
  const { width, confirmation = 'paper-status', drawerPin = 2, cutter = 'partial', logo } = options;
  const { delays = PRINTER_DELAYS, timers = systemTimers, log = () => undefined } = options;
  warmPaper(width);
  const leftover: Leftover = { state: 'unsure' };
  const life = new Life<PrinterDriver>({
    name: transport.name,
    connect: async (givenUp) => {
      const opened = await transport.open(givenUp);
      if (!opened.ok) return opened;
      return ok(new PrinterDriver(opened.value, leftover, { confirmation, drawerPin, cutter, delays, timers }));
    },
    absent: troubleOf('printer-absent'),
    delays,
    timers,
    log,
  });
  const refused = (report: DeviceReport, detail: string): Result<never, Failure<PrinterCause>> => failure(causeIn(report), detail);
  return {
    ...life.face(),
    async print(lines: readonly PaperLine[]): Promise<PrintOutcome> {
      const text = paperBitmap(lines, width);
      const paper = logo === undefined ? text : stack([centred(logo, text.widthDots), text], text.widthDots);
      return life.take<PrintOutcome>(
        (printer) => printer.print(paper),
        (report, detail) => ({ outcome: 'not-started', cause: causeIn(report), detail }),
      );
    },
    openDrawer: () => life.take((printer) => printer.openDrawer(), refused),
    clear: () => {
      leftover.state = 'remainder';
      return life.take((printer) => printer.clear(), refused);
    },
  };
}
