import { assert } from '#protocol/result/result.js';
import { blankBitmap, stamp, type Bitmap } from './bitmap.js';
import type { Weight } from './typeface.js';
import { inkOf, THERMAL_EMS, type Ems } from './words.js';

export type Align = 'left' | 'centre' | 'right';

/** Words that stand on one line of paper, with their measured width. */
export type WordLine = { readonly words: readonly string[]; readonly widthDots: number };

/** Letters that a reader sees as one, conjuncts whole (UAX 29): a line is never broken inside one. */
const GRAPHEMES = new Intl.Segmenter('hi', { granularity: 'grapheme' });

/** Room kept above and under the baseline, in ems; ink that needs more (stacked matras) makes its line taller, so it is never cut. */
const ASCENT_EM = 1.0;
const DESCENT_EM = 0.42;

function spaceDots(weight: Weight, ems: Ems): number {
  return ems.across[weight] * 0.26;
}

export function widthOf(words: readonly string[], weight: Weight, ems: Ems = THERMAL_EMS): number {
  const ink = words.reduce((sum, word) => sum + inkOf(word, weight, ems).advanceDots, 0);
  return ink + Math.max(0, words.length - 1) * spaceDots(weight, ems);
}

/** Breaks words into lines by their measured width; a word wider than the line breaks between graphemes. At least one line. */
export function wrap(words: readonly string[], weight: Weight, widthDots: number, ems: Ems = THERMAL_EMS): readonly WordLine[] {
  assert(widthDots >= ems.across[weight], 'a line has room for a letter');
  const lines: WordLine[] = [];
  let line: string[] = [];
  const end = (): void => {
    lines.push({ words: line, widthDots: widthOf(line, weight, ems) });
    line = [];
  };
  for (const word of words) {
    if (widthOf([...line, word], weight, ems) <= widthDots) {
      line.push(word);
      continue;
    }
    if (line.length > 0) end();
    const pieces = breakWord(word, weight, widthDots, ems);
    for (const piece of pieces.slice(0, -1)) {
      line = [piece];
      end();
    }
    line = pieces.slice(-1);
  }
  if (line.length > 0 || lines.length === 0) end();
  return lines;
}

/** The fewest pieces of a word that each fit the width, never inside a grapheme. */
function breakWord(word: string, weight: Weight, widthDots: number, ems: Ems): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const { segment } of GRAPHEMES.segment(word)) {
    if (piece !== '' && widthOf([piece + segment], weight, ems) > widthDots) {
      pieces.push(piece);
      piece = '';
    }
    piece += segment;
  }
  return [...pieces, piece];
}

/** Some words at a place across the paper; several may share a line (a label and its value). */
export type Placed = { readonly words: readonly string[]; readonly xDots: number };

export function startOf(line: WordLine, align: Align, widthDots: number): number {
  const left = widthDots - line.widthDots;
  const share = align === 'left' ? 0 : align === 'centre' ? left / 2 : left;
  return Math.max(0, Math.round(share));
}

/** One line of paper, as tall as its ink needs. */
export function drawLine(placed: readonly Placed[], weight: Weight, widthDots: number, ems: Ems = THERMAL_EMS): Bitmap {
  let above = Math.ceil(ems.down[weight] * ASCENT_EM);
  let below = Math.ceil(ems.down[weight] * DESCENT_EM);
  for (const word of placed.flatMap(({ words }) => words)) {
    const { top, bitmap } = inkOf(word, weight, ems);
    above = Math.max(above, -top + 1);
    below = Math.max(below, top + bitmap.heightDots + 1);
  }
  const bitmap = blankBitmap(widthDots, above + below);
  for (const { words, xDots } of placed) {
    let pen = xDots;
    for (const word of words) {
      const ink = inkOf(word, weight, ems);
      // A letter may hang left of its pen; at the edge of the paper it moves in rather than losing its tail.
      stamp(bitmap, ink.bitmap, Math.max(0, Math.round(pen) + ink.left), above + ink.top);
      pen += ink.advanceDots + spaceDots(weight, ems);
    }
  }
  return bitmap;
}
