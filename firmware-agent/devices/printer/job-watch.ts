import { unreachable, type Failure, type Result } from '#protocol/result/result.js';
import type { PrinterCause } from '../ports.js';
import type { Timers } from '../timers.js';
import type { Answer } from './codec/answers.js';
import type { PrinterDelays } from './delays.js';
import type { Dialogue, DialogueFault } from './dialogue.js';
import { causeOf, statusOfChange, type PrinterStatus } from './status.js';

type Refusal = Failure<PrinterCause>;

/** Bits of a GS r 1 answer: paper end. Some clones answer while they throw the dots away for want of paper. */
const PAPER_END = 0x0c;

/**
 * By what a job is known to have ended: a process id, a name behind the paper answer, or paper answers alone. A job is confirmed by the last of them, when
 * no answer is owed any more.
 */
export type Ended = { readonly by: 'process'; readonly id: string } | { readonly by: 'name' } | { readonly by: 'papers' };

/** Listens through one job: for its confirmation, and for anything that makes a confirmation worthless. */
export class JobWatch {
  private readonly timers: Timers;
  private readonly delays: PrinterDelays;
  private readonly ended: Ended & { readonly owed: () => number };
  private readonly stop: (() => void)[];
  private phase: 'sending' | 'awaiting' | 'confirmed' = 'sending';
  private found: Refusal | undefined;
  private wake: () => void = () => undefined;

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
  async wait(limitMs: number, readStatus: () => Promise<Result<PrinterStatus, DialogueFault>>): Promise<Refusal | undefined> {
    const until = this.timers.now() + limitMs;
    for (;;) {
      await this.settled(Math.min(this.delays.askWhileWaitingMs, until - this.timers.now()));
      if (this.found !== undefined) return this.found;
      if (this.phase === 'confirmed') return undefined;
      if (this.timers.now() >= until) return { code: 'printer-silent', detail: `no confirmation within ${limitMs} ms` };
      const status = await readStatus();
      if (status.ok) this.judge(status.value);
      else if (status.error.code === 'printer-absent') this.blame(status.error);
    }
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
