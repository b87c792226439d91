import { rupeesInWords } from '#protocol/money/words.js';
import { err } from '#protocol/result/result.js';
import { noteStop } from '../station/clean-stop.js';
import type { AppliancePorts } from './appliance-machine.js';
import { beginProblem } from './gates.js';
import { problem, type Kiosk } from './kiosk.js';
import { askPresence, needsPresence, witnessPresence } from './presence.js';
import { presenceSource } from './presence-sources.js';

type Asked = 'rest' | 'wake' | 'beginProblem' | 'sayAmount' | 'needsPresence' | 'askPresence' | 'takeWitness';

/** What the charts ask of battery, place, speaker and readers. */
export function devicePorts(kiosk: Kiosk): Pick<AppliancePorts, Asked> {
  return {
    rest: () => noteStop(kiosk.ledger, 'meant'),
    wake: () => noteStop(kiosk.ledger, 'cut'),
    beginProblem: (power) => beginProblem(kiosk, power),
    sayAmount: (offer, language) => {
      const [speaker] = kiosk.devices.of('speaker');
      // Nobody waits for it: what is wrong with the speaker stands on the first row.
      void speaker?.handle.say(rupeesInWords(offer.quote.totalPaise, language), language);
    },
    needsPresence: (offer) => needsPresence(kiosk, offer),
    askPresence: async (offer, operator, signal) => {
      const source = presenceSource(kiosk, offer);
      return source === undefined ? err(problem('presence-no-device')) : askPresence(kiosk, source, offer, operator, signal);
    },
    takeWitness: (offer, witness, operator) => witnessPresence(kiosk, offer, witness, operator),
  };
}
