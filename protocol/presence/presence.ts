import { z } from 'zod';
import type { DistrictCode, KioskCode, ServiceCode, TransactionId } from '../identity/identity.js';
import type { Paise } from '../money/paise.js';
import { encodeCbor } from '../signing/cbor.js';
import { sha256 } from '../signing/keys.js';

/** How a person can show that they are here and agree: a finger on the counter's own reader, or a capture by a registered Aadhaar device (R46, R106). */
export const presenceWay = z.enum(['finger', 'aadhaar']);
export type PresenceWay = z.infer<typeof presenceWay>;

/**
 * What one asking came to. `given`: the person has shown that they are here. `no-match`, `unclear`: a finger was pressed, in vain. `none`: nobody
 * pressed. `failed`: the device could not ask. `withdrawn`: left by the operator or the person before it was over; whatever the device said then counts
 * for nothing.
 */
export const presenceOutcome = z.enum(['given', 'no-match', 'unclear', 'none', 'failed', 'withdrawn']);
export type PresenceOutcome = z.infer<typeof presenceOutcome>;

/** Whether a finger lay on a device. */
export function isPress(outcome: PresenceOutcome): boolean {
  return outcome === 'given' || outcome === 'no-match' || outcome === 'unclear';
}

/** Whether an asking brings the witness nearer. */
export function isInVain(outcome: PresenceOutcome): boolean {
  return outcome !== 'given' && outcome !== 'withdrawn';
}

/** After so many askings in vain a witness may stand in, with equal rights: a worn finger, or a dead reader, is no reason to be sent away. */
export const PRESSES_BEFORE_WITNESS = 3;

export type PresenceFacts = {
  readonly district: DistrictCode;
  readonly kiosk: KioskCode;
  readonly transaction: TransactionId;
  readonly service: ServiceCode;
  readonly consumer: string;
  readonly totalPaise: Paise;
};

/**
 * What one press agrees to, 32 bytes: SHA-256 over deterministic CBOR of purpose, place, transaction, service, consumer and sum. A press is
 * good for this alone; another sum is another transaction and wants another press.
 */
export function presenceHash({ district, kiosk, transaction, service, consumer, totalPaise }: PresenceFacts): Uint8Array<ArrayBuffer> {
  return sha256(encodeCbor(['jharokha/presence/1', district, kiosk, transaction, service, consumer, totalPaise]));
}
