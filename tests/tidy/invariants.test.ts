import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareInvariants, numbersIn, numbersNamed } from './invariants.js';
import { ROOT, parseSource, readSources } from './source.js';

describe('docs/invariants.md', () => {
  const laidDown = numbersIn(readFileSync(join(ROOT, 'docs/invariants.md'), 'utf8'));
  const named = readSources()
    .filter((s) => s.path.endsWith('.test.ts'))
    .flatMap(numbersNamed);
  const { untested, unknown, twice } = compareInvariants(laidDown, named);

  it('lays down its numbers once each', () => {
    assert.ok(laidDown.length >= 30);
    assert.deepEqual(twice, []);
  });
  it('knows every number that a test names', () => assert.deepEqual(unknown, []));
  it('has a test for every number', () => assert.deepEqual(untested, []));
});

describe('the check of invariants can fail', () => {
  it('finds numbers in the document', () => {
    assert.deepEqual(numbersIn('| number | what |\n|---|---|\n| INV-01 | a |\n| INV-02 | b |\ntext INV-03\n'), ['INV-01', 'INV-02']);
  });

  it('finds numbers in titles only', () => {
    const text = "describe('[INV-01] a', () => {\n  it(`[INV-02] [INV-3x] ${what}`, f);\n  // [INV-04]\n  f('[INV-05]');\n});";
    assert.deepEqual(numbersNamed(parseSource('tests/a.test.ts', text)), ['INV-01', 'INV-02', 'INV-3x']);
  });

  it('tells the untested from the unknown and the doubled', () => {
    assert.deepEqual(compareInvariants(['INV-01', 'INV-02', 'INV-02'], ['INV-01', 'INV-09']), {
      untested: ['INV-02', 'INV-02'],
      unknown: ['INV-09'],
      twice: ['INV-02'],
    });
  });
});
