import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './documents.js';
import { problemRows, rowsIn, withTable } from './problem-table.js';

describe("the operator's table of problems", () => {
  const guide = readFileSync(join(ROOT, 'docs/operator.md'), 'utf8');

  it('says for every code what the screen says (docs/developer.md says how to write it anew)', () => {
    assert.deepEqual(rowsIn(guide), problemRows());
  });

  it('is found again after it was written anew, and the rest of the guide stays', () => {
    const written = withTable(guide);
    assert.deepEqual(rowsIn(written), problemRows());
    assert.equal(written.split('<!-- problems: begin -->')[0], guide.split('<!-- problems: begin -->')[0]);
    assert.equal(written.split('<!-- problems: end -->')[1], guide.split('<!-- problems: end -->')[1]);
  });
});
