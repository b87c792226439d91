import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { isBlack, type Bitmap } from '../../raster/bitmap.js';

/** One piece of paper that left the printer. `torn` is the end of a roll: what stood on it when the paper ran out. */
export type Paper = { readonly file: string; readonly end: 'cut' | 'torn'; readonly rows: number };

/** Rows of dots on the paper that has not been cut yet. */
export class Strip {
  readonly widthDots: number;
  private readonly bytesPerRow: number;
  private rows: Uint8Array[] = [];

  constructor(widthDots: number) {
    this.widthDots = widthDots;
    this.bytesPerRow = Math.ceil(widthDots / 8);
  }

  get length(): number {
    return this.rows.length;
  }

  /** One row of the head; what is wider than the head is lost, as on paper. */
  print(row: Uint8Array): void {
    const kept = new Uint8Array(this.bytesPerRow);
    kept.set(row.subarray(0, this.bytesPerRow));
    this.rows.push(kept);
  }

  /** Takes the paper off, without the white that the feed to the knife left at its end. */
  take(): Bitmap {
    const used = this.rows.findLastIndex((row) => row.some((dots) => dots !== 0)) + 1;
    const data = Buffer.concat(this.rows.slice(0, used));
    this.rows = [];
    return { widthDots: this.widthDots, heightDots: used, bytesPerRow: this.bytesPerRow, data };
  }
}

/** The papers of one folder, in order: 001.png, 002.png … Goes on after the last one it finds there. */
export class PaperFolder {
  private readonly folder: string;
  private last: number;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    this.last = Math.max(0, ...readdirSync(folder).map((name) => Number.parseInt(/^(\d{3,})\.png$/u.exec(name)?.[1] ?? '0', 10)));
  }

  /** Writes a picture under its final name only when it is whole, so that a reader never sees half of one. */
  keep(bitmap: Bitmap): string {
    this.last += 1;
    const file = `${this.last.toString().padStart(3, '0')}.png`;
    const unfinished = join(this.folder, `.${file}.part`);
    writeFileSync(unfinished, pngOf(bitmap));
    renameSync(unfinished, join(this.folder, file));
    return file;
  }
}

/** Black on white, grey scale, 8 bits. A paper without ink still has one white row, since a PNG cannot be empty. */
export function pngOf(bitmap: Bitmap): Buffer {
  const height = Math.max(1, bitmap.heightDots);
  const png = new PNG({ width: bitmap.widthDots, height, colorType: 0, inputColorType: 0, bitDepth: 8, inputHasAlpha: false });
  const grey = Buffer.alloc(bitmap.widthDots * height, 0xff);
  for (let y = 0; y < bitmap.heightDots; y += 1) {
    for (let x = 0; x < bitmap.widthDots; x += 1) if (isBlack(bitmap, x, y)) grey[y * bitmap.widthDots + x] = 0;
  }
  png.data = grey;
  return PNG.sync.write(png, { colorType: 0, inputColorType: 0, inputHasAlpha: false, bitDepth: 8 });
}
