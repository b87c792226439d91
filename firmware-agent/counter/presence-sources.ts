import type { Kiosk } from './kiosk.js';
import type { Offer } from './offer.js';
import type { PresenceSource } from './presence.js';

/** The device that takes the press for a service: the first one that is well. */
export function presenceSource(_kiosk: Kiosk, _offer: Offer): PresenceSource | undefined {
  return undefined;
}
