import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { unreachable } from '#protocol/result/result.js';
import { mosaicJpeg, mosaicPng, mosaicPnm, mosaicTiff, type Mosaic } from '../../picture/mosaic.js';
import { startStandIn, type Call } from '../../program/simulator/stand-in.js';
import { startControl, type ControlAnswer, type ControlPlace } from '../../simulation/control.js';

/** What another process or a test may do with the virtual document scanner. One JSON object a line on its control socket. */
export const documentScannerOrder = z.discriminatedUnion('do', [
  /** From the next sheet on, or from the one after so many good ones. */
  z.strictObject({ do: z.literal('jam'), afterPages: z.int().min(0).max(50).optional() }).describe('paper jams, at once or after some pages'),
  z.strictObject({ do: z.literal('cover-open') }).describe('the lid is opened'),
  z.strictObject({ do: z.literal('cover-close') }).describe('the lid is closed'),
  /** Sheets in the feeder. */
  z.strictObject({ do: z.literal('load'), sheets: z.int().min(0).max(500) }).describe('sheets are put into the feeder'),
  /** Another program has it. */
  z.strictObject({ do: z.literal('busy') }).describe('another program has it'),
  z.strictObject({ do: z.literal('refuse-access') }).describe('the system does not let it be opened'),
  z.strictObject({ do: z.literal('error') }).describe('fails in the middle'),
  /** Ten steps of progress a page, each so long. */
  z.strictObject({ do: z.literal('slow'), stepMs: z.int().min(1).max(60_000) }).describe('takes so long for each step'),
  /** Nothing more is said or done, not even when asked to stop. */
  z.strictObject({ do: z.literal('hang') }).describe('never ends a page'),
  /** Jams, says so, and never ends. */
  z.strictObject({ do: z.literal('hang-after-jam') }).describe('never answers again after a jam'),
  /** Says that all is well and leaves half a file. */
  z.strictObject({ do: z.literal('truncate') }).describe('a picture ends in the middle'),
  z.strictObject({ do: z.literal('garbage') }).describe('a picture is nonsense'),
  /** A resolution that it lacks is rounded to one that no one can read, without an error. */
  z.strictObject({ do: z.literal('coarse') }).describe('scans coarser than asked'),
  z.strictObject({ do: z.literal('unplug') }).describe('the cable is pulled'),
  z.strictObject({ do: z.literal('plug') }).describe('the cable is put back'),
  z.strictObject({ do: z.literal('normal') }).describe('every fault is mended'),
  z.strictObject({ do: z.literal('state') }).describe('how it stands'),
]);
export type DocumentScannerOrder = z.infer<typeof documentScannerOrder>;

export type DocumentScannerSimulator = {
  /** To be named as `program` in the device's configuration. */
  readonly program: string;
  readonly device: string;
  readonly control: ControlPlace | undefined;
  readonly order: (order: DocumentScannerOrder) => Promise<ControlAnswer>;
  readonly close: () => Promise<void>;
};

/** Names as SANE gives them: back end and place. */
const DEVICE = 'simulated:flatbed-feeder';
const LIST_LINE = `${DEVICE}|Jharokha|Virtual Scanner|flatbed and feeder\n`;
const FEEDER = 'Automatic Document Feeder';

type Fault = Exclude<DocumentScannerOrder['do'], 'cover-close' | 'load' | 'slow' | 'plug' | 'unplug' | 'normal' | 'state'>;

type Condition = { fault: Fault | undefined; jamAfterPages: number; sheets: number; stepMs: number; plug: 'in' | 'out'; scanned: number };

/** SANE's codes and words (sane.h, sane_strstatus). */
const STATUS = {
  cancelled: [2, 'Operation was canceled'],
  busy: [3, 'Device busy'],
  invalid: [4, 'Invalid argument'],
  jammed: [6, 'Document feeder jammed'],
  empty: [7, 'Document feeder out of documents'],
  cover: [8, 'Scanner cover is open'],
  io: [9, 'Error during device I/O'],
  denied: [11, 'Access to resource has been denied'],
} as const;
type Status = keyof typeof STATUS;

/** A scanner behind a stand-in for `scanimage`: the same command line, output, exit codes and files, and faults on order. */
export async function startDocumentScannerSimulator(controlPlace?: ControlPlace): Promise<DocumentScannerSimulator> {
  const condition: Condition = { fault: undefined, jamAfterPages: 0, sheets: 3, stepMs: 1, plug: 'in', scanned: 0 };
  const standIn = await startStandIn('scanimage', (call) => void perform(call, condition));
  const order = async (wanted: DocumentScannerOrder): Promise<ControlAnswer> => {
    change(condition, wanted);
    return { ok: true, state: { ...condition, fault: condition.fault ?? 'none' } };
  };
  const control = controlPlace === undefined ? undefined : await startControl(controlPlace, documentScannerOrder, order);
  return {
    program: standIn.program,
    device: DEVICE,
    control: control?.place,
    order,
    async close() {
      await control?.close();
      await standIn.close();
    },
  };
}

function change(condition: Condition, wanted: DocumentScannerOrder): void {
  switch (wanted.do) {
    case 'load':
      condition.sheets = wanted.sheets;
      return;
    case 'slow':
      condition.stepMs = wanted.stepMs;
      return;
    case 'unplug':
      condition.plug = 'out';
      return;
    case 'plug':
      condition.plug = 'in';
      return;
    case 'cover-close':
      condition.fault = undefined;
      return;
    case 'normal':
      Object.assign(condition, { fault: undefined, jamAfterPages: 0, sheets: 3, stepMs: 1, plug: 'in' });
      return;
    case 'state':
      return;
    case 'jam':
      condition.jamAfterPages = wanted.afterPages ?? 0;
      condition.fault = wanted.do;
      return;
    case 'cover-open':
    case 'busy':
    case 'refuse-access':
    case 'error':
    case 'hang':
    case 'hang-after-jam':
    case 'truncate':
    case 'garbage':
    case 'coarse':
      condition.fault = wanted.do;
      return;
    default:
      unreachable(wanted);
  }
}

/** `--name=value` words, and `-x 210` pairs. */
function optionsOf(words: readonly string[]): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (const [i, word] of words.entries()) {
    const [, name, value = ''] = /^--([a-z-]+)(?:=(.*))?$/u.exec(word) ?? [];
    if (name !== undefined) options.set(name, value);
    else if (/^-[a-z]$/u.test(word)) options.set(word.slice(1), words[i + 1] ?? '');
  }
  return options;
}

async function perform(call: Call, condition: Condition): Promise<void> {
  const options = optionsOf(call.words);
  if (condition.fault === 'hang') return;
  if (options.has('formatted-device-list')) {
    if (condition.plug === 'in') call.out(LIST_LINE);
    return call.exit(0);
  }
  const refused = opening(options.get('device-name') ?? '', condition);
  if (refused !== undefined) {
    call.error(`scanimage: open of device ${options.get('device-name') ?? ''} failed: ${STATUS[refused][1]}\n`);
    return call.exit(1);
  }
  if (options.has('dont-scan')) return call.exit(0);
  return scan(call, options, condition);
}

function opening(device: string, condition: Condition): Status | undefined {
  if (condition.plug === 'out' || device !== DEVICE) return 'invalid';
  if (condition.fault === 'busy') return 'busy';
  return condition.fault === 'refuse-access' ? 'denied' : undefined;
}

async function scan(call: Call, options: ReadonlyMap<string, string>, condition: Condition): Promise<void> {
  const isFeeder = options.get('source') === FEEDER;
  const most = Number(options.get('batch-count') ?? '1');
  call.error(`Scanning ${most} pages, incrementing by 1, numbering from 1\n`);
  for (let page = 1; page <= most; page += 1) {
    call.error(`Scanning page ${page}\n`);
    const status = await onePage(call, options, condition, isFeeder ? 'feeder' : 'flatbed', page);
    if (condition.fault === 'hang') return;
    if (status === undefined) continue;
    call.error(`scanimage: ${status === 'empty' ? 'sane_start' : 'sane_read'}: ${STATUS[status][1]}\nBatch terminated, ${page - 1} pages scanned\n`);
    if (condition.fault === 'hang-after-jam') return;
    return call.exit(STATUS[status][0]);
  }
  call.error(`Batch terminated, ${most} pages scanned\n`);
  call.exit(0);
}

/** The status that ends the batch; undefined when the page is done. */
async function onePage(
  call: Call,
  options: ReadonlyMap<string, string>,
  condition: Condition,
  from: 'feeder' | 'flatbed',
  page: number,
): Promise<Status | undefined> {
  if (from === 'feeder' && condition.sheets === 0) return 'empty';
  const name = (options.get('batch') ?? 'p%04d').replace(/%0(\d)d/u, (_, width: string) => String(page).padStart(Number(width), '0'));
  const file = picture(options, condition, page);
  for (let step = 1; step <= 10; step += 1) {
    await new Promise((resolve) => {
      setTimeout(resolve, condition.stepMs);
    });
    if (call.signal.aborted) return 'cancelled';
    // A file grows under another name until it is whole.
    writeFileSync(join(call.folder, `${name}.part`), file.subarray(0, Math.floor((file.length * step) / 10)));
    call.error(`Progress: ${step * 10}.0%\r`);
    const fault = faultAmidst(condition, page);
    if (fault !== undefined) return fault;
  }
  writeFileSync(join(call.folder, name), condition.fault === 'truncate' ? file.subarray(0, file.length / 2) : file);
  if (from === 'feeder') condition.sheets -= 1;
  condition.scanned += 1;
  call.error(`Scanned page ${page}. (scanner status = 5)\n`);
  call.out(`${name}\n`);
  return undefined;
}

function faultAmidst({ fault, plug, jamAfterPages }: Condition, page: number): Status | undefined {
  if (plug === 'out' || fault === 'error') return 'io';
  if (fault === 'cover-open') return 'cover';
  if (fault === 'hang-after-jam') return 'jammed';
  return fault === 'jam' && page > jamAfterPages ? 'jammed' : undefined;
}

/** A page of grey squares with its number as bars, in the format and about the size that was asked for. */
function picture(options: ReadonlyMap<string, string>, condition: Condition, page: number): Buffer {
  if (condition.fault === 'garbage') return Buffer.from('This is not the picture you are looking for. '.repeat(40));
  const dpi = condition.fault === 'coarse' ? 1 : Number(options.get('resolution') ?? '75');
  const pixels = (mm: string): number => Math.max(1, Math.round((Number(options.get(mm) ?? '100') / 25.4) * dpi));
  const mosaic: Mosaic = {
    widthPx: pixels('x'),
    heightPx: pixels('y'),
    shade: (column, row) => (row < 2 && column % 2 === 0 && column < page * 2 ? 0 : 200 + ((column * 7 + row * 3) % 50)),
  };
  switch (options.get('format')) {
    case 'png':
      return mosaicPng(mosaic);
    case 'tiff':
      return mosaicTiff(mosaic);
    case 'jpeg':
      return mosaicJpeg(mosaic);
    default:
      return mosaicPnm(mosaic);
  }
}
