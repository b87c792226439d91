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
  /** Told after each change of state; not told the present one (ask `state()`). */
  readonly onChange: (listener: (report: DeviceReport) => void) => Unsubscribe;
  /** Safe to call again. Work under way ends as when the line is lost. */
  readonly close: () => Promise<void>;
};

/** The codes of protocol/counter/problem.ts that a printer can give. */
export const PRINTER_CAUSES = ['paper-out', 'cover-open', 'cutter-error', 'printer-error', 'printer-absent', 'printer-silent'] as const;
export type PrinterCause = (typeof PRINTER_CAUSES)[number];

export function isPrinterCause(code: string): code is PrinterCause {
  return PRINTER_CAUSES.some((cause) => cause === code);
}

/**
 * What became of one piece of paper.
 * - `printed`: the printer itself confirmed that it has worked through the whole job.
 * - `not-started`: refused before any byte of the job was sent, so no paper came out.
 * - `unknown`: bytes were sent and no confirmation came: some of it, all of it or nothing is on paper. Every further copy must say
 *   DUPLICATE. `cause` is why the confirmation is missing; the operator is asked.
 */
export type PrintOutcome =
  | { readonly outcome: 'printed' }
  | { readonly outcome: 'not-started'; readonly cause: PrinterCause; readonly detail: string }
  | { readonly outcome: 'unknown'; readonly cause: PrinterCause; readonly detail: string };

export type PrinterHandle = DeviceFace & {
  /** One job at a time; a second call waits for the first. Never rejects for a device's fault, never prints twice. */
  readonly print: (lines: readonly PaperLine[]) => Promise<PrintOutcome>;
  /** Opens the cash drawer on the printer's socket; `ok` means the printer answered after taking the command. */
  readonly openDrawer: () => Promise<Result<void, Failure<PrinterCause>>>;
  /** Throws away what the printer still holds of an earlier job. Done by itself before the job that follows an `unknown` outcome. */
  readonly clear: () => Promise<Result<void, Failure<PrinterCause>>>;
};

/**
 * `aim` is the symbology identifier without its bracket (`C1` for GS1-128, `Q3` …; ISO/IEC 15424) when the scanner sends one.
 * `unreadable` is a scan that came broken: cut, over-long or not text. It is never used as a code.
 */
export type ScanEvent = { readonly kind: 'scan'; readonly text: string; readonly aim?: string } | { readonly kind: 'unreadable' };

export type ScannerHandle = DeviceFace & {
  readonly onScan: (listener: (event: ScanEvent) => void) => Unsubscribe;
};
