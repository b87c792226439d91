import { failure } from '#protocol/result/result.js';
import type { LiveDriver } from '../life/live-driver.js';
import type { DeviceReport, ScanEvent, ScannerCause, ScannerOutcome } from '../ports.js';
import type { Timers } from '../timers.js';
import type { Standing } from './codec/framer.js';

/** Every wait of the scanner, in milliseconds. */
export type ScannerDelays = {
  /** Opening the line and the first words on it. */
  readonly connectMs: number;
  /** Bytes of one scan come at once; a gap this long in the middle means that the rest is lost. */
  readonly gapMs: number;
  /** After such a gap, what comes is the rest of that code until it ends, or until nothing has come for this long. */
  readonly quietMs: number;
  /** The same code again within this is the same reading. */
  readonly repeatMs: number;
  /** A scanner answers an order within this (SSI: 2 s). */
  readonly answerMs: number;
  /** A line that takes no bytes for this long is given up. */
  readonly writeMs: number;
  /** From the byte that wakes a sleeping scanner to what is said to it. */
  readonly wakeMs: number;
  /** Between two questions to a scanner that can be asked how it is. */
  readonly pollMs: number;
  readonly backoffFirstMs: number;
  readonly backoffLongestMs: number;
};

export const SCANNER_DELAYS: ScannerDelays = {
  connectMs: 3_000,
  gapMs: 250,
  quietMs: 1_000,
  repeatMs: 1_000,
  answerMs: 2_000,
  writeMs: 2_000,
  wakeMs: 10,
  pollMs: 15_000,
  backoffFirstMs: 250,
  backoffLongestMs: 5_000,
};

export type ScannerOrder = 'good-beep' | 'bad-beep' | 'trigger-on' | 'trigger-off' | 'reading-on' | 'reading-off';
/** Groups of orders that a style of scanner knows. */
export type ScannerAbility = 'beep' | 'trigger' | 'reading';

/** One scanner on one open line. */
export type ScannerDriver = LiveDriver & {
  /** Left out by scanners that are only listened to. */
  readonly obey?: (order: ScannerOrder) => Promise<ScannerOutcome>;
};

/** What is known of a scanner beyond one line. */
export type ScannerMemory = {
  reading: 'on' | 'off';
  /** What it said of itself, for the technician: `firmware` and the like. */
  facts: Readonly<Record<string, string>>;
};

export type DriverContext = {
  readonly tell: (event: ScanEvent) => void;
  readonly memory: ScannerMemory;
  readonly delays: ScannerDelays;
  readonly timers: Timers;
};

export function troubleOf(code: ScannerCause): DeviceReport {
  return { state: code === 'scanner-absent' ? 'absent' : 'trouble', problem: { code } };
}

export function unfit(detail: string): ScannerOutcome {
  return failure('scanner-error', detail);
}

/**
 * After the gap: what came while the agent was busy (a slow disk) lies in the kernel and is read now, before anything is called lost. A clock that rings
 * later than this has itself been held up, and waits once more.
 */
const LAST_CALL_MS = 40;

/** What a clock of gaps asks and tells. */
export type Gaps = {
  readonly standing: () => Standing;
  /** Nothing came for a while in the middle of something. The answer: how long to wait for a rest that was asked for again. */
  readonly lost: () => number | undefined;
  /** Nothing came for so long that whatever comes next is a beginning. */
  readonly quiet: () => void;
};

/** Tells when nothing has come for a while in the middle of something, and when nothing more of it can come. */
export class GapClock {
  private readonly context: DriverContext;
  private readonly gaps: Gaps;
  private stop: () => void = () => undefined;

  constructor(context: DriverContext, gaps: Gaps) {
    this.context = context;
    this.gaps = gaps;
  }

  /** To be told after each piece that came. */
  heard(): void {
    const { gapMs, quietMs } = this.context.delays;
    const standing = this.gaps.standing();
    this.stop();
    if (standing === 'within') this.expect(gapMs);
    if (standing === 'broken') this.wait(quietMs, () => this.wait(LAST_CALL_MS, () => this.gaps.quiet()));
  }

  private expect(limitMs: number): void {
    this.wait(limitMs, () =>
      this.wait(LAST_CALL_MS, () => {
        const againMs = this.gaps.lost();
        if (againMs === undefined) this.heard();
        else this.expect(againMs);
      }),
    );
  }

  private wait(delayMs: number, then: () => void): void {
    const { timers } = this.context;
    const dueMs = timers.now() + delayMs;
    this.stop();
    this.stop = timers.after(delayMs, () => (timers.now() - dueMs > LAST_CALL_MS ? this.wait(LAST_CALL_MS, then) : then()));
  }

  /** A cable pulled in the middle is a gap too. */
  end(): void {
    this.stop();
    this.gaps.lost();
  }
}
