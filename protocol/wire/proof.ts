import { encodeCbor } from '../signing/cbor.js';

/** Label of the TLS exporter that binds a proof to its channel (RFC 9266). */
export const EXPORTER_LABEL = 'EXPORTER-Channel-Binding';
export const EXPORTER_BYTES = 32;

export type ProofFacts = {
  readonly kiosk: string;
  readonly epoch: number;
  readonly hubNonce: Uint8Array;
  readonly kioskNonce: Uint8Array;
  /** 32 bytes exported from this TLS 1.3 connection. */
  readonly channel: Uint8Array;
};

/** What kiosk and hub each sign to prove themselves on one channel; a proof replayed or carried to another channel does not fit. */
export function proofBytes(by: 'kiosk' | 'hub', facts: ProofFacts): Uint8Array<ArrayBuffer> {
  return encodeCbor(['jharokha/proof/1', by, facts.kiosk, facts.epoch, facts.hubNonce, facts.kioskNonce, facts.channel]);
}
