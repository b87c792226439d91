import { createHash } from 'node:crypto';
import { TextDecoder } from 'node:util';
import { CsvError, parse, type Info, type Options } from 'csv-parse';
import { bill, type Bill } from '#protocol/bill/bill.js';
import type { DepartmentCode, ServiceCode } from '#protocol/identity/identity.js';
import { parseRupees, type Paise } from '#protocol/money/paise.js';
import { err, failure, ok, type Failure, type Result } from '#protocol/result/result.js';

/** Columns of a bill master file (R25). Sums in rupees, dates YYYY-MM-DD. A column `service` may stand beside them; others are passed over. */
export const BILL_COLUMNS = [
  'consumer',
  'bill_number',
  'name',
  'office',
  'period',
  'issued_on',
  'due_on',
  'amount',
  'late_amount',
  'arrears',
] as const;
type Column = (typeof BILL_COLUMNS)[number] | 'service';

/** One line of the file that was not taken. `line` counts from 1, the header's line included; `column` is empty when the line as a whole is wrong. */
export type RejectedRow = { readonly line: number; readonly column: string; readonly reason: string };

export type GoodRow = { readonly line: number; readonly bill: Bill };

/** Why nothing of a file can be taken. */
export type CsvFault = 'empty' | 'wrong-encoding' | 'not-csv' | 'cut' | 'missing-column' | 'duplicate-column';

/** What the reader finds, in the order of the file. */
export type CsvRow = ({ readonly kind: 'good' } & GoodRow) | ({ readonly kind: 'rejected' } & RejectedRow);

const RECORD_CHARACTERS_MAX = 64 * 1024;

// Line ends are named, else the first one found would rule the whole file, and a row added with another editor would be joined to its neighbour.
const FORM: Options = {
  info: true,
  relax_column_count: true,
  skip_empty_lines: true,
  max_record_size: RECORD_CHARACTERS_MAX,
  record_delimiter: ['\r\n', '\n', '\r'],
};

type Context = { readonly department: DepartmentCode; readonly service: ServiceCode };

/**
 * Reads a bill master file as it streams in: UTF-8 with or without byte order mark, comma separated, quoted as RFC 4180 says. A row that is
 * wrong is told and passed over; a file that is broken ends the reading, and what was handed to `onRow` before must then be dropped.
 * @param onRow called once a row, in order; what it throws is thrown here
 * @returns SHA-256 of the whole file in hexadecimal
 */
export async function readBillCsv(
  source: AsyncIterable<Uint8Array>,
  context: Context,
  onRow: (row: CsvRow) => void,
): Promise<Result<{ readonly sha256: string }, Failure<CsvFault>>> {
  const digest = createHash('sha256');
  const parser = parse(FORM);
  // Faults of text and of form are told apart by their class; whatever else is thrown is a defect or the caller's.
  const fed = feed(source, digest, parser);
  let layout: Layout | undefined;
  try {
    for await (const item of parser) {
      const { record, info } = item as { readonly record: readonly string[]; readonly info: Info };
      const line = firstLine(record, info);
      if (layout === undefined) {
        const read = readHeader(record, context);
        if (!read.ok) return await stop(parser, fed, read.error);
        layout = read.value;
      } else {
        onRow(readRow(layout, record, line));
      }
    }
    await fed;
  } catch (error) {
    await fed.catch(() => undefined);
    const fault = faultOf(error);
    if (fault === undefined) throw error;
    return err(fault);
  }
  return layout === undefined ? failure('empty', 'the file holds nothing') : ok({ sha256: digest.digest('hex') });
}

async function stop(parser: ReturnType<typeof parse>, fed: Promise<void>, fault: Failure<CsvFault>): Promise<Result<never, Failure<CsvFault>>> {
  parser.destroy();
  await fed.catch(() => undefined);
  return err(fault);
}

class EncodingFault extends Error {}

async function feed(source: AsyncIterable<Uint8Array>, digest: ReturnType<typeof createHash>, parser: ReturnType<typeof parse>): Promise<void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of source) {
      digest.update(chunk);
      if (!(await write(parser, decode(decoder, chunk)))) return;
    }
    await write(parser, decode(decoder, undefined));
    parser.end();
  } catch (error) {
    parser.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

/** False when the parser has ended meanwhile. */
function write(parser: ReturnType<typeof parse>, text: string): Promise<boolean> {
  if (parser.destroyed) return Promise.resolve(false);
  if (text === '' || parser.write(text)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const drained = (): void => settle(true);
    const closed = (): void => settle(false);
    const settle = (open: boolean): void => {
      parser.off('drain', drained).off('close', closed);
      resolve(open);
    };
    parser.once('drain', drained).once('close', closed);
  });
}

function decode(decoder: TextDecoder, chunk: Uint8Array | undefined): string {
  try {
    const text = chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    // A text file has no NUL; UTF-16 is full of them.
    if (text.includes('\0')) throw new EncodingFault('the file holds zero bytes: it is not text in UTF-8');
    return text;
  } catch (error) {
    if (error instanceof EncodingFault) throw error;
    throw new EncodingFault('the file is not UTF-8 text: save it as "CSV UTF-8" and import it again', { cause: error });
  }
}

function faultOf(error: unknown): Failure<CsvFault> | undefined {
  if (error instanceof EncodingFault) return { code: 'wrong-encoding', detail: error.message };
  if (!(error instanceof CsvError)) return undefined;
  const at: unknown = error['lines'];
  const line = typeof at === 'number' ? String(at) : '?';
  if (error.code === 'CSV_QUOTE_NOT_CLOSED')
    return { code: 'cut', detail: `a quoted field is still open where the file ends (line ${line}): the file was cut` };
  if (error.code === 'CSV_MAX_RECORD_SIZE')
    return { code: 'not-csv', detail: `line ${line} is longer than any bill: the file is not CSV, or a quote is not closed` };
  return { code: 'not-csv', detail: `line ${line} is not CSV: ${error.message}` };
}

function firstLine(record: readonly string[], info: Info): number {
  const inside = record.reduce((n, text) => n + (text.match(/\r\n|\r|\n/gu)?.length ?? 0), 0);
  return info.lines - inside;
}

type Layout = { readonly width: number; readonly places: ReadonlyMap<Column, number>; readonly context: Context };

function readHeader(record: readonly string[], context: Context): Result<Layout, Failure<CsvFault>> {
  const names = record.map((name) => name.trim().toLowerCase());
  const wanted: readonly Column[] = [...BILL_COLUMNS, 'service'];
  const places = new Map<Column, number>();
  for (const column of wanted) {
    const first = names.indexOf(column);
    if (first >= 0 && names.includes(column, first + 1)) return failure('duplicate-column', `the header names the column "${column}" twice`);
    if (first >= 0) places.set(column, first);
  }
  if (places.size === 0)
    return failure('not-csv', `the first line names none of the columns: it must be ${BILL_COLUMNS.join(',')}, parted by commas`);
  const missing = BILL_COLUMNS.filter((column) => !places.has(column));
  if (missing.length > 0) return failure('missing-column', `the header lacks the column ${missing.map((m) => `"${m}"`).join(', ')}`);
  return ok({ width: record.length, places, context });
}

function readRow(layout: Layout, record: readonly string[], line: number): CsvRow {
  const reject = (column: string, reason: string): CsvRow => ({ kind: 'rejected', line, column, reason });
  if (record.length !== layout.width) return reject('', `has ${record.length} fields, the header has ${layout.width}`);
  const text = (column: Column): string => (record[layout.places.get(column) ?? -1] ?? '').trim().normalize('NFC');
  const { department, service } = layout.context;
  if (layout.places.has('service') && text('service') !== service)
    return reject('service', `is "${shown(text('service'))}", the import is for ${service}`);
  for (const column of BILL_COLUMNS) {
    if (/\p{Cc}/u.test(text(column))) return reject(column, 'holds a control character or a line break');
  }
  const sums: Paise[] = [];
  for (const column of ['amount', 'late_amount', 'arrears'] as const) {
    const sum = parseRupees(text(column));
    if (!sum.ok) return reject(column, sum.error.detail.slice(0, 120));
    sums.push(sum.value);
  }
  const [amountPaise, lateAmountPaise, arrearsPaise] = sums;
  const read = bill.safeParse({
    department,
    service,
    consumer: text('consumer').toUpperCase(),
    number: text('bill_number').toUpperCase(),
    name: text('name'),
    office: text('office'),
    period: text('period'),
    issuedOn: text('issued_on'),
    dueOn: text('due_on'),
    amountPaise,
    lateAmountPaise,
    arrearsPaise,
  });
  if (!read.success) {
    const issue = read.error.issues[0];
    const column = COLUMN_OF_FIELD[String(issue?.path[0])] ?? '';
    return reject(column, `"${shown(text(column || 'consumer'))}": ${issue?.message ?? 'wrong'}`);
  }
  const clash = contradiction(read.data);
  return clash === undefined ? { kind: 'good', line, bill: read.data } : reject(...clash);
}

const COLUMN_OF_FIELD: Readonly<Record<string, Column>> = {
  consumer: 'consumer',
  number: 'bill_number',
  name: 'name',
  office: 'office',
  period: 'period',
  issuedOn: 'issued_on',
  dueOn: 'due_on',
};

function contradiction(read: Bill): readonly [Column, string] | undefined {
  if (read.dueOn < read.issuedOn) return ['due_on', `${read.dueOn} is before the bill was issued (${read.issuedOn})`];
  if (read.lateAmountPaise < read.amountPaise) return ['late_amount', 'is less than the amount before the due date'];
  if (read.arrearsPaise > read.amountPaise) return ['arrears', 'is more than the amount, which includes it'];
  return undefined;
}

function shown(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
