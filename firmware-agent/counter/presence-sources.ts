import { unreachable } from '#protocol/result/result.js';
import type { FingerReaderDevice } from '../devices/finger-reader/device.js';
import { problemOfPress, type PressOutcome } from '../devices/finger-reader/port.js';
import { problem, type Kiosk } from './kiosk.js';
import type { Offer } from './offer.js';
import type { Press, PresenceSource } from './presence.js';

/** For the glass to be free and a finger on it; below the chart's own limit. */
const PRESS_MS = 20_000;

/** The device that takes the press for a service: the first of its kind that is well, or else the first. */
export function presenceSource(kiosk: Kiosk, offer: Offer): PresenceSource | undefined {
  switch (offer.service.presence) {
    case undefined:
    case 'aadhaar':
      return undefined;
    case 'finger': {
      const readers = kiosk.devices.of('finger-reader');
      const reader = readers.find(({ handle }) => handle.state().state === 'ready') ?? readers[0];
      return reader && fingerSource(kiosk, reader);
    }
    default:
      return unreachable(offer.service.presence);
  }
}

/** One finger against one template of that very person. Of several enrolled fingers, each press in vain goes on to the next. */
function fingerSource(kiosk: Kiosk, { name, handle }: FingerReaderDevice): PresenceSource {
  return {
    by: 'finger',
    async press({ bound, consumer, pressesBefore, signal }) {
      const pages = kiosk.fingers.pagesOf(name, consumer);
      const page = pages[pressesBefore % Math.max(1, pages.length)];
      if (page === undefined) return { outcome: 'failed', problem: problem('finger-not-enrolled') };
      const outcome = await handle.press({
        boundTo: bound,
        against: { kind: 'page', page },
        timeoutMs: PRESS_MS,
        signal,
        // The counter writes every asking itself, with the number that the chain gives it.
        onAttempt: () => undefined,
      });
      return pressOf(outcome);
    },
  };
}

function pressOf(outcome: PressOutcome): Press {
  const code = problemOfPress(outcome);
  const told = problem(code ?? 'finger-none');
  switch (outcome.outcome) {
    case 'matched':
      return { outcome: 'given' };
    case 'no-match':
    case 'unclear':
    case 'failed':
      return { outcome: outcome.outcome, problem: told };
    case 'no-finger':
      return { outcome: 'none', problem: told };
    default:
      return unreachable(outcome);
  }
}
