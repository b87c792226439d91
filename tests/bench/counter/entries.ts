import { ID_RANDOM_BYTES, newTransactionId } from '#protocol/identity/ids.js';
import { departmentCode, grantId, serviceCode, type GrantId, type TransactionId } from '#protocol/identity/identity.js';
import type { EntryBody } from '#protocol/ledger/entry.js';
import { paise } from '#protocol/money/paise.js';
import { HOUR_MS } from '#protocol/time/time.js';
import { randomBytes } from 'node:crypto';

export const BENCH_DEPARTMENT = departmentCode.parse('JVVNL');
export const BENCH_SERVICE = serviceCode.parse('101');

export const random = (bytes: number): Uint8Array<ArrayBuffer> => Uint8Array.from(randomBytes(bytes));

/** A grant that stands for one in entries which nobody checks against the hub's own. */
export const NO_GRANT: GrantId = grantId.parse('0'.repeat(26));

export type SaleEntries = {
  readonly transaction: TransactionId;
  readonly quoted: EntryBody;
  readonly sale: EntryBody;
  readonly printStarted: EntryBody;
  readonly printEnded: EntryBody;
};

/** The four entries that one electricity bill in the delayed mode writes, with texts as long as real ones. */
export function saleEntries(n: number, at: number, grant: GrantId): SaleEntries {
  const transaction = newTransactionId(at, random(ID_RANDOM_BYTES));
  const consumer = `2101${n.toString().padStart(8, '0')}`;
  const billNumber = `E2611${n.toString().padStart(7, '0')}`;
  const billPaise = paise(BigInt(120_000 + (n % 1_000) * 100));
  const common = { transaction, service: BENCH_SERVICE, department: BENCH_DEPARTMENT, consumer, billNumber, totalPaise: billPaise };
  const mode = 'semi-offline-delayed';
  return {
    transaction,
    quoted: { kind: 'quoted', ...common, mode },
    sale: {
      kind: 'sale',
      ...common,
      billPaise,
      citizenFeePaise: paise(0n),
      departmentFeePaise: paise(395n),
      payer: 'department',
      late: false,
      part: false,
      mode,
      grant: { id: grant, number: 1, kind: 'lease' },
      tender: { kind: 'cash', receivedPaise: paise(200_000n + billPaise) },
      salt: random(8),
      postBy: at + 24 * HOUR_MS,
    },
    printStarted: { kind: 'print-started', transaction, copy: 1, marked: 'original', shows: 'received', printer: 'printer' },
    printEnded: { kind: 'print-ended', transaction, copy: 1, outcome: 'printed', cause: '', by: 'printer' },
  };
}
