import { INDIC_RUN, OSC66_COLUMNS_MAX, clusters, indicColumns, pieces, withoutJoiners, type WidthModel } from './width.js';

/**
 * A piece of text that is drawn as one thing: an ASCII letter in one column, or a whole Indic word over `columns` columns, since
 * letters of such a word join and only its end is a place where the grid can be trusted.
 */
export type Cell = { readonly text: string; readonly columns: number };

const BLANK: Cell = { text: ' ', columns: 1 };
const NARROW = /^[\x20-\x7e\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2190-\u21ff\u2500-\u25ff]$/u;

/** What cannot be trusted to be one column wide, control characters above all, is shown as a question mark. */
function plainCells(text: string): readonly Cell[] {
  return clusters(text.normalize('NFC')).map((cluster) => ({ text: NARROW.test(cluster) ? cluster : '?', columns: 1 }));
}

function wordCells(model: WidthModel, run: string): readonly Cell[] {
  const word = model === 'osc66' ? run : withoutJoiners(run);
  if (word === '') return [];
  return pieces(model, word).map((piece) => {
    const columns = indicColumns(model, piece);
    return { text: piece, columns: model === 'osc66' ? Math.min(columns, OSC66_COLUMNS_MAX) : columns };
  });
}

const ASCII_ONLY = /^[\x20-\x7e]*$/u;
const ASCII_CELLS: readonly Cell[] = Array.from({ length: 0x7f }, (_, code) => ({ text: String.fromCharCode(code), columns: 1 }));

/** Cutting words into letters is the dear part of a frame, and a screen says the same words again and again. */
const KNOWN_MAX = 4_000;
const known = new Map<string, readonly Cell[]>();

/** Text as the cells it is drawn with. The texts of the cells, joined, are the text again (without joiners and control characters). */
export function toCells(model: WidthModel, text: string): readonly Cell[] {
  if (ASCII_ONLY.test(text)) return Array.from(text, (_, i) => ASCII_CELLS[text.charCodeAt(i)] ?? BLANK);
  const key = `${model} ${text}`;
  const seen = known.get(key);
  if (seen !== undefined) return seen;
  const cells = mixedCells(model, text);
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(key, cells);
  return cells;
}

function mixedCells(model: WidthModel, text: string): readonly Cell[] {
  const cells: Cell[] = [];
  let from = 0;
  for (const match of text.matchAll(INDIC_RUN)) {
    cells.push(...plainCells(text.slice(from, match.index)), ...wordCells(model, match[0]));
    from = match.index + match[0].length;
  }
  cells.push(...plainCells(text.slice(from)));
  return cells;
}

export function fromCells(cells: readonly Cell[]): string {
  return cells.map((cell) => cell.text).join('');
}

export function cellColumns(cells: readonly Cell[]): number {
  return cells.reduce((sum, cell) => sum + cell.columns, 0);
}

export function textColumns(model: WidthModel, text: string): number {
  return cellColumns(toCells(model, text));
}

/** As much of one word as fits, cut between letters, with blanks for the columns that are left over. */
export function cutCell(model: WidthModel, cell: Cell, room: number): readonly Cell[] {
  if (cell.columns <= room) return [cell];
  let text = '';
  for (const cluster of clusters(cell.text)) {
    if (indicColumns(model, text + cluster) > room) break;
    text += cluster;
  }
  const kept = text === '' ? [] : [{ text, columns: indicColumns(model, text) }];
  return [...kept, ...Array.from({ length: room - cellColumns(kept) }, () => BLANK)];
}

/** The cells that fit in `room` columns; a word that does not fit whole is cut between letters. */
export function cutCells(model: WidthModel, cells: readonly Cell[], room: number): readonly Cell[] {
  const kept: Cell[] = [];
  let used = 0;
  for (const cell of cells) {
    if (used >= room) break;
    const fitting = cutCell(model, cell, room - used);
    kept.push(...fitting);
    used += cellColumns(fitting);
  }
  return kept;
}

/** Breaks text into lines of at most `room` columns, between words; a longer word is broken between letters. */
export function wrapText(model: WidthModel, text: string, room: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/u).filter((part) => part !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (textColumns(model, longer) <= room) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (textColumns(model, line) > room) {
      const head = fromCells(cutCells(model, toCells(model, line), room)).trimEnd();
      if (head === '' || head.length >= line.length) break;
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}
