import type { DeviceReport } from '../ports.js';
import { flagOf, numberOf, textOf, textsOf, type Attributes } from './ipp.js';
import type { PagePrinterCause } from './port.js';

/** What is asked of a printer, and of a job (RFC 8011 §5.4 and §5.3; job-media-progress is CUPS's, PWG 5100.11 has impressions). */
export const PRINTER_ATTRIBUTES = [
  'printer-state',
  'printer-state-reasons',
  'printer-state-message',
  'printer-is-accepting-jobs',
  'printer-make-and-model',
  'document-format-supported',
] as const;
export const JOB_ATTRIBUTES = [
  'job-id',
  'job-state',
  'job-state-reasons',
  'job-printer-state-message',
  'job-printer-state-reasons',
  'job-impressions-completed',
  'job-media-sheets-completed',
  'job-media-progress',
  'time-at-processing',
] as const;

const PRINTER_STOPPED = 5;
export const ABSENT: DeviceReport = { state: 'absent', problem: { code: 'page-printer-absent' } };

/** Reasons that stop a printer, in the order in which they are mended: an open cover hides the paper. */
const STOPPING: readonly (readonly [reason: RegExp, cause: PagePrinterCause])[] = [
  [/^(?:cover-open|door-open|interlock-open)$/u, 'page-printer-cover'],
  [/^media-jam$/u, 'page-printer-jam'],
  [/^(?:media-empty|media-needed|input-tray-missing)$/u, 'page-printer-paper'],
  [/^(?:marker-supply-empty|toner-empty)$/u, 'page-printer-toner-out'],
];
const TONER_LOW = /^(?:marker-supply-low|toner-low)$/u;
const UNREACHED = /^(?:offline|connecting-to-device|shutdown|timed-out)$/u;
/** Without a suffix a reason counts as an error (RFC 8011 §5.4.12); these never stop a page, whatever they lack. */
const HARMLESS = /^(?:none|other|media-low|marker-waste-almost-full|developer-low|moving-to-paused|identify-printer-requested|cups-.*|com\..*)$/u;

type Reason = { readonly word: string; readonly severity: 'report' | 'warning' | 'error' };

function reasonsOf(attributes: Attributes, name: string): readonly Reason[] {
  return textsOf(attributes, name).map((text) => {
    const severity = (['report', 'warning', 'error'] as const).find((one) => text.endsWith(`-${one}`));
    return severity === undefined ? { word: text, severity: 'error' } : { word: text.slice(0, -severity.length - 1), severity };
  });
}

/** How a printer stands by its own words. Anything that stops it comes before anything that it only warns of. */
export function reportOf(printer: Attributes): DeviceReport {
  const reasons = reasonsOf(printer, 'printer-state-reasons');
  const isStopped = numberOf(printer, 'printer-state') === PRINTER_STOPPED;
  for (const [word, code] of STOPPING) {
    // Of a printer that stands still even a warning is the cause.
    if (reasons.some(({ word: said, severity }) => (severity === 'error' || (isStopped && severity === 'warning')) && word.test(said)))
      return { state: 'trouble', problem: { code } };
  }
  const message = textOf(printer, 'printer-state-message');
  const fault = reasons.find(({ word, severity }) => severity === 'error' && ![HARMLESS, UNREACHED, TONER_LOW].some((known) => known.test(word)));
  if (fault !== undefined) return errorReport(message ?? fault.word);
  if (isStopped) return errorReport(message ?? reasons[0]?.word ?? 'stopped');
  if (flagOf(printer, 'printer-is-accepting-jobs') === false) return errorReport(message ?? 'it takes no jobs');
  if (isUnreached(printer, 'printer-state-reasons')) return ABSENT;
  for (const [word, code] of STOPPING) {
    if (reasons.some((reason) => reason.severity === 'warning' && word.test(reason.word))) return { state: 'warning', problem: { code } };
  }
  if (reasons.some(({ word, severity }) => severity !== 'report' && TONER_LOW.test(word)))
    return { state: 'warning', problem: { code: 'page-printer-toner-low' } };
  return { state: 'ready' };
}

export function errorReport(detail: string): DeviceReport {
  return { state: 'trouble', problem: { code: 'page-printer-error', values: { detail: detail.slice(0, 120) } } };
}

/** The queue answers and its printer does not. A queue may say so of a printer that is long back: it only finds out with the next job. */
function isUnreached(attributes: Attributes, name: string): boolean {
  return reasonsOf(attributes, name).some(({ word }) => UNREACHED.test(word));
}

/** `job-state` of RFC 8011 §5.3.7 in the words that matter here. */
export type JobReading = {
  readonly state: 'waiting' | 'printing' | 'ended-well' | 'ended-badly' | 'ended-unsure';
  /** `no`: the printer itself says that it never began (time-at-processing without a value). */
  readonly begun: 'yes' | 'no';
  /** `unreached`: the queue says that its printer does not answer. */
  readonly printer: 'reached' | 'unreached';
  /** Changes whenever the job gets on. */
  readonly progress: string;
  readonly detail: string;
};

/** CUPS's only word of a printer that is gone stands in this message, in English, while the job is said to be printing. */
const GONE = /may not exist|is unavailable|not responding|unable to (?:locate|connect)|is not connected|offline/iu;

/** Undefined when the answer names no state that there is. */
export function readJob(job: Attributes): JobReading | undefined {
  const number = numberOf(job, 'job-state');
  const reasons = textsOf(job, 'job-state-reasons');
  const state = number === undefined ? undefined : stateOf(number, reasons);
  if (state === undefined) return undefined;
  const message = textOf(job, 'job-printer-state-message') ?? '';
  const counts = ['job-impressions-completed', 'job-media-sheets-completed', 'job-media-progress'].map((name) => numberOf(job, name) ?? '');
  return {
    state,
    begun: job.has('time-at-processing') && numberOf(job, 'time-at-processing') === undefined ? 'no' : 'yes',
    printer: GONE.test(message) || isUnreached(job, 'job-printer-state-reasons') ? 'unreached' : 'reached',
    progress: [number, ...counts].join(' '),
    detail: (message === '' ? reasons.join(' ') : message).slice(0, 200),
  };
}

function stateOf(number: number, reasons: readonly string[]): JobReading['state'] | undefined {
  switch (number) {
    case 3:
    case 4:
      return 'waiting';
    case 5:
    case 6:
      return 'printing';
    case 7:
    case 8:
      return 'ended-badly';
    case 9:
      return reasons.some((reason) => reason === 'job-completed-with-errors' || reason === 'queued-in-device') ? 'ended-unsure' : 'ended-well';
    default:
      return undefined;
  }
}
