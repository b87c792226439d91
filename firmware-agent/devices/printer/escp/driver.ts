import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import type { LifeDelays, LiveDriver, Look } from '../../life/live-driver.js';
import { Lock } from '../../life/lock.js';
import type { PrintOutcome, Unsubscribe } from '../../ports.js';
import { within, type Timers } from '../../timers.js';
import type { Connection } from '../../transport/transport.js';
import type { Leftover } from '../driver.js';
import { troubleOf } from '../status.js';
import { formFeed, nothings } from './commands.js';
import { LONGEST_PASS_BYTES } from './page.js';

export type EscpDelays = LifeDelays & {
  /** A few bytes to a printer that stands idle. One that does not take them is off line, without paper or without power. */
  readonly probeMs: number;
  /** A piece of a paper: the head must first print what fills the buffer, and one line of a picture takes it seconds. */
  readonly pieceMs: number;
};

type Refusal = Failure<'printer-absent' | 'printer-silent'>;

/**
 * A dot-matrix printer on one open line. It says nothing: all that can be known is whether the line takes bytes. So a paper ends `unknown` when all of
 * its bytes were taken (`not-told`), and when they were not.
 */
export class EscpDriver implements LiveDriver {
  private readonly connection: Connection;
  private readonly leftover: Leftover;
  private readonly delays: EscpDelays;
  private readonly timers: Timers;
  private readonly lock = new Lock();
  /** A write that the line has not taken yet. Nothing may follow before it. */
  private waiting: Promise<Result<void, Failure<'lost'>>> | undefined;

  constructor(connection: Connection, leftover: Leftover, { delays, timers }: { readonly delays: EscpDelays; readonly timers: Timers }) {
    this.connection = connection;
    this.leftover = leftover;
    this.delays = delays;
    this.timers = timers;
    if (leftover.state === 'clean') leftover.state = 'unsure';
  }

  onLost(listener: (why: string) => void): Unsubscribe {
    return this.connection.onClose(listener);
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  /** The line stands whether bytes are taken or not, so a printer that is off line is no reason to open it anew. */
  look(): Promise<Look> {
    return this.lock.hold(async () => {
      const taken = await this.probe();
      if (taken.ok) return { found: 'answer', report: { state: 'ready' } };
      const { code, detail } = taken.error;
      return code === 'printer-absent' ? { found: 'gone', why: detail } : { found: 'answer', report: troubleOf(code) };
    });
  }

  /** @param job from the top of a form to the top of the next */
  print(job: readonly Uint8Array[]): Promise<PrintOutcome> {
    return this.lock.hold(async () => {
      const ready = await this.prepare();
      if (!ready.ok) return { outcome: 'not-started', cause: ready.error.code, detail: ready.error.detail };
      this.leftover.state = 'remainder';
      let taken = 0;
      for (const piece of job) {
        const sent = await this.send(piece, this.delays.pieceMs);
        if (!sent.ok) return this.brokenOff(sent.error, taken);
        taken += 1;
      }
      // Behind the end of the form: the kernel may hold one write that the printer has not taken.
      const last = await this.send(nothings(1), this.delays.probeMs);
      if (!last.ok) return this.brokenOff(last.error, taken);
      this.leftover.state = 'clean';
      return { outcome: 'unknown', cause: 'not-told', detail: 'every byte was taken; this printer can not say whether it printed' };
    });
  }

  clear(): Promise<Result<void, Refusal>> {
    return this.lock.hold(() => {
      this.leftover.state = 'remainder';
      return this.prepare();
    });
  }

  /** What the line has not taken is dropped with it: in the printer it would be printed after the paper was mended, as an unmarked copy. */
  private async brokenOff({ code, detail }: Refusal, taken: number): Promise<PrintOutcome> {
    await this.connection.close();
    if (taken === 0) {
      // The first piece is modes alone: the form still stands at its top, blank, and a form feed would throw it out.
      this.leftover.state = 'unsure';
      return { outcome: 'not-started', cause: code, detail };
    }
    return { outcome: 'unknown', cause: code, detail };
  }

  /** Brings the printer to the top of a form. ESC @ would not do: it forgets where the form began. */
  private async prepare(): Promise<Result<void, Refusal>> {
    const taken = await this.probe();
    if (!taken.ok || this.leftover.state === 'clean') return taken;
    const flush = nothings(LONGEST_PASS_BYTES);
    const tidied = await this.send(this.leftover.state === 'remainder' ? Buffer.concat([flush, formFeed()]) : flush, this.delays.pieceMs);
    if (tidied.ok) this.leftover.state = 'clean';
    return tidied;
  }

  /** Twice, because the kernel takes the first write of an idle USB printer before the printer does. */
  private async probe(): Promise<Result<void, Refusal>> {
    const first = await this.send(nothings(1), this.delays.probeMs);
    return first.ok ? this.send(nothings(1), this.delays.probeMs) : first;
  }

  private async send(bytes: Uint8Array, limitMs: number): Promise<Result<void, Refusal>> {
    const before = await this.taken(this.waiting, limitMs);
    if (!before.ok) return before;
    this.waiting = this.connection.write(bytes);
    return this.taken(this.waiting, limitMs);
  }

  private async taken(write: Promise<Result<void, Failure<'lost'>>> | undefined, limitMs: number): Promise<Result<void, Refusal>> {
    if (write === undefined) return ok(undefined);
    const written = await within(this.timers, limitMs, write);
    if (written === 'late') return failure('printer-silent', `took no bytes for ${limitMs} ms: off line, or without paper`);
    this.waiting = undefined;
    return written.ok ? ok(undefined) : failure('printer-absent', written.error.detail);
  }
}
