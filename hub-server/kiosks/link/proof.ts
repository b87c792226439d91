import { verifyBytes } from '#protocol/signing/keys.js';
import { proofBytes, type ProofFacts } from '#protocol/wire/proof.js';
import type { LinkDevice } from './device.js';

/** Whether a kiosk holds the key of its certificate, on this very channel and against this hub's nonce. */
export function openKioskProof(device: LinkDevice, facts: ProofFacts, signature: Uint8Array): boolean {
  return verifyBytes(device.certificate.key, proofBytes('kiosk', facts), signature);
}
