import { calleeName, isNode, walk, type Source, type SyntaxNode } from './source.js';

/** Numbers that the document lays down, in its order; a row is `| INV-07 | what holds |`. */
export function numbersIn(document: string): readonly string[] {
  return [...document.matchAll(/^\| (INV-\d{2}) \| \S/gmu)].map((m) => m[1] ?? '');
}

/** Numbers that the titles of tests and suites name. */
export function numbersNamed(source: Source): readonly string[] {
  const found: string[] = [];
  walk(source, (node) => {
    if (!/^(?:describe|context|it)$/u.test(calleeName(node) ?? '')) return;
    const title: unknown = Array.isArray(node['arguments']) ? node['arguments'][0] : undefined;
    if (isNode(title)) found.push(...[...textIn(source, title).matchAll(/\[(INV-[^\]]*)\]/gu)].map((m) => m[1] ?? ''));
  });
  return found;
}

const textIn = (source: Source, node: SyntaxNode): string => source.text.slice(node.start, node.end);

export type Mismatch = { readonly untested: readonly string[]; readonly unknown: readonly string[]; readonly twice: readonly string[] };

/** What the document and the tests do not agree on. */
export function compareInvariants(laidDown: readonly string[], named: readonly string[]): Mismatch {
  return {
    untested: laidDown.filter((n) => !named.includes(n)),
    unknown: [...new Set(named)].filter((n) => !laidDown.includes(n)),
    twice: laidDown.filter((n, i) => laidDown.indexOf(n) !== i),
  };
}
