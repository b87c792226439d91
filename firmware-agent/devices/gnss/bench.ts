import type { BenchResult } from '#protocol/technician/bench.js';
import type { BenchCheck } from '../device.js';
import { pause, type Timers } from '../timers.js';
import type { GnssHandle } from './port.js';

/** A receiver that was just switched on looks for its satellites so long, under open sky. */
const FIX_MS = 60_000;

/** What a technician can try on a receiver. */
export function gnssBench(gnss: GnssHandle, timers: Timers): readonly BenchCheck[] {
  return [
    {
      check: 'fix',
      title: 'tells where the counter stands',
      needs: 'nobody',
      async run(_tell, signal) {
        await Promise.race([firstPlace(gnss, signal), pause(timers, FIX_MS)]);
        return fixOf(gnss);
      },
    },
  ];
}

function firstPlace(gnss: GnssHandle, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (gnss.place() === undefined && gnss.state().state !== 'absent' && !signal.aborted) return;
      stop();
      signal.removeEventListener('abort', look);
      resolve();
    };
    const stop = gnss.onChange(look);
    signal.addEventListener('abort', look);
    look();
  });
}

function fixOf(gnss: GnssHandle): BenchResult {
  const place = gnss.place();
  const { problem } = gnss.state();
  if (place === undefined)
    return { outcome: 'fail', detail: 'the receiver knows no place', facts: {}, ...(problem === undefined ? {} : { problem }) };
  const { latitude, longitude, accuracyMetres, satellites } = place;
  const facts = { place: `${latitude.toFixed(5)},${longitude.toFixed(5)}`, accuracy: `${accuracyMetres} m`, satellites: String(satellites) };
  return { outcome: 'pass', detail: `the receiver sees ${satellites} satellites`, facts };
}
