import { assert } from '#protocol/result/result.js';
import type { Bitmap } from '../../raster/bitmap.js';
import type { Grid } from './grid.js';

/*
 * The bytes that we say to a dot-matrix printer: the part of Epson's ESC/P that 9-pin (FX, LX) and 24-pin (LQ) printers and their many clones
 * share. Vertical units are those of the grid: 1/216 inch on 9 pins, 1/180 on 24.
 */

const ESC = 0x1b;
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const letter = (of: string): number => of.charCodeAt(0);

/** Ignored by a printer that waits for text, and white in a picture: shows that a line still takes bytes, and fills up a broken-off picture. */
export function nothings(count: number): Uint8Array {
  return new Uint8Array(count);
}

/**
 * ESC @ and the modes of a paper. The printer takes the place where the form stands now for its top, so this is only said at the top of a form.
 * ESC C form length in lines · ESC O no skip over the perforation · ESC R 0 American characters · ESC P 10 a inch · ESC l left margin · ESC x quality.
 */
export function begin(grid: Grid, formLines: number, marginCells: number): Uint8Array {
  const quality = grid.pins === 24 ? 1 : 0;
  const form = [ESC, letter('@'), ESC, letter('2'), ESC, letter('C'), formLines, ESC, letter('O')];
  const letters = [ESC, letter('R'), 0, ESC, letter('P'), ESC, letter('x'), quality, ESC, letter('l'), marginCells];
  return bytes(...form, ...letters);
}

export type TextStyle = 'normal' | 'bold' | 'large' | 'condensed';

const STYLES: Readonly<Record<TextStyle, { readonly on: readonly number[]; readonly off: readonly number[] }>> = {
  normal: { on: [], off: [] },
  /** ESC E and ESC F: each dot struck twice, a little apart. */
  bold: { on: [ESC, letter('E')], off: [ESC, letter('F')] },
  /** ESC W: twice as wide. */
  large: { on: [ESC, letter('E'), ESC, letter('W'), 1], off: [ESC, letter('W'), 0, ESC, letter('F')] },
  /** SI and DC2: 17 characters an inch. */
  condensed: { on: [0x0f], off: [0x12] },
};

/** One line of the printer's own letters, and the carriage back at the left. */
export function textLine(text: string, style: TextStyle): Uint8Array {
  assert(/^[\x20-\x7e]*$/u.test(text), 'only plain ASCII goes out as text');
  return bytes(...STYLES[style].on, ...Buffer.from(text, 'latin1'), ...STYLES[style].off, 0x0d);
}

/** ESC J: paper forwards, in the grid's vertical units. */
export function feed(units: number): Uint8Array {
  const steps: number[] = [];
  for (let left = units; left > 0; left -= 255) steps.push(ESC, letter('J'), Math.min(255, left));
  return bytes(...steps);
}

/** To the top of the next form, which is where it is torn off. */
export function formFeed(): Uint8Array {
  return bytes(0x0d, 0x0c);
}

/** ESC U: pictures in one direction only, since the two directions of a carriage never meet exactly. */
export function oneWay(state: 'on' | 'off'): Uint8Array {
  return bytes(ESC, letter('U'), state === 'on' ? 1 : 0);
}

/** Rows that one band of a picture has, whatever the pins: 24 at once, or three passes of 8 between each other. */
export const BAND_ROWS = 24;

/** A picture in bands of ESC *; white bands are fed over, white at the right of a pass is not sent. One piece a pass. */
export function pictureBands(grid: Grid, picture: Bitmap): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [oneWay('on')];
  let owed = 0;
  for (let top = 0; top < picture.heightDots; top += BAND_ROWS) {
    for (let pass = 0; pass < grid.passes; pass += 1) {
      const data = columnsOf(picture, top + pass, grid);
      if (data.length > 0) {
        const columns = data.length / (grid.rowsAPass / 8);
        const head = bytes(ESC, letter('*'), grid.pictureMode, columns & 0xff, columns >> 8);
        pieces.push(Buffer.concat([feed(owed), head, data, bytes(0x0d)]));
        owed = 0;
      }
      owed += pass === grid.passes - 1 ? Math.min(BAND_ROWS, picture.heightDots - top) - (grid.passes - 1) : 1;
    }
  }
  return [...pieces, Buffer.concat([feed(owed), oneWay('off')])];
}

/** One pass: for each column its pins from the top, most significant bit first. Pin n strikes row `top` + n × passes. */
function columnsOf(picture: Bitmap, top: number, { rowsAPass, passes }: Grid): Uint8Array {
  const bytesAColumn = rowsAPass / 8;
  const data = new Uint8Array(picture.widthDots * bytesAColumn);
  let used = 0;
  for (let pin = 0; pin < rowsAPass; pin += 1) {
    const y = top + pin * passes;
    if (y >= picture.heightDots) break;
    for (let x = 0; x < picture.widthDots; x += 1) {
      if (((picture.data[y * picture.bytesPerRow + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) === 0) continue;
      const at = x * bytesAColumn + (pin >> 3);
      data[at] = (data[at] ?? 0) | (0x80 >> (pin & 7));
      used = Math.max(used, x + 1);
    }
  }
  return data.subarray(0, used * bytesAColumn);
}
