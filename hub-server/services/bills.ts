import { asNumber } from '#platform/sqlite/open.js';
import { bill, type Bill } from '#protocol/bill/bill.js';
import type { Answer } from '#protocol/wire/frames.js';
import { FRAME_BYTES_MAX } from '#protocol/wire/frames.js';
import { encodeCbor } from '#protocol/signing/cbor.js';
import { paise } from '#protocol/money/paise.js';
import type { Hub } from '../hub.js';

/** Bills in one part of a master file, at most. */
export const MASTER_PART_MAX = 500;
/** Leaves room in the frame for what is around the bills. */
const MASTER_PART_BYTES_MAX = FRAME_BYTES_MAX - 4_096;

type BillRow = {
  readonly department: string;
  readonly service: string;
  readonly consumer: string;
  readonly number: string;
  readonly name: string;
  readonly office: string;
  readonly period: string;
  readonly issued_on: string;
  readonly due_on: string;
  readonly amount_paise: bigint;
  readonly late_amount_paise: bigint;
  readonly arrears_paise: bigint;
};

const BILL_FROM = `SELECT l.department, l.service, b.consumer, b.number, b.name, b.office, b.period, b.issued_on, b.due_on,
  b.amount_paise, b.late_amount_paise, b.arrears_paise
  FROM bill_load l JOIN master_bill b ON b.district = l.district AND b.load = l.number
  WHERE l.district = ? AND l.service = ? AND l.state = 'current'`;

/** A consumer's bill in the master file in force. */
export function findBill(hub: Hub, service: string, consumer: string): Bill | undefined {
  const row = hub.db.prepare<[string, string, string], BillRow>(`${BILL_FROM} AND b.consumer = ?`).get(hub.district, service, consumer);
  return row && billOf(row);
}

/** The first bills of a master file in force, in the order of the file. */
export function listBills(hub: Hub, service: string, limit: number): readonly Bill[] {
  return hub.db.prepare<[string, string, number], BillRow>(`${BILL_FROM} ORDER BY b.place LIMIT ?`).all(hub.district, service, limit).map(billOf);
}

function billOf(row: BillRow): Bill {
  return bill.parse({
    department: row.department,
    service: row.service,
    consumer: row.consumer,
    number: row.number,
    name: row.name,
    office: row.office,
    period: row.period,
    issuedOn: row.issued_on,
    dueOn: row.due_on,
    amountPaise: paise(row.amount_paise),
    lateAmountPaise: paise(row.late_amount_paise),
    arrearsPaise: paise(row.arrears_paise),
  });
}

export type MasterPart = Extract<Answer, { answer: 'master' }>;

type LoadRow = { readonly service: string; readonly loaded: bigint };

/**
 * One part of a department's master file, of all its services, for the wire. A kiosk asks with `from` 0, then with `from` plus the bills it got,
 * until `done`; when `version` changes on the way it begins again at 0. Nothing newer than `have`: no bills, `total` 0, `done`.
 */
export function masterPart(hub: Hub, department: string, have: number, from: number, limit: number = MASTER_PART_MAX): MasterPart {
  const read = hub.db.transaction((): MasterPart => {
    const version = masterVersion(hub, department);
    if (version <= have) return { answer: 'master', version, total: 0, from, bills: [], done: true };
    const loads = hub.db
      .prepare<[string, string], LoadRow>(
        "SELECT service, loaded FROM bill_load WHERE district = ? AND department = ? AND state = 'current' ORDER BY service",
      )
      .all(hub.district, department);
    const total = loads.reduce((n, load) => n + asNumber(load.loaded), 0);
    const bills = fitting(pick(hub, loads, from, Math.min(limit, MASTER_PART_MAX)));
    return { answer: 'master', version, total, from, bills: [...bills], done: from + bills.length >= total };
  });
  return read();
}

/** Number of the department's newest master file; 0 when it has none. */
export function masterVersion(hub: Hub, department: string): number {
  const row = hub.db
    .prepare<[string, string], { readonly v: bigint }>('SELECT master_version AS v FROM department WHERE district = ? AND code = ?')
    .get(hub.district, department);
  return asNumber(row?.v ?? 0n);
}

/** Rows `from` to `from + limit` of the services laid end to end. */
function pick(hub: Hub, loads: readonly LoadRow[], from: number, limit: number): readonly Bill[] {
  const select = hub.db.prepare<[string, string, number, number], BillRow>(`${BILL_FROM} AND b.place >= ? ORDER BY b.place LIMIT ?`);
  const bills: Bill[] = [];
  let start = 0;
  for (const load of loads) {
    const end = start + asNumber(load.loaded);
    const place = from + bills.length;
    if (place < end && bills.length < limit) bills.push(...select.all(hub.district, load.service, place - start, limit - bills.length).map(billOf));
    start = end;
  }
  return bills;
}

function fitting(bills: readonly Bill[]): readonly Bill[] {
  let bytes = 0;
  const end = bills.findIndex((one) => {
    bytes += encodeCbor(one).length;
    return bytes > MASTER_PART_BYTES_MAX;
  });
  return end < 0 ? bills : bills.slice(0, end);
}
