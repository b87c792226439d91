import type { PaperLine } from '#protocol/receipt/paper.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { Life } from '../../life/life.js';
import { LIFE_DELAYS, type LifeLogEvent } from '../../life/live-driver.js';
import { causeIn, type DeviceReport, type PrinterCause, type PrinterHandle, type PrintOutcome } from '../../ports.js';
import { systemTimers, type Timers } from '../../timers.js';
import type { Transport } from '../../transport/transport.js';
import type { Leftover } from '../driver.js';
import { troubleOf } from '../status.js';
import { EscpDriver, type EscpDelays } from './driver.js';
import { escpJob, LONGEST_PASS_BYTES, type Page } from './page.js';

/** Two writes of `probeMs` fit into one look. */
export const ESCP_DELAYS: EscpDelays = { ...LIFE_DELAYS, probeMs: 3_000, pieceMs: 30_000 };

/** A slow serial line needs its time for a pass of a picture before that is a reason for alarm. */
export function escpDelays(baudRate: number | undefined): EscpDelays {
  return baudRate === undefined ? ESCP_DELAYS : { ...ESCP_DELAYS, pieceMs: ESCP_DELAYS.pieceMs + (10_000 / baudRate) * LONGEST_PASS_BYTES };
}

export type EscpOptions = {
  readonly page: Page;
  readonly delays?: EscpDelays;
  readonly timers?: Timers;
  readonly log?: (event: LifeLogEvent) => void;
};

/** Starts the life of a dot-matrix printer: the same face as any receipt printer, and never `printed`, since it can not say so. */
export function startEscpPrinter(transport: Transport, options: EscpOptions): PrinterHandle {
  const { page, delays = ESCP_DELAYS, timers = systemTimers, log = () => undefined } = options;
  const leftover: Leftover = { state: 'unsure' };
  const life = new Life<EscpDriver>({
    name: transport.name,
    connect: async (givenUp) => {
      const opened = await transport.open(givenUp);
      return opened.ok ? ok(new EscpDriver(opened.value, leftover, { delays, timers })) : opened;
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
      const job = escpJob(lines, page);
      return life.take<PrintOutcome>(
        (printer) => printer.print(job),
        (report, detail) => ({ outcome: 'not-started', cause: causeIn(report), detail }),
      );
    },
    openDrawer: async () => failure('printer-error', 'a dot-matrix printer has no socket for a drawer'),
    clear: () => {
      leftover.state = 'remainder';
      return life.take<Result<void, Failure<PrinterCause>>>((printer) => printer.clear(), refused);
    },
  };
}
