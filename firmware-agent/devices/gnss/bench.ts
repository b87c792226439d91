import type { BenchResult } from '#protocol/technician/bench.js';
import type { BenchCheck } from '../device.js';
import type { GnssHandle } from './port.js';

/** What a technician can try on a receiver. */
export function gnssBench(gnss: GnssHandle): readonly BenchCheck[] {
  return [{ check: 'fix', title: 'tells where the counter stands', needs: 'nobody', run: async () => fixOf(gnss) }];
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
