import { bill, type Bill } from '#protocol/bill/bill.js';
import { ZERO, addPaise, paise, plainRupees, type Paise } from '#protocol/money/paise.js';
import { assert, failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { DAY_MS, isBusinessDate, type BusinessDate } from '#protocol/time/time.js';
import { BILL_COLUMNS } from './bill-csv.js';
import { FAMILY_NAMES, GIVEN_NAMES, PLACES } from './generate-names.js';

export type BillWish = {
  readonly department: string;
  readonly service: string;
  readonly count: number;
  readonly seed: number;
  /** The day on which some are still to be paid, some are late and some were just issued. */
  readonly on: BusinessDate;
};

export type GenerateError = 'department-unknown' | 'bad-count' | 'bad-date';

/** How one department writes its bills. Whole numbers from the chances given; sums in paise. */
type Press = {
  readonly consumer: (n: number) => string;
  readonly number: (n: number, year: string, month: string) => string;
  readonly office: (place: string) => string;
  readonly periodMonths: 1 | 2;
  readonly charge: (chance: Chance) => Paise;
  /** What is added after the due date. */
  readonly late: (amount: Paise) => Paise;
};

/** A whole number from 0 to below `below`. */
type Chance = (below: number) => number;

const RUPEE = 100n;
/** To the next full rupee, as electricity and water bills are rounded. */
const toRupee = (sum: bigint): Paise => paise(((sum + RUPEE - 1n) / RUPEE) * RUPEE);

// Consumers are numbered with a step that shares no factor with the range, so that no number comes twice and neighbours look unrelated.
const scattered = (n: number, digits: number): string => ((n * 7_368_787 + 1_234_567) % 10 ** digits).toString().padStart(digits, '0');

const PRESSES: Readonly<Record<string, Press>> = {
  JVVNL: {
    consumer: (n) => `2101${scattered(n, 8)}`,
    number: (n, year, month) => `E${year}${month}${(n + 1).toString().padStart(7, '0')}`,
    office: (place) => `AEN (O&M) ${place}, Jaipur`,
    periodMonths: 2,
    charge: (chance) => toRupee(BigInt(18_000 + chance(420_000)) + BigInt(chance(60) === 0 ? 4_000_000 : 0)),
    late: (amount) => toRupee(amount / 50n),
  },
  PHED: {
    consumer: (n) => `4${scattered(n, 7)}`,
    number: (n, year, month) => `W${year}${month}${(n + 1).toString().padStart(6, '0')}`,
    office: (place) => `AEN PHED Sub-division ${place}`,
    periodMonths: 2,
    charge: (chance) => toRupee(BigInt(8_500 + chance(95_000))),
    late: (amount) => toRupee(amount / 10n),
  },
  BSNL: {
    consumer: (n) => `01412${scattered(n, 6)}`,
    number: (n, year, month) => `SDCRJ${year}${month}${(n + 1).toString().padStart(6, '0')}`,
    office: (place) => `Telephone Exchange ${place}`,
    periodMonths: 1,
    charge: (chance) => paise((BigInt(12_900 + chance(110_000)) * 118n) / 100n),
    late: (amount) => (amount < 100_000n ? paise(1_000n) : paise(2_000n)),
  },
};

export const GENERATED_DEPARTMENTS: readonly string[] = Object.keys(PRESSES);

/** Most consumers that one numbering holds. */
const COUNT_MAX = 500_000;

/** Made-up bills for a demo or a test: the same wish gives the same bills. */
export function generateBills(wish: BillWish): Result<readonly Bill[], Failure<GenerateError>> {
  const press = PRESSES[wish.department];
  if (press === undefined)
    return failure('department-unknown', `bills can be made for ${GENERATED_DEPARTMENTS.join(', ')}, not for "${wish.department}"`);
  if (!Number.isSafeInteger(wish.count) || wish.count < 1 || wish.count > COUNT_MAX)
    return failure('bad-count', `the count is a whole number from 1 to ${COUNT_MAX}`);
  if (!isBusinessDate(wish.on)) return failure('bad-date', `"${wish.on}" is not a date such as 2026-11-22`);
  const chance = chanceFrom(wish.seed);
  return ok(Array.from({ length: wish.count }, (_, n) => printBill(wish, press, n, chance)));
}

function printBill(wish: BillWish, press: Press, n: number, chance: Chance): Bill {
  // Due 15 days after the issue: with an issue 2 to 31 days ago about half are still in time.
  const issuedOn = dayBefore(wish.on, 2 + chance(30));
  const dueOn = dayBefore(issuedOn, -15);
  const [year, month] = [issuedOn.slice(2, 4), issuedOn.slice(5, 7)];
  const current = press.charge(chance);
  const arrearsPaise = chance(6) === 0 ? toRupee(current / 2n + BigInt(chance(50_000))) : ZERO;
  const amountPaise = addPaise(current, arrearsPaise);
  return bill.parse({
    department: wish.department,
    service: wish.service,
    consumer: press.consumer(n),
    number: press.number(n, year, month),
    name: `${pick(GIVEN_NAMES, chance)} ${pick(FAMILY_NAMES, chance)}`,
    office: press.office(pick(PLACES, chance)),
    period: period(issuedOn, press.periodMonths),
    issuedOn,
    dueOn,
    amountPaise,
    lateAmountPaise: addPaise(amountPaise, press.late(amountPaise)),
    arrearsPaise,
  });
}

/** A bill master file, line by line, each with its line end. */
export function* billsCsv(bills: Iterable<Bill>): Generator<string> {
  yield `${[...BILL_COLUMNS, 'service'].join(',')}\r\n`;
  for (const one of bills) {
    const cells = [one.consumer, one.number, one.name, one.office, one.period, one.issuedOn, one.dueOn];
    const sums = [one.amountPaise, one.lateAmountPaise, one.arrearsPaise].map(plainRupees);
    yield `${[...cells, ...sums, one.service].map(quoted).join(',')}\r\n`;
  }
}

/** The text in the bar code of a bill, as the rule book's scan patterns read it: `JVVNL|210112345678|E26110000123`. */
export function billCode(one: Pick<Bill, 'department' | 'consumer' | 'number'>): string {
  return `${one.department}|${one.consumer}|${one.number}`;
}

function quoted(cell: string): string {
  return /[",\r\n]/u.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** The months before the issue: `Oct 2026`, or `Sep-Oct 2026`. */
function period(issuedOn: BusinessDate, months: 1 | 2): string {
  const at = new Date(`${issuedOn}T00:00:00Z`);
  const before = (n: number): Date => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - n, 1));
  const last = before(1);
  const name = (day: Date): string => MONTHS[day.getUTCMonth()] ?? '';
  return `${months === 2 ? `${name(before(2))}-` : ''}${name(last)} ${last.getUTCFullYear()}`;
}

function dayBefore(date: BusinessDate, days: number): BusinessDate {
  return new Date(Date.parse(`${date}T00:00:00Z`) - days * DAY_MS).toISOString().slice(0, 10);
}

function pick<T>(from: readonly T[], chance: Chance): T {
  const found = from[chance(from.length)];
  assert(found !== undefined, 'a list to pick from is not empty');
  return found;
}

/** Mulberry32: 32 bits of state, the same numbers for the same seed on every machine. For demo data, never for secrets. */
function chanceFrom(seed: number): Chance {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
