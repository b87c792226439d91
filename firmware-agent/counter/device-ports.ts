import { noteStop } from '../station/clean-stop.js';
import type { AppliancePorts } from './appliance-machine.js';
import { beginProblem } from './gates.js';
import type { Kiosk } from './kiosk.js';

/** What the charts ask of battery, place and speaker. */
export function devicePorts(kiosk: Kiosk): Pick<AppliancePorts, 'rest' | 'wake' | 'beginProblem' | 'sayAmount'> {
  return {
    rest: () => noteStop(kiosk.ledger, 'meant'),
    wake: () => noteStop(kiosk.ledger, 'cut'),
    beginProblem,
    sayAmount: () => undefined,
  };
}
