import { cutCell, cutCells, toCells, wrapText, type Cell } from '../script/cells.js';
import type { WidthModel } from '../script/width.js';

/** What a piece of the screen means; the adapter knows its colours. Meaning is never carried by a style alone. */
export type Style = 'plain' | 'quiet' | 'strong' | 'bar' | 'banner' | 'frame' | 'title' | 'field' | 'selected' | 'good' | 'bad' | 'key';

/** One column of a row. A word over several columns stands in its first one; the others have an empty text and no columns. */
export type GridCell = { readonly text: string; readonly columns: number; readonly style: Style };
export type Place = { readonly row: number; readonly column: number };

/** A whole screen: exactly `rows` rows whose cells cover exactly `columns` columns. */
export type Picture = {
  readonly columns: number;
  readonly rows: number;
  readonly cells: readonly (readonly GridCell[])[];
  readonly cursor: Place | null;
  /** Texts that had to be cut though they should not be: a defect that the tests look for. */
  readonly clipped: readonly string[];
};

const BLANK: GridCell = { text: ' ', columns: 1, style: 'plain' };
const REST: GridCell = { text: '', columns: 0, style: 'plain' };

/** A grid of cells that texts are put on. All positions count from 0. */
export class Canvas {
  readonly model: WidthModel;
  readonly columns: number;
  readonly rows: number;
  readonly #grid: GridCell[][];
  readonly #clipped: string[] = [];
  #cursor: Place | null = null;

  constructor(model: WidthModel, columns: number, rows: number) {
    this.model = model;
    this.columns = columns;
    this.rows = rows;
    this.#grid = Array.from({ length: rows }, () => Array.from({ length: columns }, () => BLANK));
  }

  width(text: string): number {
    return toCells(this.model, text).reduce((sum, cell) => sum + cell.columns, 0);
  }

  wrap(text: string, room: number): readonly string[] {
    return wrapText(this.model, text, room);
  }

  /** Puts a text of ours: it must fit, or it is noted as clipped. Returns the columns it took. */
  put(row: number, column: number, text: string, style: Style = 'plain', room = this.columns - column): number {
    if (this.width(text) > room) this.#clipped.push(text);
    return this.name(row, column, text, style, room);
  }

  /** Puts a text of others (a name, an office) that may be longer than its room: then it ends in `~`. Returns the columns it took. */
  name(row: number, column: number, text: string, style: Style = 'plain', room = this.columns - column): number {
    const whole = toCells(this.model, text);
    const used = whole.reduce((sum, cell) => sum + cell.columns, 0);
    const cells = used <= room ? whole : [...cutCells(this.model, whole, Math.max(0, room - 1)), { text: '~', columns: 1 }];
    return this.#place(row, column, cells, style);
  }

  /** Ends a text just before column `end`. Sums stand like this, so that their digits stay in line. */
  right(row: number, end: number, text: string, style: Style = 'plain'): void {
    this.put(row, Math.max(0, end - this.width(text)), text, style, end);
  }

  centre(row: number, column: number, room: number, text: string, style: Style = 'plain'): void {
    this.put(row, column + Math.max(0, Math.floor((room - this.width(text)) / 2)), text, style, room);
  }

  /** Writes sentences over at most `rowsMax` rows. Returns the rows used. */
  paragraph(row: number, column: number, room: number, rowsMax: number, text: string, style: Style = 'plain'): number {
    const lines = this.wrap(text, room);
    if (lines.length > rowsMax) this.#clipped.push(text);
    const shown = lines.slice(0, rowsMax);
    for (const [i, line] of shown.entries()) this.put(row + i, column, line, style, room);
    return shown.length;
  }

  fill(row: number, column: number, height: number, width: number, style: Style, text = ' '): void {
    for (let y = row; y < row + height; y += 1) {
      this.#place(
        y,
        column,
        Array.from({ length: width }, () => ({ text, columns: 1 })),
        style,
      );
    }
  }

  box(row: number, column: number, height: number, width: number, title: string): void {
    const side = '\u2500'.repeat(width - 2);
    this.put(row, column, `\u250c${side}\u2510`, 'frame');
    for (let y = row + 1; y < row + height - 1; y += 1) {
      this.put(y, column, '\u2502', 'frame');
      this.put(y, column + width - 1, '\u2502', 'frame');
    }
    this.put(row + height - 1, column, `\u2514${side}\u2518`, 'frame');
    if (title !== '') this.put(row, column + 2, ` ${title} `, 'title', width - 4);
  }

  /** A line from frame to frame. */
  rule(row: number, column: number, width: number): void {
    this.put(row, column, `\u251c${'\u2500'.repeat(width - 2)}\u2524`, 'frame');
  }

  cursorAt(row: number, column: number): void {
    this.#cursor = { row, column };
  }

  hideCursor(): void {
    this.#cursor = null;
  }

  picture(): Picture {
    return { columns: this.columns, rows: this.rows, cells: this.#grid, cursor: this.#cursor, clipped: this.#clipped };
  }

  /** Lays one picture into a larger screen, centred: more room only adds margin. */
  static framed(inner: Picture, model: WidthModel, columns: number, rows: number): Picture {
    const top = Math.floor((rows - inner.rows) / 2);
    const left = Math.floor((columns - inner.columns) / 2);
    if (top === 0 && left === 0) return inner;
    const outer = new Canvas(model, columns, rows);
    for (const [y, cells] of inner.cells.entries()) {
      const row = outer.#grid[top + y];
      if (row !== undefined) row.splice(left, inner.columns, ...cells);
    }
    const cursor = inner.cursor === null ? null : { row: inner.cursor.row + top, column: inner.cursor.column + left };
    return { ...outer.picture(), cursor, clipped: inner.clipped };
  }

  #place(row: number, column: number, cells: readonly Cell[], style: Style): number {
    const line = this.#grid[row];
    if (line === undefined) return 0;
    let x = column;
    this.#cutWordAcross(line, column);
    for (const cell of cells) {
      if (x + cell.columns > this.columns) break;
      line[x] = { ...cell, style };
      for (let i = 1; i < cell.columns; i += 1) line[x + i] = { ...REST, style };
      x += cell.columns;
    }
    // The tail of a word whose head was just covered cannot stand alone.
    for (let i = x; line[i]?.columns === 0; i += 1) line[i] = { ...BLANK, style: line[i]?.style ?? 'plain' };
    return x - column;
  }

  /** A word that begins left of `column` and reaches over it keeps only the letters that fit before. */
  #cutWordAcross(line: GridCell[], column: number): void {
    if (line[column]?.columns !== 0) return;
    let start = column;
    while (start > 0 && line[start]?.columns === 0) start -= 1;
    const word = line[start];
    if (word === undefined) return;
    let x = start;
    for (const cell of cutCell(this.model, word, column - start)) {
      line[x] = { ...cell, style: word.style };
      for (let i = 1; i < cell.columns; i += 1) line[x + i] = { ...REST, style: word.style };
      x += cell.columns;
    }
    for (let i = column; line[i]?.columns === 0; i += 1) line[i] = { ...BLANK, style: word.style };
  }
}

/** The rows of a picture as text, one string a row. */
export function pictureText(picture: Picture): readonly string[] {
  return picture.cells.map((cells) => cells.map((cell) => cell.text).join(''));
}
