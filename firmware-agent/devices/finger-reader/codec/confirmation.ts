/**
 * The first byte of every answer: what became of the command (family manuals and the libraries of Raschke, Adafruit and ESPHome agree on
 * these). Codes that are not listed are `unknown`.
 */
const CONFIRMATIONS = {
  0x00: 'ok',
  0x01: 'packet-error',
  0x02: 'no-finger',
  0x03: 'image-failed',
  0x06: 'image-messy',
  0x07: 'too-few-features',
  0x08: 'no-match',
  0x09: 'not-found',
  0x0a: 'samples-differ',
  0x0b: 'page-out-of-range',
  0x0c: 'template-unreadable',
  0x0d: 'template-not-sent',
  0x0e: 'data-refused',
  0x0f: 'image-not-sent',
  0x10: 'not-deleted',
  0x11: 'not-emptied',
  0x13: 'wrong-password',
  0x15: 'no-image',
  0x18: 'flash-error',
  0x1a: 'register-unknown',
  0x1d: 'port-error',
  0x20: 'address-wrong',
  0x21: 'password-needed',
  0x55: 'alive',
} as const;

export type Confirmation = (typeof CONFIRMATIONS)[keyof typeof CONFIRMATIONS] | 'unknown';

const TABLE: ReadonlyMap<number, Confirmation> = new Map(Object.entries(CONFIRMATIONS).map(([code, name]) => [Number(code), name]));
const CODES: ReadonlyMap<Confirmation, number> = new Map([...TABLE].map(([code, name]) => [name, code]));

export function confirmationOf(code: number): Confirmation {
  return TABLE.get(code) ?? 'unknown';
}

/** The byte of a confirmation; for `unknown` one that the table does not hold. */
export function codeOf(confirmation: Confirmation): number {
  return CODES.get(confirmation) ?? 0xfd;
}
