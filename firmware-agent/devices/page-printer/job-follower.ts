import { unreachable } from '#protocol/result/result.js';
import type { DeviceReport } from '../ports.js';
import { pause, type Timers } from '../timers.js';
import type { IppClient } from './client.js';
import type { PagePrinterDelays } from './delays.js';
import { causeIn, type PageOutcome, type PagePrinterCause } from './port.js';
import { ABSENT, readJob, reportOf, type JobReading } from './status.js';

/** `perhaps`: the printer may still hold the job, and print it when it comes back. */
export type JobEnd = { readonly outcome: PageOutcome; readonly leftover: 'no' | 'perhaps' };

export type FollowOptions = {
  readonly delays: PagePrinterDelays;
  readonly timers: Timers;
  /** Ends the job: it is cancelled at the printer. */
  readonly signal: AbortSignal;
  /** Ends the following alone. */
  readonly closing: AbortSignal;
  readonly tell: (report: DeviceReport) => void;
};

/** What hinders the job, as last seen; each hindrance has its own patience. */
type Hindrance =
  | { readonly by: 'nothing' }
  | { readonly by: 'somebody-must-mend'; readonly report: DeviceReport }
  | { readonly by: 'dead-printer'; readonly detail: string };

/** What one look at the job found: its end, or what it waits for. */
type Seen = { readonly ended: JobEnd } | { readonly ended: undefined; readonly hindrance: Hindrance };

/** Follows one job that the printer has taken, to its end or to the end of patience. */
export class JobFollower {
  private readonly client: IppClient;
  private readonly id: number;
  private readonly options: FollowOptions;
  private progress = '';
  private detail = '';
  private quietSinceMs: number;
  private hindrance: Hindrance = { by: 'nothing' };

  constructor(client: IppClient, id: number, options: FollowOptions) {
    this.client = client;
    this.id = id;
    this.options = options;
    this.quietSinceMs = options.timers.now();
  }

  async follow(): Promise<JobEnd> {
    const { timers, delays, signal, closing, tell } = this.options;
    const untilMs = timers.now() + delays.jobMs;
    for (;;) {
      const seen = await this.look();
      if (closing.aborted) return unsure('page-printer-absent', 'the device was closed while it printed', 'perhaps');
      if (seen.ended !== undefined) return seen.ended;
      if (seen.hindrance.by !== this.hindrance.by) this.quietSinceMs = timers.now();
      this.hindrance = seen.hindrance;
      tell(reportWhile(this.hindrance));
      if (signal.aborted) return this.giveUp('cancelled', 'ended by hand');
      const quietMs = timers.now() - this.quietSinceMs;
      if (timers.now() >= untilMs || quietMs >= this.patienceMs()) return this.giveUp(causeOf(this.hindrance), this.why(quietMs));
      await pause(timers, delays.jobPollMs, AbortSignal.any([signal, closing]));
    }
  }

  private async look(): Promise<Seen> {
    const asked = await this.client.job(this.id);
    if (!asked.ok) {
      const { code, detail } = asked.error;
      if (code === 'missing') return { ended: unsure('not-told', `the printer took the job and knows it no more: ${detail}`, 'no') };
      return { ended: undefined, hindrance: { by: 'dead-printer', detail } };
    }
    const job = readJob(asked.value);
    if (job === undefined) return { ended: undefined, hindrance: { by: 'dead-printer', detail: 'the printer tells no state of the job' } };
    const ended = endOf(job);
    if (ended !== undefined) return { ended };
    this.note(job);
    return { ended: undefined, hindrance: await this.whatHinders(job) };
  }

  private note({ progress, detail }: JobReading): void {
    this.detail = detail;
    if (progress === this.progress) return;
    this.progress = progress;
    this.quietSinceMs = this.options.timers.now();
  }

  private async whatHinders(job: JobReading): Promise<Hindrance> {
    const printer = await this.client.printer();
    const report: DeviceReport = printer.ok ? reportOf(printer.value) : ABSENT;
    if (report.state === 'trouble') return { by: 'somebody-must-mend', report };
    return report.state === 'absent' || job.printer === 'unreached' ? { by: 'dead-printer', detail: job.detail } : { by: 'nothing' };
  }

  private patienceMs(): number {
    const { mendMs, deadMs, stuckMs } = this.options.delays;
    switch (this.hindrance.by) {
      case 'nothing':
        return stuckMs;
      case 'somebody-must-mend':
        return mendMs;
      case 'dead-printer':
        return deadMs;
      default:
        return unreachable(this.hindrance);
    }
  }

  private why(quietMs: number): string {
    const said = this.hindrance.by === 'dead-printer' ? this.hindrance.detail : this.detail;
    return `no progress in ${Math.round(quietMs / 1_000)} s: ${said}`.slice(0, 300);
  }

  /** Cancels the job, and asks once more how it ended: it may have been done in the last moment, or never begun. */
  private async giveUp(cause: PagePrinterCause | 'cancelled', why: string): Promise<JobEnd> {
    const cancelled = await this.client.cancelJob(this.id);
    const asked = await this.client.job(this.id);
    const job = asked.ok ? readJob(asked.value) : undefined;
    const ended = job === undefined ? undefined : endOf(job);
    if (ended === undefined) {
      const isCancelled = cancelled.ok || cancelled.error.code === 'missing';
      const detail = isCancelled ? `${why}; cancelled` : `${why}; not cancelled: ${cancelled.error.detail}`;
      return unsure(cause, detail, isCancelled ? 'no' : 'perhaps');
    }
    if (ended.outcome.outcome === 'printed') return ended;
    return { outcome: { outcome: ended.outcome.outcome, cause, detail: why }, leftover: 'no' };
  }
}

function unsure(cause: Extract<PageOutcome, { outcome: 'unknown' }>['cause'], detail: string, leftover: JobEnd['leftover']): JobEnd {
  return { outcome: { outcome: 'unknown', cause, detail }, leftover };
}

function endOf({ state, begun, detail }: JobReading): JobEnd | undefined {
  switch (state) {
    case 'waiting':
    case 'printing':
      return undefined;
    case 'ended-well':
      return { outcome: { outcome: 'printed' }, leftover: 'no' };
    case 'ended-unsure':
      return unsure('not-told', detail, 'no');
    case 'ended-badly':
      if (begun === 'yes') return unsure('page-printer-error', `the job ended at the printer: ${detail}`, 'no');
      return { outcome: { outcome: 'not-started', cause: 'page-printer-error', detail: `ended before it was begun: ${detail}` }, leftover: 'no' };
    default:
      return unreachable(state);
  }
}

function reportWhile(hindrance: Hindrance): DeviceReport {
  switch (hindrance.by) {
    case 'nothing':
      return { state: 'ready' };
    case 'somebody-must-mend':
      return hindrance.report;
    case 'dead-printer':
      return ABSENT;
    default:
      return unreachable(hindrance);
  }
}

function causeOf(hindrance: Hindrance): PagePrinterCause {
  return hindrance.by === 'nothing' ? 'page-printer-stuck' : causeIn(reportWhile(hindrance));
}
