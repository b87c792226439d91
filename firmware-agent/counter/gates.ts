import type { Problem } from '#protocol/counter/problem.js';
import type { Devices } from '../devices/devices.js';

/** What the battery lets the counter do. `low`: finish what is begun, begin nothing, then rest. */
export type Power = 'enough' | 'low';

/**
 * What the UPS says now. The counter comes back only with the mains: a battery that recovered a little by resting would be low again in the next sale.
 * A UPS that can not be asked stops nobody.
 */
export function powerOf(devices: Devices, before: Power): Power {
  const codes = devices.all.map(({ handle }) => handle.state().problem?.code);
  if (codes.includes('ups-low')) return 'low';
  return before === 'low' && codes.includes('ups-on-battery') ? 'low' : 'enough';
}

/** Why no new payment may begin now; null when one may. What is begun already is finished. */
export function beginProblem(power: Power): Problem | null {
  return power === 'low' ? { code: 'ups-low' } : null;
}
