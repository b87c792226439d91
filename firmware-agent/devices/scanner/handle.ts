import { failure } from '#protocol/result/result.js';
import { Life } from '../life/life.js';
import { Listeners } from '../life/listeners.js';
import { LIFE_DELAYS, type LifeLogEvent } from '../life/live-driver.js';
import { portCauseIn, type DeviceReport, type ScanEvent, type ScannerCause, type ScannerHandle, type ScannerOutcome } from '../ports.js';
import { systemTimers, type Timers } from '../timers.js';
import { RepeatFilter } from './codec/framer.js';
import {
  SCANNER_DELAYS,
  unfit,
  type DriverContext,
  type ScannerDelays,
  type ScannerDriver,
  type ScannerMemory,
  type ScannerOrder,
} from './driver.js';
import type { ScannerStyle } from './styles.js';

export type ScannerOptions = {
  readonly delays?: ScannerDelays;
  readonly timers?: Timers;
  readonly log?: (event: LifeLogEvent) => void;
};

/** Beeps in waiting. Each belongs to the scan just made: one that comes when others have been made since tells the operator a wrong thing. */
export const MOST_BEEPS = 3;

/** What a running scanner shows to the technician beside its handle. */
export type StartedScanner = ScannerHandle & { readonly facts: () => Readonly<Record<string, string>> };

/** Starts the life of a scanner and gives the narrow face of it that the counter sees. */
export function startScanner(style: ScannerStyle, options: ScannerOptions = {}): StartedScanner {
  const { delays = SCANNER_DELAYS, timers = systemTimers, log = () => undefined } = options;
  const scans = new Listeners<ScanEvent>();
  const repeats = new RepeatFilter(delays.repeatMs);
  const memory: ScannerMemory = { reading: 'on', facts: {} };
  const tell = (event: ScanEvent): void => {
    if (repeats.passes(event, timers.now())) scans.tell(event);
  };
  const context: DriverContext = { tell, memory, delays, timers };
  const life = new Life<ScannerDriver>({
    name: style.name,
    connect: (givenUp) => style.connect(context, givenUp),
    absent: { state: 'absent', problem: { code: 'scanner-absent' } },
    delays: { ...LIFE_DELAYS, ...delays },
    timers,
    log,
  });
  const order = (wanted: ScannerOrder): Promise<ScannerOutcome> => life.take<ScannerOutcome>((driver) => obey(driver, wanted), refused);
  const beep = newestBeeps(life);
  const can = new Set(style.abilities);
  return {
    ...life.face(),
    onScan: (listener) => scans.add(listener),
    ...(can.has('beep') ? { beep: (tone) => beep(`${tone}-beep`) } : {}),
    ...(can.has('trigger') ? { trigger: (wanted) => order(`trigger-${wanted}`) } : {}),
    ...(can.has('reading')
      ? {
          reading: (wanted) => {
            memory.reading = wanted;
            return order(`reading-${wanted}`);
          },
        }
      : {}),
    facts: () => memory.facts,
  };
}

async function obey(driver: ScannerDriver, wanted: ScannerOrder): Promise<ScannerOutcome> {
  return driver.obey?.(wanted) ?? unfit('this scanner takes no orders');
}

type Beep = PromiseWithResolvers<ScannerOutcome> & { readonly wanted: ScannerOrder };

/** Gives beeps to the scanner in their order. As many turns are waited for as there are beeps: one too many takes over that of the oldest, which is dropped. */
function newestBeeps(life: Life<ScannerDriver>): (wanted: ScannerOrder) => Promise<ScannerOutcome> {
  const waiting: Beep[] = [];
  const turn = async (): Promise<void> => {
    let mine: Beep | undefined;
    try {
      const outcome = await life.take<ScannerOutcome>(
        async (driver) => {
          mine = waiting.shift();
          return mine === undefined ? unfit('no beep is left') : obey(driver, mine.wanted);
        },
        (report, detail) => {
          mine = waiting.shift();
          return refused(report, detail);
        },
      );
      mine?.resolve(outcome);
    } catch (error) {
      mine?.reject(error);
    }
  };
  return (wanted) => {
    const beep: Beep = { ...Promise.withResolvers<ScannerOutcome>(), wanted };
    waiting.push(beep);
    if (waiting.length > MOST_BEEPS) waiting.shift()?.resolve(unfit('dropped for newer beeps: the scanner is slow to obey'));
    else void turn();
    return beep.promise;
  };
}

function refused(report: DeviceReport, detail: string): ScannerOutcome {
  const absent = report.problem?.code === 'scanner-keyboard' ? 'scanner-keyboard' : 'scanner-absent';
  return failure<ScannerCause>(portCauseIn(report) ?? absent, detail);
}
