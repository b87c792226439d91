import { readFileSync, statSync } from 'node:fs';
import { PNG } from 'pngjs';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { blankBitmap, blacken, stamp, type Bitmap } from './bitmap.js';

/** A file larger than this is a photograph, not a logo. */
const FILE_BYTES_MAX = 256 * 1024;
/** 25 mm: a logo that is taller costs paper and time on every receipt. */
export const LOGO_ROWS_MAX = 200;
/** White under the logo. */
const GAP_ROWS = 8;

/**
 * A picture for the top of receipts: each dot black where the PNG, laid on white, is darker than middle grey. No scaling and no dither: both would
 * fray it, so it must fit the head as it is.
 * @param widthDots the print head
 */
export function readLogo(path: string, widthDots: number): Result<Bitmap, Failure<'bad-logo'>> {
  let bytes: Buffer;
  try {
    if (statSync(path).size > FILE_BYTES_MAX) return failure('bad-logo', `${path} is larger than ${FILE_BYTES_MAX / 1024} kB`);
    bytes = readFileSync(path);
  } catch (error) {
    return failure('bad-logo', `${path} can not be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const size = sizeOf(bytes);
  if (size === undefined) return failure('bad-logo', `${path} is not a PNG picture`);
  // Judged before it is unpacked: a small file can hold a picture of any size.
  if (size.width > widthDots || size.height > LOGO_ROWS_MAX || size.width === 0 || size.height === 0)
    return failure('bad-logo', `${path} has ${size.width} x ${size.height} dots; at most ${widthDots} x ${LOGO_ROWS_MAX} fit the paper`);
  try {
    return ok(bitmapOf(PNG.sync.read(bytes)));
  } catch (error) {
    return failure('bad-logo', `${path} is a damaged PNG picture: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

/** Width and height stand at fixed places in every PNG (ISO/IEC 15948, IHDR). */
function sizeOf(bytes: Buffer): { readonly width: number; readonly height: number } | undefined {
  if (bytes.length < 24 || !bytes.subarray(0, 8).equals(SIGNATURE)) return undefined;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

function bitmapOf({ width, height, data }: PNG): Bitmap {
  const bitmap = blankBitmap(width, height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = (y * width + x) * 4;
      const [red = 255, green = 255, blue = 255, opacity = 255] = data.subarray(at, at + 4);
      const grey = 0.299 * red + 0.587 * green + 0.114 * blue;
      if (255 - ((255 - grey) * opacity) / 255 < 128) blacken(bitmap, x, y, 1, 1);
    }
  }
  return bitmap;
}

/** In the middle of the paper, with white under it. */
export function centred(logo: Bitmap, widthDots: number): Bitmap {
  const strip = blankBitmap(widthDots, logo.heightDots + GAP_ROWS);
  stamp(strip, logo, Math.floor((widthDots - logo.widthDots) / 2), 0);
  return strip;
}
