import { blankBitmap, type Bitmap } from './bitmap.js';

/** Straight edges of closed outlines in dots, y downwards: x0, y0, x1, y1, x0, … Contours may overlap. */
export type Edges = readonly number[];

/** Rows are sampled at this many heights; along a row the coverage is exact. */
const SAMPLES_PER_DOT = 4;

/**
 * A dot is black when more than this part of it is covered. A little under a half, because a thermal head at speed burns thin strokes
 * lighter than they are drawn. Text is never dithered: that would fray its edges.
 */
const BLACK_FROM = 0.45;

type Crossings = { readonly xs: number[]; readonly turns: number[] };

/** Fills outlines by the non-zero winding rule on a bitmap of the size given. Same edges, same dots, on every machine. */
export function fill(edges: Edges, widthDots: number, heightDots: number): Bitmap {
  const bitmap = blankBitmap(widthDots, heightDots);
  const rows = crossingsOf(edges, heightDots * SAMPLES_PER_DOT);
  const coverage = new Float64Array(widthDots + 1);
  for (let y = 0; y < heightDots; y += 1) {
    coverage.fill(0);
    let inked = false;
    for (let sample = 0; sample < SAMPLES_PER_DOT; sample += 1) {
      const crossings = rows[y * SAMPLES_PER_DOT + sample];
      if (crossings === undefined) continue;
      inked = true;
      coverRow(crossings, coverage, widthDots);
    }
    if (inked) blackenRow(bitmap, coverage, y);
  }
  return bitmap;
}

/** Where the edges cross each sampled height, with the direction of the crossing. */
function crossingsOf(edges: Edges, samples: number): readonly (Crossings | undefined)[] {
  const rows: (Crossings | undefined)[] = Array.from({ length: samples });
  for (let i = 0; i + 3 < edges.length; i += 4) {
    const x0 = edges[i] ?? 0;
    const y0 = (edges[i + 1] ?? 0) * SAMPLES_PER_DOT;
    const x1 = edges[i + 2] ?? 0;
    const y1 = (edges[i + 3] ?? 0) * SAMPLES_PER_DOT;
    if (y0 === y1) continue;
    const slope = (x1 - x0) / (y1 - y0);
    const first = Math.max(0, Math.ceil(Math.min(y0, y1) - 0.5));
    const last = Math.min(samples - 1, Math.ceil(Math.max(y0, y1) - 0.5) - 1);
    for (let row = first; row <= last; row += 1) {
      const crossings = (rows[row] ??= { xs: [], turns: [] });
      insert(crossings, x0 + (row + 0.5 - y0) * slope, y1 > y0 ? 1 : -1);
    }
  }
  return rows;
}

/** Keeps the few crossings of a row in order of x. */
function insert({ xs, turns }: Crossings, x: number, turn: number): void {
  let at = xs.length;
  while (at > 0 && (xs[at - 1] ?? 0) > x) {
    xs[at] = xs[at - 1] ?? 0;
    turns[at] = turns[at - 1] ?? 0;
    at -= 1;
  }
  xs[at] = x;
  turns[at] = turn;
}

function coverRow({ xs, turns }: Crossings, coverage: Float64Array, widthDots: number): void {
  let winding = 0;
  let from = 0;
  for (let i = 0; i < xs.length; i += 1) {
    const x = Math.min(widthDots, Math.max(0, xs[i] ?? 0));
    const before = winding;
    winding += turns[i] ?? 0;
    if (before === 0) from = x;
    else if (winding === 0) coverSpan(coverage, from, x);
  }
}

function coverSpan(coverage: Float64Array, from: number, to: number): void {
  const first = Math.floor(from);
  const last = Math.floor(to);
  if (first === last) {
    coverage[first] = (coverage[first] ?? 0) + (to - from);
    return;
  }
  coverage[first] = (coverage[first] ?? 0) + (first + 1 - from);
  for (let x = first + 1; x < last; x += 1) coverage[x] = (coverage[x] ?? 0) + 1;
  coverage[last] = (coverage[last] ?? 0) + (to - last);
}

function blackenRow(bitmap: Bitmap, coverage: Float64Array, y: number): void {
  const start = y * bitmap.bytesPerRow;
  for (let x = 0; x < bitmap.widthDots; x += 1) {
    if ((coverage[x] ?? 0) > BLACK_FROM * SAMPLES_PER_DOT) {
      const at = start + (x >> 3);
      bitmap.data[at] = (bitmap.data[at] ?? 0) | (0x80 >> (x & 7));
    }
  }
}
