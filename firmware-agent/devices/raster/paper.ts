import { PAPER_DOTS, type PaperLine, type PaperWidth } from '#protocol/receipt/paper.js';
import { unreachable } from '#protocol/result/result.js';
import { blacken, blankBitmap, stack, type Bitmap } from './bitmap.js';
import { drawLine, startOf, widthOf, wrap } from './layout.js';
import { qrBitmap } from './qr.js';
import type { Weight } from './typeface.js';
import { EM_DOTS, wordsOf } from './words.js';

/*
 * Every line goes out as raster, the plain ASCII ones too. Measured on a Hindi receipt of 22 lines with its QR code: 53 kB on 58 mm and 81 kB on
 * 80 mm paper; sending its only all-ASCII line as printer text would save 2 % of that, and drawing takes 4 ms (p99 9). For it the paper would
 * change face and pitch from line to line, put columns where the printer's own cells fall, and depend on code pages that clones
 * disagree about. As dots the paper is the same on every model, and a picture of it is exactly what was printed.
 */

/** White above and under a rule, and its thickness. */
const RULE_DOTS = { above: 6, thick: 2, below: 6 } as const;
/** White that a pair keeps between its label and its value. */
const PAIR_GAP_DOTS = 12;
/** A value may take this part of the width before it goes to a line of its own under its label. */
const PAIR_VALUE_SHARE = 0.65;

/** The whole strip of paper as dots, `PAPER_DOTS[width]` wide. Throws only for a QR text that no QR code can hold. */
export function paperBitmap(lines: readonly PaperLine[], width: PaperWidth): Bitmap {
  const widthDots = PAPER_DOTS[width];
  return stack(
    lines.flatMap((line) => lineBitmaps(line, widthDots)),
    widthDots,
  );
}

function lineBitmaps(line: PaperLine, widthDots: number): readonly Bitmap[] {
  switch (line.kind) {
    case 'text':
      return wrap(wordsOf(line.text, line.weight), line.weight, widthDots).map((row) =>
        drawLine([{ words: row.words, xDots: startOf(row, line.align, widthDots) }], line.weight, widthDots),
      );
    case 'pair':
      return pairBitmaps(wordsOf(line.left, line.weight), wordsOf(line.right, line.weight), line.weight, widthDots);
    case 'rule':
      return [ruleBitmap(widthDots)];
    case 'qr':
      return [qrBitmap(line.text, widthDots)];
    case 'feed':
      return [blankBitmap(widthDots, Math.max(0, line.lines) * EM_DOTS.normal)];
    default:
      return unreachable(line);
  }
}

/** The label wraps in the room its value leaves; a value that leaves too little goes under its label, still at the right edge. */
function pairBitmaps(label: readonly string[], value: readonly string[], weight: Weight, widthDots: number): readonly Bitmap[] {
  const valueDots = widthOf(value, weight);
  const room = widthDots - valueDots - PAIR_GAP_DOTS;
  const beside = valueDots <= widthDots * PAIR_VALUE_SHARE || widthOf(label, weight) <= room;
  const labelRows = wrap(label, weight, beside ? room : widthDots).map(({ words }) => ({ words, xDots: 0 }));
  if (!beside) {
    const valueRows = wrap(value, weight, widthDots).map((row) => ({ words: row.words, xDots: startOf(row, 'right', widthDots) }));
    return [...labelRows, ...valueRows].map((row) => drawLine([row], weight, widthDots));
  }
  const xDots = startOf({ words: value, widthDots: valueDots }, 'right', widthDots);
  return labelRows.map((row, i) => drawLine(i === 0 ? [row, { words: value, xDots }] : [row], weight, widthDots));
}

function ruleBitmap(widthDots: number): Bitmap {
  const bitmap = blankBitmap(widthDots, RULE_DOTS.above + RULE_DOTS.thick + RULE_DOTS.below);
  blacken(bitmap, 0, RULE_DOTS.above, widthDots, RULE_DOTS.thick);
  return bitmap;
}

/**
 * Opens the fonts, compiles the paths and draws what most receipts share, so that the first citizen does not wait for it (some 60 ms).
 * Call once when the agent starts.
 */
export function warmPaper(width: PaperWidth): void {
  const text = 'ई-मित्र रसीद राशि ₹ 0123456789 जयपुर विद्युत वितरण निगम क्षेत्रीय Receipt Rs ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz';
  const weights: readonly Weight[] = ['normal', 'bold', 'large'];
  for (const weight of weights) paperBitmap([{ kind: 'text', text, align: 'left', weight }], width);
  // The mask search of a QR code is slow until it is compiled.
  for (let turn = 0; turn < 3; turn += 1) paperBitmap([{ kind: 'qr', text: `HTTPS://HUB/R/${'ABCDEFG234567'.repeat(30)}` }], width);
}
