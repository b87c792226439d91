import assert from 'node:assert/strict';
import { FILE_LINES_AIM } from './rules.js';
import { readSources, type Source } from './source.js';
import { RULES, tell } from './tidy.js';

describe('the whole tree is tidy', function () {
  this.timeout(60_000);
  let sources: readonly Source[] = [];
  before(() => {
    sources = readSources();
  });

  for (const [title, rule] of Object.entries(RULES)) {
    it(title, () => {
      const offences = sources.flatMap(rule);
      assert.equal(offences.length, 0, `\n${tell(offences)}`);
    });
  }

  it('sees the tree: every room that is there has files', () => {
    const rooms = new Set(sources.map((s) => s.path.split('/')[0]));
    for (const room of ['bin', 'protocol', 'platform', 'tests']) assert.ok(rooms.has(room), room);
  });

  after(() => {
    const long = sources.map((s) => ({ path: s.path, lines: s.text.split('\n').length - 1 })).filter((s) => s.lines > FILE_LINES_AIM);
    if (long.length > 0)
      process.stdout.write(`    above the aim of ${FILE_LINES_AIM} lines: ${long.map((s) => `${s.path} (${s.lines})`).join(', ')}\n`);
  });
});
