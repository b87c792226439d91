import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import type { LiveDriver, Look } from '../life/live-driver.js';
import { Listeners } from '../life/listeners.js';
import { Lock } from '../life/lock.js';
import type { DeviceReport, PrinterCause, PrintOutcome, Unsubscribe } from '../ports.js';
import type { Bitmap } from '../raster/bitmap.js';
import type { Timers } from '../timers.js';
import type { Connection } from '../transport/transport.js';
import { BAND_BYTES, rasterBands } from './codec/bands.js';
import * as say from './codec/commands.js';
import type { Answer } from './codec/answers.js';
import type { PrinterDelays } from './delays.js';
import { Dialogue, type DialogueFault } from './dialogue.js';
import { JobWatch, type Ended } from './job-watch.js';
import { causeOf, reportOf, statusOfChange, statusOfRealtime, troubleOf, waitsForWord, type PrinterStatus } from './status.js';

/**
 * What may still lie in the printer. It outlives a connection, since a pulled cable does not empty a buffer.
 * - `clean`: our last job was confirmed.
 * - `unsure`: a new line; another program or an earlier life of ours may have broken off in the middle of a command.
 * - `remainder`: a job of ours ended unconfirmed: part of it may hang out of the printer or wait in its buffer.
 */
export type Leftover = { state: 'clean' | 'unsure' | 'remainder' };

/** How a job asks to be confirmed: `paper-status` (GS r) is known to nearly all printers, `process-id` (GS ( H) names the job, on Epson. */
export type Confirmation = 'paper-status' | 'process-id';

export type DriverOptions = {
  readonly confirmation: Confirmation;
  readonly drawerPin: 2 | 5;
  readonly cutter: say.Cutter;
  readonly delays: PrinterDelays;
  readonly timers: Timers;
};

type Refusal = Failure<PrinterCause>;
type Ending = Ended & { readonly bytes: Uint8Array; readonly papers: number };

/** One printer on one open line: one command at a time, every wait bounded, every failure an answer. */
export class PrinterDriver implements LiveDriver {
  private readonly dialogue: Dialogue;
  private readonly options: DriverOptions;
  private readonly leftover: Leftover;
  private readonly lock = new Lock();
  private readonly answered = new Listeners<DeviceReport>();
  private jobs = 0;
  /** Paper questions (GS r) whose answers did not come yet. One that comes late must not be taken for a job's. */
  private owed = 0;
  /** When the printer was last told to leave an error. */
  private recoveredAt = Number.NEGATIVE_INFINITY;
  /** Whether it answers GS I; known once the line is tidied. */
  private names: 'known' | 'none' = 'none';

  constructor(connection: Connection, leftover: Leftover, options: DriverOptions) {
    this.dialogue = new Dialogue(connection, options.timers);
    this.options = options;
    this.leftover = leftover;
    if (leftover.state === 'clean') leftover.state = 'unsure';
    this.dialogue.listen(({ kind }) => {
      if (kind === 'queued') this.owed = Math.max(0, this.owed - 1);
    });
  }

  /**
   * Changes that the printer tells by itself, and what it answered around and in a job: else a trouble that is over by the next look would never have been
   * told, nor why a job pauses.
   */
  onReport(listener: (report: DeviceReport) => void): Unsubscribe {
    const stopAnswers = this.answered.add(listener);
    const stopChanges = this.dialogue.listen((answer) => {
      if (answer.kind === 'changed') listener(reportOf(statusOfChange(answer.bits)));
    });
    return () => {
      stopAnswers();
      stopChanges();
    };
  }

  onLost(listener: (why: string) => void): Unsubscribe {
    return this.dialogue.onLost(listener);
  }

  close(): Promise<void> {
    return this.dialogue.close();
  }

  async look(): Promise<Look> {
    const read = await this.lock.hold(() => this.readRecovering());
    if (read.ok) return { found: 'answer', report: reportOf(read.value) };
    const { code, detail } = read.error;
    return code === 'printer-absent' ? { found: 'gone', why: detail } : { found: 'silence', report: troubleOf(code) };
  }

  status(): Promise<Result<PrinterStatus, DialogueFault>> {
    return this.lock.hold(() => this.readStatus());
  }

  /** Prints, cuts, and waits until the printer says that it has worked through all of it. */
  print(paper: Bitmap): Promise<PrintOutcome> {
    return this.lock.hold(async () => {
      const refusal = await this.prepare();
      return refusal === undefined ? this.run(paper) : { outcome: 'not-started', cause: refusal.code, detail: refusal.detail };
    });
  }

  /** A pulse on the drawer socket; `ok` when the printer answered behind it. */
  openDrawer(): Promise<Result<void, Refusal>> {
    return this.lock.hold(async () => {
      const refusal = await this.prepare();
      if (refusal !== undefined) return failure(refusal.code, refusal.detail);
      const { queuedAnswerMs } = this.options.delays;
      const kick = say.kickDrawer(this.options.drawerPin);
      const answered =
        this.names === 'known'
          ? await this.dialogue.ask(Buffer.concat([kick, say.askName('maker')]), nameOf, queuedAnswerMs)
          : await this.askPapers(kick, 1, queuedAnswerMs);
      return answered.ok ? ok(undefined) : answered;
    });
  }

  /** Empties the printer of an unfinished job and cuts off what hangs out of it. */
  clear(): Promise<Result<void, Refusal>> {
    return this.lock.hold(async () => {
      this.leftover.state = 'remainder';
      const refusal = await this.prepare();
      return refusal === undefined ? ok(undefined) : failure(refusal.code, refusal.detail);
    });
  }

  /** Paper questions behind some bytes; `ok` when all that are owed are answered. */
  private askPapers(before: Uint8Array, count: number, limitMs: number): Promise<Result<true, DialogueFault>> {
    this.owed += count;
    const questions = Array.from({ length: count }, () => say.askPaper());
    return this.dialogue.ask(Buffer.concat([before, ...questions]), ({ kind }) => (kind === 'queued' && this.owed === 0 ? true : undefined), limitMs);
  }

  /** The printer's own word for its state: the four real-time questions, one after the other. */
  private async readStatus(line?: 'keep-unfinished'): Promise<Result<PrinterStatus, DialogueFault>> {
    const bits: number[] = [];
    for (const question of say.REALTIME_QUESTIONS) {
      const answer = await this.dialogue.ask(
        say.askRealtime(question),
        (heard) => (heard.kind === 'realtime' ? heard.bits : undefined),
        this.options.delays.answerMs,
        line,
      );
      if (!answer.ok) return answer;
      bits.push(answer.value);
    }
    const [printer = 0, offline = 0, error = 0, paper = 0] = bits;
    return ok(statusOfRealtime({ printer, offline, error, paper }));
  }

  private async readInJob(): Promise<Result<PrinterStatus, DialogueFault>> {
    const status = await this.readStatus('keep-unfinished');
    if (status.ok) this.answered.tell(reportOf(status.value));
    return status;
  }

  /**
   * The status, after a word to leave an error that the printer would else stay in for ever, since nothing prints while it reports it. The lock is held, so no
   * job is under way whose rest the word could throw away: what the printer still holds is of a job that was given up as unknown.
   */
  private async readRecovering(): Promise<Result<PrinterStatus, DialogueFault>> {
    const { timers, delays } = this.options;
    const status = await this.readStatus();
    if (!status.ok || !waitsForWord(status.value) || timers.now() - this.recoveredAt < delays.recoverEveryMs) return status;
    this.recoveredAt = timers.now();
    const told = await this.dialogue.send(say.recoverCleared(), delays.writeMs);
    return told.ok ? this.readStatus() : told;
  }

  /** Undefined when a job may start now. Nothing of a job has been sent before this says so. */
  private async prepare(): Promise<Refusal | undefined> {
    const status = await this.readStatus();
    if (!status.ok) return status.error;
    const cause = causeOf(status.value);
    if (cause !== undefined) {
      this.answered.tell(troubleOf(cause));
      return { code: cause, detail: `the printer says ${status.value.condition}` };
    }
    if (this.leftover.state === 'clean' && this.owed === 0) return undefined;
    const tidied = await this.tidy(this.leftover.state === 'remainder' ? 'remainder' : 'unsure');
    if (!tidied.ok) return tidied.error;
    this.leftover.state = 'clean';
    return undefined;
  }

  /**
   * Brings the printer to the start of a command with nothing in its buffer. The barrier is a name and not a paper status, because a late
   * confirmation of an older job would look like the latter.
   */
  private async tidy(state: 'unsure' | 'remainder'): Promise<Result<void, DialogueFault>> {
    const { delays, timers } = this.options;
    const drop = state === 'remainder' ? [say.clearBuffers(), say.recoverCleared()] : [];
    const modes = [say.initialise(), say.tellChanges()];
    const byName = await this.dialogue.ask(Buffer.concat([...drop, ...modes, say.askName('maker')]), nameOf, delays.queuedAnswerMs);
    this.names = byName.ok ? 'known' : 'none';
    if (!byName.ok) {
      const flushed = await this.flush(modes);
      if (!flushed.ok) return flushed;
      await this.quiet(delays.quietMs, timers);
    }
    // Whatever was asked before has been answered, or was dropped with the buffers.
    this.owed = 0;
    return state === 'remainder' ? this.dialogue.send(say.cut(this.options.cutter), delays.writeMs) : ok(undefined);
  }

  /**
   * Either it knows no names, or it is swallowing our commands as the rest of a broken-off picture. Answers that are owed come before this one's; those
   * that were dropped with the buffers never come, so in the end any answer at all has to do.
   */
  private async flush(modes: readonly Uint8Array[]): Promise<Result<void, DialogueFault>> {
    const { flushedAnswerMs } = this.options.delays;
    const heard: Answer[] = [];
    const stop = this.dialogue.listen((answer) => {
      if (answer.kind === 'queued') heard.push(answer);
    });
    const flushed = await this.askPapers(Buffer.concat([say.flushUnfinished(BAND_BYTES), ...modes]), 1, flushedAnswerMs);
    stop();
    return flushed.ok || (flushed.error.code === 'printer-silent' && heard.length > 0) ? ok(undefined) : flushed;
  }

  /** Waits until nothing has come for a while. Bounded: a printer that never stops talking is only waited for ten times as long. */
  private async quiet(quietMs: number, timers: Timers): Promise<void> {
    const until = timers.now() + quietMs * 10;
    while (timers.now() < until) {
      const heard = await this.dialogue.next((answer) => (answer.kind === 'noise' ? undefined : answer), quietMs).answer;
      if (!heard.ok) return;
    }
  }

  /** From the first write on, only the printer's confirmation makes this `printed`. */
  private async run(paper: Bitmap): Promise<PrintOutcome> {
    const { delays, confirmation, cutter } = this.options;
    const job = [...rasterBands(paper), say.cut(cutter)];
    this.jobs += 1;
    const id = (this.jobs % 10_000).toString().padStart(4, '0');
    const ending = this.endingOf(confirmation, id);
    const watch = new JobWatch(this.dialogue, { ...ending, owed: () => this.owed }, this.options);
    try {
      if (watch.trouble !== undefined) return { outcome: 'not-started', cause: watch.trouble.code, detail: watch.trouble.detail };
      this.leftover.state = 'remainder';
      const readStatus = (): ReturnType<PrinterDriver['readStatus']> => this.readInJob();
      for (const piece of job) {
        const trouble = await watch.cooled(readStatus);
        if (trouble !== undefined) return await this.unknown(trouble);
        const sent = await this.dialogue.send(piece, delays.writeMs, () => watch.moreMs());
        if (!sent.ok) return await this.unknown(causeAmong(watch.trouble, sent.error));
      }
      watch.expectConfirmation();
      this.owed += ending.papers;
      const asked = await this.dialogue.send(ending.bytes, delays.writeMs, () => watch.moreMs());
      if (!asked.ok) return await this.unknown(causeAmong(watch.trouble, asked.error));
      const bytes = job.reduce((sum, piece) => sum + piece.length, 0);
      const limitMs = delays.confirmMs + paper.heightDots * delays.confirmPerRowMs + bytes * delays.confirmPerByteMs;
      const missing = await watch.wait(limitMs, readStatus);
      if (missing !== undefined) return await this.unknown(missing);
      this.leftover.state = 'clean';
      return { outcome: 'printed' };
    } finally {
      watch.end();
    }
  }

  /**
   * What a job ends with. One byte of an answer can be noise on the line, so a single GS r confirms nothing: the name behind it does, or, of a printer
   * without names, a second one.
   */
  private endingOf(confirmation: Confirmation, id: string): Ending {
    if (confirmation === 'process-id') return { bytes: say.askProcess(id), papers: 0, by: 'process', id };
    if (this.names === 'known') return { bytes: Buffer.concat([say.askPaper(), say.askName('maker')]), papers: 1, by: 'name' };
    return { bytes: Buffer.concat([say.askPaper(), say.askPaper()]), papers: 2, by: 'papers' };
  }

  /**
   * Drops the rest of the job at once, as far as the printer knows how: one that waits for paper would print it after the refill, as an unmarked
   * copy. It is best effort here; `prepare` does it again, and checks, before anything else is printed.
   */
  private async unknown({ code, detail }: Refusal): Promise<PrintOutcome> {
    this.recoveredAt = this.options.timers.now();
    await this.dialogue.send(Buffer.concat([say.clearBuffers(), say.recoverCleared()]), this.options.delays.answerMs);
    return { outcome: 'unknown', cause: code, detail };
  }
}

/** What the printer told comes first; that the line is gone says less than why a write failed, since we close a stuck line ourselves. */
function causeAmong(told: Refusal | undefined, failed: Refusal): Refusal {
  return told === undefined || told.code === 'printer-absent' ? failed : told;
}

function nameOf(answer: Answer): string | undefined {
  return answer.kind === 'name' ? answer.text : undefined;
}
