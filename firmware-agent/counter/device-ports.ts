import { rupeesInWords } from '#protocol/money/words.js';
import { err } from '#protocol/result/result.js';
import { noteStop } from '../station/clean-stop.js';
import type { AppliancePorts } from './appliance-machine.js';
import { Lock } from '../devices/life/lock.js';
import { beginProblem } from './gates.js';
import { problem, type Kiosk } from './kiosk.js';
import { askPresence, needsPresence, witnessPresence } from './presence.js';
import { presenceSource } from './presence-sources.js';

type Asked = 'openDrawer' | 'rest' | 'wake' | 'beginProblem' | 'sayAmount' | 'needsPresence' | 'askPresence' | 'takeWitness';

/** What the charts ask of battery, place, speaker and readers. */
export function devicePorts(kiosk: Kiosk, unexpected: AppliancePorts['unexpected']): Pick<AppliancePorts, Asked> {
  const asking = new Lock();
  return {
    rest: () => noteStop(kiosk.ledger, 'meant'),
    wake: () => noteStop(kiosk.ledger, 'cut'),
    beginProblem: (power) => beginProblem(kiosk, power),
    sayAmount: (offer, language) => {
      const [speaker] = kiosk.devices.of('speaker');
      // Nobody waits for it: what is wrong with the speaker stands on the first row.
      speaker?.handle
        .say(rupeesInWords(offer.quote.totalPaise, language), language)
        .catch((error: unknown) => unexpected(`the speaker threw ${String(error)}`));
    },
    openDrawer: () => {
      if (kiosk.printer.drawer === 'none') return;
      // It goes before the receipt, as a job of its own: a copy would open it again, and what the printer answers to it is no word about a paper. Nobody
      // waits for it, since a drawer that stays shut has a key, and the money is in the ledger already.
      kiosk.printer.openDrawer().then(
        (opened) => !opened.ok && unexpected(`the drawer did not open: ${opened.error.code}`),
        (error: unknown) => unexpected(`the drawer threw ${String(error)}`),
      );
    },
    needsPresence: (offer) => needsPresence(kiosk, offer),
    askPresence: (offer, operator, signal) =>
      asking.hold(async () => {
        // Left while an earlier asking was still ending: nobody was asked.
        if (signal.aborted) return err(problem('presence-needed'));
        // A capture would go nowhere, and the person would press for nothing.
        if (offer.service.presence === 'aadhaar' && !kiosk.link.isUp) return err(problem('hub-down'));
        return askPresence(kiosk, presenceSource(kiosk, offer), offer, operator, signal);
      }),
    takeWitness: (offer, witness, operator) => witnessPresence(kiosk, offer, witness, operator),
  };
}
