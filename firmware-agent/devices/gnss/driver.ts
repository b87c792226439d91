import type { LiveDriver, Look } from '../life/live-driver.js';
import type { DeviceReport, Unsubscribe } from '../ports.js';
import type { Timers } from '../timers.js';
import { LineCutter } from '../transport/lines.js';
import type { Connection } from '../transport/transport.js';
import { readSentence, SENTENCE_BYTES, type Sentence } from './codec.js';
import type { Fix } from './port.js';

export const GNSS_ABSENT: DeviceReport = { state: 'absent', problem: { code: 'gnss-absent' } };

/** What is known of the place; it outlives a pulled cable, until it is too old. */
export type PlaceMemory = { fix: Fix | undefined; lostAtMs: number };

export type GnssDriverOptions = {
  readonly timers: Timers;
  readonly memory: PlaceMemory;
  /** A receiver speaks every second; one that is silent this long has nothing behind its plug. */
  readonly silentMs: number;
  /** A fix older than this says nothing of where the counter is now. */
  readonly staleMs: number;
};

/** User range error of a plain receiver, metres: with HDOP it gives the radius in which the place is, two times out of three. Doubled: nineteen of twenty. */
const RANGE_ERROR_METRES = 5;
const SURE = 2;
/** No plain receiver is better than this, whatever dilution it tells. */
const LEAST_ERROR_METRES = 5;

/** A receiver on one open line. It is only listened to. */
export class GnssDriver implements LiveDriver {
  private readonly connection: Connection;
  private readonly options: GnssDriverOptions;
  private heardAtMs: number;

  constructor(connection: Connection, options: GnssDriverOptions) {
    this.connection = connection;
    this.options = options;
    this.heardAtMs = options.timers.now();
    const cutter = new LineCutter(SENTENCE_BYTES);
    connection.onBytes((chunk) => {
      for (const line of cutter.read(chunk)) this.hear(line === undefined ? undefined : readSentence(line));
    });
  }

  /** No question is asked: what was heard since is judged. */
  async look(): Promise<Look> {
    const { timers, silentMs, memory } = this.options;
    const now = timers.now();
    if (now - this.heardAtMs >= silentMs) return { found: 'gone', why: `no sentence for ${silentMs} ms` };
    if (placeNow(memory, this.options.staleMs, now) !== undefined) return { found: 'answer', report: { state: 'ready' } };
    const minutes = String(Math.floor((now - memory.lostAtMs) / 60_000));
    return { found: 'answer', report: { state: 'warning', problem: { code: 'gnss-no-fix', values: { minutes } } } };
  }

  onLost(listener: (why: string) => void): Unsubscribe {
    return this.connection.onClose(listener);
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  private hear(sentence: Sentence | undefined): void {
    if (sentence === undefined) return;
    const { timers, memory } = this.options;
    this.heardAtMs = timers.now();
    if (sentence.kind !== 'fix') return;
    if (sentence.quality === 'none' || sentence.quality === 'guessed') {
      if (memory.fix !== undefined) memory.lostAtMs = this.heardAtMs;
      memory.fix = undefined;
      return;
    }
    const { latitude, longitude, satellites, hdop } = sentence;
    const accuracyMetres = Math.max(LEAST_ERROR_METRES, Math.ceil(hdop * RANGE_ERROR_METRES * SURE));
    memory.fix = { latitude, longitude, satellites, accuracyMetres, atMs: this.heardAtMs };
  }
}

export function placeNow({ fix }: PlaceMemory, staleMs: number, nowMs: number): Fix | undefined {
  return fix !== undefined && nowMs - fix.atMs < staleMs ? fix : undefined;
}
