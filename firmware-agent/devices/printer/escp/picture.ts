import { create } from 'qrcode';
import type { PaperLine } from '#protocol/receipt/paper.js';
import { blacken, blankBitmap, stack, stamp, type Bitmap } from '../../raster/bitmap.js';
import { drawLine, startOf, widthOf, wrap, type Placed } from '../../raster/layout.js';
import { wordsOf } from '../../raster/words.js';
import type { Grid } from './grid.js';

type Written = Extract<PaperLine, { kind: 'text' | 'pair' }>;

/** White that a pair keeps between label, leading dots and value, in inches. */
const PAIR_GAP_INCHES = 0.1;
const CELLS_AN_INCH = 10;

/** A line of text or a pair as dots on the grid, as wide as given. */
export function pictureLine(line: Written, grid: Grid, widthDots: number): Bitmap {
  return line.kind === 'text' ? textPicture(line, grid, widthDots) : pairPicture(line, grid, widthDots);
}

function textPicture({ text, weight, align }: Extract<Written, { kind: 'text' }>, { ems }: Grid, widthDots: number): Bitmap {
  const rows = wrap(wordsOf(text, weight), weight, widthDots, ems);
  return stack(
    rows.map((row) => drawLine([{ words: row.words, xDots: startOf(row, align, widthDots) }], weight, widthDots, ems)),
    widthDots,
  );
}

function pairPicture({ left, right, weight }: Extract<Written, { kind: 'pair' }>, grid: Grid, widthDots: number): Bitmap {
  const { ems } = grid;
  const value = wordsOf(right, weight);
  const valueDots = widthOf(value, weight, ems);
  const gap = PAIR_GAP_INCHES * grid.dotsAcrossAnInch;
  const beside = valueDots <= widthDots * 0.65;
  const labels = wrap(wordsOf(left, weight), weight, beside ? widthDots - valueDots - gap : widthDots, ems);
  const values = beside ? [{ words: value, widthDots: valueDots }] : wrap(value, weight, widthDots, ems);
  const atRight = values.map((row): Placed => ({ words: row.words, xDots: startOf(row, 'right', widthDots) }));
  const rows = labels.map((row, i): readonly Placed[] => {
    const label: Placed = { words: row.words, xDots: 0 };
    const [first] = atRight;
    if (!beside || i > 0 || first === undefined || value.length === 0) return [label];
    return [label, ...leaders(row.widthDots + gap, first.xDots - gap, grid), first];
  });
  const below = beside ? [] : atRight.map((row) => [row]);
  return stack(
    [...rows, ...below].map((row) => drawLine(row, weight, widthDots, ems)),
    widthDots,
  );
}

/** Dots over the same cells as those of a text line. */
function leaders(from: number, to: number, { dotsAcrossAnInch, ems }: Grid): readonly Placed[] {
  const cell = dotsAcrossAnInch / CELLS_AN_INCH;
  const inset = (cell - widthOf(['.'], 'normal', ems)) / 2;
  const placed: Placed[] = [];
  for (let at = 1; at * cell < to - cell; at += 2) if (at * cell > from) placed.push({ words: ['.'], xDots: at * cell + inset });
  return placed;
}

const QUIET_MODULES = 4;

/** A QR code with square modules on a grid that is not square: the edges of its modules go to the nearest dot. */
export function codePicture(text: string, grid: Grid, modulesAnInch: number = grid.modulesAnInch): Bitmap {
  const { modules } = create(text, { errorCorrectionLevel: 'M' });
  const x = (module: number): number => Math.round((module * grid.dotsAcrossAnInch) / modulesAnInch);
  const y = (module: number): number => Math.round((module * grid.rowsAnInch) / modulesAnInch);
  const across = modules.size + 2 * QUIET_MODULES;
  const bitmap = blankBitmap(x(across), y(across));
  for (let row = 0; row < modules.size; row += 1) {
    for (let column = 0; column < modules.size; column += 1) {
      if (modules.get(row, column) === 0) continue;
      const [left, top] = [x(QUIET_MODULES + column), y(QUIET_MODULES + row)];
      blacken(bitmap, left, top, x(QUIET_MODULES + column + 1) - left, y(QUIET_MODULES + row + 1) - top);
    }
  }
  return bitmap;
}

/** The lines beside a code get at least this much of the width. */
const BESIDE_SHARE = 0.5;

/**
 * The QR code at the left edge and beside it the lines that follow it, the typed code among them, as far as there is room; on narrow paper it stands
 * alone in the middle. Says how many lines it took.
 */
export function codeBlock(
  text: string,
  following: readonly PaperLine[],
  grid: Grid,
  widthDots: number,
): { readonly picture: Bitmap; readonly linesBeside: number } {
  const whole = codePicture(text, grid);
  const code = whole.widthDots <= widthDots ? whole : codePicture(text, grid, (grid.modulesAnInch * whole.widthDots) / widthDots + 1);
  const gap = Math.round(PAIR_GAP_INCHES * grid.dotsAcrossAnInch);
  const room = widthDots - code.widthDots - gap;
  const left = room >= widthDots * BESIDE_SHARE ? 0 : Math.floor((widthDots - code.widthDots) / 2);
  const beside: Bitmap[] = [];
  let rows = 0;
  for (const line of left === 0 ? following : []) {
    if (line.kind !== 'text' && line.kind !== 'pair') break;
    const drawn = pictureLine(line, grid, room);
    if (rows + drawn.heightDots > code.heightDots) break;
    beside.push(drawn);
    rows += drawn.heightDots;
  }
  const picture = blankBitmap(widthDots, code.heightDots);
  stamp(picture, code, left, 0);
  stamp(picture, stack(beside, Math.max(0, room)), code.widthDots + gap, Math.floor((code.heightDots - rows) / 2));
  return { picture, linesBeside: beside.length };
}
