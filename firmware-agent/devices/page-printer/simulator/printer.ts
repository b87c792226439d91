import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Timers } from '../../timers.js';
import type { PageFault } from './orders.js';

/** Numbers of RFC 8011 §5.3.7. */
export const JOB_STATES = { pending: 3, processing: 5, stopped: 6, canceled: 7, aborted: 8, completed: 9 } as const;
export type JobState = keyof typeof JOB_STATES;

export type VirtualJob = {
  readonly id: number;
  readonly name: string;
  readonly user: string;
  readonly copies: number;
  readonly pdf: Buffer;
  readonly createdS: number;
  state: JobState;
  begunS: number | undefined;
  endedS: number | undefined;
  sheets: number;
};

export type VirtualPrinterOptions = { readonly timers: Timers; readonly pageMs: number; readonly folder: string | undefined };

/** Reasons in IPP's words, for the faults that stop the paper and the one that only warns. */
const REASONS: Partial<Record<PageFault, string>> = {
  'media-empty': 'media-empty-error',
  jam: 'media-jam-error',
  cover: 'cover-open-error',
  'toner-low': 'marker-supply-low-warning',
  'toner-out': 'marker-supply-empty-error',
};

/** A printer of sheets with a queue of jobs: takes them one after the other, one sheet at a time, and stops when something is wrong. */
export class VirtualPagePrinter {
  readonly jobs: VirtualJob[] = [];
  private readonly options: VirtualPrinterOptions;
  private faultNow: PageFault = 'none';
  private cancelStep: (() => void) | undefined;

  constructor(options: VirtualPrinterOptions) {
    this.options = options;
  }

  get fault(): PageFault {
    return this.faultNow;
  }

  set fault(fault: PageFault) {
    this.faultNow = fault;
    this.goOn();
  }

  get upS(): number {
    return Math.floor(this.options.timers.now() / 1_000) + 1;
  }

  get reasons(): readonly string[] {
    return [REASONS[this.faultNow] ?? 'none'];
  }

  get state(): 'idle' | 'processing' | 'stopped' {
    if (this.isStopped()) return 'stopped';
    return this.current() === undefined ? 'idle' : 'processing';
  }

  take(job: Pick<VirtualJob, 'name' | 'user' | 'copies' | 'pdf'>): VirtualJob {
    const taken: VirtualJob = {
      ...job,
      id: this.jobs.length + 1,
      createdS: this.upS,
      state: 'pending',
      begunS: undefined,
      endedS: undefined,
      sheets: 0,
    };
    this.jobs.push(taken);
    this.goOn();
    return taken;
  }

  find(id: number | undefined): VirtualJob | undefined {
    return this.faultNow === 'forget' ? undefined : this.jobs.find((job) => job.id === id);
  }

  /** False when it has ended already. */
  cancel(job: VirtualJob): boolean {
    if (job.endedS !== undefined) return false;
    this.end(job, 'canceled');
    this.goOn();
    return true;
  }

  stop(): void {
    this.cancelStep?.();
    this.cancelStep = undefined;
  }

  private isStopped(): boolean {
    return REASONS[this.faultNow]?.endsWith('-error') === true;
  }

  private current(): VirtualJob | undefined {
    return this.jobs.find(({ endedS }) => endedS === undefined);
  }

  /** Brings the job at the head of the queue to where the faults let it come. */
  private goOn(): void {
    this.stop();
    const job = this.current();
    if (job === undefined) return;
    if (this.isStopped()) {
      if (job.state === 'processing') job.state = 'stopped';
      return;
    }
    job.state = 'processing';
    job.begunS ??= this.upS;
    if (this.faultNow === 'stuck' || this.faultNow === 'dead') return;
    this.cancelStep = this.options.timers.after(this.options.pageMs, () => {
      if (this.faultNow === 'abort') this.end(job, 'aborted');
      else this.sheet(job);
      this.goOn();
    });
  }

  private sheet(job: VirtualJob): void {
    job.sheets += 1;
    if (job.sheets < job.copies) return;
    const { folder } = this.options;
    if (folder !== undefined) writeFileSync(join(folder, `job-${String(job.id).padStart(4, '0')}.pdf`), job.pdf);
    this.end(job, 'completed');
  }

  private end(job: VirtualJob, state: JobState): void {
    job.state = state;
    job.endedS = this.upS;
  }
}
