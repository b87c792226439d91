/** A sentence of a receiver that this counter has a use for (NMEA 0183). Degrees north and east; `atUtc` is the time of day as it came, `hhmmss`. */
export type Sentence =
  | {
      readonly kind: 'fix';
      readonly quality: 'none' | 'satellites' | 'corrected' | 'guessed';
      readonly latitude: number;
      readonly longitude: number;
      readonly satellites: number;
      readonly hdop: number;
    }
  | { readonly kind: 'fix'; readonly quality: 'none' }
  /** A good sentence of another kind. */
  | { readonly kind: 'other' };

/** NMEA 0183 allows 82 characters; receivers with many constellations send somewhat more. */
export const SENTENCE_BYTES = 120;

const FORM = /^\$([A-Z]{2})([A-Z]{3}),([\x20-\x29\x2b-\x7e]*)\*([0-9A-Fa-f]{2})$/u;
/** Talkers: GPS, GLONASS, Galileo, BeiDou, NavIC, QZSS, and any of them together. */
const TALKERS = new Set(['GP', 'GL', 'GA', 'GB', 'BD', 'GI', 'GQ', 'GN']);
/** GGA's quality digit: 1 and 3 by satellites alone, 2, 4, 5 with corrections, 6 to 8 without looking at the sky. */
const QUALITY = {
  1: 'satellites',
  3: 'satellites',
  2: 'corrected',
  4: 'corrected',
  5: 'corrected',
  6: 'guessed',
  7: 'guessed',
  8: 'guessed',
} as const;

const UNKNOWN_HDOP = 10;

/** XOR of everything between `$` and `*`. */
export function checksumOf(text: string): string {
  let sum = 0;
  for (const byte of Buffer.from(text, 'latin1')) sum ^= byte;
  return sum.toString(16).toUpperCase().padStart(2, '0');
}

/** Undefined for anything that does not end in a whole sentence with a right checksum: what stands before its `$` is the rest of a cut one. Never throws. */
export function readSentence(line: string): Sentence | undefined {
  const [, talker = '', type = '', body = '', sum = ''] = FORM.exec(line.slice(Math.max(0, line.lastIndexOf('$')))) ?? [];
  if (!TALKERS.has(talker) || checksumOf(`${talker}${type},${body}`) !== sum.toUpperCase()) return undefined;
  return type === 'GGA' ? readFix(body.split(',')) : { kind: 'other' };
}

/** GGA: time, latitude, N/S, longitude, E/W, quality, satellites, HDOP, ... */
function readFix([, north = '', ns = '', east = '', ew = '', digit = '', count = '', dilution = '']: readonly string[]): Sentence | undefined {
  if (digit === '0' || digit === '') return { kind: 'fix', quality: 'none' };
  const quality = QUALITY[digit as unknown as keyof typeof QUALITY];
  const latitude = degreesOf(north, 2, ns, 'S', 90);
  const longitude = degreesOf(east, 3, ew, 'W', 180);
  if (quality === undefined || latitude === undefined || longitude === undefined || !/^\d{1,2}$/u.test(count)) return undefined;
  // No sky gives 0 (0.5 is rare): a receiver that tells none, or that, is believed no more than a poor one.
  const told = /^\d{1,3}(?:\.\d{1,3})?$/u.test(dilution) ? Number(dilution) : 0;
  const hdop = told > 0 ? told : UNKNOWN_HDOP;
  return { kind: 'fix', quality, latitude, longitude, satellites: Number(count), hdop };
}

/** `ddmm.mmmm` or `dddmm.mmmm` and its half of the world. */
function degreesOf(text: string, digits: 2 | 3, half: string, negative: 'S' | 'W', limit: number): number | undefined {
  const [, whole = '', minutes = ''] = new RegExp(`^(\\d{${digits}})(\\d{2}(?:\\.\\d{1,8})?)$`, 'u').exec(text) ?? [];
  if (whole === '' || !(negative === 'S' ? 'NS' : 'EW').includes(half) || half === '') return undefined;
  const degrees = Number(whole) + Number(minutes) / 60;
  return degrees > limit || Number(minutes) >= 60 ? undefined : half === negative ? -degrees : degrees;
}
