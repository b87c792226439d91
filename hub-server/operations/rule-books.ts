import { z } from 'zod';
import { parseJsonText } from '#protocol/json/json-text.js';
import { openRuleBook, ruleBook, ruleBookFault, signRuleBook, type RuleBook } from '#protocol/rulebook/rulebook.js';
import { assert, failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { readShape } from '#protocol/signing/cbor.js';
import type { SigningKey } from '#protocol/signing/keys.js';
import type { UnixMs } from '#protocol/time/time.js';
import type { Hub } from '../hub.js';
import { alone, bytesColumn, change, rowOf, rowsOf, smallColumn } from '../store/rows.js';
import { districtFacts, type DistrictFacts } from './district.js';

/** What an administrator writes, as JSON: a rule book without what the hub knows itself. Sums are whole paise, as number or text of digits. */
export const ruleBookDraft = ruleBook.omit({ v: true, district: true, districtName: true, society: true, issuedAt: true });

/** The draft of a signed rule book, as `readRuleBookDraft` takes it: the start of the next version. */
export function draftText(book: RuleBook): string {
  const { v: _v, district: _district, districtName: _districtName, society: _society, issuedAt: _issuedAt, ...draft } = book;
  return `${JSON.stringify(draft, (_key, item: unknown) => (typeof item === 'bigint' ? item.toString() : item), 2)}\n`;
}

function sumOfDigits(key: string, item: unknown): unknown {
  return key.endsWith('Paise') && typeof item === 'string' && /^\d{1,18}$/u.test(item) ? BigInt(item) : item;
}

export type RuleBookError = 'not-json' | 'bad-rule-book' | 'version-not-higher';
export type SignedRuleBook = { readonly book: RuleBook; readonly bytes: Uint8Array<ArrayBuffer> };
/** What of the district a rule book states. */
export type RuleBookHome = Pick<DistrictFacts, 'code' | 'name' | 'society'>;

/** Reads a draft (JSON text) for one district. */
export function readRuleBookDraft(text: string, home: RuleBookHome, at: UnixMs): Result<RuleBook, Failure<'not-json' | 'bad-rule-book'>> {
  const parsed = parseJsonText(text, sumOfDigits);
  if (!parsed.ok) return failure('not-json', `the draft ${parsed.error.detail}`);
  const draft = readShape(ruleBookDraft, parsed.value);
  if (!draft.ok) return failure('bad-rule-book', draft.error.detail);
  const book: RuleBook = { v: 1, district: home.code, districtName: home.name, society: home.society, issuedAt: at, ...draft.value };
  const fault = ruleBookFault(book);
  return fault === undefined ? ok(book) : failure('bad-rule-book', fault);
}

/** Signs a rule book and stores it; only a version higher than every earlier one is taken. */
export function signAndStore(hub: Hub, district: SigningKey, text: string): Result<SignedRuleBook, Failure<RuleBookError>> {
  const read = readRuleBookDraft(text, districtFacts(hub), hub.now());
  if (!read.ok) return read;
  const book = read.value;
  return alone(hub.db, () => {
    const newest = newestVersion(hub);
    if (book.version <= newest)
      return failure('version-not-higher', `version ${book.version} is not higher than ${newest}, the newest: raise "version" in the file`);
    const bytes = signRuleBook(district, book);
    const cells = { district: hub.district, version: book.version, bytes, at: hub.now() };
    change(hub.db, 'INSERT INTO rule_book (district, version, bytes, signed_at) VALUES (@district, @version, @bytes, @at)', cells);
    return ok({ book, bytes });
  });
}

function newestVersion(hub: Hub): number {
  const shape = z.object({ version: smallColumn });
  const sql = 'SELECT coalesce(max(version), 0) AS version FROM rule_book WHERE district = @district';
  return rowOf(hub.db, shape, sql, { district: hub.district })?.version ?? 0;
}

/** The newest rule book, its signature checked again. Throws when there is none or it does not verify: the store was touched. */
export function newestRuleBook(hub: Hub): SignedRuleBook {
  const found = ruleBookOfVersion(hub, newestVersion(hub));
  assert(found !== undefined, 'a hub has a rule book from its first day');
  return found;
}

export function ruleBookOfVersion(hub: Hub, version: number): SignedRuleBook | undefined {
  const sql = 'SELECT bytes FROM rule_book WHERE district = @district AND version = @version';
  const row = rowOf(hub.db, z.object({ bytes: bytesColumn }), sql, { district: hub.district, version });
  if (row === undefined) return undefined;
  const opened = openRuleBook(hub.districtKey, row.bytes);
  assert(opened.ok, `stored rule book ${version} verifies under the district's key`);
  return { book: opened.value, bytes: row.bytes };
}

export type RuleBookLine = { readonly version: number; readonly signedAt: UnixMs };

export function listRuleBooks(hub: Hub): readonly RuleBookLine[] {
  const shape = z
    .object({ version: smallColumn, signed_at: smallColumn })
    .transform((r): RuleBookLine => ({ version: r.version, signedAt: r.signed_at }));
  return rowsOf(hub.db, shape, 'SELECT version, signed_at FROM rule_book WHERE district = @district ORDER BY version', { district: hub.district });
}
