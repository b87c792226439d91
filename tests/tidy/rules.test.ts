import assert from 'node:assert/strict';
import { offencesIn } from './tidy.js';

const X = "import { assign, setup } from 'xstate';\n";
const body = (lines: number): string => `${'  f();\n'.repeat(lines)}`;

/** Path, text, and the one rule that must speak; or none. */
const EXAMPLES: readonly (readonly [string, string, string | undefined])[] = [
  ['protocol/a/b.ts', "import { x } from '../c/d.js';", undefined],
  ['protocol/a/b.ts', "import { x } from '#platform/c.js';", 'import-direction'],
  ['protocol/a/b.ts', "import { readFileSync } from 'node:fs';", 'import-direction'],
  ['protocol/a/b.ts', "import { sign } from 'node:crypto';", undefined],
  ['platform/a/b.ts', "import { x } from '#protocol/c.js';", 'import-direction'],
  ['platform/a/b.ts', "import { x } from '../../protocol/c.js';", 'import-direction'],
  ['hub-server/a/b.ts', "import { x } from '#protocol/c.js';", undefined],
  ['hub-server/a/b.ts', "import { x } from '../../terminal-ui/c.js';", 'import-direction'],
  ['hub-server/a/b.ts', "export { x } from '../../terminal-ui/c.js';", 'import-direction'],
  ['hub-server/a/b.ts', "const x = await import('../../terminal-ui/c.js');", 'import-direction'],
  ['hub-server/a/b.ts', "import type { x } from '#tests/c.js';", 'import-direction'],
  ['bin/main.ts', "const x = import('../hub-server/commands.js');", undefined],
  ['bin/main.ts', "import { x } from '../hub-server/hub.js';", 'import-direction'],
  ['bin/main.ts', "const x = import('../tests/bench/commands.js');", undefined],
  ['bin/main.ts', "const x = import('../tests/support/world.js');", 'import-direction'],
  ['bin/main.ts', "import { x } from './checks/ledger-commands.js';", undefined],
  ['tests/unit/a.test.ts', "import { x } from '../../hub-server/hub.js';", undefined],

  ['platform/a.ts', 'f();\n'.repeat(400), undefined],
  ['platform/a.ts', 'f();\n'.repeat(401), 'file-size'],
  ['platform/a.ts', `function f() {\n${body(58)}}`, undefined],
  ['platform/a.ts', `function f() {\n${body(59)}}`, 'function-size'],
  ['platform/a.ts', `const f = () => {\n${body(59)}};`, 'function-size'],
  ['platform/a.ts', `class C { f() {\n${body(59)}} }`, 'function-size'],
  ['tests/a.test.ts', `describe('x', () => {\n${body(100)}});`, undefined],
  ['tests/contract/a.ts', `function contract() {\n  it('x', f);\n${body(100)}}`, undefined],
  ['tests/a.test.ts', `it('x', () => {\n${body(100)}});`, 'function-size'],

  ['platform/a.ts', 'export const x: unknown = 1;', undefined],
  ['platform/a.ts', 'export const x: any = 1;', 'no-any'],
  ['platform/a.ts', 'export const x = y as any;', 'no-any'],
  ['platform/a.ts', 'export const x: Record<string, any[]> = {};', 'no-any'],
  ['platform/a.ts', 'export default 1;', 'no-default-export'],
  ['platform/a.ts', 'const x = 1;\nexport { x as default };', 'no-default-export'],
  ['tests/support/reporter.ts', 'const x = 1;\nexport { x as default };', undefined],

  ['firmware-agent/counter/m.ts', `${X}setup({ actions: { keep: assign({ a: 1 }) } });`, undefined],
  ['firmware-agent/counter/m.ts', `${X}export function make() { return setup({}).createMachine({ entry: [assign({ a: 1 })] }); }`, undefined],
  ['firmware-agent/counter/m.ts', `${X}const keep = assign({ a: 1 });`, undefined],
  ['firmware-agent/counter/m.ts', `${X}setup({ actions: { keep: () => { assign({ a: 1 }); } } });`, 'no-imperative-assign'],
  ['firmware-agent/counter/m.ts', `${X}setup({ actions: { keep: () => assign({ a: 1 }) } });`, 'no-imperative-assign'],
  ['firmware-agent/counter/m.ts', `${X}function f() { const keep = assign({ a: 1 }); return keep; }`, 'no-imperative-assign'],
  ['firmware-agent/counter/m.ts', `${X}function f() { return Object.assign({}, { a: 1 }); }`, undefined],

  ['protocol/money/a.ts', 'export const x = Number(y);', 'exact-money'],
  ['protocol/money/a.ts', 'export const x = parseFloat(y);', 'exact-money'],
  ['hub-server/books/a.ts', 'export const x = Number.parseFloat(y);', 'exact-money'],
  ['firmware-agent/ledger/a.ts', 'export const x = y.z.toFixed(2);', 'exact-money'],
  ['firmware-agent/ledger/a.ts', 'export const x = Number.isSafeInteger(y);', undefined],
  ['terminal-ui/screens/a.ts', 'export const x = Number(y);', undefined],

  ['platform/a.ts', "console.log('x');", 'no-console'],
  ['protocol/a.ts', 'export const x = Date.now();', 'pure-protocol'],
  ['protocol/a.ts', 'export const x = new Date();', 'pure-protocol'],
  ['protocol/a.ts', 'export const x = new Date(at);', undefined],
  ['protocol/a.ts', 'export const x = Math.random();', 'pure-protocol'],
  ['protocol/a.ts', 'export const x = process.env;', 'pure-protocol'],
  ['platform/a.ts', 'export const x = Date.now();', undefined],
  ['tests/a.test.ts', "it.only('x', f);", 'no-only'],

  ['platform/a.ts', `// ${'TO'}DO later`, 'no-unfinished'],
  ['platform/a.ts', `/* ${'FIX'}ME */`, 'no-unfinished'],
  ['platform/a.ts', '// जाँच', 'english-comments'],
  ['platform/a.ts', '// the conjunct `क्ष` takes two cells – or “one”, café, Σ', undefined],
  ['platform/fooBar.ts', '', 'kebab-case'],
  ['platform/foo_bar/a.ts', '', 'kebab-case'],
  ['tests/foo-bar.test.ts', '', undefined],
  ['platform/foo-bar.d.ts', '', undefined],
];

describe('each tidy rule can fail', () => {
  for (const [path, text, rule] of EXAMPLES) {
    const shown = text.length > 90 ? `${text.slice(0, 60).replaceAll('\n', ' ')}… (${text.split('\n').length} lines)` : text.replaceAll('\n', ' ');
    it(`${rule ?? 'nothing'}: ${path}: ${shown}`, () => assert.deepEqual(offencesIn(path, text), rule === undefined ? [] : [rule]));
  }

  it('a file that does not parse is an error, not a tidy file', () =>
    assert.throws(() => offencesIn('platform/a.ts', 'const = 1'), /does not parse/u));
});
