import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { CommandFailure } from '#platform/console/command.js';
import { errorCode } from '#platform/files/files.js';
import { localName, type LocalName } from '#protocol/identity/identity.js';
import type { Failure, Result } from '#protocol/result/result.js';
import type { SigningKey } from '#protocol/signing/keys.js';
import type { Hub } from '../hub.js';
import { openDistrictKey, openHub } from './hub-folder.js';

/** Options that every hub command has. */
export type DirOption = { readonly dir: string };
export const DIR_FLAG = '--dir <folder>';
export const DIR_HELP = "the hub's folder";

/** The value, or the failure told to the person at the keyboard. */
export function orFail<T>(result: Result<T, Failure<string>>): T {
  if (!result.ok) throw new CommandFailure(`${result.error.detail} (${result.error.code})`);
  return result.value;
}

/** Opens the hub of a folder for one command and closes it after. */
export async function withHub<T>(dir: string, work: (hub: Hub) => T | Promise<T>): Promise<T> {
  const hub = orFail(openHub(dir));
  try {
    return await work(hub);
  } finally {
    hub.db.close();
  }
}

export function districtKeyOf(dir: string): SigningKey {
  return orFail(openDistrictKey(dir));
}

/** Who gives the order, as the books name it. */
export function orderedBy(): string {
  return userInfo().username;
}

export function bothNames(what: string, en: string, hi: string): LocalName {
  const read = localName.safeParse({ en, hi });
  if (!read.success) throw new CommandFailure(`${what}: both names have 1 to 120 characters`);
  return read.data;
}

export function readTextFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CommandFailure(`${path} can not be read (${errorCode(error) ?? 'unknown'})`);
  }
}

/** A column of each row padded to its widest; the last is left as it is. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((text, column) => (column === row.length - 1 ? text : text.padEnd(widths[column] ?? 0))).join('  '));
}
