import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** The repository, seen from `dist/tests/unit/docs`. */
export const ROOT = join(import.meta.dirname, '../../../..');

export type Document = { readonly path: string; readonly text: string };

/** README, CHANGELOG and everything under `docs/`. */
export function readDocuments(): readonly Document[] {
  const below = readdirSync(join(ROOT, 'docs'), { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile() && item.name.endsWith('.md'))
    .map((item) => relative(ROOT, join(item.parentPath, item.name)))
    .toSorted();
  return ['README.md', 'CHANGELOG.md', ...below].map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

export type CodeLine = { readonly line: number; readonly text: string };

const FENCE = /^\s*```/u;

/** Lines inside fenced blocks, a line that ends in a backslash joined to the next. Blocks marked `text` or `json` show output, not commands. */
export function commandLines({ text }: Document): readonly CodeLine[] {
  const found: CodeLine[] = [];
  let fence: 'none' | 'commands' | 'other' = 'none';
  let held: CodeLine | undefined;
  for (const [i, row] of text.split('\n').entries()) {
    if (FENCE.test(row)) {
      if (fence !== 'none') fence = 'none';
      else fence = /```(?:sh|bash|console)\s*$/u.test(row) ? 'commands' : 'other';
    } else if (fence === 'commands') {
      const whole: CodeLine = held === undefined ? { line: i + 1, text: row } : { line: held.line, text: `${held.text} ${row.trim()}` };
      held = whole.text.endsWith('\\') ? { line: whole.line, text: whole.text.slice(0, -1).trimEnd() } : undefined;
      if (held === undefined && whole.text.trim() !== '') found.push(whole);
    }
  }
  return found;
}

/** The text without its fenced blocks, line for line. */
export function prose({ text }: Document): readonly CodeLine[] {
  const found: CodeLine[] = [];
  let open = false;
  for (const [i, row] of text.split('\n').entries()) {
    if (FENCE.test(row)) open = !open;
    else if (!open) found.push({ line: i + 1, text: row });
  }
  return found;
}

/** Code written inside sentences and tables. */
export function inlineCode(document: Document): readonly CodeLine[] {
  return prose(document).flatMap(({ line, text }) => [...text.matchAll(/`([^`]+)`/gu)].map((match) => ({ line, text: match[1] ?? '' })));
}

/** Splits a shell line into words, as far as documents need it: quotes, and the signs that end a command. */
export function shellWords(text: string): readonly string[] {
  return [...text.matchAll(/"((?:\\.|[^"\\])*)"|'([^']*)'|(\|\||&&|[|;<>])|([^\s"'|;<>]+)/gu)].map(
    (m) => m[1] ?? m[2] ?? (m[3] === undefined ? (m[4] ?? '') : `\0${m[3]}`),
  );
}

/** The words of each `jharokha` call in a shell line: without the program's name, a comment, and the brackets around what may be left out. */
export function jharokhaCalls(text: string): readonly (readonly string[])[] {
  const calls: string[][] = [];
  let call: string[] | undefined;
  for (const word of shellWords(text)) {
    if (word === '#') break;
    if (word.startsWith('\0')) call = undefined;
    else if (call !== undefined) call.push(word.replaceAll(/^\[|\]$/gu, ''));
    else if (word === 'jharokha' || word === 'bin/jharokha.js') calls.push((call = []));
  }
  return calls;
}

/** The name that a heading gets as a target of links. */
export function anchorOf(heading: string): string {
  return heading
    .replaceAll('`', '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/gu, '-');
}

export function anchorsOf(document: Document): ReadonlySet<string> {
  return new Set(prose(document).flatMap(({ text }) => (/^#{1,6}\s/u.test(text) ? [anchorOf(text.replace(/^#+\s+/u, ''))] : [])));
}
