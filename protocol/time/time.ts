import { assert } from '../result/result.js';

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type UnixMs = number;

/** A calendar day as `YYYY-MM-DD`, always meant in India Standard Time. */
export type BusinessDate = string;

const IST_OFFSET_MS = (5 * 60 + 30) * 60_000;

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export const BUSINESS_DATE_PATTERN = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/u;

/** The day in India (UTC+05:30, no daylight saving) at a moment. */
export function businessDate(at: UnixMs): BusinessDate {
  return new Date(at + IST_OFFSET_MS).toISOString().slice(0, 10);
}

/** True for a day that exists in the calendar, so `2026-02-30` is refused. */
export function isBusinessDate(text: string): boolean {
  if (!BUSINESS_DATE_PATTERN.test(text)) return false;
  const parsed = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().slice(0, 10) === text;
}

/** `2026-11-22` → `22-11-2026`, as bills and receipts in India write it. */
export function printedDate(date: BusinessDate): string {
  assert(BUSINESS_DATE_PATTERN.test(date), `business date, not "${date}"`);
  return date.split('-').toReversed().join('-');
}

/** `22-11-2026 14:32` in India Standard Time. */
export function printedTime(at: UnixMs): string {
  const local = new Date(at + IST_OFFSET_MS).toISOString();
  return `${printedDate(local.slice(0, 10))} ${local.slice(11, 16)}`;
}

/** `14:32` in India Standard Time. */
export function clockTime(at: UnixMs): string {
  return new Date(at + IST_OFFSET_MS).toISOString().slice(11, 16);
}
