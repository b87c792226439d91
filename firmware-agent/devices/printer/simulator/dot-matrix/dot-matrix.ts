import { z } from 'zod';
import { unreachable } from '#protocol/result/result.js';
import type { Pins } from '../../escp/grid.js';
import type { Paper, PaperFolder } from '../strip.js';
import { Carriage } from './carriage.js';
import { readDotCommand } from './commands.js';
import { Sheet } from './sheet.js';

/** What another process or a test may do to the virtual dot-matrix printer. One JSON object a line on its control socket. */
export const dotMatrixOrder = z.discriminatedUnion('do', [
  z
    .strictObject({ do: z.literal('paper-out'), afterLines: z.int().positive().optional() })
    .describe('the last form is through: now, or after so many more lines (sixths of an inch)'),
  z.strictObject({ do: z.literal('refill') }).describe('new paper: what waits in the buffer goes on'),
  z.strictObject({ do: z.literal('off-line') }).describe('the key beside the on-line lamp: takes nothing'),
  z.strictObject({ do: z.literal('on-line') }).describe('that key again'),
  z
    .strictObject({ do: z.literal('unplug'), afterBytes: z.int().nonnegative().optional(), power: z.enum(['on', 'off']).optional() })
    .describe('the cable is pulled: now, or after so many more bytes; without power its buffer is lost too'),
  z.strictObject({ do: z.literal('plug') }).describe('the cable is put back'),
  z.strictObject({ do: z.literal('slow'), bytesPerSecond: z.int().positive() }).describe('reads no faster than this'),
  z
    .strictObject({ do: z.literal('stall'), afterBytes: z.int().nonnegative().optional() })
    .describe('reads nothing any more: now, or after so many more bytes'),
  z.strictObject({ do: z.literal('normal') }).describe('every fault is mended'),
  z.strictObject({ do: z.literal('state') }).describe('how it stands'),
]);
export type DotMatrixOrder = z.infer<typeof dotMatrixOrder>;
export type DotMatrixBodyOrder = Extract<DotMatrixOrder, { do: 'paper-out' | 'refill' | 'off-line' | 'on-line' | 'normal' }>;

/** A dot-matrix printer without a body: bytes in, never an answer out, forms into a folder. While it can not print it is busy: it takes no more bytes. */
export class VirtualDotMatrix {
  private readonly folder: PaperFolder;
  private readonly sheet: Sheet;
  private readonly carriage: Carriage;
  private waiting: Uint8Array = new Uint8Array(0);
  private paper: 'present' | 'out' = 'present';
  private selected: 'on-line' | 'off-line' = 'on-line';
  private linesLeft: number | undefined;
  private lastLine = 0;
  private isWorking = false;
  private readonly unknownCommands: (readonly number[])[] = [];
  readonly papers: Paper[] = [];
  receivedBytes = 0;
  onPaper: (paper: Paper) => void = () => undefined;
  onBusy: (state: 'busy' | 'free') => void = () => undefined;

  constructor(pins: Pins, columns: number, folder: PaperFolder) {
    this.folder = folder;
    this.sheet = new Sheet(pins, columns);
    this.carriage = new Carriage(pins, { dot: (x, y) => this.sheet.strike(x, y), endForm: () => this.release('cut') });
  }

  get isBusy(): boolean {
    return this.paper === 'out' || this.selected === 'off-line';
  }

  state(): Readonly<Record<string, unknown>> {
    const { paper, selected, papers, receivedBytes, waiting, unknownCommands } = this;
    return { paper, selected, papers, receivedBytes, bufferedBytes: waiting.length, unknownCommands: unknownCommands.length };
  }

  receive(bytes: Uint8Array): void {
    this.receivedBytes += bytes.length;
    this.waiting = Buffer.concat([this.waiting, bytes]);
    this.work();
  }

  /** Power off and on: the buffer is gone, the paper stays where it is and its form begins there. */
  powerCycle(): void {
    this.waiting = new Uint8Array(0);
    this.carriage.execute({ do: 'initialise' });
    this.lastLine = 0;
  }

  order(order: DotMatrixBodyOrder): void {
    switch (order.do) {
      case 'paper-out':
        if (order.afterLines === undefined) this.paper = 'out';
        else this.linesLeft = order.afterLines;
        break;
      case 'refill':
        this.refill();
        break;
      case 'off-line':
      case 'on-line':
        this.selected = order.do;
        break;
      case 'normal':
        if (this.paper === 'out') this.refill();
        this.linesLeft = undefined;
        this.selected = 'on-line';
        break;
      default:
        return unreachable(order);
    }
    this.onBusy(this.isBusy ? 'busy' : 'free');
    this.work();
  }

  private refill(): void {
    if (!this.sheet.isBlank) this.release('torn');
    this.paper = 'present';
    this.linesLeft = undefined;
    this.carriage.execute({ do: 'initialise' });
    this.lastLine = 0;
  }

  private work(): void {
    // An order given by a listener, while a form comes out, waits until this is done.
    if (this.isWorking) return;
    this.isWorking = true;
    while (!this.isBusy) {
      const read = readDotCommand(this.waiting);
      if (read === 'more') break;
      this.waiting = this.waiting.subarray(read.length);
      if (read.command.do === 'unknown') this.unknownCommands.push(read.command.bytes);
      this.carriage.execute(read.command);
      this.useUpPaper();
    }
    this.isWorking = false;
  }

  private useUpPaper(): void {
    const now = this.carriage.linesDown;
    const used = now >= this.lastLine ? now - this.lastLine : now;
    this.lastLine = now;
    if (this.linesLeft === undefined) return;
    this.linesLeft -= used;
    if (this.linesLeft > 0) return;
    this.linesLeft = undefined;
    this.paper = 'out';
    this.onBusy('busy');
  }

  /** A form that nothing was struck on goes by without a picture. */
  private release(end: Paper['end']): void {
    if (this.sheet.isBlank) return;
    const picture = this.sheet.take();
    const paper = { file: this.folder.keep(picture), end, rows: picture.heightDots };
    this.papers.push(paper);
    this.onPaper(paper);
  }
}
