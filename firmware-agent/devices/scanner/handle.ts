import { ok } from '#protocol/result/result.js';
import { Life } from '../life/life.js';
import { Listeners } from '../life/listeners.js';
import { LIFE_DELAYS, type LifeLogEvent } from '../life/live-driver.js';
import type { ScanEvent, ScannerHandle } from '../ports.js';
import { systemTimers, type Timers } from '../timers.js';
import type { Transport } from '../transport/transport.js';
import { SCANNER_DELAYS, ScannerDriver, type ScannerDelays } from './driver.js';
import { RepeatFilter } from './framer.js';

export type ScannerOptions = {
  readonly delays?: ScannerDelays;
  readonly timers?: Timers;
  readonly log?: (event: LifeLogEvent) => void;
};

/** Starts the life of a scanner on a transport and gives the narrow face of it that the counter sees. */
export function startScanner(transport: Transport, options: ScannerOptions = {}): ScannerHandle {
  const { delays = SCANNER_DELAYS, timers = systemTimers, log = () => undefined } = options;
  const scans = new Listeners<ScanEvent>();
  const repeats = new RepeatFilter(delays.repeatMs);
  const life = new Life<ScannerDriver>({
    name: transport.name,
    connect: async () => {
      const opened = await transport.open();
      return opened.ok ? ok(new ScannerDriver(opened.value, (event) => scans.tell(event), repeats, delays, timers)) : opened;
    },
    absent: { state: 'absent', problem: { code: 'scanner-absent' } },
    delays: { ...LIFE_DELAYS, ...delays },
    timers,
    log,
  });
  return {
    state: () => life.state(),
    onChange: (listener) => life.onChange(listener),
    onScan: (listener) => scans.add(listener),
    nudge: () => life.nudge(),
    close: () => life.close(),
  };
}
