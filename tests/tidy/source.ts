import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseSync, type Comment, type Program } from 'oxc-parser';

/** The repository, from the compiled `dist/tests/tidy`. */
export const ROOT = join(import.meta.dirname, '../../..');
export const ROOMS = ['bin', 'protocol', 'platform', 'firmware-agent', 'terminal-ui', 'hub-server', 'provisioning', 'tests'] as const;

export type SyntaxNode = { readonly type: string; readonly start: number; readonly end: number; readonly [key: string]: unknown };
export type Source = { readonly path: string; readonly text: string; readonly program: Program; readonly comments: readonly Comment[] };
/** What a rule found: where, and what to do about it. */
export type Offence = { readonly rule: string; readonly path: string; readonly line: number; readonly detail: string };

/** @param path from the repository's root, with forward slashes */
export function parseSource(path: string, text: string): Source {
  const parsed = parseSync(path, text);
  const fault = parsed.errors[0];
  if (fault !== undefined) throw new Error(`${path} does not parse: ${fault.message}`);
  return { path, text, program: parsed.program, comments: parsed.comments };
}

/** Every TypeScript file of the product and its tests. */
export function readSources(): readonly Source[] {
  return ROOMS.flatMap((room) => filesUnder(join(ROOT, room)))
    .filter((path) => /\.tsx?$/u.test(path))
    .map((path) => parseSource(relative(ROOT, path), readFileSync(path, 'utf8')));
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name));
}

export function lineOf(source: Source, offset: number): number {
  return source.text.slice(0, offset).split('\n').length;
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string' && 'start' in value;
}

/** Calls `see` with every node and its ancestors, nearest last. */
export function walk(source: Source, see: (node: SyntaxNode, ancestors: readonly SyntaxNode[]) => void): void {
  const ancestors: SyntaxNode[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (!isNode(value)) return;
    see(value, ancestors);
    ancestors.push(value);
    for (const [key, child] of Object.entries(value)) if (key !== 'parent') visit(child);
    ancestors.pop();
  };
  visit(source.program);
}

/** The name that is called: `f` for `f(…)`, `a.f` for `a.f(…)`; undefined for anything longer. */
export function calleeName(node: SyntaxNode): string | undefined {
  if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return undefined;
  return isNode(node['callee']) ? dotted(node['callee']) : undefined;
}

export function dotted(node: SyntaxNode): string | undefined {
  if (node.type === 'Identifier' && typeof node['name'] === 'string') return node['name'];
  if (node.type !== 'MemberExpression' || node['computed'] === true) return undefined;
  const { object, property } = node;
  if (!isNode(property) || typeof property['name'] !== 'string') return undefined;
  const left = isNode(object) ? dotted(object) : undefined;
  return `${left ?? '?'}.${property['name']}`;
}
