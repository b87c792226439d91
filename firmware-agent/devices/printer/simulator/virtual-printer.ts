import { unreachable } from '#protocol/result/result.js';
import { rowsOf, type Bitmap } from '../../raster/bitmap.js';
import {
  changeBits,
  forgetErrors,
  freeCutter,
  isOnline,
  isRecoverable,
  leaveError,
  mendCause,
  paperBits,
  realtimeBits,
  soundCondition,
  type BodyOrder,
  type Condition,
  type Habit,
} from './condition.js';
import { Interpreter, type Command } from './interpreter.js';
import { Pictures } from './pictures.js';
import { Receiver, type Realtime } from './receiver.js';
import { Strip, type Paper, type PaperFolder } from './strip.js';
import { Typesetter } from './typesetter.js';

/** White between the head and the knife. */
const KNIFE_DOTS = 96;
const MAKER = 'JHAROKHA';
const MODEL = 'VIRTUAL-80';

/** A receipt printer without a body: bytes in, answers out, papers into a folder. Deterministic: it does nothing of its own accord. */
export class VirtualPrinter {
  private readonly strip: Strip;
  private readonly folder: PaperFolder;
  private readonly say: (bytes: Uint8Array) => void;
  private readonly receiver = new Receiver();
  private readonly interpreter = new Interpreter();
  private readonly typesetter: Typesetter;
  private readonly pictures = new Pictures();
  private readonly habits = new Set<Habit>();
  private readonly condition: Condition = soundCondition();
  /** Dots that a command gave and the head has not burnt yet. */
  private burning: Bitmap | undefined;
  private afterBurning: 'nothing' | 'cut' = 'nothing';
  private lastThree = 0;
  private earlyAnswers = 0;
  private tellMask = 0;
  private told = '';
  readonly papers: Paper[] = [];
  readonly unknownCommands: (readonly number[])[] = [];
  drawerPulses = 0;
  receivedBytes = 0;
  onPaper: (paper: Paper) => void = () => undefined;

  constructor(widthDots: number, folder: PaperFolder, say: (bytes: Uint8Array) => void) {
    this.strip = new Strip(widthDots);
    this.typesetter = new Typesetter(widthDots);
    this.folder = folder;
    this.say = say;
  }

  state(): Readonly<Condition> & Record<string, unknown> {
    const { papers, drawerPulses, receivedBytes, earlyAnswers, habits, interpreter, strip, unknownCommands } = this;
    return {
      ...this.condition,
      online: isOnline(this.condition) ? 'yes' : 'no',
      papers,
      drawerPulses,
      receivedBytes,
      earlyAnswers,
      bufferedBytes: interpreter.bufferedBytes,
      uncutRows: strip.length,
      unknownCommands: unknownCommands.length,
      habits: [...habits],
    };
  }

  /** Bytes from the line. Real-time commands are obeyed at once, the rest when the printer can. */
  receive(bytes: Uint8Array): void {
    this.receivedBytes += bytes.length;
    // Each byte is heard before those after it are worked through, so an answer never overtakes an earlier one.
    let from = 0;
    for (let i = 0; i < bytes.length; i += 1) {
      this.hearEarly(bytes[i] ?? 0);
      const realtime = this.receiver.hear(bytes[i] ?? 0);
      if (realtime === undefined) continue;
      this.interpreter.push(bytes.subarray(from, i + 1));
      from = i + 1;
      this.work();
      this.obey(realtime);
    }
    this.interpreter.push(bytes.subarray(from));
    this.work();
  }

  /** GS r 1 as `early-paper` has it: the receiving end answers, whatever still waits before it. */
  private hearEarly(byte: number): void {
    this.lastThree = ((this.lastThree << 8) | byte) & 0xffffff;
    if (!this.habits.has('early-paper') || this.lastThree !== 0x1d7201) return;
    this.earlyAnswers += 1;
    this.answer([paperBits(this.condition)]);
  }

  /** Whether it works through what it was given. */
  private get works(): boolean {
    const { condition, habits } = this;
    return isOnline(habits.has('prints-on-air') ? { ...condition, paper: 'present' } : condition);
  }

  /** Power off and on: buffers, modes and errors without a cause are gone, the paper stays where it is. */
  powerCycle(): void {
    this.clearBuffers();
    this.typesetter.reset();
    this.tellMask = 0;
    forgetErrors(this.condition);
  }

  order(order: BodyOrder): void {
    const { condition } = this;
    switch (order.do) {
      case 'paper-out':
        if (order.afterRows === undefined || order.afterRows === 0) condition.paper = 'out';
        else condition.rowsLeft = order.afterRows;
        break;
      case 'near-end':
        condition.paper = 'near-end';
        break;
      case 'refill':
        this.refill();
        break;
      case 'tear':
        if (this.strip.length > 0) this.release('torn');
        break;
      case 'cover-open':
        if (this.habits.has('cover-is-error') && this.isPrinting) condition.error = 'recoverable-mended';
        condition.cover = 'open';
        break;
      case 'cover-close':
        condition.cover = 'closed';
        break;
      case 'cutter-error':
        condition.cutter = order.at === 'next-cut' ? 'jams-next' : 'jammed';
        break;
      case 'cutter-fix':
        freeCutter(condition);
        break;
      case 'error':
        if (order.afterRows === undefined || order.afterRows === 0) condition.error = order.recovery;
        else condition.awaits = { error: order.recovery, rows: order.afterRows };
        break;
      case 'error-fix':
        mendCause(condition);
        break;
      case 'garble':
      case 'silent':
      case 'never-confirm':
        condition.answers = ({ garble: 'garbled', silent: 'none', 'never-confirm': 'unconfirmed' } as const)[order.do];
        break;
      case 'habit':
        this.habits.add(order.habit);
        break;
      case 'normal':
        this.mendAll();
        break;
      default:
        return unreachable(order);
    }
    this.tellChange();
    this.work();
  }

  /** What the hands at the counter can do. An error that wants a word from the host still waits for it. */
  private mendAll(): void {
    const { condition } = this;
    if (condition.paper === 'out') this.refill();
    freeCutter(condition);
    mendCause(condition);
    if (condition.error === 'unrecoverable-mended') this.powerCycle();
    const { cutter, error } = condition;
    Object.assign(condition, soundCondition(), { cutter, error });
  }

  private get isPrinting(): boolean {
    return this.burning !== undefined || this.interpreter.bufferedBytes > 0;
  }

  private refill(): void {
    if (this.condition.paper === 'out' && this.strip.length > 0) this.release('torn');
    this.condition.paper = 'present';
    this.condition.rowsLeft = undefined;
  }

  private obey(realtime: Realtime): void {
    switch (realtime.do) {
      case 'status':
        return this.answer([realtimeBits(this.condition, realtime.n, this.habits)]);
      case 'recover':
        return this.recover(realtime.n);
      case 'clear':
        if (!this.habits.has('no-clear')) this.clearBuffers();
        return;
      case 'pulse':
        this.drawerPulses += 1;
        return;
      case 'tell-now':
        return this.answer(changeBits(this.condition));
      default:
        return unreachable(realtime);
    }
  }

  /** DLE ENQ: 1 goes on from the line that was interrupted, 2 forgets what was being printed. No other state listens to it. */
  private recover(n: number): void {
    if (!isRecoverable(this.condition)) return;
    if (n === 2 && !this.habits.has('no-clear')) this.clearBuffers();
    leaveError(this.condition);
    this.tellChange();
    this.work();
  }

  private clearBuffers(): void {
    this.interpreter.clear();
    this.burning = undefined;
    this.afterBurning = 'nothing';
    this.typesetter.reset();
  }

  /** Works through the buffer as far as paper, cover and knife allow. */
  private work(): void {
    for (;;) {
      if (this.burning !== undefined && !this.burn(this.burning)) return;
      this.endCut();
      if (!this.works) return;
      const command = this.interpreter.next();
      if (command === 'more') return;
      this.execute(command);
    }
  }

  /** Burns what is waiting; false when the paper or the printer gave out before its end. */
  private burn(bitmap: Bitmap): boolean {
    const { condition } = this;
    for (let row = 0; row < bitmap.heightDots; row += 1) {
      if (condition.rowsLeft === 0) {
        condition.rowsLeft = undefined;
        condition.paper = 'out';
        this.tellChange();
      }
      if (condition.awaits?.rows === 0) {
        condition.error = condition.awaits.error;
        condition.awaits = undefined;
        this.tellChange();
      }
      if (!this.works) {
        this.burning = rowsOf(bitmap, row, bitmap.heightDots);
        return false;
      }
      if (condition.paper === 'out') continue;
      this.strip.print(rowsOf(bitmap, row, row + 1).data);
      if (condition.rowsLeft !== undefined) condition.rowsLeft -= 1;
      if (condition.awaits !== undefined) condition.awaits.rows -= 1;
    }
    this.burning = undefined;
    return true;
  }

  private paint(bitmap: Bitmap): void {
    if (this.burning !== undefined) {
      const { burning } = this;
      const data = Buffer.concat([burning.data, bitmap.data]);
      this.burning = { ...burning, heightDots: burning.heightDots + bitmap.heightDots, data };
    } else this.burn(bitmap);
  }

  private execute(command: Command): void {
    if (command.do === 'initialise') this.tellMask = 0;
    if (this.typesetter.obeys(command)) return;
    switch (command.do) {
      case 'text':
        for (const line of this.typesetter.write(command.bytes)) this.paint(line);
        return;
      case 'line-feed':
        return this.paint(this.typesetter.feed());
      case 'feed-lines':
        for (let i = 0; i < command.n; i += 1) this.paint(this.typesetter.feed());
        return;
      case 'feed-dots':
        if (this.typesetter.hasText) this.paint(this.typesetter.feed());
        return this.paint(this.pictures.white(this.strip.widthDots, command.n));
      case 'raster':
        return this.paint(this.placed(this.pictures.raster(command)));
      case 'graphics':
      case 'qr': {
        const picture = command.do === 'qr' ? this.pictures.qr(command.data) : this.pictures.graphics(command.data);
        return picture === undefined ? undefined : this.paint(this.placed(picture));
      }
      case 'cut':
        return this.cut(command.feed);
      case 'drawer':
        this.drawerPulses += 1;
        return;
      case 'unknown':
        this.unknownCommands.push(command.bytes);
        return;
      default:
        return this.respond(command);
    }
  }

  /** Questions that wait their turn in the buffer. */
  private respond(command: Command): void {
    const unconfirmed = this.condition.answers === 'unconfirmed';
    if (command.do === 'ask-status' && !unconfirmed && !this.habits.has('early-paper'))
      this.answer([command.n % 48 === 1 ? paperBits(this.condition) : 0]);
    if (command.do === 'ask-process' && !unconfirmed && !this.habits.has('no-process-id'))
      this.answer([0x37, 0x22, ...command.data.subarray(2, 6), 0]);
    if (command.do === 'ask-name' && !this.habits.has('no-names')) this.answerName(command.n);
    if (command.do === 'tell-changes' && !this.habits.has('no-changes')) {
      this.tellMask = command.n;
      this.told = '';
      this.tellChange();
    }
  }

  private answerName(n: number): void {
    if (n < 0x41) return this.answer([0x02]);
    this.answer([0x5f, ...Buffer.from(n === 0x42 ? MAKER : MODEL, 'latin1'), 0]);
  }

  private placed(picture: Bitmap): Bitmap {
    return this.pictures.shifted(picture, this.typesetter.indent(picture.widthDots), this.strip.widthDots);
  }

  private cut(feed: number): void {
    if (this.typesetter.hasText) this.paint(this.typesetter.feed());
    this.afterBurning = 'cut';
    this.paint(this.pictures.white(this.strip.widthDots, feed + KNIFE_DOTS));
    this.endCut();
  }

  /** The cut that waits for the feed before it, and for the knife. */
  private endCut(): void {
    const { condition } = this;
    if (this.afterBurning === 'nothing' || this.burning !== undefined || !this.works) return;
    if (condition.cutter === 'jams-next') {
      condition.cutter = 'jammed';
      return this.tellChange();
    }
    this.afterBurning = 'nothing';
    this.release('cut');
  }

  private release(end: Paper['end']): void {
    const rows = this.strip.length;
    const paper = { file: this.folder.keep(this.strip.take()), end, rows };
    this.papers.push(paper);
    this.onPaper(paper);
  }

  private tellChange(): void {
    const bits = changeBits(this.condition);
    if (this.tellMask === 0 || this.told === bits.join()) return;
    this.told = bits.join();
    this.answer(bits);
  }

  private answer(bytes: readonly number[]): void {
    if (this.condition.answers === 'none') return;
    this.say(Uint8Array.from(bytes, (byte) => (this.condition.answers === 'garbled' ? byte ^ 0xff : byte)));
  }
}
