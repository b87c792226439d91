import type { Canvas, Style } from './canvas.js';

/** Figures three rows high, of half and full blocks: to be read from across the counter. */
const SHAPES: Readonly<Record<string, readonly [string, string, string]>> = {
  '0': ['█▀█', '█ █', '▀▀▀'],
  '1': ['▀█ ', ' █ ', '▀▀▀'],
  '2': ['▀▀█', '█▀▀', '▀▀▀'],
  '3': ['▀▀█', ' ▀█', '▀▀▀'],
  '4': ['█ █', '▀▀█', '  ▀'],
  '5': ['█▀▀', '▀▀█', '▀▀▀'],
  '6': ['█▀▀', '█▀█', '▀▀▀'],
  '7': ['▀▀█', '  █', '  ▀'],
  '8': ['█▀█', '█▀█', '▀▀▀'],
  '9': ['█▀█', '▀▀█', '▀▀▀'],
  '.': [' ', ' ', '▀'],
  ',': [' ', ' ', ','],
  '-': ['  ', '▀▀', '  '],
};

export const BIG_ROWS = 3;

export function bigColumns(figures: string): number {
  return Array.from(figures).reduce((sum, figure) => sum + (SHAPES[figure]?.[0].length ?? 0) + 1, -1);
}

/** Draws figures so that they end just before column `end`. */
export function drawBig(canvas: Canvas, row: number, end: number, figures: string, style: Style): void {
  let column = end - bigColumns(figures);
  for (const figure of figures) {
    const shape = SHAPES[figure];
    if (shape === undefined) continue;
    for (const [i, line] of shape.entries()) canvas.put(row + i, column, line, style);
    column += shape[0].length + 1;
  }
}
