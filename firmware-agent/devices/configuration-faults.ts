import { z } from 'zod';
import { err, ok, type Result } from '#protocol/result/result.js';
import { placeFault } from './transport/config.js';

type Issue = z.core.$ZodIssue;
type Fields = Readonly<Record<string, z.core.$ZodType>>;
type Entry = Readonly<Record<string, unknown>>;

/**
 * Reads the devices of a `devices.json` one by one. Else everything that is wrong with them, each with the number of its device (from 1) and its field, in words
 * for whoever typed it.
 */
export function readEntries<T extends z.ZodType>(schema: z.ZodArray<T>, devices: unknown): Result<readonly z.output<T>[], readonly string[]> {
  if (!Array.isArray(devices)) return err(['the file holds a list, [ { "kind": "printer", ... }, ... ], and nothing around it']);
  const entries: readonly unknown[] = devices;
  const read = schema.safeParse(entries);
  const issues = read.success ? [] : read.error.issues;
  const faults = entries.flatMap((entry, i) => {
    const misplaced = isEntry(entry) ? placeFault(entry) : undefined;
    const told = issues.filter(({ path }) => path[0] === i).map((issue) => deviceFault(schema.element, entry, issue));
    return [...told, ...(misplaced === undefined ? [] : [misplaced])].map((fault) => `${called(entry, i)}: ${fault}`);
  });
  return read.success && faults.length === 0 ? ok(read.data) : err(faults);
}

/** `device 2 (scanner)`: as a person counts, with its name where it has one. */
export function called(entry: unknown, index: number): string {
  const name = isEntry(entry) ? (entry['name'] ?? entry['kind']) : undefined;
  return `device ${index + 1}${typeof name === 'string' ? ` (${name.slice(0, 30)})` : ''}`;
}

function deviceFault(schema: z.core.$ZodType, entry: unknown, issue: Issue): string {
  if (!isEntry(entry)) return 'a device is written { "kind": "printer", ... }';
  return fieldFault(leavesFor(schema, entry), entry, issue.path.slice(1), issue);
}

function fieldFault(leaves: readonly Fields[], entry: Entry, path: readonly PropertyKey[], issue: Issue): string {
  if (issue.code === 'unrecognized_keys') {
    const known = path.length === 0 ? [...new Set(leaves.flatMap((leaf) => Object.keys(leaf)))] : [];
    return `knows no ${quoted(issue.keys)}${known.length === 0 ? '' : `; it knows ${known.join(', ')}`}`;
  }
  const field = path.map(String).join('.');
  const given = path.reduce<unknown>((value, key) => (isEntry(value) ? value[String(key)] : undefined), entry);
  const among = issue.code === 'invalid_value' ? issue.values.map(String) : issue.code === 'invalid_union' ? literalsOf(leaves, field) : [];
  const what = given === undefined ? `"${field}" is missing` : `"${field}" can not be ${JSON.stringify(given)?.slice(0, 60) ?? ''}`;
  if (among.length > 0) return `${what}; it is ${among.length > 1 ? 'one of ' : ''}${among.join(', ')}`;
  return given === undefined ? what : `${what}: ${issue.message}`;
}

/** The plain objects of a schema that may be meant by what the entry says of itself so far: its kind, its language, its transport. */
function leavesFor(schema: z.core.$ZodType, entry: Entry): readonly Fields[] {
  let leaves = leavesOf(schema);
  for (const field of ['kind', 'language', 'transport']) {
    const fitting = leaves.filter((leaf) => literalOf(leaf[field])?.includes(entry[field] ?? defaultOf(leaf[field])) ?? true);
    if (fitting.length === 0) return leaves;
    leaves = fitting;
  }
  return leaves;
}

function leavesOf(schema: z.core.$ZodType): readonly Fields[] {
  if (schema instanceof z.ZodObject) return [schema.shape];
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(leavesOf);
  return [];
}

function literalsOf(leaves: readonly Fields[], field: string): readonly string[] {
  return [...new Set(leaves.flatMap((leaf) => literalOf(leaf[field]) ?? []).map(String))];
}

function literalOf(schema: z.core.$ZodType | undefined): readonly unknown[] | undefined {
  if (schema instanceof z.ZodDefault) return literalOf(schema.unwrap());
  return schema instanceof z.ZodLiteral ? [...schema.values] : undefined;
}

function defaultOf(schema: z.core.$ZodType | undefined): unknown {
  return schema instanceof z.ZodDefault ? schema.def.defaultValue : undefined;
}

function quoted(words: readonly string[]): string {
  return words.map((word) => `"${word}"`).join(', ');
}

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
