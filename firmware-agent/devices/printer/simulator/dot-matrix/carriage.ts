import { unreachable } from '#protocol/result/result.js';
import { isBlack, type Bitmap } from '../../../raster/bitmap.js';
import { drawWord } from '../../../raster/words.js';
import type { Pins } from '../../escp/grid.js';
import { PICTURE_MODES, type DotCommand } from './commands.js';

/** Fine enough that every dot of every mode falls on a whole number, across and down. */
export const ACROSS_AN_INCH = 720;
export const DOWN_AN_INCH = 1_080;

/** What the head strikes: one dot at (x, y) from the upper left corner of the form, in the units above. */
export type Paper = { readonly dot: (x: number, y: number) => void; readonly endForm: () => void };

const CELL = ACROSS_AN_INCH / 10;
const SIXTH = DOWN_AN_INCH / 6;

/** The printer's own letters, drawn for its dots. */
type Letters = {
  readonly acrossAnInch: number;
  readonly downAnInch: number;
  readonly emAcross: number;
  readonly emDown: number;
  readonly baseline: number;
};
const LETTERS: Readonly<Record<Pins, Letters>> = {
  24: { acrossAnInch: 180, downAnInch: 180, emAcross: 18, emDown: 24, baseline: 20 },
  9: { acrossAnInch: 120, downAnInch: 216, emAcross: 12, emDown: 29, baseline: 24 },
};

type Modes = { bold: 'on' | 'off'; twice: 'on' | 'off'; wide: 'on' | 'off'; condensed: 'on' | 'off'; cellsAnInch: number };
const plain = (): Modes => ({ bold: 'off', twice: 'off', wide: 'off', condensed: 'off', cellsAnInch: 10 });

type Moving = Extract<
  DotCommand,
  { do: 'text' | 'picture' | 'carriage-return' | 'line-feed' | 'form-feed' | 'feed' | 'initialise' | 'position' | 'left-margin' }
>;

/** Head and paper of a dot-matrix printer: where they stand, and what a command strikes there. */
export class Carriage {
  readonly unitsAnInch: 180 | 216;
  private readonly pins: Pins;
  private readonly paper: Paper;
  private readonly drawn = new Map<string, Bitmap & { readonly top: number; readonly left: number }>();
  private modes = plain();
  private x = 0;
  private y = 0;
  private margin = 0;
  private spacing = SIXTH;
  private formLength = 11 * DOWN_AN_INCH;

  constructor(pins: Pins, paper: Paper) {
    this.pins = pins;
    this.paper = paper;
    this.unitsAnInch = pins === 24 ? 180 : 216;
  }

  /** Lines of a sixth of an inch from the top of the form. */
  get linesDown(): number {
    return this.y / SIXTH;
  }

  execute(command: DotCommand): void {
    switch (command.do) {
      case 'text':
        for (const byte of command.bytes) this.strike(byte);
        return;
      case 'picture':
        return this.picture(command);
      case 'carriage-return':
        this.x = this.margin;
        return;
      case 'line-feed':
        this.x = this.margin;
        return this.advance(this.spacing);
      case 'form-feed':
        this.x = this.margin;
        return this.endForm();
      case 'feed':
        return this.advance((command.units * DOWN_AN_INCH) / this.unitsAnInch);
      case 'initialise':
        return this.initialise();
      case 'position':
        this.x = this.margin + command.sixtieths * (ACROSS_AN_INCH / 60);
        return;
      case 'left-margin':
        this.margin = Math.round(command.cells * this.cellWidth());
        this.x = this.margin;
        return;
      default:
        return this.setMode(command);
    }
  }

  private setMode(command: Exclude<DotCommand, Moving>): void {
    switch (command.do) {
      case 'bold':
      case 'wide':
      case 'condensed':
        this.modes[command.do] = command.to;
        return;
      case 'strike-twice':
        this.modes.twice = command.to;
        return;
      case 'pitch':
        this.modes.cellsAnInch = command.cellsAnInch;
        return;
      case 'spacing':
        this.spacing = this.spacingOf(command.of);
        return;
      case 'form':
        // The form begins where it stands now.
        this.formLength = 'lines' in command.length ? command.length.lines * this.spacing : command.length.inches * DOWN_AN_INCH;
        this.y = 0;
        return;
      case 'cancel-line':
      case 'nothing':
      case 'unknown':
        return;
      default:
        return unreachable(command);
    }
  }

  /** ESC @: modes as after power-on, and the top of the form where the paper stands now. */
  private initialise(): void {
    this.modes = plain();
    this.margin = 0;
    this.x = 0;
    this.y = 0;
    this.spacing = SIXTH;
    this.formLength = 11 * DOWN_AN_INCH;
  }

  private spacingOf(of: Extract<DotCommand, { do: 'spacing' }>['of']): number {
    if (of === 'eighth') return DOWN_AN_INCH / 8;
    if (of === 'sixth') return SIXTH;
    if (of === 'seven-72nds') return (DOWN_AN_INCH * 7) / 72;
    return 'units' in of ? (of.units * DOWN_AN_INCH) / this.unitsAnInch : (of.coarse * DOWN_AN_INCH) / (this.pins === 24 ? 60 : 72);
  }

  private advance(by: number): void {
    this.y = Math.max(0, this.y + by);
    while (this.y >= this.formLength) {
      this.y -= this.formLength;
      this.paper.endForm();
    }
  }

  private endForm(): void {
    this.y = 0;
    this.paper.endForm();
  }

  private picture({ mode, columns, data }: Extract<DotCommand, { do: 'picture' }>): void {
    const of = PICTURE_MODES[mode];
    if (of === undefined) return;
    const step = ACROSS_AN_INCH / of.dotsAcrossAnInch;
    // Eight pins of twenty-four stand every third one: 60 an inch; the nine stand 72 an inch.
    const pinStep = of.pins === 24 ? DOWN_AN_INCH / 180 : DOWN_AN_INCH / (this.pins === 24 ? 60 : 72);
    for (let column = 0; column < columns; column += 1) {
      for (let pin = 0; pin < of.pins; pin += 1) {
        const byte = data[column * (of.pins / 8) + (pin >> 3)] ?? 0;
        if ((byte & (0x80 >> (pin & 7))) !== 0) this.paper.dot(this.x + column * step, this.y + pin * pinStep);
      }
    }
    this.x += columns * step;
  }

  private cellWidth(): number {
    const { condensed, cellsAnInch, wide } = this.modes;
    const cells = condensed === 'on' ? cellsAnInch * (12 / 7) : cellsAnInch;
    return (ACROSS_AN_INCH / cells) * (wide === 'on' ? 2 : 1);
  }

  /** Beyond ASCII the printer has the letters of some code page, never ours. */
  private strike(byte: number): void {
    const { acrossAnInch, downAnInch } = LETTERS[this.pins];
    const letter = this.letter(byte < 0x7f ? String.fromCharCode(byte) : '?');
    const across = ACROSS_AN_INCH / acrossAnInch;
    const down = DOWN_AN_INCH / downAnInch;
    for (let row = 0; row < letter.heightDots; row += 1) {
      for (let column = 0; column < letter.widthDots; column += 1) {
        if (isBlack(letter, column, row)) this.paper.dot(Math.round(this.x) + (letter.left + column) * across, this.y + (letter.top + row) * down);
      }
    }
    this.x += this.cellWidth();
  }

  private letter(character: string): Bitmap & { readonly top: number; readonly left: number } {
    const { emAcross, emDown, baseline, acrossAnInch } = LETTERS[this.pins];
    const weight = this.modes.bold === 'on' || this.modes.twice === 'on' ? 'bold' : 'normal';
    const cell = (this.cellWidth() * acrossAnInch) / ACROSS_AN_INCH;
    const key = `${weight} ${cell} ${character}`;
    const known = this.drawn.get(key);
    if (known !== undefined) return known;
    const em = (emAcross * this.cellWidth()) / CELL;
    const ink = drawWord(character, weight, em, emDown);
    const left = Math.max(0, Math.round((cell - ink.advanceDots) / 2) + ink.left);
    const letter = { ...ink.bitmap, left, top: Math.max(0, baseline + ink.top) };
    this.drawn.set(key, letter);
    return letter;
  }
}
