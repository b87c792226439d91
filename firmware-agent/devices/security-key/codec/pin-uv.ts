import { createCipheriv, createDecipheriv, createECDH, createHash, createHmac, hkdfSync } from 'node:crypto';
import { p256Key, p256Point } from '#protocol/security-key/cose-key.js';
import type { CborMap } from '#protocol/security-key/cbor-map.js';

/** PIN/UV auth protocols one and two (CTAP 2.1 §6.5.6, §6.5.7): how host and key hide PINs and tokens from others on the bus. */
export type PinUvProtocol = 1 | 2;

const BLOCK = 16;

/** A secret shared by both ends of one key agreement. */
export type SharedSecret = { readonly protocol: PinUvProtocol; readonly hmacKey: Uint8Array; readonly aesKey: Uint8Array };

/** One side of an agreement: its own COSE key, and the secret with another's. Undefined when the other's point is not on the curve. */
export type Agreement = { readonly publicKey: CborMap; readonly with: (other: CborMap, protocol: PinUvProtocol) => SharedSecret | undefined };

export function newAgreement(): Agreement {
  const pair = createECDH('prime256v1');
  const point = pair.generateKeys();
  return {
    publicKey: p256Key(-25, Uint8Array.from(point.subarray(1, 33)), Uint8Array.from(point.subarray(33))),
    with(other, protocol) {
      const theirs = p256Point(other);
      if (theirs === undefined) return undefined;
      try {
        return secretOf(pair.computeSecret(theirs), protocol);
      } catch {
        return undefined;
      }
    },
  };
}

function secretOf(z: Uint8Array, protocol: PinUvProtocol): SharedSecret {
  if (protocol === 1) {
    const key = createHash('sha256').update(z).digest();
    return { protocol, hmacKey: key, aesKey: key };
  }
  const derive = (info: string): Uint8Array => new Uint8Array(hkdfSync('sha256', z, Buffer.alloc(32), info, 32));
  return { protocol, hmacKey: derive('CTAP2 HMAC key'), aesKey: derive('CTAP2 AES key') };
}

/** @param random 16 fresh random bytes, used by protocol two */
export function hide({ protocol, aesKey }: SharedSecret, plain: Uint8Array, random: Uint8Array): Uint8Array<ArrayBuffer> {
  const iv = protocol === 1 ? Buffer.alloc(BLOCK) : random.subarray(0, BLOCK);
  const cipher = createCipheriv('aes-256-cbc', aesKey, iv).setAutoPadding(false);
  const hidden = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Uint8Array.from(protocol === 1 ? hidden : Buffer.concat([iv, hidden]));
}

/** Undefined when the bytes can not have been hidden so. */
export function reveal({ protocol, aesKey }: SharedSecret, hidden: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const iv = protocol === 1 ? Buffer.alloc(BLOCK) : hidden.subarray(0, BLOCK);
  const body = protocol === 1 ? hidden : hidden.subarray(BLOCK);
  if (body.length === 0 || body.length % BLOCK !== 0 || iv.length !== BLOCK) return undefined;
  const cipher = createDecipheriv('aes-256-cbc', aesKey, iv).setAutoPadding(false);
  return Uint8Array.from(Buffer.concat([cipher.update(body), cipher.final()]));
}

/** The proof of who sends a message: 16 bytes in protocol one, 32 in two. */
export function prove(protocol: PinUvProtocol, key: Uint8Array, message: Uint8Array): Uint8Array<ArrayBuffer> {
  const mac = createHmac('sha256', key).update(message).digest();
  return Uint8Array.from(protocol === 1 ? mac.subarray(0, BLOCK) : mac);
}

/** How a PIN is written whenever it is set or shown: UTF-8 in NFC (CTAP 2.1 §6.5.1). Otherwise one letter typed in two ways would be two PINs. */
function pinBytes(pin: string): Buffer {
  return Buffer.from(pin.normalize('NFC'), 'utf8');
}

/** Left half of the SHA-256 of a PIN, which is all that is ever sent of it. */
export function pinHash(pin: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(createHash('sha256').update(pinBytes(pin)).digest().subarray(0, BLOCK));
}

/** The shortest is counted in code points, the longest in bytes (CTAP 2.1 §6.5.1). */
export const PIN_CODE_POINTS_MIN = 4;
export const PIN_BYTES_MAX = 63;

/**
 * A new PIN padded to 64 bytes with zeros; undefined when it is too short or too long, or holds a NUL, at which a key would cut it.
 * @param codePointsMin as the key says; never below that of the specification
 */
export function paddedPin(pin: string, codePointsMin: number = PIN_CODE_POINTS_MIN): Uint8Array<ArrayBuffer> | undefined {
  const bytes = pinBytes(pin);
  const least = Math.max(codePointsMin, PIN_CODE_POINTS_MIN);
  if ([...pin.normalize('NFC')].length < least || bytes.length > PIN_BYTES_MAX || bytes.includes(0)) return undefined;
  return Uint8Array.from(Buffer.concat([bytes, Buffer.alloc(64 - bytes.length)]));
}
