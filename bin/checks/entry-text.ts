import type { Entry, EntryBody } from '#protocol/ledger/entry.js';
import { formatRupees, type Paise } from '#protocol/money/paise.js';
import { unreachable } from '#protocol/result/result.js';
import { clockTime, printedTime } from '#protocol/time/time.js';

const rs = (sum: Paise): string => `Rs ${formatRupees(sum)}`;

const CHECKED: Readonly<Record<Extract<EntryBody, { kind: 'operator-on' }>['checked'], string>> = {
  hub: 'PIN checked by the hub',
  verifier: 'PIN checked by the verifier',
  'hub-key': 'security key checked by the hub',
  'verifier-key': 'security key checked by the kiosk',
};

/** One entry as one line for an auditor: number, time, kind, facts, who. */
export function entryLine(entry: Entry): string {
  return `${entry.seq.toString().padStart(6)}  ${printedTime(entry.at)}  ${entry.body.kind.padEnd(13)}  ${bodyText(entry.body)}${entry.operator === null ? '' : `  [${entry.operator}]`}`;
}

function bodyText(body: EntryBody): string {
  switch (body.kind) {
    case 'started':
      return `software ${body.software}, ${body.clean ? 'after a clean end' : 'after an end that was not clean'}`;
    case 'operator-on':
      return CHECKED[body.checked];
    case 'operator-off':
      return '';
    case 'till-opened':
      return `float ${rs(body.floatPaise)}`;
    case 'till-closed':
      return `expected ${rs(body.expectedPaise)}, counted ${rs(body.countedPaise)}; ${body.sales} sales, ${rs(body.salesPaise)}`;
    case 'quoted':
      return `${body.transaction} ${body.service} ${body.department} ${body.consumer} bill ${body.billNumber} ${rs(body.totalPaise)} ${body.mode}`;
    case 'abandoned':
      return `${body.transaction} (${body.reason})`;
    case 'sale':
      return (
        `${body.transaction} ${body.service} ${body.department} ${body.consumer} bill ${body.billNumber} ${rs(body.totalPaise)} ${body.mode}` +
        `, ${body.grant.kind} ${body.grant.id} no. ${body.grant.number}, post by ${printedTime(body.postBy)}`
      );
    case 'confirmed':
      return `${body.transaction} reference ${body.reference} at ${clockTime(body.at)}`;
    case 'refused':
      return `${body.transaction} ${body.reason}`;
    case 'returned':
      return `${body.transaction} ${rs(body.totalPaise)} back over the counter`;
    case 'presence':
      return `${body.transaction} press ${body.attempt} by ${body.by}: ${body.outcome}${body.witness === '' ? '' : `, witness ${body.witness}`}`;
    case 'print-started':
      return `${body.transaction} copy ${body.copy} (${body.marked}) on ${body.printer}`;
    case 'print-ended':
      return `${body.transaction} copy ${body.copy}: ${body.outcome}, said by the ${body.by}${body.cause === '' ? '' : ` (${body.cause})`}`;
    case 'stock-loaded':
    case 'forms-spoilt':
      return `${body.first} to ${body.last} in ${body.printer}`;
    case 'form-used':
      return `${body.serial} in ${body.printer}, for ${body.transaction} copy ${body.copy}`;
    case 'lease-taken':
      return `${body.id} no. ${body.number}, limit ${rs(body.limitPaise)}, until ${printedTime(body.notAfter)}`;
    case 'lease-closed':
      return `${body.id} from entry ${body.base.seq} to ${body.head.seq}, drawn ${rs(body.drawnPaise)}`;
    default:
      return unreachable(body);
  }
}

/** An entry as plain JSON: bytes as hexadecimal, sums as strings of paise. */
export function entryJson(entry: Entry, hash: Uint8Array): unknown {
  return jsonValue({ ...entry, hash });
}

function jsonValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(jsonValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, jsonValue(item)]));
}
