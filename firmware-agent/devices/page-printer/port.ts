import type { DeviceFace, DeviceReport } from '../ports.js';

/** The problem codes that a page printer can give. */
export const PAGE_PRINTER_CAUSES = [
  'page-printer-absent',
  'page-printer-paper',
  'page-printer-jam',
  'page-printer-cover',
  'page-printer-toner-low',
  'page-printer-toner-out',
  'page-printer-stuck',
  'page-printer-error',
] as const;
export type PagePrinterCause = (typeof PAGE_PRINTER_CAUSES)[number];

export function causeIn({ problem }: DeviceReport): PagePrinterCause {
  return PAGE_PRINTER_CAUSES.find((cause) => cause === problem?.code) ?? 'page-printer-absent';
}

/**
 * What became of one document.
 * - `printed`: the printer, or the queue before it, says that the job is completed.
 * - `not-started`: no page came out and none will: it was not sent, was refused, or was cancelled before it was begun.
 * - `unknown`: some of it, all of it or nothing is on paper. `not-told`: the job was taken, and the printer can or will say no more.
 */
export type PageOutcome =
  | { readonly outcome: 'printed' }
  | { readonly outcome: 'not-started'; readonly cause: PagePrinterCause | 'cancelled'; readonly detail: string }
  | { readonly outcome: 'unknown'; readonly cause: PagePrinterCause | 'cancelled' | 'not-told'; readonly detail: string };

/** `title` is what the printer's own list of jobs shows; `copies` 1 to 99. */
export type PageJob = { readonly pdf: Uint8Array; readonly title: string; readonly copies: number };

export type PagePrinterHandle = DeviceFace & {
  /**
   * One document at a time; a second call waits for the first. Out of paper in the middle it waits to be filled, and the state says so.
   * Never rejects for a device's fault, never sends twice. `signal` ends it: the job is cancelled at the printer.
   */
  readonly print: (job: PageJob, signal?: AbortSignal) => Promise<PageOutcome>;
};
