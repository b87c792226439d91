import { unreachable } from '#protocol/result/result.js';
import type { AadhaarHandle } from '../devices/aadhaar/handle.js';
import type { FingerReaderDevice } from '../devices/finger-reader/device.js';
import { problemOfPress, type PressOutcome } from '../devices/finger-reader/port.js';
import type { DeviceFace } from '../devices/ports.js';
import { problem, type Kiosk } from './kiosk.js';
import type { Offer } from './offer.js';
import { noSource, type Press, type PresenceSource } from './presence.js';

/** For the glass to be free and a finger on it; below the chart's own limit. */
const PRESS_MS = 20_000;

/** The device that takes the press for a service: the first of its kind that is well, or else the first. */
export function presenceSource(kiosk: Kiosk, offer: Offer): PresenceSource {
  const way = offer.service.presence ?? 'finger';
  switch (way) {
    case 'aadhaar': {
      const device = wellOrFirst(kiosk.devices.of('aadhaar'));
      return device === undefined ? noSource(way) : aadhaarSource(device.handle);
    }
    case 'finger': {
      const reader = wellOrFirst(kiosk.devices.of('finger-reader'));
      return reader === undefined ? noSource(way) : fingerSource(kiosk, reader);
    }
    default:
      return unreachable(way);
  }
}

function wellOrFirst<T extends { readonly handle: DeviceFace }>(devices: readonly T[]): T | undefined {
  return devices.find(({ handle }) => handle.state().state === 'ready') ?? devices[0];
}

/** An encrypted block that names its person to the department alone. Only its hash stays here. */
function aadhaarSource(handle: AadhaarHandle): PresenceSource {
  return {
    by: 'aadhaar',
    async press({ bound, pressesBefore, signal }) {
      const got = await handle.capture({
        boundTo: bound,
        timeoutMs: PRESS_MS,
        signal,
        pressesBefore,
        // The counter writes every asking itself, with the number that the chain gives it.
        onAttempt: () => undefined,
      });
      switch (got.outcome) {
        case 'captured':
          return { outcome: 'given', block: Uint8Array.from(got.dataSha256), sealed: got.block };
        case 'not-captured':
          return { outcome: 'none', problem: got.problem };
        case 'poor':
          return { outcome: 'unclear', problem: got.problem };
        case 'failed':
          return { outcome: 'failed', problem: got.problem };
        default:
          return unreachable(got);
      }
    },
  };
}

/** One finger against one template of that very person. Of several enrolled fingers, each press in vain goes on to the next. */
function fingerSource(kiosk: Kiosk, { name, handle }: FingerReaderDevice): PresenceSource {
  return {
    by: 'finger',
    async press({ bound, department, consumer, pressesBefore, signal }) {
      const known = kiosk.fingers.of(name, { department, consumer });
      const finger = known[pressesBefore % Math.max(1, known.length)];
      if (finger === undefined) return { outcome: 'failed', problem: problem('finger-not-enrolled') };
      const outcome = await handle.press({
        boundTo: bound,
        against: { kind: 'page', page: finger.page, templateSha256: finger.template },
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
