import { unreachable, type Failure, type Result } from '#protocol/result/result.js';
import type { PrinterCause } from '../ports.js';
import type { Timers } from '../timers.js';
import type { Answer } from './codec/answers.js';
import type { PrinterDelays } from './delays.js';
import type { Dialogue, DialogueFault } from './dialogue.js';
import { causeOf, isTooWarm, statusOfChange, type PrinterStatus } from './status.js';

type Refusal = Failure<PrinterCause>;
type ReadStatus = () => Promise<Result<PrinterStatus, DialogueFault>>;

/** Bits of a GS r 1 answer: paper end. Some clones answer while they throw the dots away for want of paper. */
const PAPER_END = 0x0c;

/**
 * By what a job is known to have ended: a process id, a name behind the paper answer, or paper answers alone. A job is confirmed by the last of them, when
 * no answer is owed any more.
 */
export type Ended = { readonly by: 'process'; readonly id: string } | { readonly by: 'name' } | { readonly by: 'papers' };

/**
 * Listens through one job: for its confirmation, and for anything that makes a confirmation worthless. A head that is too warm does not: the printer pauses, keeps
 * what it has, and goes on by itself, so the job's own clock stands still meanwhile.
 */
export class JobWatch {
  private readonly timers: Timers;
  private readonly delays: PrinterDelays;
  private readonly ended: Ended & { readonly owed: () => number };
  private readonly stop: (() => void)[];
  private phase: 'sending' | 'awaiting' | 'confirmed' = 'sending';
  private found: Refusal | undefined;
  private wake: () => void = () => undefined;
  private warmSince: number | undefined;
  private cooledAt = Number.NEGATIVE_INFINITY;
  /** Of the pauses that are over. */
  private pausedMs = 0;

  constructor(
    dialogue: Dialogue,
    ended: Ended & { readonly owed: () => number },
    { timers, delays }: { readonly timers: Timers; readonly delays: PrinterDelays },
  ) {
    this.timers = timers;
    this.delays = delays;
    this.ended = ended;
    this.stop = [dialogue.listen((answer) => this.hear(answer)), dialogue.onLost((why) => this.blame({ code: 'printer-absent', detail: why }))];
  }

  /** The first thing that went wrong, if any. */
  get trouble(): Refusal | undefined {
    return this.found;
  }

  /** From now on a confirmation may be believed: one that came earlier belonged to something older. */
  expectConfirmation(): void {
    this.phase = 'awaiting';
  }

  end(): void {
    for (const stop of this.stop) stop();
  }

  /** Undefined when confirmed; otherwise why not. Between looks the printer is asked how it is, so that a missing change message is no loss. */
  async wait(limitMs: number, readStatus: ReadStatus): Promise<Refusal | undefined> {
    const from = this.timers.now() - this.paused();
    for (;;) {
      const leftMs = (): number => from + this.paused() + limitMs - this.timers.now();
      await this.settled(Math.min(this.delays.askWhileWaitingMs, leftMs()));
      if (this.found !== undefined) return this.found;
      if (this.phase === 'confirmed') return undefined;
      if (leftMs() <= 0) return { code: 'printer-silent', detail: `no confirmation within ${limitMs} ms` };
      await this.ask(readStatus);
    }
  }

  /** Waits, between two pieces of a job, until the head has cooled. Undefined when the job may go on. */
  async cooled(readStatus: ReadStatus): Promise<Refusal | undefined> {
    while (this.warmSince !== undefined && this.found === undefined) {
      await this.settled(this.delays.askWhileWaitingMs);
      await this.ask(readStatus);
    }
    return this.found;
  }

  /**
   * How much longer one write may take because of a warm head; 0 for no longer. Nothing can be asked in the middle of a write, so only the printer's own word
   * for a change begins and ends this.
   */
  moreMs(): number {
    this.boundPause();
    if (this.found !== undefined) return 0;
    if (this.warmSince !== undefined) return this.delays.askWhileWaitingMs;
    return Math.max(0, this.cooledAt + this.delays.writeMs - this.timers.now());
  }

  private async ask(readStatus: ReadStatus): Promise<void> {
    const status = await readStatus();
    if (status.ok) this.judge(status.value);
    else if (status.error.code === 'printer-absent') this.blame(status.error);
    this.boundPause();
  }

  private paused(): number {
    return this.pausedMs + (this.warmSince === undefined ? 0 : this.timers.now() - this.warmSince);
  }

  private boundPause(): void {
    const { coolMs } = this.delays;
    if (this.warmSince !== undefined && this.paused() >= coolMs) this.blame({ code: 'printer-hot', detail: `too warm for ${coolMs} ms` });
  }

  private hear(answer: Answer): void {
    if (answer.kind === 'changed') this.judge(statusOfChange(answer.bits));
    if (this.phase !== 'awaiting') return;
    if (answer.kind === 'queued' && (answer.bits & PAPER_END) !== 0)
      this.blame({ code: 'paper-out', detail: 'the printer took the job without paper' });
    else if (this.isLast(answer)) this.confirm();
  }

  private isLast(answer: Answer): boolean {
    const { ended } = this;
    switch (ended.by) {
      case 'process':
        return answer.kind === 'process' && answer.id === ended.id;
      case 'name':
        return answer.kind === 'name' && ended.owed() === 0;
      case 'papers':
        return answer.kind === 'queued' && ended.owed() === 0;
      default:
        return unreachable(ended);
    }
  }

  private judge(status: PrinterStatus): void {
    if (isTooWarm(status)) {
      this.warmSince ??= this.timers.now();
      return;
    }
    if (this.warmSince !== undefined) {
      this.pausedMs = this.paused();
      this.warmSince = undefined;
      this.cooledAt = this.timers.now();
    }
    const cause = causeOf(status);
    if (cause !== undefined) this.blame({ code: cause, detail: `the printer says ${status.condition}` });
  }

  private blame(refusal: Refusal): void {
    if (this.phase === 'confirmed') return;
    this.found ??= refusal;
    this.wake();
  }

  private confirm(): void {
    this.phase = 'confirmed';
    this.wake();
  }

  /** Until something was heard, or for the time given. */
  private settled(limitMs: number): Promise<void> {
    if (this.found !== undefined || this.phase === 'confirmed') return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.timers.after(Math.max(0, limitMs), resolve);
      this.wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
