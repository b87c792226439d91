import { walk, type Source } from './source.js';

/** Numbers that the document lays down, in its order; a row is `| INV-07 | what holds |`. */
export function numbersIn(document: string): readonly string[] {
  return [...document.matchAll(/^\| (INV-\d{2}) \| \S/gmu)].map((m) => m[1] ?? '');
}

/** Numbers whose tests come with rooms that are still being built: the line `Waiting for their rooms: INV-40, …`. */
export function numbersWaiting(document: string): readonly string[] {
  const line = /^Waiting for their rooms: (.*)$/mu.exec(document)?.[1] ?? '';
  return [...line.matchAll(/INV-\d{2}/gu)].map((m) => m[0]);
}

/** Numbers that titles name as `[INV-07]`. A title may come from a table, so every text of the file counts, and comments do not. */
export function numbersNamed(source: Source): readonly string[] {
  const found: string[] = [];
  walk(source, (node) => {
    if (node.type !== 'Literal' && node.type !== 'TemplateElement') return;
    found.push(...[...source.text.slice(node.start, node.end).matchAll(/\[(INV-[^\]]*)\]/gu)].map((m) => m[1] ?? ''));
  });
  return found;
}

export type Mismatch = { readonly untested: readonly string[]; readonly unknown: readonly string[]; readonly twice: readonly string[] };

/** What the document and the tests do not agree on. */
export function compareInvariants(laidDown: readonly string[], named: readonly string[]): Mismatch {
  return {
    untested: laidDown.filter((n) => !named.includes(n)),
    unknown: [...new Set(named)].filter((n) => !laidDown.includes(n)),
    twice: laidDown.filter((n, i) => laidDown.indexOf(n) !== i),
  };
}
