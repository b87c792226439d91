import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { anchorOf, anchorsOf, inlineCode, prose, readDocuments, ROOT, type Document } from './documents.js';

const ROOMS = /^(?:\.ci|bin|protocol|platform|firmware-agent|terminal-ui|hub-server|provisioning|tests|docs)\/[\w./-]*$/u;

function linksOf(document: Document): readonly { readonly line: number; readonly to: string }[] {
  return prose(document).flatMap(({ line, text }) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/gu)].map((match) => ({ line, to: match[1] ?? '' })).filter(({ to }) => !/^[a-z]+:/u.test(to)),
  );
}

describe('the places that the documents point to', () => {
  const documents = readDocuments();
  const byPath = new Map(documents.map((d) => [d.path, d]));

  it('are found as a reader of the page finds them', () => {
    assert.equal(anchorOf('Take `one` step, then: stop'), 'take-one-step-then-stop');
    const sample: Document = { path: 'docs/x.md', text: '# A b\nsee [it](#a-b) and [out](https://example.org)\n```\n[no](link)\n```\n' };
    assert.deepEqual(linksOf(sample), [{ line: 2, to: '#a-b' }]);
    assert.deepEqual([...anchorsOf(sample)], ['a-b']);
  });

  for (const document of documents) {
    it(`are there: ${document.path}`, () => {
      const faults = linksOf(document).flatMap(({ line, to }) => {
        const [file = '', anchor] = to.split('#');
        const path = file === '' ? document.path : normalize(join(dirname(document.path), file));
        if (!existsSync(join(ROOT, path))) return [`${document.path}:${line} ${to}: no such file`];
        const target = byPath.get(path);
        if (anchor === undefined || target === undefined) return [];
        return anchorsOf(target).has(anchor) ? [] : [`${document.path}:${line} ${to}: no such heading`];
      });
      const names = inlineCode(document).flatMap(({ line, text }) =>
        ROOMS.test(text) && !existsSync(join(ROOT, text)) ? [`${document.path}:${line} ${text}: no such file`] : [],
      );
      assert.deepEqual([...faults, ...names], []);
    });
  }

  it('lead from the index to every guide', () => {
    const index = byPath.get('docs/README.md');
    assert.ok(index !== undefined);
    const reached = new Set(linksOf(index).map(({ to }) => normalize(join('docs', to.split('#')[0] ?? ''))));
    assert.deepEqual(
      documents.map((d) => d.path).filter((p) => p.startsWith('docs/') && p !== 'docs/README.md' && !reached.has(p)),
      [],
    );
  });
});
