import type { DeviceState } from '#protocol/counter/device.js';
import type { Problem } from '#protocol/counter/problem.js';
import type { PaperLine } from '#protocol/receipt/paper.js';
import type { Failure, Result } from '#protocol/result/result.js';

/**
 * How a device stands, in the words that the screen uses. Whatever is not `ready` has a `problem`, which says what to do; only a device that
 * need not be there (a key in its owner's pocket) is `absent` without one.
 */
export type DeviceReport = { readonly state: DeviceState; readonly problem?: Problem };

export type Unsubscribe = () => void;

/** What every device shows of itself, whatever its kind. */
export type DeviceFace = {
  readonly state: () => DeviceReport;
  /** Why there is no line to it, in a technician's words; undefined while there is one. */
  readonly whyAway: () => string | undefined;
  /** Told after each change of state; not told the present one (ask `state()`). */
  readonly onChange: (listener: (report: DeviceReport) => void) => Unsubscribe;
  /** Something was plugged in or pulled: a device that waits to be tried again is tried now, and an idle one is looked at. */
  readonly nudge: () => void;
  /** Safe to call again. Work under way ends as when the line is lost. */
  readonly close: () => Promise<void>;
};

export const PORT_CAUSES = ['device-busy', 'device-denied'] as const;
/** The codes of protocol/counter/device.ts that a device of any kind gives while its port is held by another program, or forbidden to this one. */
export type PortCause = (typeof PORT_CAUSES)[number];

export function portCauseIn({ problem }: DeviceReport): PortCause | undefined {
  return PORT_CAUSES.find((cause) => cause === problem?.code);
}

/** The codes of protocol/counter/problem.ts that a printer can give. */
export const PRINTER_CAUSES = [
  ...PORT_CAUSES,
  'paper-out',
  'cover-open',
  'cutter-error',
  'printer-hot',
  'printer-error',
  'printer-absent',
  'printer-silent',
] as const;
export type PrinterCause = (typeof PRINTER_CAUSES)[number];

export function isPrinterCause(code: string): code is PrinterCause {
  return PRINTER_CAUSES.some((cause) => cause === code);
}

/** Why a printer in this state prints nothing. */
export function causeIn({ problem }: DeviceReport): PrinterCause {
  return problem !== undefined && isPrinterCause(problem.code) ? problem.code : 'printer-absent';
}

/**
 * What became of one piece of paper.
 * - `printed`: the printer itself confirmed that it has worked through the whole job.
 * - `not-started`: refused before any byte of the job was sent, so no paper came out.
 * - `unknown`: bytes were sent and no confirmation came: some of it, all of it or nothing is on paper. Every further copy must say
 *   DUPLICATE. `cause` is why the confirmation is missing; the operator is asked. `not-told`: every byte was taken, and this printer
 *   has no way to say more.
 */
export type PrintOutcome =
  | { readonly outcome: 'printed' }
  | { readonly outcome: 'not-started'; readonly cause: PrinterCause; readonly detail: string }
  | { readonly outcome: 'unknown'; readonly cause: PrinterCause | 'not-told'; readonly detail: string };

/**
 * What a printer prints on. `pre-printed`: sheets with a number on each, which are counted (R106).
 * `lowAt`: forms left at which the operator is told; `sheetsOf`: how many of them a paper takes.
 */
export type Forms =
  | { readonly kind: 'plain' }
  | { readonly kind: 'pre-printed'; readonly lowAt: number; readonly sheetsOf: (lines: readonly PaperLine[]) => number };

/** Whether the cash drawer hangs on this printer's socket. */
export type Drawer = 'here' | 'none';

export type PrinterHandle = DeviceFace & {
  /** One job at a time; a second call waits for the first. Never rejects for a device's fault, never prints twice. */
  readonly print: (lines: readonly PaperLine[]) => Promise<PrintOutcome>;
  /** Opens the cash drawer on the printer's socket; `ok` means the printer answered after taking the command. */
  readonly openDrawer: () => Promise<Result<void, Failure<PrinterCause>>>;
  /** Throws away what the printer still holds of an earlier job. Done by itself before the job that follows an `unknown` outcome; when it can not be done now, before the next job. */
  readonly clear: () => Promise<Result<void, Failure<PrinterCause>>>;
};

/**
 * `aim` is the symbology identifier without its bracket (`C1` for GS1-128, `Q3` …; ISO/IEC 15424) when the scanner sends one.
 * `unreadable` is a scan that came broken: cut, over-long or not text. It is never used as a code.
 */
export type ScanEvent = { readonly kind: 'scan'; readonly text: string; readonly aim?: string } | { readonly kind: 'unreadable' };

/** The codes of protocol/counter/device.ts that a scanner can give. */
export type ScannerCause = PortCause | 'scanner-absent' | 'scanner-keyboard' | 'scanner-error';

/** What became of an order to a scanner: `ok` when it said that it took it, or, where its protocol has no answer, when the line took it. */
export type ScannerOutcome = Result<void, Failure<ScannerCause>>;

export type ScannerHandle = DeviceFace & {
  readonly onScan: (listener: (event: ScanEvent) => void) => Unsubscribe;
  // The following are left out by scanners that take no such orders.
  /** `bad` for a code that the counter does not know or refuses. */
  readonly beep?: (tone: 'good' | 'bad') => Promise<ScannerOutcome>;
  /** Begins and ends one reading, as the trigger under the finger does. */
  readonly trigger?: (wanted: 'on' | 'off') => Promise<ScannerOutcome>;
  /** Whether codes are read at all; kept over a loss of the line. */
  readonly reading?: (wanted: 'on' | 'off') => Promise<ScannerOutcome>;
};
