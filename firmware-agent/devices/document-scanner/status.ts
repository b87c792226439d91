import type { DeviceReport } from '../ports.js';
import type { ProgramEnd } from '../program/run.js';
import type { DocumentScannerCause, ScanFailure } from './face.js';

/** One line of scanimage's list of devices. */
export type ListedDevice = { readonly device: string; readonly vendor: string; readonly model: string };

/** From `LIST_WORDS`' output: `device|vendor|model|type`, a device a line. Lines that are none are passed over. */
export function readList(out: string): readonly ListedDevice[] {
  return out.split('\n').flatMap((line) => {
    const [device, vendor, model, type] = line.split('|');
    return device === undefined || device === '' || vendor === undefined || model === undefined || type === undefined
      ? []
      : [{ device, vendor, model }];
  });
}

/**
 * SANE's words for its status codes (sane_strstatus), as far as they mean something to an operator. scanimage ends with the status as its
 * exit code, except that whatever fails before the scan (opening, an option) is 1: then only the words tell.
 */
const CAUSES: readonly (readonly [code: number, words: string, cause: DocumentScannerCause])[] = [
  [3, 'Device busy', 'document-scanner-busy'],
  [6, 'Document feeder jammed', 'document-scanner-jam'],
  [7, 'Document feeder out of documents', 'document-scanner-empty'],
  [8, 'Scanner cover is open', 'document-scanner-cover'],
];

/** What scanimage says before it gives up: after that it only has to tidy up, which the libraries of some devices never finish. */
export const LAST_WORDS = /^scanimage: (?:sane_(?:start|read|get_parameters)|open of device)\b.*$/mu;

/** Why a run of scanimage gave nothing; undefined when it ended well. */
export function faultOf(end: ProgramEnd): ScanFailure | undefined {
  if (end.ended === 'not-started') return { code: 'document-scanner-error', detail: `scanimage can not be started: ${end.why}` };
  if (end.ended === 'stopped' && end.by === 'aborted') return { code: 'cancelled', detail: 'the scan was ended before it was done' };
  if (end.ended === 'by-itself' && end.code === 0) return undefined;
  const said = lastError(end.error);
  const code = end.ended === 'by-itself' ? end.code : undefined;
  const cause = causeOf(code, said);
  // What it says after we stopped it is about our stopping, unless it had named a cause before.
  if (end.ended === 'stopped' && cause === 'document-scanner-error') return { code: cause, detail: end.why };
  return { code: cause, detail: said === '' ? endingOf(code) : said };
}

function causeOf(code: number | undefined, said: string): DocumentScannerCause {
  // Opening fails as "Invalid argument" when nothing of that name is there, and as an I/O error when it was just unplugged.
  if (/open of device .* failed: (?:Invalid argument|Error during device I\/O)|no SANE devices found/u.test(said)) return 'document-scanner-absent';
  return CAUSES.find(([status, words]) => code === status || said.endsWith(words))?.[2] ?? 'document-scanner-error';
}

function endingOf(code: number | undefined): string {
  return code === undefined ? 'scanimage was killed' : `scanimage ended with ${code}`;
}

/** The last line that scanimage says in its own name, without its name. Others are libraries' chatter. */
function lastError(text: string): string {
  const own = text.split(/[\r\n]/u).filter((line) => line.startsWith('scanimage: ') && !/received signal|trying to stop|rounded value/u.test(line));
  return (own.at(-1) ?? '').slice('scanimage: '.length, 200);
}

export type Progress = { readonly page: number; readonly percent: number };

/** Page and percent from scanimage's chatter (`Scanning page 2`, `Progress: 33.1%`); any text in, in any pieces. */
export class ProgressReader {
  private held = '';
  private page = 1;

  read(text: string): readonly Progress[] {
    const lines = (this.held + text).split(/[\r\n]/u);
    this.held = (lines.pop() ?? '').slice(-200);
    return lines.flatMap((line) => {
      const page = /^Scanning page (\d{1,4})$/u.exec(line)?.[1];
      if (page !== undefined) this.page = Number(page);
      const percent = /^Progress: (\d{1,3})(?:\.\d+)?%$/u.exec(line)?.[1];
      return percent === undefined ? [] : [{ page: this.page, percent: Math.min(100, Number(percent)) }];
    });
  }
}

/**
 * What a failed scan says of the device itself. An empty feeder is how it should be between two citizens; a jam or an open lid stays until
 * somebody has been there. SANE can not be asked, only tried.
 */
export function reportAfter({ code, detail }: ScanFailure): DeviceReport {
  switch (code) {
    case 'cancelled':
    case 'document-scanner-empty':
      return { state: 'ready' };
    case 'document-scanner-absent':
      return { state: 'absent', problem: { code } };
    default:
      return { state: 'trouble', problem: { code, values: { detail: detail.slice(0, 120) } } };
  }
}

export const ABSENT: DeviceReport = { state: 'absent', problem: { code: 'document-scanner-absent' } };
