import type { Problem } from '#protocol/counter/problem.js';
import { unreachable } from '#protocol/result/result.js';
import type { DeviceReport, PrinterCause } from '../ports.js';

/** What a printer says of itself. What it does not say (silence, absence) is the driver's to know. */
export type PrinterStatus =
  | { readonly condition: 'ready' }
  | { readonly condition: 'near-end' }
  | { readonly condition: 'paper-out' }
  | { readonly condition: 'cover-open' }
  | { readonly condition: 'cutter-error' }
  /**
   * `by-itself`: the head is too warm (Epson's bit for errors that pass without help). `recoverable`: stays until the printer is told to leave it (DLE ENQ).
   * `unrecoverable`: power off, then the technician.
   */
  | { readonly condition: 'error'; readonly recovery: 'recoverable' | 'unrecoverable' | 'by-itself' }
  /** Offline without a cause that it would name (feed button held, warming up). */
  | { readonly condition: 'offline' };

/** The four answers to DLE EOT 1 to 4. */
export type RealtimeBits = { readonly printer: number; readonly offline: number; readonly error: number; readonly paper: number };

type Facts = {
  readonly coverOpen: number;
  readonly unrecoverable: number;
  readonly cutter: number;
  readonly paperOut: number;
  readonly byItself: number;
  readonly recoverable: number;
  readonly offline: number;
  readonly nearEnd: number;
};

/**
 * One condition, the one to mend first. The open cover comes before the paper: with the cover up most printers miss the paper too.
 */
function judge(facts: Facts): PrinterStatus {
  if (facts.coverOpen !== 0) return { condition: 'cover-open' };
  if (facts.unrecoverable !== 0) return { condition: 'error', recovery: 'unrecoverable' };
  if (facts.cutter !== 0) return { condition: 'cutter-error' };
  if (facts.paperOut !== 0) return { condition: 'paper-out' };
  if (facts.byItself !== 0) return { condition: 'error', recovery: 'by-itself' };
  if (facts.recoverable !== 0) return { condition: 'error', recovery: 'recoverable' };
  if (facts.offline !== 0) return { condition: 'offline' };
  if (facts.nearEnd !== 0) return { condition: 'near-end' };
  return { condition: 'ready' };
}

/** From the answers to DLE EOT 1 to 4 (Epson's bit tables). */
export function statusOfRealtime({ printer, offline, error, paper }: RealtimeBits): PrinterStatus {
  return judge({
    coverOpen: offline & 0x04,
    unrecoverable: error & 0x20,
    cutter: error & 0x08,
    paperOut: (offline & 0x20) | (paper & 0x60),
    byItself: error & 0x40,
    recoverable: (error & 0x04) | (offline & 0x40),
    offline: printer & 0x08,
    nearEnd: paper & 0x0c,
  });
}

/** From the four bytes of automatic status (GS a). */
export function statusOfChange([first, second, third]: readonly [number, number, number, number]): PrinterStatus {
  return judge({
    coverOpen: first & 0x20,
    unrecoverable: second & 0x20,
    cutter: second & 0x08,
    paperOut: third & 0x0c,
    byItself: second & 0x40,
    recoverable: second & 0x04,
    offline: first & 0x08,
    nearEnd: third & 0x03,
  });
}

/**
 * Whether the printer stays in this, its cause mended, until it is told to leave it. Never true while the lid is open: the knife may move at that word, and
 * somebody's fingers are at it.
 */
export function waitsForWord(status: PrinterStatus): boolean {
  return status.condition === 'cutter-error' || (status.condition === 'error' && status.recovery === 'recoverable');
}

/** It pauses, keeps what it was given, and goes on by itself when it has cooled. */
export function isTooWarm(status: PrinterStatus): boolean {
  return status.condition === 'error' && status.recovery === 'by-itself';
}

/** Why the printer would not print now, in the counter's words; undefined when it would. */
export function causeOf(status: PrinterStatus): PrinterCause | undefined {
  switch (status.condition) {
    case 'ready':
    case 'near-end':
      return undefined;
    case 'paper-out':
    case 'cover-open':
    case 'cutter-error':
      return status.condition;
    case 'error':
      return status.recovery === 'by-itself' ? 'printer-hot' : 'printer-error';
    case 'offline':
      return 'printer-error';
    default:
      return unreachable(status);
  }
}

export function reportOf(status: PrinterStatus): DeviceReport {
  const cause = causeOf(status);
  if (cause !== undefined) return troubleOf(cause);
  return status.condition === 'near-end' ? { state: 'warning', problem: { code: 'printer-near-end' } } : { state: 'ready' };
}

export function troubleOf(cause: PrinterCause): DeviceReport {
  const problem: Problem = { code: cause };
  return { state: cause === 'printer-absent' ? 'absent' : 'trouble', problem };
}
