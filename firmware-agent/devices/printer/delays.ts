import { LIFE_DELAYS, type LifeDelays } from '../life/live-driver.js';

/** Every wait of the printer, in milliseconds, so that tests and charts use the same numbers. */
export type PrinterDelays = LifeDelays & {
  /** One answer to DLE EOT; it does not wait for printing, so silence means no printer. */
  readonly answerMs: number;
  /** One answer that waits its turn behind short commands (GS I, GS r in an empty buffer). */
  readonly queuedAnswerMs: number;
  /** The same after a flush of a broken-off command, which some printers work through slowly. */
  readonly flushedAnswerMs: number;
  /** How long the line must be quiet before late answers to an older job are taken to be over. */
  readonly quietMs: number;
  /** One write of up to a band. A printer that takes nothing for this long is stuck. */
  readonly writeMs: number;
  /** Confirmation of a job: a base, and more for each row of dots and each byte on a slow line. */
  readonly confirmMs: number;
  readonly confirmPerRowMs: number;
  readonly confirmPerByteMs: number;
  /** While a confirmation is awaited the printer is asked this often whether something is wrong. */
  readonly askWhileWaitingMs: number;
  /** How long in one job, all in all, a head that is too warm is waited for: the printer pauses, and goes on by itself when it has cooled. */
  readonly coolMs: number;
  /** Least time between two tries to leave an error whose cause may be mended. A knife that is still stuck tries to move at each, so not at every look. */
  readonly recoverEveryMs: number;
};

export const PRINTER_DELAYS: PrinterDelays = {
  ...LIFE_DELAYS,
  answerMs: 1_000,
  queuedAnswerMs: 1_000,
  flushedAnswerMs: 4_000,
  quietMs: 600,
  writeMs: 4_000,
  confirmMs: 6_000,
  // 200 rows a second is 25 mm/s, slower than any thermal printer at work.
  confirmPerRowMs: 5,
  confirmPerByteMs: 0,
  askWhileWaitingMs: 500,
  coolMs: 60_000,
  recoverEveryMs: 5_000,
};

/** A serial line carries ten bits a byte: what it can not have taken yet is no reason for alarm. */
export function delaysForBaud(delays: PrinterDelays, baudRate: number): PrinterDelays {
  const perByteMs = 10_000 / baudRate;
  return {
    ...delays,
    writeMs: delays.writeMs + perByteMs * 10_000,
    flushedAnswerMs: delays.flushedAnswerMs + perByteMs * 10_000,
    confirmPerByteMs: delays.confirmPerByteMs + perByteMs,
  };
}
