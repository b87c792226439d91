import { unreachable } from '#protocol/result/result.js';

/**
 * How many columns a terminal gives to Indic marks. Terminals do not agree, so the screen asks at start (`probe.ts`).
 * - `wcwidth`: a spacing mark (Mc) is a column of its own, a non-spacing one (Mn) none: xterm, tmux, foot 1.13, Konsole, xterm.js 6.
 * - `mark0`: no mark has a column: kitty before 0.40, mlterm, foot 1.21.
 * - `osc66`: we tell the terminal how wide a piece of text is (kitty from 0.40, text sizing protocol).
 */
export type WidthModel = 'wcwidth' | 'mark0' | 'osc66';

export const WIDTH_MODELS = ['wcwidth', 'mark0', 'osc66'] as const satisfies readonly WidthModel[];

/** The widest piece that the text sizing protocol takes in one go. */
export const OSC66_COLUMNS_MAX = 7;

/** A run of Indic letters and marks (Devanagari to Sinhala, Devanagari Extended) with the joiners inside it. */
// The ranges hold combining marks on purpose: a run is cut by code points, and its marks belong to it.
// oxlint-disable-next-line no-misleading-character-class
export const INDIC_RUN = /(?:[\u0900-\u0dff\ua8e0-\ua8ff]|\u200c|\u200d)+/gu;
const JOINERS = /\u200c|\u200d/gu;
const SPACING_MARKS = /\p{Mc}/gu;
const JOINED_LETTERS = /\u094d(?=[\u0915-\u0939])/gu;
const NON_SPACING = /^[\p{Mn}\p{Cf}]$/u;
const ANY_MARK = /^[\p{M}\p{Cf}]$/u;

const segmenter = new Intl.Segmenter('hi', { granularity: 'grapheme' });

/** What a reader calls one letter: base, conjuncts and marks together. */
export function clusters(text: string): readonly string[] {
  if (/^[\x20-\x7e]*$/u.test(text)) return [...text];
  return Array.from(segmenter.segment(text), (part) => part.segment);
}

/**
 * Terminals disagree about zero-width joiners and no counter text needs them to be read, so they are left out where the terminal, not we,
 * decides the width.
 */
export function withoutJoiners(text: string): string {
  return text.replace(JOINERS, '');
}

function countWhere(text: string, counts: (point: string) => boolean): number {
  let columns = 0;
  for (const point of text) if (counts(point)) columns += 1;
  return columns;
}

/** Room that a shaped word wants in a font of fixed cells; measured on kitty 0.41 with Noto Sans Devanagari. */
function shapedColumns(text: string): number {
  const letters = clusters(text).length;
  const spacing = text.match(SPACING_MARKS)?.length ?? 0;
  const joins = text.match(JOINED_LETTERS)?.length ?? 0;
  return Math.ceil(1.12 * letters + 0.75 * spacing + 0.55 * joins);
}

/** Columns of one piece of Indic text under a model; at least one. */
export function indicColumns(model: WidthModel, text: string): number {
  switch (model) {
    case 'wcwidth':
      return Math.max(
        1,
        countWhere(text, (point) => !NON_SPACING.test(point)),
      );
    case 'mark0':
      return Math.max(
        1,
        countWhere(text, (point) => !ANY_MARK.test(point)),
      );
    case 'osc66':
      return Math.max(1, shapedColumns(text));
    default:
      return unreachable(model);
  }
}

/** Cuts a word into pieces that one escape sequence can carry; whole words under the other models. */
export function pieces(model: WidthModel, word: string): readonly string[] {
  if (model !== 'osc66') return [word];
  const cut: string[] = [];
  let piece = '';
  for (const cluster of clusters(word)) {
    if (piece !== '' && indicColumns(model, piece + cluster) > OSC66_COLUMNS_MAX) {
      cut.push(piece);
      piece = '';
    }
    piece += cluster;
  }
  return piece === '' ? cut : [...cut, piece];
}
