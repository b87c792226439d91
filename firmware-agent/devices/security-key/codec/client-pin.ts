import { mapOf, type CborMap } from '#protocol/security-key/cbor-map.js';
import { CTAP_COMMANDS, messageOf } from './messages.js';
import type { PinUvProtocol } from './pin-uv.js';

/** Subcommands of authenticatorClientPIN (CTAP 2.1 §6.5.5). */
export const PIN_SUBS = {
  getPinRetries: 1,
  getKeyAgreement: 2,
  setPin: 3,
  changePin: 4,
  getPinToken: 5,
  getTokenByFinger: 6,
  getUvRetries: 7,
  getTokenByPin: 9,
} as const;

export type PinParts = {
  readonly keyAgreement?: CborMap;
  readonly proof?: Uint8Array;
  readonly newPin?: Uint8Array;
  readonly pinHash?: Uint8Array;
  readonly permissions?: number;
  readonly rpId?: string | undefined;
};

export function clientPin(protocol: PinUvProtocol, sub: number, parts: PinParts = {}): Uint8Array<ArrayBuffer> {
  return messageOf(
    CTAP_COMMANDS.clientPin,
    mapOf([
      [1, protocol],
      [2, sub],
      [3, parts.keyAgreement],
      [4, parts.proof],
      [5, parts.newPin],
      [6, parts.pinHash],
      [9, parts.permissions],
      [10, parts.rpId],
    ]),
  );
}
