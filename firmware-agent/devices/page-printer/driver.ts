import { randomBytes } from 'node:crypto';
import type { LiveDriver, Look } from '../life/live-driver.js';
import { Listeners } from '../life/listeners.js';
import type { DeviceReport, Unsubscribe } from '../ports.js';
import { pause, type Timers } from '../timers.js';
import type { IppClient, IppFault } from './client.js';
import type { PagePrinterDelays } from './delays.js';
import { JobFollower, type JobEnd } from './job-follower.js';
import { textOf, textsOf, type Attributes } from './ipp.js';
import { causeIn, type PageJob, type PageOutcome, type PagePrinterCause } from './port.js';
import { errorReport, reportOf } from './status.js';

/** What outlives a lost line: a job that was given up and perhaps not cancelled, and how the last one failed. */
export type PageMemory = { leftover: number | undefined; failed: { readonly cause: PagePrinterCause; readonly atMs: number } | undefined };

export type PageDriverOptions = { readonly delays: PagePrinterDelays; readonly timers: Timers; readonly memory: PageMemory };

const MARK_BYTES = 4;
const MOST_PDF_BYTES = 64 * 1024 * 1024;
const MOST_COPIES = 99;

/** One printer that answers. There is no standing line: each question is a connection of its own. */
export class PagePrinterDriver implements LiveDriver {
  private readonly client: IppClient;
  private readonly options: PageDriverOptions;
  private readonly lost = new Listeners<string>();
  private readonly reports = new Listeners<DeviceReport>();
  private readonly closing = new AbortController();
  private modelKnown = '';

  constructor(client: IppClient, options: PageDriverOptions) {
    this.client = client;
    this.options = options;
  }

  onLost(listener: (why: string) => void): Unsubscribe {
    return this.lost.add(listener);
  }

  onReport(listener: (report: DeviceReport) => void): Unsubscribe {
    return this.reports.add(listener);
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.client.close();
  }

  get model(): string {
    return this.modelKnown;
  }

  async look(): Promise<Look> {
    const asked = await this.client.printer();
    if (asked.ok) return { found: 'answer', report: this.judge(asked.value) };
    const { code, detail } = asked.error;
    if (code === 'no' || code === 'missing' || code === 'refused') return { found: 'answer', report: errorReport(detail) };
    return { found: 'gone', why: detail };
  }

  async print(job: PageJob, signal: AbortSignal): Promise<PageOutcome> {
    const objection = objectionTo(job);
    if (objection !== undefined) return { outcome: 'not-started', cause: 'page-printer-error', detail: objection };
    const hindrance = await this.hindrance();
    if (hindrance !== undefined) return { outcome: 'not-started', ...hindrance };
    if (signal.aborted) return { outcome: 'not-started', cause: 'cancelled', detail: 'ended before it was sent' };
    const id = await this.send(job, signal);
    if (typeof id !== 'number') return id;
    const follower = new JobFollower(this.client, id, {
      ...this.options,
      signal,
      closing: this.closing.signal,
      tell: (report) => this.reports.tell(report),
    });
    return this.remember(id, await follower.follow());
  }

  /** The job's number; what became of it when it has none. */
  private async send(job: PageJob, signal: AbortSignal): Promise<number | PageOutcome> {
    const mark = randomBytes(MARK_BYTES).toString('hex');
    const sent = await this.client.printJob(job, mark);
    if (sent.ok) return sent.value;
    const outcome = this.notSent(sent.error);
    return outcome.outcome === 'unknown' ? ((await this.lookFor(mark, signal)) ?? outcome) : outcome;
  }

  /** The answer was lost, and the printer may have taken the job: it is looked up by its name as soon as the printer is reached again. */
  private async lookFor(mark: string, signal: AbortSignal): Promise<number | undefined> {
    const { timers, delays } = this.options;
    const ending = AbortSignal.any([signal, this.closing.signal]);
    const untilMs = timers.now() + delays.deadMs;
    while (!ending.aborted && timers.now() < untilMs) {
      const found = await this.client.findJob(mark);
      if (found.ok) return found.value;
      if (!['unreachable', 'lost', 'late'].includes(found.error.code)) return undefined;
      await pause(timers, delays.jobPollMs, ending);
    }
    return undefined;
  }

  /** Why nothing can be printed now: what an earlier job left must be gone first, and the printer must be well by its own word. */
  private async hindrance(): Promise<{ readonly cause: PagePrinterCause; readonly detail: string } | undefined> {
    const { memory } = this.options;
    if (memory.leftover !== undefined) {
      const cancelled = await this.client.cancelJob(memory.leftover);
      // Not possible, or no such job: it has ended by itself.
      if (!cancelled.ok && cancelled.error.code !== 'no' && cancelled.error.code !== 'missing')
        return { cause: 'page-printer-absent', detail: `an earlier job could not be cancelled: ${cancelled.error.detail}` };
      memory.leftover = undefined;
    }
    const asked = await this.client.printer();
    if (!asked.ok) {
      const { code, detail } = asked.error;
      return { cause: code === 'no' || code === 'missing' || code === 'refused' ? 'page-printer-error' : 'page-printer-absent', detail };
    }
    const report = this.ownReport(asked.value);
    return report.state === 'trouble' ? { cause: causeIn(report), detail: report.problem?.values?.['detail'] ?? 'by its own word' } : undefined;
  }

  /** Refused, or never heard: there is no job. Otherwise there may be one, and nobody knows its number. */
  private notSent({ code, detail }: IppFault): PageOutcome {
    switch (code) {
      case 'no':
      case 'missing':
      case 'refused':
        return { outcome: 'not-started', cause: 'page-printer-error', detail };
      case 'unreachable':
        this.lost.tell(detail);
        return { outcome: 'not-started', cause: 'page-printer-absent', detail };
      default:
        return { outcome: 'unknown', cause: 'page-printer-absent', detail };
    }
  }

  private remember(id: number, { outcome, leftover }: JobEnd): PageOutcome {
    const { memory, timers } = this.options;
    if (leftover === 'perhaps') memory.leftover = id;
    const cause = outcome.outcome === 'printed' || outcome.cause === 'cancelled' || outcome.cause === 'not-told' ? undefined : outcome.cause;
    memory.failed = cause === undefined ? undefined : { cause, atMs: timers.now() };
    return outcome;
  }

  /** A queue whose printer is dead says that all is well as soon as the job is gone: for a while the job's word counts more. */
  private judge(attributes: Attributes): DeviceReport {
    const report = this.ownReport(attributes);
    const { failed } = this.options.memory;
    const isRecent = failed !== undefined && this.options.timers.now() - failed.atMs < this.options.delays.rememberMs;
    const tells = failed?.cause === 'page-printer-stuck' || failed?.cause === 'page-printer-absent';
    if (!isRecent || !tells || (report.state !== 'ready' && report.state !== 'warning')) return report;
    return { state: failed.cause === 'page-printer-absent' ? 'absent' : 'trouble', problem: { code: failed.cause } };
  }

  private ownReport(attributes: Attributes): DeviceReport {
    this.modelKnown = textOf(attributes, 'printer-make-and-model') ?? this.modelKnown;
    const formats = textsOf(attributes, 'document-format-supported');
    if (formats.length > 0 && !formats.includes('application/pdf')) return errorReport('it prints no PDF: put a CUPS queue before it');
    return reportOf(attributes);
  }
}

function objectionTo({ pdf, copies }: PageJob): string | undefined {
  if (Buffer.from(pdf.subarray(0, 5)).toString('latin1') !== '%PDF-') return 'this is no PDF';
  if (pdf.length > MOST_PDF_BYTES) return `a PDF of more than ${MOST_PDF_BYTES} bytes`;
  return Number.isInteger(copies) && copies >= 1 && copies <= MOST_COPIES ? undefined : `copies are 1 to ${MOST_COPIES}`;
}
