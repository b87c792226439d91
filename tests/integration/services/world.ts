import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite, type Sqlite } from '#platform/sqlite/open.js';
import type { Bill } from '#protocol/bill/bill.js';
import { newGrantId, newTransactionId } from '#protocol/identity/ids.js';
import { districtCode, type TransactionId } from '#protocol/identity/identity.js';
import type { SaleBody } from '#protocol/ledger/entry.js';
import { ZERO, paise } from '#protocol/money/paise.js';
import { assert } from '#protocol/result/result.js';
import { issueCertificate } from '#protocol/signing/certificate.js';
import { signingKey, verifyKey } from '#protocol/signing/keys.js';
import { DAY_MS, type UnixMs } from '#protocol/time/time.js';
import type { Hub } from '../../../hub-server/hub.js';
import { connectDepartment, type Connector, type ConnectorTimeouts } from '../../../hub-server/services/connector.js';
import { startDepartmentServer, type DepartmentServer } from '../../../hub-server/services/department-server.js';
import { putDepartment } from '../../../hub-server/services/departments.js';
import { generateBills } from '../../../hub-server/services/generate-bills.js';
import { DEPARTMENTS_MIGRATION } from '../../../hub-server/services/migration.js';
import { recordSale, type RecordedSale } from '../../../hub-server/services/postings.js';

export const TOKEN = 'a-token-for-tests';
/** 2026-11-22 12:00 in India. */
export const NOON: UnixMs = Date.parse('2026-11-22T06:30:00Z');
/** Long enough that no answer on this machine misses it; what must time out is given less. */
export const PATIENT: ConnectorTimeouts = { billTimeoutMs: 10_000, paymentTimeoutMs: 10_000, batchTimeoutMs: 10_000 };
export const HASTY: ConnectorTimeouts = { billTimeoutMs: 60, paymentTimeoutMs: 60, batchTimeoutMs: 60 };

/** A clock that stands until it is moved. */
export type Clock = { now: UnixMs };

export type TestHub = { readonly hub: Hub; readonly clock: Clock; readonly reopen: () => Hub; readonly close: () => void };

export function makeHub(): TestHub {
  const folder = mkdtempSync(join(tmpdir(), 'hub-services-'));
  const clock = { now: NOON };
  const open = (): Sqlite => openSqlite(join(folder, 'hub.sqlite'));
  const district = districtCode.parse('lgd:102');
  const root = signingKey(new Uint8Array(32).fill(1));
  const hubKey = signingKey(new Uint8Array(32).fill(2));
  const span = { notBefore: NOON - DAY_MS, notAfter: NOON + DAY_MS };
  const hubCertificate = issueCertificate(root, { role: 'hub', district, subject: 'hub', epoch: 1, publicKey: hubKey.publicKey, ...span });
  const around = (db: Sqlite): Hub => ({
    folder,
    district,
    db,
    now: () => clock.now,
    random: (bytes) => Uint8Array.from(randomBytes(bytes)),
    hubKey,
    hubCertificate,
    districtKey: verifyKey(root.publicKey),
  });
  let hub = around(open());
  hub.db.exec(DEPARTMENTS_MIGRATION.sql);
  return {
    hub,
    clock,
    reopen: () => {
      hub.db.close();
      hub = around(open());
      return hub;
    },
    close: () => {
      hub.db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function someBills(department: string, service: string, count: number): readonly Bill[] {
  const made = generateBills({ department, service, count, seed: 7, on: '2026-11-22' });
  assert(made.ok, 'bills can be made');
  return made.value;
}

export type Department = {
  readonly server: DepartmentServer;
  readonly connector: Connector;
  readonly hasty: Connector;
  readonly bills: readonly Bill[];
};

export async function openDepartment(
  code = 'JVVNL',
  service = '101',
  part: 'allowed' | 'refused' = 'refused',
  statePath?: string,
): Promise<Department> {
  const bills = someBills(code, service, 30);
  const server = await startDepartmentServer({
    host: '127.0.0.1',
    port: 0,
    department: code,
    bills,
    token: TOKEN,
    part,
    now: () => NOON,
    ...(statePath === undefined ? {} : { statePath }),
  });
  const record = { code: bills[0]?.department ?? assertNever(), baseUrl: server.url, token: TOKEN };
  return { server, bills, connector: connectDepartment(record, PATIENT), hasty: connectDepartment(record, HASTY) };
}

function assertNever(): never {
  throw new Error('there are bills');
}

export function enterDepartment(hub: Hub, code: string, url = 'http://127.0.0.1:1'): void {
  const put = putDepartment(hub, { code, en: code, hi: 'विभाग', baseUrl: url, token: TOKEN });
  assert(put.ok, 'a department is taken');
}

/** What is due for a bill at noon of the test day. */
export function dueOf(bill: Bill): Bill['amountPaise'] {
  return bill.dueOn < '2026-11-22' ? bill.lateAmountPaise : bill.amountPaise;
}

export type SaleWish = { readonly bill: Bill; readonly mode?: SaleBody['mode']; readonly partPaise?: bigint; readonly transaction?: TransactionId };

let receipts = 0;

export function newTransaction(): TransactionId {
  return newTransactionId(NOON, Uint8Array.from(randomBytes(10)));
}

export function saleOf({ bill, mode = 'online', partPaise, transaction = newTransaction() }: SaleWish): SaleBody {
  const billPaise = partPaise === undefined ? dueOf(bill) : paise(partPaise);
  return {
    kind: 'sale',
    transaction,
    service: bill.service,
    department: bill.department,
    consumer: bill.consumer,
    billNumber: bill.number,
    billPaise,
    citizenFeePaise: ZERO,
    departmentFeePaise: paise(395n),
    totalPaise: billPaise,
    payer: 'department',
    late: bill.dueOn < '2026-11-22',
    part: partPaise !== undefined,
    mode,
    grant: { id: newGrantId(NOON, Uint8Array.from(randomBytes(10))), number: 1, kind: 'hold' },
    tender: { kind: 'cash', receivedPaise: billPaise },
    salt: Uint8Array.from(randomBytes(8)),
    postBy: NOON + 2 * DAY_MS,
  };
}

export type Sold = { readonly sale: SaleBody; readonly receipt: string; readonly verdict: RecordedSale };

/** Takes a sale in as the ingest does: inside an open transaction. */
export function sell(hub: Hub, wish: SaleWish, kiosk = 'd35k1111'): Sold {
  const sale = saleOf(wish);
  receipts += 1;
  const receipt = `${kiosk.toUpperCase()}-1-${receipts.toString().padStart(6, '0')}`;
  const verdict = hub.db.transaction(() => recordSale(hub, { kiosk, receipt, sale, at: NOON })).immediate();
  return { sale, receipt, verdict };
}
