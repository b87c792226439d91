import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { departmentCode, localName, type DepartmentCode, type LocalName } from '#protocol/identity/identity.js';
import type { Hub } from '../hub.js';

/** Where a department takes questions and payments (docs/formats/department-http.md). The token is a secret: it is never listed. */
export type DepartmentRecord = {
  readonly code: DepartmentCode;
  readonly name: LocalName;
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly token: string;
};

export type DepartmentError = 'bad-code' | 'bad-name' | 'bad-url' | 'bad-token';

type Row = { readonly code: string; readonly name_en: string; readonly name_hi: string; readonly base_url: string; readonly token: string };

/** Adds a department, or changes the name, address and token of one that is there. */
export function putDepartment(
  hub: Hub,
  facts: { readonly [K in 'code' | 'en' | 'hi' | 'baseUrl' | 'token']: string },
): Result<'added' | 'changed', Failure<DepartmentError>> {
  const code = departmentCode.safeParse(facts.code);
  if (!code.success) return failure('bad-code', `"${facts.code}": a department is 2 to 12 of A-Z, 0-9, -`);
  const name = localName.safeParse({ en: facts.en, hi: facts.hi });
  if (!name.success) return failure('bad-name', 'a department needs a name in English and in Hindi, each at most 120 characters');
  const url = readBaseUrl(facts.baseUrl);
  if (url === undefined) return failure('bad-url', `"${facts.baseUrl}" is not an http or https address without user, query or fragment`);
  if (!/^[\x21-\x7e]{8,200}$/u.test(facts.token)) return failure('bad-token', 'a token is 8 to 200 printable ASCII characters without spaces');
  const known = findDepartment(hub, code.data) !== undefined;
  hub.db
    .prepare(
      `INSERT INTO department (district, code, name_en, name_hi, base_url, token, added_at) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (district, code) DO UPDATE SET name_en = excluded.name_en, name_hi = excluded.name_hi, base_url = excluded.base_url, token = excluded.token`,
    )
    .run(hub.district, code.data, name.data.en, name.data.hi, url, facts.token, hub.now());
  return ok(known ? 'changed' : 'added');
}

export function findDepartment(hub: Hub, code: string): DepartmentRecord | undefined {
  const row = hub.db
    .prepare<[string, string], Row>('SELECT code, name_en, name_hi, base_url, token FROM department WHERE district = ? AND code = ?')
    .get(hub.district, code);
  return row && record(row);
}

export function listDepartments(hub: Hub): readonly DepartmentRecord[] {
  return hub.db
    .prepare<[string], Row>('SELECT code, name_en, name_hi, base_url, token FROM department WHERE district = ? ORDER BY code')
    .all(hub.district)
    .map(record);
}

function record(row: Row): DepartmentRecord {
  return { code: departmentCode.parse(row.code), name: { en: row.name_en, hi: row.name_hi }, baseUrl: row.base_url, token: row.token };
}

function readBaseUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  return plain && (url.protocol === 'http:' || url.protocol === 'https:') ? url.href.replace(/\/+$/u, '') : undefined;
}
