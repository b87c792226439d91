import { z } from 'zod';
import { businessDateText } from '../bill/bill.js';
import { departmentCode, districtCode, localName, serviceCode, type ServiceCode } from '../identity/identity.js';
import { loginGrammar } from '../identity/grammar.js';
import { failure, ok, type Failure, type Result } from '../result/result.js';
import { presenceWay } from '../presence/presence.js';
import { cborSum, unixMs } from '../signing/cbor.js';
import { openRecord, signRecord } from '../signing/record.js';
import type { SigningKey, VerifyKey } from '../signing/keys.js';

/** The four modes of operation (R2, ARCHITECTURE §3): what must answer before a receipt may be printed. */
export const mode = z.enum(['online', 'semi-offline', 'semi-offline-delayed', 'offline']);
export type Mode = z.infer<typeof mode>;

/** Who pays the service charge (C2). The receipt's total is derived from it: a fee the department pays is never added to the citizen's amount. */
export const payer = z.enum(['citizen', 'department']);
export type Payer = z.infer<typeof payer>;

/** One dated charge, with the order or document it comes from. `to` is the last day it holds; absent means until replaced. */
export const tariffRow = z.strictObject({
  service: serviceCode,
  payer,
  chargePaise: cborSum,
  from: businessDateText,
  to: businessDateText.optional(),
  authority: z.string().min(1).max(200),
});
export type TariffRow = z.infer<typeof tariffRow>;

export const field = z.strictObject({
  name: z.literal('consumer'),
  label: localName,
  /** Regular expression over the whole, upper-cased text. */
  pattern: z.string().max(120),
  example: z.string().max(40),
});

export const service = z.strictObject({
  code: serviceCode,
  department: departmentCode,
  kind: z.literal('bill'),
  name: localName,
  /** Words an operator may type, in English and in Latin letters for Hindi (`bijli`). */
  aliases: z.array(z.string().regex(/^[a-z0-9 -]+$/u)).max(20),
  modes: z.array(mode).min(1),
  fields: z.array(field).length(1),
  /** Regular expression over a scanned bill code with a named group `consumer`; absent where bills carry no code. */
  scan: z.string().max(200).optional(),
  part: z.discriminatedUnion('rule', [
    z.strictObject({ rule: z.literal('refused') }),
    z.strictObject({ rule: z.literal('allowed'), minimumPaise: cborSum }),
  ]),
  /** The person must be here and agree, each time, before any money moves; absent where nobody asks for it. */
  presence: presenceWay.optional(),
  /** The receipt promises that the department has the money within this many hours. */
  postWithinHours: z.int().min(1).max(720),
});
export type Service = z.infer<typeof service>;

export const department = z.strictObject({ code: departmentCode, name: localName });
export type Department = z.infer<typeof department>;

/** Every fee, payer, date and mode the counter uses: signed by the district, dated, numbered. */
export const ruleBook = z.strictObject({
  v: z.literal(1),
  version: z.int().min(1),
  district: districtCode,
  districtName: localName,
  society: localName,
  profile: z.string().max(40),
  profileModes: z.array(mode).min(1),
  grammar: loginGrammar,
  issuedAt: unixMs,
  departments: z.array(department),
  services: z.array(service),
  tariff: z.array(tariffRow),
});
export type RuleBook = z.infer<typeof ruleBook>;

export function signRuleBook(district: SigningKey, book: RuleBook): Uint8Array<ArrayBuffer> {
  return signRecord(district, 'jharokha/rulebook/1', book);
}

export function openRuleBook(district: VerifyKey, bytes: Uint8Array): Result<RuleBook, Failure<'bad-rule-book'>> {
  const read = openRecord(district, 'jharokha/rulebook/1', ruleBook, bytes, 'bad-rule-book');
  if (!read.ok) return read;
  const fault = ruleBookFault(read.value);
  return fault === undefined ? ok(read.value) : failure('bad-rule-book', fault);
}

/** What is wrong within a rule book whose shape is right; undefined when nothing is. */
export function ruleBookFault(book: RuleBook): string | undefined {
  const departments = new Set<string>(book.departments.map((d) => d.code));
  const services = new Set<string>(book.services.map((s) => s.code));
  if (services.size !== book.services.length) return 'two services have the same code';
  for (const pattern of [book.grammar.kiosk, book.grammar.login]) {
    if (!isPattern(pattern)) return `the grammar has a pattern that is not a regular expression: ${pattern}`;
  }
  for (const s of book.services) {
    if (!departments.has(s.department)) return `service ${s.code} names department ${s.department}, which is not in the book`;
    if (s.scan !== undefined && !s.scan.includes('(?<consumer>')) return `service ${s.code} has a scan pattern without a group named consumer`;
    for (const pattern of [...s.fields.map((f) => f.pattern), s.scan ?? '']) {
      if (!isPattern(pattern)) return `service ${s.code} has a pattern that is not a regular expression: ${pattern}`;
    }
  }
  for (const [i, row] of book.tariff.entries()) {
    if (!services.has(row.service)) return `tariff row ${i + 1} names service ${row.service}, which is not in the book`;
    const clash = book.tariff.findIndex((other, j) => j > i && other.service === row.service && overlap(row, other));
    if (clash >= 0) return `tariff rows ${i + 1} and ${clash + 1} of service ${row.service} hold on the same day`;
  }
  return undefined;
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

function overlap(a: TariffRow, b: TariffRow): boolean {
  return a.from <= (b.to ?? '9999-12-31') && b.from <= (a.to ?? '9999-12-31');
}

export function findService(book: RuleBook, code: ServiceCode | string): Service | undefined {
  return book.services.find((s) => s.code === code);
}

export function departmentName(book: RuleBook, code: string): Department | undefined {
  return book.departments.find((d) => d.code === code);
}
