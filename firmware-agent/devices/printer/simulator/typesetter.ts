import { blankBitmap, isBlack, stamp, type Bitmap } from '../../raster/bitmap.js';
import { drawWord } from '../../raster/words.js';
import type { Command } from './interpreter.js';

/** Font A of an 8 dots/mm printer. */
const CELL = { width: 12, height: 24 } as const;
const LINE_SPACING_DOTS = 30;
const EM_DOTS = 19;
const BASELINE_DOTS = 19;

const PLAIN = { align: 0, bold: 0, across: 1, down: 1, spacing: LINE_SPACING_DOTS } as const;
type Modes = { readonly align: number; readonly bold: number; readonly across: number; readonly down: number; readonly spacing: number };

type Cell = { readonly character: string; readonly modes: Modes };

/** The printer's own text: fixed cells on a line, put on paper by the line feed. Characters beyond ASCII are `?`, as with a wrong code page. */
export class Typesetter {
  private readonly widthDots: number;
  private modes: Modes = PLAIN;
  private line: Cell[] = [];

  constructor(widthDots: number) {
    this.widthDots = widthDots;
  }

  reset(): void {
    this.modes = PLAIN;
    this.line = [];
  }

  private set(change: Partial<Modes>): void {
    this.modes = { ...this.modes, ...change };
  }

  /** Takes commands that only change how the next characters look; false for all others. */
  obeys(command: Command): boolean {
    if (command.do === 'initialise') this.reset();
    else if (command.do === 'align') this.set({ align: command.n });
    else if (command.do === 'bold') this.set({ bold: command.n });
    else if (command.do === 'size') this.size(command.n);
    else if (command.do === 'mode') this.set({ bold: (command.n >> 3) & 1, across: 1 + ((command.n >> 5) & 1), down: 1 + ((command.n >> 4) & 1) });
    else if (command.do === 'line-spacing') this.spacing(command.dots);
    else return command.do === 'nothing';
    return true;
  }

  /** GS !: width in the high nibble, height in the low one, each less one. */
  private size(n: number): void {
    this.set({ across: (n >> 4) + 1, down: (n & 0x0f) + 1 });
  }

  private spacing(dots: number | 'default'): void {
    this.set({ spacing: dots === 'default' ? LINE_SPACING_DOTS : dots });
  }

  get hasText(): boolean {
    return this.line.length > 0;
  }

  /** Adds characters; a line that is full goes to paper by itself. */
  write(bytes: Uint8Array): readonly Bitmap[] {
    const full: Bitmap[] = [];
    for (const byte of bytes) {
      const character = byte < 0x7f ? String.fromCharCode(byte) : '?';
      if (this.lineDots() + CELL.width * this.modes.across > this.widthDots) full.push(this.feed());
      this.line.push({ character, modes: this.modes });
    }
    return full;
  }

  /** The line as dots, and a new one begun. */
  feed(): Bitmap {
    const down = this.line.reduce((most, cell) => Math.max(most, cell.modes.down), 1);
    const height = Math.max(this.modes.spacing, this.line.length > 0 ? CELL.height * down : 0);
    const bitmap = blankBitmap(this.widthDots, height);
    let x = this.indent(this.lineDots());
    for (const { character, modes } of this.line) {
      stamp(bitmap, cellBitmap(character, modes), x, CELL.height * (down - modes.down));
      x += CELL.width * modes.across;
    }
    this.line = [];
    return bitmap;
  }

  /** Where something this wide starts under the alignment in force. */
  indent(widthDots: number): number {
    const room = Math.max(0, this.widthDots - widthDots);
    const { align } = this.modes;
    return align % 48 === 1 ? Math.floor(room / 2) : align % 48 === 2 ? room : 0;
  }

  private lineDots(): number {
    return this.line.reduce((sum, { modes }) => sum + CELL.width * modes.across, 0);
  }
}

function cellBitmap(character: string, { bold, across, down }: Modes): Bitmap {
  const cell = blankBitmap(CELL.width, CELL.height);
  if (character !== ' ') {
    const ink = drawWord(character, (bold & 1) === 1 ? 'bold' : 'normal', EM_DOTS);
    stamp(cell, ink.bitmap, Math.max(0, Math.round((CELL.width - ink.advanceDots) / 2) + ink.left), BASELINE_DOTS + ink.top);
  }
  return enlarged(cell, across, down);
}

/** Every dot as a block of dots. */
export function enlarged(bitmap: Bitmap, across: number, down: number): Bitmap {
  if (across === 1 && down === 1) return bitmap;
  const large = blankBitmap(bitmap.widthDots * across, bitmap.heightDots * down);
  for (let y = 0; y < large.heightDots; y += 1) {
    for (let x = 0; x < large.widthDots; x += 1) {
      if (isBlack(bitmap, Math.floor(x / across), Math.floor(y / down))) {
        const at = y * large.bytesPerRow + (x >> 3);
        large.data[at] = (large.data[at] ?? 0) | (0x80 >> (x & 7));
      }
    }
  }
  return large;
}
