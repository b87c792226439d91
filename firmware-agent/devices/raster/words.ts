import { blankBitmap, type Bitmap } from './bitmap.js';
import { fill } from './fill.js';
import { typefaceOf, type Script, type Typeface, type Weight } from './typeface.js';

/**
 * A word as dots. `left` and `top` place the bitmap against the pen (x) and the baseline (y, downwards, so `top` is mostly negative);
 * `advanceDots` is how far the pen moves, not yet rounded.
 */
export type WordInk = { readonly bitmap: Bitmap; readonly left: number; readonly top: number; readonly advanceDots: number };

/** Dots an em at 203 dpi: 24 is 8.5 points, the smallest that keeps matras and conjuncts open on thermal paper. */
export const EM_DOTS: Readonly<Record<Weight, number>> = { normal: 24, bold: 24, large: 34 };

/** The size of letters in dots an em, across and down: two numbers, because a dot-matrix printer's dots are not square. */
export type Ems = { readonly across: Readonly<Record<Weight, number>>; readonly down: Readonly<Record<Weight, number>> };
export const THERMAL_EMS: Ems = { across: EM_DOTS, down: EM_DOTS };

/** What stands for a character that the font does not have. Said aloud on paper rather than dropped. */
const STAND_IN = '?';

const DEVANAGARI = /\p{Script=Devanagari}/u;
/** Marks, digits and punctuation take the script of what stands before them. */
const SHARED = /[\p{Script=Common}\p{Script=Inherited}]/u;
/** Characters without ink of their own: joiners steer shaping and stay, the others would only confuse it. */
const JOINER = /[\u200C\u200D]/u;
const CONTROL = /[\p{Cc}\p{Cs}\p{Bidi_Control}\uFEFF\u2060\u00AD]/gu;

/** Characters of a text that the paper would show as `?`, for the checks of those who write the texts. */
export function missingCharacters(text: string, weight: Weight = 'normal'): readonly string[] {
  const face = typefaceOf(weight);
  return [...new Set(tidied(text))].filter((character) => !drawable(face, character) && !/\s/u.test(character));
}

function tidied(text: string): string {
  return text.normalize('NFC').replaceAll(CONTROL, '');
}

function drawable(face: Typeface, character: string): boolean {
  return JOINER.test(character) || face.covers(character.codePointAt(0) ?? 0);
}

/** Words of a text, ready to shape: one script a run is decided later; unknown characters are already replaced. */
export function wordsOf(text: string, weight: Weight): readonly string[] {
  const face = typefaceOf(weight);
  const clean = tidied(text.replaceAll(/[\t\n\v\f\r]/gu, ' '));
  const known = [...clean].map((character) => (character === ' ' || drawable(face, character) ? character : STAND_IN)).join('');
  return known.split(' ').filter((word) => word !== '');
}

/** Shaping needs runs of one script: guessing one script for `JVVNL-बिल` would leave its Hindi unshaped. */
export function runsOf(word: string): readonly { readonly run: string; readonly script: Script }[] {
  const runs: { run: string; script: Script }[] = [];
  for (const character of word) {
    const last = runs.at(-1);
    const script: Script = DEVANAGARI.test(character) ? 'Deva' : SHARED.test(character) && last !== undefined ? last.script : 'Latn';
    if (last !== undefined && last.script === script) last.run += character;
    else runs.push({ run: character, script });
  }
  return runs;
}

export type GlyphOfWord = { readonly id: number; readonly x: number; readonly y: number };

/** The glyphs of a word in font units, all its runs on one pen. */
export function glyphsOf(word: string, weight: Weight): { readonly glyphs: readonly GlyphOfWord[]; readonly advance: number } {
  const face = typefaceOf(weight);
  const glyphs: GlyphOfWord[] = [];
  let pen = 0;
  for (const { run, script } of runsOf(word)) {
    const shaped = face.shape(run, script);
    for (const { id, x, y } of shaped.glyphs) glyphs.push({ id, x: pen + x, y });
    pen += shaped.advance;
  }
  return { glyphs, advance: pen };
}

/**
 * Words come again on every receipt, so their dots are kept. A whole word is filled at once: glyph by glyph, rounding to dots would
 * break the head line that joins Devanagari letters.
 */
const kept = new Map<string, WordInk>();
const KEPT_WORDS = 4_096;

export function inkOf(word: string, weight: Weight, ems: Ems = THERMAL_EMS): WordInk {
  const across = ems.across[weight];
  const down = ems.down[weight];
  const key = `${weight} ${across} ${down} ${word}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const fresh = drawWord(word, weight, across, down);
  if (kept.size >= KEPT_WORDS) forgetOldest();
  kept.set(key, fresh);
  return fresh;
}

function forgetOldest(): void {
  for (const key of kept.keys()) {
    kept.delete(key);
    if (kept.size < KEPT_WORDS / 2) return;
  }
}

/** A word at any size, not kept. */
export function drawWord(word: string, weight: Weight, emDots: number, emDownDots: number = emDots): WordInk {
  const face = typefaceOf(weight);
  const scale = emDots / face.unitsPerEm;
  const scaleDown = emDownDots / face.unitsPerEm;
  const { glyphs, advance } = glyphsOf(word, weight);
  const edges: number[] = [];
  for (const { id, x, y } of glyphs) {
    const outline = face.outline(id);
    for (let i = 0; i + 1 < outline.length; i += 2) edges.push((x + (outline[i] ?? 0)) * scale, -(y + (outline[i + 1] ?? 0)) * scaleDown);
  }
  const box = boxOf(edges);
  if (box === undefined) return { bitmap: blankBitmap(0, 0), left: 0, top: 0, advanceDots: advance * scale };
  const moved = edges.map((value, i) => value - (i % 2 === 0 ? box.left : box.top));
  return { bitmap: fill(moved, box.right - box.left, box.bottom - box.top), left: box.left, top: box.top, advanceDots: advance * scale };
}

type Box = { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };

function boxOf(edges: readonly number[]): Box | undefined {
  if (edges.length === 0) return undefined;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i + 1 < edges.length; i += 2) {
    left = Math.min(left, edges[i] ?? 0);
    right = Math.max(right, edges[i] ?? 0);
    top = Math.min(top, edges[i + 1] ?? 0);
    bottom = Math.max(bottom, edges[i + 1] ?? 0);
  }
  return { left: Math.floor(left), top: Math.floor(top), right: Math.ceil(right) + 1, bottom: Math.ceil(bottom) };
}
