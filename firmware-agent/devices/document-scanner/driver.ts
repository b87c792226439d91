import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, ok, type Result } from '#protocol/result/result.js';
import type { LiveDriver, Look } from '../life/live-driver.js';
import { Listeners } from '../life/listeners.js';
import { Lock } from '../life/lock.js';
import { pictureOf } from '../picture/picture.js';
import type { DeviceReport, Unsubscribe } from '../ports.js';
import { privateFolder } from '../program/private-folder.js';
import { runProgram, type ProgramEnd, type ProgramPlan } from '../program/run.js';
import type { Timers } from '../timers.js';
import { LIST_WORDS, MOST_PAGES, openWords, scanWords, type ScanSettings } from './command.js';
import type { DocumentScannerDelays } from './delays.js';
import type { ScanFailure, ScanMode, ScannedPage, ScannedPages, ScanRequest, ScanSource } from './face.js';
import { faultOf, LAST_WORDS, ProgressReader, readList, reportAfter, type ListedDevice } from './status.js';

export type SaneOptions = {
  /** `scanimage`, or a program that speaks its language. */
  readonly program: string;
  /** SANE_CONFIG_DIR: which back ends are asked, as `dll.conf` in it says. */
  readonly configFolder?: string | undefined;
  readonly settings: Omit<ScanSettings, 'source' | 'mode' | 'resolutionDpi'>;
  readonly mode: ScanMode;
  readonly resolutionDpi: number;
  readonly mostDpi: number;
  /** The device's words for its places; a place that is not there can not be scanned from. `''`: it has one place and no word for it. */
  readonly sources: Readonly<Record<ScanSource, string | undefined>>;
  readonly delays: DocumentScannerDelays;
  readonly timers: Timers;
};

/** Room for an A4 page at 600 dpi in 24 bits, uncompressed. */
const MOST_BYTES = 128 * 1024 * 1024;

/** Runs the program for one question or one scan. */
function run(options: SaneOptions, plan: Pick<ProgramPlan, 'words' | 'folder' | 'signal'> & Partial<ProgramPlan>): Promise<ProgramEnd> {
  const { program, configFolder, delays, timers } = options;
  const env: Readonly<Record<string, string>> = configFolder === undefined ? {} : { SANE_CONFIG_DIR: configFolder };
  const short = { ...delays, wholeMs: delays.openMs, silenceMs: delays.openMs };
  return runProgram({ program, env, timers, delays: short, lastWords: LAST_WORDS, ...plan });
}

/** Every device that SANE finds, which takes seconds where it asks the network. */
export async function listDevices(options: SaneOptions, signal: AbortSignal): Promise<Result<readonly ListedDevice[], ScanFailure>> {
  const end = await run(options, { words: LIST_WORDS, folder: '/', signal });
  const fault = faultOf(end);
  if (fault !== undefined) return { ok: false, error: fault };
  return ok(end.ended === 'by-itself' ? readList(end.out) : []);
}

/** One document scanner under the name that SANE gave to it. There is no standing line: each scan opens the device anew. */
export class DocumentScannerDriver implements LiveDriver {
  private readonly device: string;
  private readonly options: SaneOptions;
  private readonly lock = new Lock();
  private readonly lost = new Listeners<string>();
  private readonly closing = new AbortController();
  private asking = new AbortController();
  private report: DeviceReport = { state: 'ready' };
  private reportedAt: number;

  constructor(device: string, options: SaneOptions) {
    this.device = device;
    this.options = options;
    this.reportedAt = options.timers.now();
  }

  onLost(listener: (why: string) => void): Unsubscribe {
    return this.lost.add(listener);
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.lock.hold(async () => undefined);
  }

  /**
   * The device node of a USB scanner is looked at each time. To open the device is left for now and then: it wakes the lamp of some, and keeps
   * a citizen's scan waiting.
   */
  look(): Promise<Look> {
    return this.lock.hold(async () => {
      const node = usbNode(this.device);
      if (node !== undefined && !existsSync(node)) return { found: 'gone', why: `${node} is gone` };
      const { timers, delays } = this.options;
      if (timers.now() - this.reportedAt < delays.reopenMs) return { found: 'answer', report: this.report };
      const fault = await this.open();
      if (fault?.code === 'cancelled') return { found: 'answer', report: this.report };
      if (fault?.code === 'document-scanner-absent') return { found: 'gone', why: fault.detail };
      return { found: 'answer', report: this.remember(fault) };
    });
  }

  /** Whether the device opens. */
  async open(): Promise<ScanFailure | undefined> {
    this.asking = new AbortController();
    const signal = AbortSignal.any([this.asking.signal, this.closing.signal]);
    return faultOf(await run(this.options, { words: openWords(this.device), folder: '/', signal }));
  }

  async scan(request: ScanRequest): Promise<Result<ScannedPages, ScanFailure>> {
    // A look under way would keep the device to itself.
    this.asking.abort();
    return this.lock.hold(async () => {
      const scanned = await this.scanNow(request);
      this.remember(scanned.ok ? undefined : scanned.error);
      if (!scanned.ok && scanned.error.code === 'document-scanner-absent') this.lost.tell(scanned.error.detail);
      return scanned;
    });
  }

  private remember(fault: ScanFailure | undefined): DeviceReport {
    this.report = fault === undefined ? { state: 'ready' } : reportAfter(fault);
    this.reportedAt = this.options.timers.now();
    return this.report;
  }

  private async scanNow(request: ScanRequest): Promise<Result<ScannedPages, ScanFailure>> {
    const { options } = this;
    const source = options.sources[request.source];
    if (source === undefined) return failure('document-scanner-error', `this scanner has no ${request.source}`);
    const resolutionDpi = Math.max(50, Math.min(options.mostDpi, Math.round(request.resolutionDpi ?? options.resolutionDpi)));
    const settings = { ...options.settings, mode: request.mode ?? options.mode, resolutionDpi, source: source === '' ? undefined : source };
    const made = privateFolder();
    if (!made.ok) return failure('document-scanner-error', made.error.detail);
    const folder = made.value;
    const kept = await this.intoFolder(folder.path, request, settings);
    if (!kept.ok) {
      folder.discard();
      return kept;
    }
    return ok({ pages: kept.value, format: settings.format, resolutionDpi, folder: folder.path, discard: folder.discard });
  }

  private async intoFolder(folder: string, request: ScanRequest, settings: ScanSettings): Promise<Result<readonly ScannedPage[], ScanFailure>> {
    const { delays } = this.options;
    const most = Math.max(1, Math.min(MOST_PAGES, Math.round(request.pages ?? MOST_PAGES)));
    const progress = new ProgressReader();
    let told = 0;
    const end = await run(this.options, {
      words: scanWords(this.device, request.source, most, settings),
      folder,
      signal: request.signal === undefined ? this.closing.signal : AbortSignal.any([request.signal, this.closing.signal]),
      delays: { ...delays, wholeMs: delays.pageMs * (request.source === 'flatbed' ? 1 : most), silenceMs: delays.silenceMs },
      objection: () => tooBig(folder),
      onOut: (text) => {
        for (const _ of text.matchAll(/\n/gu)) {
          told += 1;
          request.onPage?.(told);
        }
      },
      onError: (text) => {
        for (const { page, percent } of progress.read(text)) request.onProgress?.(page, percent);
      },
    });
    const fault = faultOf(end);
    // A batch that was to be longer ends so, with code 7, between two sheets; in the middle of one it is a fault.
    const isFeederDone = fault?.code === 'document-scanner-empty' && fault.detail.startsWith('sane_start:') && told > 0;
    if (fault !== undefined && !isFeederDone) return { ok: false, error: fault };
    const files = namesIn(folder)
      .filter((name) => /^p\d{4}\.[a-z]+$/u.test(name))
      .toSorted();
    if (files.length === 0) return failure('document-scanner-empty', 'the scan ended well and gave no page');
    const pages: ScannedPage[] = [];
    for (const name of files) {
      const page = await checkedPage(join(folder, name), settings);
      if (!page.ok) return page;
      pages.push(page.value);
    }
    return ok(pages);
  }
}

/** None when the folder is gone: somebody tidied up among the temporary files. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function tooBig(folder: string): string | undefined {
  const big = namesIn(folder).find((name) => (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0) > MOST_BYTES);
  return big === undefined ? undefined : `a page is larger than ${MOST_BYTES} bytes`;
}

/** A page is what was asked for, whole, and about as fine as was asked: SANE rounds a resolution that the device lacks, even 300 to 1. */
async function checkedPage(file: string, settings: ScanSettings): Promise<Result<ScannedPage, ScanFailure>> {
  const bytes = await readFile(file).catch(() => undefined);
  if (bytes === undefined) return failure('document-scanner-error', `a page can not be read back from ${file}`);
  const picture = pictureOf(bytes);
  if (!picture.ok) return failure('document-scanner-error', picture.error.detail);
  const { format, widthPx, heightPx } = picture.value;
  if (format !== settings.format) return failure('document-scanner-error', `a page came as ${format}, not ${settings.format}`);
  const leastPx = ((Math.min(settings.pageWidthMm, settings.pageHeightMm) / 25.4) * settings.resolutionDpi) / 4;
  if (widthPx < leastPx) return failure('document-scanner-error', `a page is only ${widthPx} pixels wide`);
  return ok({ file, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), widthPx, heightPx });
}

/** `epson2:libusb:001:004` is /dev/bus/usb/001/004 for as long as it stays plugged in. */
function usbNode(device: string): string | undefined {
  const [, bus, port] = /:libusb:(\d{3}):(\d{3})$/u.exec(device) ?? [];
  return bus === undefined || port === undefined ? undefined : `/dev/bus/usb/${bus}/${port}`;
}
