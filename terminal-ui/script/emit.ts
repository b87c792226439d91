import type { Cell } from './cells.js';
import { INDIC_RUN, type WidthModel } from './width.js';

/**
 * The bytes that put one cell on the terminal at `row`, `column` (from 0). Where the terminal decides the width, the cursor is set again
 * after each Indic word, so that a terminal that counts otherwise cannot push the rest of the line aside.
 */
export function emitCell(model: WidthModel, cell: Cell, row: number, column: number, columnsOfScreen: number): string {
  if (cell.text.search(INDIC_RUN) < 0) return cell.text;
  if (model === 'osc66') return `\x1b]66;w=${cell.columns};${cell.text}\x1b\\`;
  const next = column + cell.columns;
  return next < columnsOfScreen ? `${cell.text}\x1b[${row + 1};${next + 1}H` : cell.text;
}
