import type { PaperLine } from '#protocol/receipt/paper.js';
import { unreachable } from '#protocol/result/result.js';
import { stack, type Bitmap } from '../../raster/bitmap.js';
import { BAND_ROWS, begin, feed, formFeed, pictureBands, textLine, type TextStyle } from './commands.js';
import { gridOf, type Grid, type Pins } from './grid.js';
import { codeBlock, pictureLine } from './picture.js';

/** A dot-matrix printer's paper: columns at 10 characters an inch, lines at 6 an inch from one perforation to the next. */
export type Page = { readonly pins: Pins; readonly columns: number; readonly formLines: number };

/** A line is no longer than the eye can follow; the rest of wide paper is margin. */
const LONGEST_LINE_CELLS = 64;
const CELLS_AN_INCH = 10;
const LINES_AN_INCH = 6;
/** Condensed letters are 17.1 an inch; 17 keeps the right edge inside. */
const CONDENSED = 1.7;

/**
 * One row of a page. Plain ASCII goes out as text, which prints three times as fast as a picture and in the printer's best letters; whatever is not
 * ASCII, and the QR code, as a picture.
 */
export type PageRow =
  | { readonly row: 'text'; readonly text: string; readonly style: TextStyle }
  | { readonly row: 'picture'; readonly picture: Bitmap }
  | { readonly row: 'blank'; readonly lines: number };

/** Cells of a line, and of the white at its left that centres it on the paper. */
export function measureOf({ columns }: Page): { readonly cells: number; readonly margin: number } {
  const cells = Math.min(columns, LONGEST_LINE_CELLS);
  return { cells, margin: Math.floor((columns - cells) / 2) };
}

/** A paper as rows of a page. Throws only for a QR text that no QR code can hold. */
export function pageRows(lines: readonly PaperLine[], page: Page): readonly PageRow[] {
  const grid = gridOf(page.pins);
  const { cells } = measureOf(page);
  const widthDots = (cells * grid.dotsAcrossAnInch) / CELLS_AN_INCH;
  const rows: PageRow[] = [];
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i];
    if (line === undefined) continue;
    if (line.kind === 'qr') {
      const block = codeBlock(line.text, lines.slice(i + 1), grid, widthDots);
      rows.push({ row: 'picture', picture: block.picture });
      i += block.linesBeside;
    } else rows.push(...lineRows(line, grid, cells, widthDots));
  }
  return rows;
}

function lineRows(line: Exclude<PaperLine, { kind: 'qr' }>, grid: Grid, cells: number, widthDots: number): readonly PageRow[] {
  switch (line.kind) {
    case 'text':
      return isAscii(line.text) ? textRows(line.text, line.align, line.weight, cells) : pictured(line, grid, widthDots);
    case 'pair':
      return isAscii(line.left) && isAscii(line.right) ? pairRows(line.left, line.right, line.weight, cells) : pictured(line, grid, widthDots);
    case 'rule':
      return [{ row: 'text', text: '-'.repeat(cells), style: 'normal' }];
    case 'feed':
      return line.lines > 0 ? [{ row: 'blank', lines: line.lines }] : [];
    default:
      return unreachable(line);
  }
}

function pictured(line: Extract<PaperLine, { kind: 'text' | 'pair' }>, grid: Grid, widthDots: number): readonly PageRow[] {
  return [{ row: 'picture', picture: pictureLine(line, grid, widthDots) }];
}

function isAscii(text: string): boolean {
  return /^[\x00-\x7e]*$/u.test(text);
}

function wordsIn(text: string): readonly string[] {
  return text.split(/[\x00-\x20]+/u).filter((word) => word !== '');
}

/** Characters that a line holds in a style. */
function roomOf(style: TextStyle, cells: number): number {
  return style === 'large' ? Math.floor(cells / 2) : style === 'condensed' ? Math.floor(cells * CONDENSED) : cells;
}

function textRows(text: string, align: 'left' | 'centre', style: 'normal' | 'bold' | 'large', cells: number): readonly PageRow[] {
  const room = roomOf(style, cells);
  return wrapped(wordsIn(text), room).map((row) => {
    const indent = align === 'centre' ? Math.floor((room - row.length) / 2) : 0;
    return { row: 'text', text: ' '.repeat(indent) + row, style };
  });
}

/** Words on lines of so many characters; a word that is longer is cut. At least one line. */
function wrapped(words: readonly string[], room: number): readonly string[] {
  const rows: string[] = [''];
  for (const word of words.flatMap((one) => one.match(new RegExp(`.{1,${room}}`, 'gu')) ?? [])) {
    const last = rows.at(-1) ?? '';
    if (last === '') rows[rows.length - 1] = word;
    else if (last.length + 1 + word.length <= room) rows[rows.length - 1] = `${last} ${word}`;
    else rows.push(word);
  }
  return rows;
}

/** Label, dots that lead the eye, value at the right edge; condensed when that is too long, and on two lines when that is too long as well. */
function pairRows(left: string, right: string, weight: 'normal' | 'bold' | 'large', cells: number): readonly PageRow[] {
  const label = wordsIn(left).join(' ');
  const value = wordsIn(right).join(' ');
  if (value === '') return textRows(label, 'left', weight, cells);
  const needed = label.length + value.length + 2;
  const style: TextStyle | undefined = [weight, 'condensed' as const].find((one) => needed <= roomOf(one, cells));
  if (style === undefined) {
    const values = textRows(value, 'left', 'normal', cells).map((row) =>
      row.row === 'text' ? { ...row, text: row.text.padStart(roomOf('normal', cells)) } : row,
    );
    return [...textRows(label, 'left', 'normal', cells), ...values];
  }
  const gap = roomOf(style, cells) - label.length - value.length;
  return [{ row: 'text', text: `${label}${leaders(label.length, gap)}${value}`, style }];
}

/** Dots on every second cell, so that those of two lines stand under each other; white next to the words. */
function leaders(from: number, gap: number): string {
  return Array.from({ length: gap }, (_, i) => (i > 0 && i < gap - 1 && (from + i) % 2 === 1 ? '.' : ' ')).join('');
}

const lineUnits = (grid: Grid): number => grid.rowsAnInch / LINES_AN_INCH;

function unitsOf(row: PageRow, grid: Grid): number {
  switch (row.row) {
    case 'text':
      return lineUnits(grid);
    case 'blank':
      return row.lines * lineUnits(grid);
    case 'picture':
      return row.picture.heightDots;
    default:
      return unreachable(row);
  }
}

/** How many forms a paper takes; a receipt mostly one. */
export function escpSheets(lines: readonly PaperLine[], page: Page): number {
  return Math.max(1, Math.ceil(formsLong(pageRows(lines, page), page)));
}

function formsLong(rows: readonly PageRow[], { pins, formLines }: Page): number {
  const grid = gridOf(pins);
  return rows.reduce((sum, row) => sum + unitsOf(row, grid), 0) / (formLines * lineUnits(grid));
}

/** The bytes of a paper in pieces of a few kilobytes, from the top of one form to the top of the next. */
export function escpJob(lines: readonly PaperLine[], page: Page): readonly Uint8Array[] {
  const grid = gridOf(page.pins);
  const pieces: Uint8Array[] = [begin(grid, page.formLines, measureOf(page).margin)];
  const rows = pageRows(lines, page);
  for (const row of joined(rows)) {
    if (row.row === 'text') pieces.push(textLine(row.text, row.style), feed(lineUnits(grid)));
    else if (row.row === 'blank') pieces.push(feed(unitsOf(row, grid)));
    else pieces.push(...pictureBands(grid, row.picture));
  }
  // A paper that fills its form to the last line stands at the top of the next already.
  const long = formsLong(rows, page);
  return long > 0 && Number.isInteger(long) ? pieces : [...pieces, formFeed()];
}

/** Pictures that follow one another become one: fewer passes of the head. */
function joined(rows: readonly PageRow[]): readonly PageRow[] {
  const out: PageRow[] = [];
  for (const row of rows) {
    const last = out.at(-1);
    if (row.row === 'picture' && last?.row === 'picture') {
      out[out.length - 1] = { row: 'picture', picture: stack([last.picture, row.picture], row.picture.widthDots) };
    } else out.push(row);
  }
  return out;
}

/** Bytes that complete any picture pass of ours that was broken off. */
export const LONGEST_PASS_BYTES = ((LONGEST_LINE_CELLS * 180) / CELLS_AN_INCH) * (BAND_ROWS / 8) + 8;
