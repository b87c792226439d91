import type { Bitmap } from '../../raster/bitmap.js';
import { rasterHeader } from './commands.js';

/** Rows in one GS v 0: a fault in mid job loses at most this much, and buffers of 4 to 16 kB are not overrun. */
export const BAND_ROWS = 128;
/** The bytes of the largest band: 72 bytes a row on 80 mm paper, and the header. */
export const BAND_BYTES = BAND_ROWS * 72 + 8;

/** A strip of paper as GS v 0 commands, cut between lines where possible. White at the right edge is not sent. */
export function rasterBands(bitmap: Bitmap): readonly Uint8Array[] {
  const bands: Uint8Array[] = [];
  for (let from = 0; from < bitmap.heightDots;) {
    const to = bandEnd(bitmap, from);
    bands.push(band(bitmap, from, to));
    from = to;
  }
  return bands;
}

function bandEnd(bitmap: Bitmap, from: number): number {
  const latest = Math.min(bitmap.heightDots, from + BAND_ROWS);
  if (latest === bitmap.heightDots) return latest;
  for (let row = latest; row > from + BAND_ROWS / 2; row -= 1) {
    if (isWhite(bitmap, row - 1)) return row;
  }
  return latest;
}

function isWhite({ data, bytesPerRow }: Bitmap, row: number): boolean {
  return inkedBytes(data, row * bytesPerRow, bytesPerRow) === 0;
}

function inkedBytes(data: Uint8Array, start: number, length: number): number {
  let inked = length;
  while (inked > 0 && data[start + inked - 1] === 0) inked -= 1;
  return inked;
}

function band(bitmap: Bitmap, from: number, to: number): Uint8Array {
  let across = 1;
  for (let row = from; row < to; row += 1) across = Math.max(across, inkedBytes(bitmap.data, row * bitmap.bytesPerRow, bitmap.bytesPerRow));
  const dots = new Uint8Array(across * (to - from));
  for (let row = from; row < to; row += 1) {
    const start = row * bitmap.bytesPerRow;
    dots.set(bitmap.data.subarray(start, start + across), (row - from) * across);
  }
  withoutRealtime(dots);
  return Buffer.concat([rasterHeader(across, to - from), dots]);
}

const DLE = 0x10;
/** EOT, ENQ, DC4: what makes a DLE a real-time command. */
const REALTIME: ReadonlySet<number> = new Set([0x04, 0x05, 0x14]);

/**
 * A printer's receiver obeys real-time commands wherever it sees them, in the dots of a picture too: a thin stroke that happens to read
 * 10 14 01 would open the cash drawer. Such a DLE (a single dot, 0001 0000) gets a second dot at its left; the eye does not see an eighth of a
 * millimetre, and QR modules are wider than one dot, so they never hold one.
 */
export function withoutRealtime(dots: Uint8Array): void {
  for (let i = 0; i + 1 < dots.length; i += 1) {
    if (dots[i] === DLE && REALTIME.has(dots[i + 1] ?? 0)) dots[i] = DLE | 0x20;
  }
}
