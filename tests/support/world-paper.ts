import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { paperBitmap } from '../../firmware-agent/devices/raster/paper.js';
import { isBlack } from '../../firmware-agent/devices/raster/bitmap.js';
import type { PrinterSimulator } from '../../firmware-agent/devices/printer/simulator/simulator.js';
import type { TestKiosk } from './world-kiosk.js';

export type PaperSeen = { readonly file: string; readonly end: 'cut' | 'torn'; readonly rows: readonly string[] };

/** Every piece of paper that came out of a kiosk's printer, in order, as rows of dots. */
export function papersOf(kiosk: TestKiosk): Promise<readonly PaperSeen[]> {
  return papersIn(kiosk.printer, kiosk.paperFolder);
}

/** The same of any receipt printer that keeps its paper in a folder. */
export async function papersIn(printer: PrinterSimulator, folder: string): Promise<readonly PaperSeen[]> {
  const { papers } = (await printer.order({ do: 'state' })) as {
    readonly papers: readonly { readonly file: string; readonly end: 'cut' | 'torn' }[];
  };
  return papers.map(({ file, end }) => ({ file, end, rows: rowsOfPng(join(folder, file)) }));
}

function rowsOfPng(path: string): readonly string[] {
  const png = PNG.sync.read(readFileSync(path));
  return Array.from({ length: png.height }, (_, y) =>
    Array.from({ length: png.width }, (_dot, x) => ((png.data[(y * png.width + x) * 4] ?? 255) < 128 ? '#' : '.')).join(''),
  );
}

/** Whether a line of bold text stands on the paper, in the very dots in which it is printed. */
export function says(paper: PaperSeen, text: string): boolean {
  const line = paperBitmap([{ kind: 'text', text, align: 'centre', weight: 'bold' }], '58mm');
  const rows = Array.from({ length: line.heightDots }, (_, y) =>
    Array.from({ length: line.widthDots }, (_dot, x) => (isBlack(line, x, y) ? '#' : '.')).join(''),
  ).filter((row) => row.includes('#'));
  const strip = paper.rows.filter((row) => row.includes('#'));
  return strip.some((_, at) => rows.every((row, i) => strip[at + i] === row));
}

export function isDuplicate(paper: PaperSeen): boolean {
  return says(paper, '*** DUPLICATE ***');
}

/** Paper that was only cut off, so that the next receipt begins clean. */
export function isBlank(paper: PaperSeen): boolean {
  return !paper.rows.some((row) => row.includes('#'));
}
