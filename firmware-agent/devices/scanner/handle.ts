import { createActor } from 'xstate';
import { Listeners, sameReport } from '../listeners.js';
import type { DeviceReport, ScanEvent, ScannerHandle } from '../ports.js';
import { systemTimers, type Timers } from '../timers.js';
import type { Transport } from '../transport.js';
import { SCANNER_DELAYS, type ScannerDelays } from './driver.js';
import { RepeatFilter } from './framer.js';
import { scannerMachine, type ScannerLogEvent } from './machine.js';

export type ScannerOptions = {
  readonly delays?: ScannerDelays;
  readonly timers?: Timers;
  readonly log?: (event: ScannerLogEvent) => void;
};

/** Starts the life of a scanner on a transport and gives the narrow face of it that the counter sees. */
export function startScanner(transport: Transport, options: ScannerOptions = {}): ScannerHandle {
  const { delays = SCANNER_DELAYS, timers = systemTimers, log = () => undefined } = options;
  const scans = new Listeners<ScanEvent>();
  const changes = new Listeners<DeviceReport>();
  const repeats = new RepeatFilter(delays.repeatMs);
  const actor = createActor(scannerMachine, {
    input: { transport, delays, timers, repeats, tell: (event) => scans.tell(event), log },
  });
  let report = actor.getSnapshot().context.report;
  actor.subscribe(({ context }) => {
    if (sameReport(report, context.report)) return;
    report = context.report;
    changes.tell(report);
  });
  actor.start();
  return {
    state: () => report,
    onChange: (listener) => changes.add(listener),
    onScan: (listener) => scans.add(listener),
    async close() {
      const scanner = actor.getSnapshot().context.driverNow;
      actor.stop();
      await scanner?.close();
    },
  };
}
