import { create } from 'qrcode';
import { assert } from '#protocol/result/result.js';
import { blacken, blankBitmap, type Bitmap } from './bitmap.js';

/** ISO/IEC 18004: four light modules on every side. */
const QUIET_MODULES = 4;

/** Largest first: the quality of cheap cameras decides, so a code takes the room it can get, up to 6 dots (0.75 mm) a module. */
const MODULE_DOTS: readonly number[] = [6, 5, 4, 3, 2];

/**
 * A QR code with error correction M and its quiet zone, in the largest modules that fit the head, centred. On 384 dots a version 14
 * code (an upper-case receipt URL) gets 4 dots a module, 0.5 mm. Even version 40 fits at 2 dots. Throws when the text is beyond any version.
 */
export function qrBitmap(text: string, widthDots: number): Bitmap {
  const { modules } = create(text, { errorCorrectionLevel: 'M' });
  const across = modules.size + 2 * QUIET_MODULES;
  const dots = MODULE_DOTS.find((size) => size * across <= widthDots);
  assert(dots !== undefined, `a QR code of ${modules.size} modules does not fit ${widthDots} dots`);
  const left = Math.floor((widthDots - across * dots) / 2);
  const bitmap = blankBitmap(widthDots, across * dots);
  for (let row = 0; row < modules.size; row += 1) {
    for (let column = 0; column < modules.size; column += 1) {
      if (modules.get(row, column) === 0) continue;
      blacken(bitmap, left + (QUIET_MODULES + column) * dots, (QUIET_MODULES + row) * dots, dots, dots);
    }
  }
  return bitmap;
}
