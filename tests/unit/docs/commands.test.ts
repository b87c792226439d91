import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { commandTree, faultOf, type Strictness } from './command-tree.js';
import { commandLines, inlineCode, jharokhaCalls, readDocuments, ROOT, type CodeLine, type Document } from './documents.js';

const manifest = z.object({ scripts: z.record(z.string(), z.string()) });
const SCRIPTS = manifest.parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))).scripts;
/** Words that npm knows without a script of ours. */
const NPM_OWN: ReadonlySet<string> = new Set(['ci', 'install']);

function faultsIn(document: Document, lines: readonly CodeLine[], strictness: Strictness): readonly string[] {
  const program = commandTree();
  return lines.flatMap(({ line, text }) =>
    jharokhaCalls(text).flatMap((words) => {
      const fault = faultOf(program, words, strictness);
      return fault === undefined ? [] : [`${document.path}:${line} ${fault}`];
    }),
  );
}

function scriptFaults(document: Document, { line, text }: CodeLine): readonly string[] {
  return [...text.matchAll(/\bnpm (?:run )?([a-z][a-z:-]*)/gu)].flatMap((match) => {
    const name = match[1] ?? '';
    return name in SCRIPTS || NPM_OWN.has(name) ? [] : [`${document.path}:${line} npm has no script ${name}`];
  });
}

describe('the commands that the documents name', () => {
  const documents = readDocuments();

  it('are read from blocks and from sentences', () => {
    const sample: Document = { path: 'x', text: 'Say `jharokha hub serve`.\n```sh\necho 1 | npx jharokha hub \\\n  check --dir "a b"\n```\n' };
    assert.deepEqual(
      commandLines(sample).flatMap((l) => jharokhaCalls(l.text)),
      [['hub', 'check', '--dir', 'a b']],
    );
    assert.deepEqual(
      inlineCode(sample).flatMap((l) => jharokhaCalls(l.text)),
      [['hub', 'serve']],
    );
  });

  it('are refused when the command, an option or a value is not there', () => {
    const program = commandTree();
    const fault = (line: string, strictness: Strictness = 'complete'): string | undefined => faultOf(program, line.split(' '), strictness);
    assert.equal(fault('hub check --dir hub'), undefined);
    assert.match(fault('hub chekc --dir hub') ?? '', /no command "chekc"/u);
    assert.match(fault('hub check --dri hub') ?? '', /no --dri/u);
    assert.match(fault('hub check --dir') ?? '', /wants a value/u);
    assert.match(fault('hub check') ?? '', /wants --dir/u);
    assert.match(fault('hub kiosk add --dir hub --lsp A --site a --site-hi b --at 1,2') ?? '', /wants <code>/u);
    assert.equal(fault('hub check', 'named'), undefined);
    assert.match(fault('hub check now', 'named') ?? '', /takes 0 words/u);
  });

  it('are the words that the program itself lists', () => {
    const shown = spawnSync(process.execPath, [join(ROOT, 'dist/bin/main.js'), '--help'], { encoding: 'utf8' }).stdout;
    const words = [...(shown.split('Commands:')[1] ?? '').matchAll(/^ {2}([a-z]+)/gmu)].map((m) => m[1] ?? '').filter((w) => w !== 'help');
    const known = commandTree().commands.map((c) => c.name());
    assert.deepEqual(
      known.filter((w) => !words.includes(w)),
      [],
      'words of this test that the program does not know',
    );
  });

  for (const document of documents) {
    it(`exist and take what ${document.path} gives them`, () => {
      const lines = commandLines(document);
      const inline = inlineCode(document);
      const faults = [
        ...faultsIn(document, lines, 'complete'),
        ...faultsIn(document, inline, 'named'),
        ...[...lines, ...inline].flatMap((line) => scriptFaults(document, line)),
      ];
      assert.deepEqual(faults, []);
    });
  }

  it('are many: the guides are not empty', () => {
    assert.ok(documents.flatMap(commandLines).flatMap((l) => jharokhaCalls(l.text)).length > 40);
  });
});
