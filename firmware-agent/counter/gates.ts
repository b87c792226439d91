import type { Problem } from '#protocol/counter/problem.js';
import { judgePlace, metresFrom } from '#protocol/place/place.js';
import type { Devices } from '../devices/devices.js';
import { problem, type Kiosk } from './kiosk.js';

/** What the battery lets the counter do. `low`: finish what is begun, begin nothing, then rest. */
export type Power = 'enough' | 'low';

/**
 * What the UPS says now. The counter comes back only with the mains (a battery that recovered a little by resting would be low again in the next sale)
 * and with a battery that bears the next cut. One that starts on a low battery rests until then.
 * A UPS that can not be asked stops nobody; nor does its silence bring back a counter that closed.
 */
export function powerOf(devices: Devices, before: Power): Power {
  const reports = devices.all.map(({ handle }) => handle.state());
  if (reports.some(({ state, problem: told }) => told?.code === 'ups-low' || (told?.code === 'ups-recharging' && state === 'trouble'))) return 'low';
  return before === 'low' && reports.some(({ problem: told }) => told !== undefined && RESTS_ON.has(told.code)) ? 'low' : 'enough';
}

/** With these a counter that rests rests on. */
const RESTS_ON: ReadonlySet<string> = new Set(['ups-on-battery', 'ups-absent', 'ups-recharging']);

/** Why the counter rests: the battery is nearly empty, or is being filled again. */
export function powerProblem(devices: Devices): Problem {
  const filling = devices.all.map(({ handle }) => handle.state().problem).find((told) => told?.code === 'ups-recharging');
  return filling ?? problem('ups-low');
}

/**
 * The location lock (R113). Only a receiver that is sure locks the counter: without a fix, and while the receiver's error reaches over the edge, the
 * counter works on, since a roof is no proof of a move.
 */
export function placeProblem({ identity, devices }: Pick<Kiosk, 'identity' | 'devices'>): Problem | null {
  const { place } = identity.bundle;
  if (place === undefined) return null;
  for (const { handle } of devices.of('gnss')) {
    const position = handle.place();
    if (position !== undefined && judgePlace(place, position) === 'outside')
      return problem('outside-place', { distance: distanceText(metresFrom(place, position)) });
  }
  return null;
}

function distanceText(metres: number): string {
  return metres < 1_000 ? `${Math.round(metres)} m` : `${Math.round(metres / 1_000)} km`;
}

/** Why no new payment may begin now; null when one may. What is begun already is finished. */
export function beginProblem(kiosk: Pick<Kiosk, 'identity' | 'devices'>, power: Power): Problem | null {
  return power === 'low' ? powerProblem(kiosk.devices) : placeProblem(kiosk);
}
