import { ok } from '#protocol/result/result.js';
import { Life } from '../life/life.js';
import type { LifeLogEvent } from '../life/live-driver.js';
import { systemTimers, type Timers } from '../timers.js';
import { IppClient } from './client.js';
import { PAGE_PRINTER_DELAYS, type PagePrinterDelays } from './delays.js';
import { PagePrinterDriver, type PageMemory } from './driver.js';
import { causeIn, type PageOutcome, type PagePrinterHandle } from './port.js';
import { ABSENT } from './status.js';

export type PagePrinterOptions = {
  /** SHA-256 of the one certificate that is taken over TLS; without it one that this machine trusts. */
  readonly pin?: string | undefined;
  readonly delays?: PagePrinterDelays;
  readonly timers?: Timers;
  readonly log?: (event: LifeLogEvent) => void;
};

const NEVER = new AbortController().signal;

/** Starts the life of a page printer at an address (`ipp://127.0.0.1:631/printers/office`) and gives the narrow face of it that the counter sees. */
export function startPagePrinter(url: string, options: PagePrinterOptions = {}): PagePrinterHandle {
  const { pin, delays = PAGE_PRINTER_DELAYS, timers = systemTimers, log = () => undefined } = options;
  const memory: PageMemory = { leftover: undefined, failed: undefined };
  const life = new Life<PagePrinterDriver>({
    name: url,
    connect: async (givenUp) => {
      const driver = new PagePrinterDriver(new IppClient(url, pin, { delays, timers }), { delays, timers, memory });
      givenUp.addEventListener('abort', () => void driver.close(), { once: true });
      const look = await driver.look();
      if (look.found === 'answer') return ok(driver);
      await driver.close();
      return { ok: false, error: { detail: look.found === 'gone' ? look.why : 'no answer' } };
    },
    absent: ABSENT,
    delays,
    timers,
    log,
  });
  return {
    ...life.face(),
    print: (job, signal = NEVER) =>
      life.take<PageOutcome>(
        (driver) => driver.print(job, signal),
        (report, detail) => ({ outcome: 'not-started', cause: causeIn(report), detail }),
      ),
  };
}
