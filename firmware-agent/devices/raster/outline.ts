import { assert } from '#protocol/result/result.js';

/** The closed contours of a glyph as straight edges in font units, y upwards: x0, y0, x1, y1, … Curves are already flattened. */
export type Outline = readonly number[];

/** Straight pieces a curve is cut into: at 24 to 36 dots an em, the error stays under a twentieth of a dot. */
const PIECES = 6;

const STEP = /([MLQCZ])([^MLQCZ]*)/gu;
const NUMBER = /-?[\d.]+/gu;

type Pen = { x: number; y: number; startX: number; startY: number; readonly edges: number[] };

/** Reads the path text that HarfBuzz gives for a glyph (absolute M, L, Q, C, Z). */
export function readOutline(path: string): Outline {
  const pen: Pen = { x: 0, y: 0, startX: 0, startY: 0, edges: [] };
  for (const [, command = '', rest = ''] of path.matchAll(STEP)) {
    const n = (rest.match(NUMBER) ?? []).map((text) => Number(text));
    draw(pen, command, n);
  }
  return pen.edges;
}

function draw(pen: Pen, command: string, n: readonly number[]): void {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = n;
  if (command === 'M') {
    close(pen);
    [pen.x, pen.y, pen.startX, pen.startY] = [a, b, a, b];
  } else if (command === 'L') line(pen, a, b);
  else if (command === 'Q') curve(pen, [a, b], [a, b], [c, d], 'quadratic');
  else if (command === 'C') curve(pen, [a, b], [c, d], [e, f], 'cubic');
  else {
    assert(command === 'Z', `path command ${command}`);
    close(pen);
  }
}

function line(pen: Pen, x: number, y: number): void {
  pen.edges.push(pen.x, pen.y, x, y);
  [pen.x, pen.y] = [x, y];
}

function close(pen: Pen): void {
  if (pen.x !== pen.startX || pen.y !== pen.startY) line(pen, pen.startX, pen.startY);
}

type Point = readonly [number, number];

function curve(pen: Pen, first: Point, second: Point, end: Point, order: 'quadratic' | 'cubic'): void {
  const start: Point = [pen.x, pen.y];
  for (let piece = 1; piece <= PIECES; piece += 1) {
    const t = piece / PIECES;
    const u = 1 - t;
    const at = (axis: 0 | 1): number =>
      order === 'quadratic'
        ? u * u * start[axis] + 2 * u * t * first[axis] + t * t * end[axis]
        : u * u * u * start[axis] + 3 * u * u * t * first[axis] + 3 * u * t * t * second[axis] + t * t * t * end[axis];
    line(pen, at(0), at(1));
  }
}
