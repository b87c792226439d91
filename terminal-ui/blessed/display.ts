import { PassThrough } from 'node:stream';
import type { Widgets } from 'blessed';
import blessed from 'blessed';
import { KeyDecoder } from '../keys/decode.js';
import type { Key } from '../keys/key.js';
import { emitCell } from '../script/emit.js';
import type { WidthModel } from '../script/width.js';
import type { Picture, Style } from '../screens/canvas.js';

/**
 * The one file that knows blessed 0.1.81. Of it we use the terminal's own language (terminfo), the alternate screen, and the frame that
 * writes only changed cells. Layout is ours, since blessed counts UTF-16 units; keys are ours, since blessed drops the keypad of VT terminals
 * in application mode and cuts UTF-8 between reads.
 */

/** A lone ESC is the Escape key when nothing follows it for this long. */
const ESCAPE_WAIT_MS = 25;

const DEFAULT_COLOUR = 0x1ff;
const BOLD = 1;
const INVERSE = 8;

/** blessed packs flags, foreground and background into one number, nine bits for each colour. */
function attribute(flags: number, foreground: number, background: number): number {
  return (flags << 18) | (foreground << 9) | background;
}

const ATTRIBUTES: Readonly<Record<Style, number>> = {
  plain: attribute(0, DEFAULT_COLOUR, DEFAULT_COLOUR),
  quiet: attribute(0, 6, DEFAULT_COLOUR),
  strong: attribute(BOLD, DEFAULT_COLOUR, DEFAULT_COLOUR),
  bar: attribute(0, 0, 6),
  key: attribute(BOLD, 0, 7),
  banner: attribute(0, 0, 3),
  frame: attribute(0, DEFAULT_COLOUR, DEFAULT_COLOUR),
  title: attribute(BOLD, DEFAULT_COLOUR, DEFAULT_COLOUR),
  field: attribute(0, 7, 4),
  selected: attribute(INVERSE, DEFAULT_COLOUR, DEFAULT_COLOUR),
  good: attribute(BOLD, 2, DEFAULT_COLOUR),
  bad: attribute(BOLD, 7, 1),
};

type Line = [attr: number, text: string][] & { dirty?: boolean };

/** What blessed keeps inside its screen and its type declarations leave out. */
type Inside = Widgets.Screen & {
  lines: Line[];
  olines: Line[];
  draw(from: number, to: number): void;
};

/** A text that no cell ever has, so that the frame writes the cell anew. */
const UNKNOWN = '\0';

export type DisplayOptions = {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly model: WidthModel;
  readonly onKeys: (keys: readonly Key[]) => void;
  readonly onResize: () => void;
};

/** The terminal as a place to draw pictures and to read keys from. */
export class Display {
  readonly #options: DisplayOptions;
  readonly #screen: Inside;
  readonly #decoder = new KeyDecoder();
  #escape: NodeJS.Timeout | undefined;

  constructor(options: DisplayOptions) {
    this.#options = options;
    // Borders travel as Unicode and not as the line-drawing set of VT100, which tmux and cameras cannot copy.
    process.env['NCURSES_NO_UTF8_ACS'] = '1';
    this.#screen = blessed.screen({
      input: new PassThrough(),
      output: options.output,
      fullUnicode: true,
      forceUnicode: true,
      resizeTimeout: 0,
      warnings: false,
    }) as Inside;
    this.#screen.on('resize', options.onResize);
    options.input.setRawMode(true);
    options.input.on('data', this.#listen);
    options.input.resume();
  }

  get columns(): number {
    return this.#screen.cols;
  }

  get rows(): number {
    return this.#screen.rows;
  }

  /** Keys that arrived before the display did. */
  replay(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#listen(bytes);
  }

  draw(picture: Picture): void {
    const { lines, olines, program } = this.#screen;
    for (const [y, cells] of picture.cells.entries()) {
      const line = lines[y];
      const old = olines[y];
      if (line === undefined || old === undefined) continue;
      let x = 0;
      for (const cell of cells) {
        const at = line[x];
        const was = old[x];
        if (at === undefined || was === undefined) break;
        at[0] = ATTRIBUTES[cell.style];
        at[1] = cell.columns === 0 ? '' : emitCell(this.#options.model, cell, y, x, picture.columns);
        if (cell.columns > 1 && (was[0] !== at[0] || was[1] !== at[1])) forget(old, x + 1, cell.columns - 1);
        x += 1;
      }
      line.dirty = true;
    }
    this.#screen.draw(0, Math.min(lines.length, picture.rows) - 1);
    if (picture.cursor === null) program.hideCursor();
    else {
      program.cup(picture.cursor.row, picture.cursor.column);
      program.showCursor();
    }
    (program as unknown as { flush(): void }).flush();
  }

  /** Gives the terminal back as it was. */
  close(): void {
    clearTimeout(this.#escape);
    this.#options.input.off('data', this.#listen);
    this.#options.input.setRawMode(false);
    this.#options.input.pause();
    this.#screen.destroy();
  }

  readonly #listen = (bytes: Uint8Array): void => {
    clearTimeout(this.#escape);
    this.#deliver(this.#decoder.feed(bytes));
    if (this.#decoder.waiting) this.#escape = setTimeout(() => this.#deliver(this.#decoder.flush()), ESCAPE_WAIT_MS);
  };

  #deliver(keys: readonly Key[]): void {
    if (keys.length > 0) this.#options.onKeys(keys);
  }
}

/** When the head of a word is written anew, the cells under its rest are too: the frame moves the cursor by counting them. */
function forget(old: Line, from: number, count: number): void {
  for (const cell of old.slice(from, from + count)) cell[1] = UNKNOWN;
}
