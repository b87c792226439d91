import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareInvariants, numbersIn, numbersNamed, numbersWaiting } from './invariants.js';
import { ROOT, parseSource, readSources } from './source.js';

describe('docs/invariants.md', () => {
  const document = readFileSync(join(ROOT, 'docs/invariants.md'), 'utf8');
  const laidDown = numbersIn(document);
  const waiting = numbersWaiting(document);
  const named = readSources()
    .filter((s) => s.path.startsWith('tests/') && !s.path.startsWith('tests/tidy/'))
    .flatMap(numbersNamed);
  const { untested, unknown, twice } = compareInvariants(laidDown, named);

  it('lays down its numbers once each', () => {
    assert.ok(laidDown.length >= 30);
    assert.deepEqual(twice, []);
  });
  it('knows every number that a test names', () => assert.deepEqual(unknown, []));
  it('has a test for every number that does not wait for its room', () =>
    assert.deepEqual(
      untested.filter((n) => !waiting.includes(n)),
      [],
    ));
  it('lets only numbers wait that it lays down', () =>
    assert.deepEqual(
      waiting.filter((n) => !laidDown.includes(n)),
      [],
    ));
  // A test without a body is shown as skipped: what is still owed is told aloud in every run.
  for (const n of waiting) it(named.includes(n) ? `${n} has its test: take it off the waiting line` : `${n} waits for its test`);
});

describe('the check of invariants can fail', () => {
  it('finds numbers in the document', () => {
    assert.deepEqual(numbersIn('| number | what |\n|---|---|\n| INV-01 | a |\n| INV-02 | b |\ntext INV-03\n'), ['INV-01', 'INV-02']);
  });

  it('finds numbers in titles and tables, not in comments or without brackets', () => {
    const text =
      "describe('[INV-01] a', () => {\n  it(`[INV-02] [INV-3x] ${what}`, f);\n  // [INV-04]\n  const rows = ['[INV-05] b', 'INV-06'];\n});";
    assert.deepEqual(numbersNamed(parseSource('tests/a.test.ts', text)), ['INV-01', 'INV-02', 'INV-3x', 'INV-05']);
  });

  it('finds the numbers that wait', () => assert.deepEqual(numbersWaiting('x\nWaiting for their rooms: INV-40, INV-41.\n'), ['INV-40', 'INV-41']));

  it('tells the untested from the unknown and the doubled', () => {
    assert.deepEqual(compareInvariants(['INV-01', 'INV-02', 'INV-02'], ['INV-01', 'INV-09']), {
      untested: ['INV-02', 'INV-02'],
      unknown: ['INV-09'],
      twice: ['INV-02'],
    });
  });
});
