import type { KeyFailure } from '../port.js';

/** Status bytes of CTAP (CTAP 2.1 §8.2) that we act on or give. */
export const CTAP = {
  ok: 0x00,
  invalidCommand: 0x01,
  invalidParameter: 0x02,
  invalidLength: 0x03,
  timeout: 0x05,
  busy: 0x06,
  invalidCbor: 0x12,
  missingParameter: 0x14,
  limitExceeded: 0x15,
  fingersFull: 0x17,
  credentialExcluded: 0x19,
  invalidCredential: 0x22,
  unsupportedAlgorithm: 0x26,
  operationDenied: 0x27,
  unsupportedOption: 0x2b,
  invalidOption: 0x2c,
  keepaliveCancel: 0x2d,
  noCredentials: 0x2e,
  userActionTimeout: 0x2f,
  notAllowed: 0x30,
  pinInvalid: 0x31,
  pinBlocked: 0x32,
  pinAuthInvalid: 0x33,
  pinAuthBlocked: 0x34,
  pinNotSet: 0x35,
  tokenRequired: 0x36,
  pinPolicy: 0x37,
  requestTooLarge: 0x39,
  actionTimeout: 0x3a,
  uvBlocked: 0x3c,
  uvInvalid: 0x3f,
  unauthorizedPermission: 0x40,
  other: 0x7f,
} as const;
export type CtapStatusName = keyof typeof CTAP;
const NAMES = Object.keys(CTAP) as readonly CtapStatusName[];

/** For the person at the bench. A status without words here is named as the specification names it. */
const WORDS: Readonly<Partial<Record<CtapStatusName, string>>> = {
  credentialExcluded: 'this very key is registered for this login already (--again where its file was lost, or the hub removed it)',
  fingersFull: 'the key holds as many fingers as it can; take one away by jharokha agent key fingers remove',
  invalidLength: 'the key takes no name as long as this',
  unauthorizedPermission: 'the key does not let its owner do this by finger, only by PIN (--by-pin)',
  uvInvalid: 'this finger is not on the key',
  uvBlocked: 'too many wrong fingers; the key takes none before its owner has given its PIN',
  pinInvalid: 'the PIN is wrong',
  pinBlocked: 'its PIN is blocked after too many wrong ones; only a reset with the maker’s tool helps, which takes fingers and credentials with it',
  pinAuthBlocked: 'three wrong PINs one after the other; pull the key out, plug it in again, and only then try once more',
  pinAuthInvalid: 'the key did not take the proof behind the command',
  pinNotSet: 'the key has no PIN yet; set one by jharokha agent key pin',
  pinPolicy: 'the key refuses this PIN as too short or too easy',
};

const CODES: Readonly<Partial<Record<number, KeyFailure['code']>>> = {
  [CTAP.timeout]: 'key-not-touched',
  [CTAP.userActionTimeout]: 'key-not-touched',
  [CTAP.actionTimeout]: 'key-not-touched',
  [CTAP.invalidCredential]: 'key-unknown',
  [CTAP.noCredentials]: 'key-unknown',
  [CTAP.operationDenied]: 'key-denied',
  [CTAP.pinInvalid]: 'key-denied',
  [CTAP.uvInvalid]: 'key-denied',
  [CTAP.pinBlocked]: 'key-blocked',
  [CTAP.pinAuthBlocked]: 'key-blocked',
  [CTAP.uvBlocked]: 'key-blocked',
  [CTAP.pinPolicy]: 'key-pin-refused',
  [CTAP.credentialExcluded]: 'key-excluded',
  [CTAP.fingersFull]: 'key-fingers-full',
  [CTAP.unauthorizedPermission]: 'key-pin-needed',
  [CTAP.pinNotSet]: 'key-no-finger',
  [CTAP.tokenRequired]: 'key-no-finger',
  [CTAP.keepaliveCancel]: 'key-cancelled',
};

/** What a status byte means to the person with the key; whatever we can do nothing about is the key's fault. */
export function failureOf(status: number, during: string): KeyFailure {
  const name = NAMES.find((one) => CTAP[one] === status);
  const hex = `0x${status.toString(16).padStart(2, '0')}`;
  const words = name === undefined ? undefined : WORDS[name];
  const said = words === undefined ? `the key says ${name ?? 'unknown status'} (${hex})` : `${words} (${name}, ${hex})`;
  return { code: CODES[status] ?? 'key-error', detail: `${during}: ${said}`, status };
}
