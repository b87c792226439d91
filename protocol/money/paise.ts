import { assert, failure, ok, type Failure, type Result } from '../result/result.js';

declare const paiseBrand: unique symbol;

/** A sum of money in paise (1/100 rupee), as an exact integer. May be negative only where a difference is meant. */
export type Paise = bigint & { readonly [paiseBrand]: true };

/** The largest sum that a signed 64-bit column holds (SQLite INTEGER, PostgreSQL bigint). */
export const PAISE_MAX = 9_223_372_036_854_775_807n;

export const ZERO = 0n as Paise;

/** Brands an exact integer as paise. Throws when it does not fit 64 bits: such a sum is a defect, not an input. */
export function paise(value: bigint): Paise {
  assert(value <= PAISE_MAX && value >= -PAISE_MAX, 'paise fit in 64 bits');
  return value as Paise;
}

export function addPaise(...sums: readonly Paise[]): Paise {
  return paise(sums.reduce<bigint>((total, sum) => total + sum, 0n));
}

export function subtractPaise(from: Paise, what: Paise): Paise {
  return paise(from - what);
}

export function minPaise(a: Paise, b: Paise): Paise {
  return a < b ? a : b;
}

export type MoneyTextError = 'empty' | 'not-a-number' | 'too-many-decimals' | 'too-large';

/**
 * Reads rupees typed or imported by a person: `1980`, `1980.5`, `1,23,456.78`. Accepts an optional `Rs` or `₹` in front.
 * Commas are allowed only where Indian or Western grouping puts them. No sign, no exponent, at most two decimals.
 */
export function parseRupees(text: string): Result<Paise, Failure<MoneyTextError>> {
  const bare = text.trim().replace(/^(?:Rs\.?|₹)\s*/iu, '');
  if (bare === '') return failure('empty', 'no amount was given');
  const match = /^(\d+|\d{1,3}(?:,\d{2})*,\d{3}|\d{1,3}(?:,\d{3})+)(?:\.(\d*))?$/u.exec(bare);
  if (match === null) return failure('not-a-number', `"${text}" is not an amount in rupees`);
  const decimals = match[2] ?? '';
  if (decimals.length > 2) return failure('too-many-decimals', `"${text}" has more than two decimals`);
  const whole = (match[1] ?? '').replaceAll(',', '');
  const value = BigInt(whole) * 100n + BigInt(decimals.padEnd(2, '0'));
  if (value > PAISE_MAX) return failure('too-large', `"${text}" is larger than any sum kept here`);
  return ok(paise(value));
}

/** `12345678` paise → `1,23,456.78`: last three digits, then twos (R57 receipts, Indian grouping). */
export function formatRupees(sum: Paise): string {
  const negative = sum < 0n;
  const digits = (negative ? -sum : sum).toString().padStart(3, '0');
  const whole = digits.slice(0, -2);
  const head = whole.slice(0, -3);
  const grouped = head === '' ? whole : `${head.replace(/\B(?=(?:\d{2})+$)/gu, ',')},${whole.slice(-3)}`;
  return `${negative ? '-' : ''}${grouped}.${digits.slice(-2)}`;
}

/** `12345678` paise → `123456.78`, for files that other programs read (hledger, CSV). */
export function plainRupees(sum: Paise): string {
  return formatRupees(sum).replaceAll(',', '');
}

/**
 * Splits a sum by integer weights, exactly: largest remainder first, ties by position. The parts add up to `sum`.
 * @param weights at least one, all ≥ 0, not all zero
 */
export function splitPaise(sum: Paise, weights: readonly bigint[]): readonly Paise[] {
  const total = weights.reduce((a, b) => a + b, 0n);
  assert(total > 0n && sum >= 0n && weights.every((w) => w >= 0n), 'split needs positive weights and a sum ≥ 0');
  const parts = weights.map((w) => ({ floor: (sum * w) / total, rest: (sum * w) % total }));
  let left = sum - parts.reduce((a, p) => a + p.floor, 0n);
  const order = parts.map((p, i) => ({ i, rest: p.rest })).sort((a, b) => (a.rest === b.rest ? a.i - b.i : a.rest < b.rest ? 1 : -1));
  const result = parts.map((p) => p.floor);
  for (const { i } of order) {
    if (left === 0n) break;
    result[i] = (result[i] ?? 0n) + 1n;
    left -= 1n;
  }
  return result.map(paise);
}
