import { asNumber } from '#platform/sqlite/open.js';
import { createReadStream } from 'node:fs';
import { departmentCode, serviceCode, type DepartmentCode, type ServiceCode } from '#protocol/identity/identity.js';
import { assert, err, failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import type { Hub } from '../hub.js';
import { readBillCsv, type CsvFault, type CsvRow, type GoodRow, type RejectedRow } from './bill-csv.js';
import { findDepartment } from './departments.js';

/** Rejected rows that a report carries; `rejectedCount` always says how many there were. */
export const REJECTED_TOLD_MAX = 1_000;
/** Rows put in by one transaction: long enough to be fast, short enough that a counter's sale does not wait. */
const ROWS_PER_WRITE = 500;

export type ImportReport = {
  /** `unchanged`: the very same file is in force already. */
  readonly kind: 'loaded' | 'unchanged';
  readonly department: DepartmentCode;
  readonly service: ServiceCode;
  /** Counts the department's master files, of all its services. */
  readonly version: number;
  readonly loaded: number;
  readonly rejectedCount: number;
  readonly rejected: readonly RejectedRow[];
  readonly sha256: string;
};

export type ImportError = CsvFault | 'bad-code' | 'department-unknown' | 'service-of-other' | 'unreadable' | 'no-good-row' | 'overtaken';

/** A failure that also tells the rows, when they are the cause. */
export type ImportFailure = Failure<ImportError> & { readonly rejected?: readonly RejectedRow[] };

type Target = { readonly hub: Hub; readonly department: DepartmentCode; readonly service: ServiceCode; readonly load: number };

/**
 * Imports a bill master file. The good rows take the place of the service's earlier ones in one step; until then, and when the file is broken,
 * the earlier ones stay in force. Never throws for what a file holds.
 */
export async function importBills(
  hub: Hub,
  request: { readonly department: string; readonly service: string },
  source: AsyncIterable<Uint8Array>,
): Promise<Result<ImportReport, ImportFailure>> {
  const opened = openLoad(hub, request);
  if (!opened.ok) return opened;
  const target = opened.value;
  let finished = false;
  try {
    const done = await fill(target, source);
    finished = done.ok && done.value.kind === 'loaded';
    return done;
  } finally {
    if (!finished) hub.db.transaction(() => dropLoad(hub, target.load)).immediate();
  }
}

/** The same, from a file on disk. */
export async function importBillFile(
  hub: Hub,
  request: { readonly department: string; readonly service: string },
  path: string,
): Promise<Result<ImportReport, ImportFailure>> {
  try {
    return await importBills(hub, request, createReadStream(path));
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'syscall' in error) return failure('unreadable', `${path}: ${error.message}`);
    throw error;
  }
}

function openLoad(hub: Hub, request: { readonly department: string; readonly service: string }): Result<Target, ImportFailure> {
  const department = departmentCode.safeParse(request.department);
  const service = serviceCode.safeParse(request.service);
  if (!department.success) return failure('bad-code', `"${request.department}" is not a department code`);
  if (!service.success) return failure('bad-code', `"${request.service}" is not a service code`);
  if (findDepartment(hub, department.data) === undefined) {
    return failure('department-unknown', `department ${department.data} is not in the register: add it with "hub department add"`);
  }
  const open = hub.db.transaction((): Result<Target, ImportFailure> => {
    const holder = current(hub, service.data);
    if (holder !== undefined && holder.department !== department.data) {
      return failure('service-of-other', `service ${service.data} has bills of department ${holder.department}`);
    }
    // What an import that was killed left behind. One that still runs finds its load gone and ends as overtaken.
    const left = hub.db
      .prepare<[string, string], { readonly number: bigint }>("SELECT number FROM bill_load WHERE district = ? AND service = ? AND state = 'loading'")
      .all(hub.district, service.data);
    for (const { number } of left) dropLoad(hub, asNumber(number));
    const load = nextLoad(hub);
    hub.db
      .prepare("INSERT INTO bill_load VALUES (?, ?, ?, ?, 'loading', 0, '', 0, 0, ?)")
      .run(hub.district, load, department.data, service.data, hub.now());
    return ok({ hub, department: department.data, service: service.data, load });
  });
  return open.immediate();
}

function nextLoad(hub: Hub): number {
  const counted = hub.db
    .prepare<[string], { readonly last: bigint }>(
      'INSERT INTO bill_load_count VALUES (?, 1) ON CONFLICT (district) DO UPDATE SET last = last + 1 RETURNING last',
    )
    .get(hub.district);
  assert(counted !== undefined, 'a count comes back');
  return asNumber(counted.last);
}

type Current = { readonly department: string; readonly number: bigint; readonly version: bigint; readonly sha256: string; readonly loaded: bigint };

function current(hub: Hub, service: string): Current | undefined {
  return hub.db
    .prepare<[string, string], Current>(
      "SELECT department, number, version, sha256, loaded FROM bill_load WHERE district = ? AND service = ? AND state = 'current'",
    )
    .get(hub.district, service);
}

class Overtaken extends Error {}

async function fill(target: Target, source: AsyncIterable<Uint8Array>): Promise<Result<ImportReport, ImportFailure>> {
  const rows = new RowWriter(target);
  try {
    const read = await readBillCsv(source, target, (row) => rows.take(row));
    if (!read.ok) return read;
    rows.flush();
    return finish(target, read.value.sha256, rows);
  } catch (error) {
    if (error instanceof Overtaken)
      return failure('overtaken', `another import for service ${target.service} was begun meanwhile: this one changed nothing`);
    throw error;
  }
}

function finish(target: Target, sha256: string, rows: RowWriter): Result<ImportReport, ImportFailure> {
  const { hub, department, service, load } = target;
  const told = { department, service, loaded: rows.loaded, rejectedCount: rows.rejectedCount, rejected: rows.rejected, sha256 };
  if (rows.loaded === 0) {
    const detail = rows.rejectedCount === 0 ? 'the file has a header and no bill' : `none of the ${rows.rejectedCount} rows is right`;
    return err({ code: 'no-good-row', detail, rejected: rows.rejected });
  }
  const swap = hub.db.transaction((): ImportReport => {
    const before = current(hub, service);
    if (before?.sha256 === sha256 && before.department === department) return { kind: 'unchanged', ...told, version: asNumber(before.version) };
    if (!standing(target)) throw new Overtaken();
    if (before !== undefined) dropLoad(hub, asNumber(before.number));
    const next = hub.db
      .prepare<[string, string], { readonly v: bigint }>(
        'UPDATE department SET master_version = master_version + 1 WHERE district = ? AND code = ? RETURNING master_version AS v',
      )
      .get(hub.district, department);
    assert(next !== undefined, 'a department stays in the register');
    hub.db
      .prepare("UPDATE bill_load SET state = 'current', version = ?, sha256 = ?, loaded = ?, rejected = ?, at = ? WHERE district = ? AND number = ?")
      .run(next.v, sha256, rows.loaded, rows.rejectedCount, hub.now(), hub.district, load);
    return { kind: 'loaded', ...told, version: asNumber(next.v) };
  });
  return ok(swap.immediate());
}

function standing(target: Target): boolean {
  const row = target.hub.db
    .prepare<[string, number], { readonly state: string; readonly service: string }>(
      'SELECT state, service FROM bill_load WHERE district = ? AND number = ?',
    )
    .get(target.hub.district, target.load);
  return row?.state === 'loading' && row.service === target.service;
}

function dropLoad(hub: Hub, load: number): void {
  hub.db.prepare('DELETE FROM master_bill WHERE district = ? AND load = ?').run(hub.district, load);
  hub.db.prepare('DELETE FROM bill_load WHERE district = ? AND number = ?').run(hub.district, load);
}

/** Puts rows in by handfuls, and tells a consumer that comes twice. */
class RowWriter {
  readonly #target: Target;
  readonly #waiting: GoodRow[] = [];
  readonly rejected: RejectedRow[] = [];
  loaded = 0;
  rejectedCount = 0;

  constructor(target: Target) {
    this.#target = target;
  }

  take(row: CsvRow): void {
    if (row.kind === 'rejected') return this.#reject({ line: row.line, column: row.column, reason: row.reason });
    this.#waiting.push({ line: row.line, bill: row.bill });
    if (this.#waiting.length >= ROWS_PER_WRITE) this.flush();
  }

  flush(): void {
    const { hub } = this.#target;
    const write = hub.db.transaction(() => {
      if (!standing(this.#target)) throw new Overtaken();
      for (const row of this.#waiting) this.#put(row);
    });
    write.immediate();
    this.#waiting.length = 0;
  }

  #put({ line, bill }: GoodRow): void {
    const { hub, load } = this.#target;
    const done = hub.db
      .prepare('INSERT INTO master_bill VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (district, load, consumer) DO NOTHING')
      .run(
        hub.district,
        load,
        this.loaded,
        line,
        bill.consumer,
        bill.number,
        bill.name,
        bill.office,
        bill.period,
        bill.issuedOn,
        bill.dueOn,
        bill.amountPaise,
        bill.lateAmountPaise,
        bill.arrearsPaise,
      );
    if (done.changes === 1) {
      this.loaded += 1;
      return;
    }
    const first = hub.db
      .prepare<[string, number, string], { readonly line: bigint }>('SELECT line FROM master_bill WHERE district = ? AND load = ? AND consumer = ?')
      .get(hub.district, load, bill.consumer);
    this.#reject({ line, column: 'consumer', reason: `"${bill.consumer}" stands in line ${first?.line ?? '?'} already` });
  }

  #reject(row: RejectedRow): void {
    this.rejectedCount += 1;
    if (this.rejected.length < REJECTED_TOLD_MAX) this.rejected.push(row);
  }
}
