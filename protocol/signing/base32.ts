import { failure, ok, type Failure, type Result } from '../result/result.js';

/** RFC 4648 alphabet: every character stands in a QR code's alphanumeric mode. */
const RFC4648 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Crockford's alphabet: no I, L, O, U, so a printed code survives being read aloud and typed. */
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

function encodeWith(alphabet: string, bytes: Uint8Array): string {
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet.charAt((held >> bits) & 31);
    }
  }
  return bits === 0 ? text : text + alphabet.charAt((held << (5 - bits)) & 31);
}

/** Unpadded RFC 4648 Base32. */
export function base32(bytes: Uint8Array): string {
  return encodeWith(RFC4648, bytes);
}

export function crockford(bytes: Uint8Array): string {
  return encodeWith(CROCKFORD, bytes);
}

/** Reads unpadded RFC 4648 Base32. Refuses any text that `base32` would not have written, so one value has one text. */
export function parseBase32(text: string): Result<Uint8Array<ArrayBuffer>, Failure<'not-base32'>> {
  const bytes: number[] = [];
  let held = 0;
  let bits = 0;
  for (const character of text) {
    const value = RFC4648.indexOf(character);
    if (value < 0) return failure('not-base32', `"${character}" is not a Base32 character`);
    held = ((held << 5) | value) & 0xffff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 255);
    }
  }
  const read = Uint8Array.from(bytes);
  return base32(read) === text ? ok(read) : failure('not-base32', 'the Base32 text is cut or has stray bits at its end');
}
