import assert from 'node:assert/strict';
import type { CounterView } from '#protocol/counter/view.js';
import { screenView } from '#protocol/counter/view.js';
import { PROBLEM_CODES } from '#protocol/counter/problem.js';
import type { Language } from '#protocol/identity/identity.js';
import { fieldOf } from '../../../terminal-ui/local/field.js';
import { fieldKinds, startLocal, type Local } from '../../../terminal-ui/local/local.js';
import { WIDTH_MODELS, type WidthModel } from '../../../terminal-ui/script/width.js';
import { textColumns } from '../../../terminal-ui/script/cells.js';
import { pictureText, type Picture } from '../../../terminal-ui/screens/canvas.js';
import type { Look } from '../../../terminal-ui/screens/pen.js';
import { drawScreen } from '../../../terminal-ui/screens/screen.js';
import { explain } from '../../../terminal-ui/text/catalogue.js';
import { HEADERS, NOW, PLAIN_BODIES, bodyNamed, problemOf, troubleBody, troubledBodies, viewOf } from './fixtures.js';

const LANGUAGES: readonly Language[] = ['en', 'hi'];

function look(language: Language, model: WidthModel = 'wcwidth', columns = 80, rows = 25): Look {
  return { language, model, columns, rows, now: NOW, options: { leaveKey: 'on' } };
}

function draw(view: CounterView, changes: Partial<Local> = {}, of: Look = look(view.header.language)): Picture {
  return drawScreen(view, { ...startLocal(view.body), ...changes }, of);
}

/** Every row covers exactly the columns, no word hangs over, and nothing of ours was cut. */
function assertExact(picture: Picture, model: WidthModel, name: string): void {
  assert.equal(picture.cells.length, picture.rows, name);
  for (const [y, cells] of picture.cells.entries()) {
    assert.equal(cells.length, picture.columns, `${name}, row ${y}`);
    for (const [x, cell] of cells.entries()) {
      // Most cells are one letter of ASCII, which is one column by definition.
      if (cell.columns === 0 || (cell.columns === 1 && /^[ -~]$/u.test(cell.text) && cells[x + 1]?.columns !== 0)) continue;
      assert.equal(textColumns(model, cell.text), cell.columns, `${name}, row ${y}, column ${x}: "${cell.text}"`);
      const rest = cells.slice(x + 1, x + cell.columns);
      assert.equal(rest.length, cell.columns - 1, `${name}, row ${y}: a word hangs over the edge`);
      assert.ok(
        rest.every((one) => one.columns === 0 && one.text === ''),
        `${name}, row ${y}, column ${x}`,
      );
      const after = cells[x + cell.columns];
      assert.ok(after === undefined || after.columns > 0, `${name}, row ${y}: a rest without its word`);
    }
  }
  assert.deepEqual(picture.clipped, [], name);
}

/** Typed texts, modes and overlays that a screen can be in. */
function* localsOf(view: CounterView): Generator<Partial<Local>> {
  yield {};
  yield { overlay: 'help' };
  yield { overlay: 'devices', overlayRow: 9 };
  yield { overlay: 'leave' };
  yield { hint: 'why-sale' };
  yield { row: 4 };
  for (const text of ['1', '1,23,500', '12,34,56,789.50', 'x'.repeat(40), 'क्षेत्रीय कार्यालय जयपुर']) {
    yield { fields: fieldKinds(view.body, 'typing').map(() => fieldOf(text)), part: 'typing' };
    yield { fields: fieldKinds(view.body, 'whole').map(() => ({ text, caret: 0 })) };
  }
}

describe('every screen at 80 x 25', () => {
  it('is covered by the fixtures, every variant of it', () => {
    const drawn = new Set([...PLAIN_BODIES, ...troubledBodies()].map(([, body]) => body['screen']));
    const known = screenView.options.map((option) => option.shape.screen.value);
    assert.deepEqual([...drawn].toSorted(), known.toSorted());
  });

  for (const model of WIDTH_MODELS) {
    for (const language of LANGUAGES) {
      it(`stands exactly on the grid, whatever is typed (${language}, ${model})`, () => {
        for (const [name, body] of PLAIN_BODIES) {
          const view = viewOf(body, language);
          for (const changes of localsOf(view)) assertExact(draw(view, changes, look(language, model)), model, `${name} ${JSON.stringify(changes)}`);
        }
      });

      it(`shows every problem whole, with and without its values (${language}, ${model})`, () => {
        for (const [name, body] of troubledBodies()) assertExact(draw(viewOf(body, language), {}, look(language, model)), model, name);
      });

      it(`has room for every header (${language}, ${model})`, () => {
        for (const [name, header] of HEADERS) {
          assertExact(draw(viewOf(bodyNamed('menu'), language, header), {}, look(language, model)), model, name);
        }
      });

      it(`has room for the agent being away (${language}, ${model})`, () => {
        const local = startLocal({ screen: 'unenrolled' });
        for (const since of ['start', 'work'] as const) {
          for (const tries of [0, 1, 4, 1_234])
            assertExact(drawScreen(null, local, look(language, model), { since, tries }), model, `${since} ${tries}`);
        }
        assertExact(drawScreen(null, { ...local, overlay: 'help' }, look(language, model)), model, 'help');
      });
    }
  }
});

describe('what a screen must say', () => {
  const textOf = (picture: Picture): string => pictureText(picture).join('\n');

  it('tells all three sentences of a problem on every screen that has one', () => {
    for (const language of LANGUAGES) {
      for (const code of PROBLEM_CODES) {
        const problem = problemOf(code);
        for (const name of ['login', 'menu', 'quote', 'tender', 'handover', 'receipts']) {
          const text = textOf(draw(viewOf({ ...bodyNamed(name), problem }, language), { typed: 'refused' })).replaceAll(/[\s│]+/gu, '');
          for (const sentence of Object.values(explain(language, problem))) {
            assert.ok(text.includes(sentence.replaceAll(/\s+/gu, '')), `${name}, ${language}: "${sentence}"`);
          }
        }
      }
    }
  });

  it('says states with a word and a mark', () => {
    const menu = (header: Parameters<typeof viewOf>[2]): string => textOf(draw(viewOf(bodyNamed('menu'), 'en', header)));
    assert.match(menu({}), /\[\*\]ONLINE {2}PRN ok {2}SCN ok {2}14:33/u);
    assert.match(menu({ link: { state: 'offline', since: NOW - 860_000 } }), /\[X\]OFFLINE 00:14:20/u);
    assert.match(menu({ devices: [{ kind: 'printer', name: 'printer', state: 'trouble' }] }), /PRN !!/u);
    assert.match(menu({ link: { state: 'offline', since: NOW } }), /\*\*\* WORKING OFFLINE: .*Rs 20,000\.00/u);
    assert.match(menu({}), />> 101 {4}Electricity/u);
  });

  it('shows the quote with words, transaction and sums in line', () => {
    const rows = pictureText(draw(viewOf(bodyNamed('quote'))));
    const text = rows.join('\n');
    assert.match(text, /TO PAY .* Rs 1,23,456\.78 {2}│/u);
    assert.match(text, /Bill amount .* 1,23,456\.78 {2}│/u);
    assert.match(text, /department pays 3\.95 +0\.00 {2}│/u);
    assert.match(text, /one lakh twenty-three thousand/u);
    assert.match(text, /Transaction 01KAMK7R8ZV4N3T2S1R0Q9P8M7/u);
    assert.match(text, /उपभोक्ता संख्या/u);
  });

  it('shows the change while the cash is typed, and how much is missing', () => {
    const tender = (typed: string): string => textOf(draw(viewOf(bodyNamed('tender')), { fields: [fieldOf(typed)] }));
    assert.match(tender('123500'), /CHANGE TO GIVE .* Rs 43\.22/u);
    assert.match(tender('123456'), /STILL MISSING .* Rs 0\.78/u);
    assert.match(tender('123456.78'), /exact: no change/u);
    assert.match(tender(''), /exact: no change/u);
    assert.match(tender('12a'), /not an amount/u);
  });

  it('counts the devices that have no room on the first row, and never hides one that needs somebody behind an ok', () => {
    const devices = (state: string): unknown => [
      { kind: 'printer', name: 'printer', state: 'ready' },
      { kind: 'printer', name: 'printer-2', state: 'ready' },
      ...['scanner', 'finger-reader', 'ups', 'gnss', 'camera', 'page-printer', 'speaker'].map((kind) => ({ kind, name: kind, state: 'ready' })),
      { kind: 'document-scanner', name: 'flatbed', state, problem: { code: 'document-scanner-jam' } },
    ];
    const first = (header: Parameters<typeof viewOf>[2]): string => pictureText(draw(viewOf(bodyNamed('menu'), 'en', header)))[0] ?? '';
    assert.match(first({ devices: devices('ready') }), /PRN ok {2}PRN2 ok .*\+\d ok {2}14:33/u);
    assert.match(first({ devices: devices('trouble') }), /DOC !! {2}\+\d ok/u);
    const many = ['scanner', 'finger-reader', 'ups', 'gnss', 'camera', 'page-printer', 'speaker'].map((kind) => ({
      kind,
      name: kind,
      state: 'absent',
    }));
    assert.match(first({ devices: many }), /\+\d --/u);
  });

  it('lists every device on F3 with what to do about the chosen one', () => {
    const devices = [
      { kind: 'printer', name: 'printer', state: 'ready' },
      { kind: 'document-scanner', name: 'flatbed', state: 'trouble', problem: { code: 'document-scanner-jam' } },
    ];
    const text = textOf(draw(viewOf(bodyNamed('quote'), 'en', { devices }), { overlay: 'devices', overlayRow: 1 }));
    assert.match(text, /receipt printer +printer +\[ok\] ready/u);
    assert.match(text, />> +document scanner +flatbed +\[!!\] NEEDS YOU NOW/u);
    assert.match(text, /Paper is jammed/u);
    assert.match(text, /take the paper out/u);
  });

  it('never shows the PIN', () => {
    const picture = draw(viewOf(bodyNamed('login')), { fields: [fieldOf('d35k1111co01'), fieldOf('482915')], focus: 1 });
    assert.match(textOf(picture), /\[ \*{6} /u);
    assert.doesNotMatch(textOf(picture), /482915/u);
    assert.deepEqual(picture.cursor, { row: 8, column: 51 });
  });

  it('puts money before what to do, and no Enter, where the receipt may be out already', () => {
    const text = textOf(draw(viewOf(troubleBody('did-it-print'))));
    assert.ok(text.indexOf('IS SAFE') < text.indexOf('Give the receipt'));
    assert.match(text, /\[Y\] It printed {3}\[D\] Print DUPLICATE {3}\[L\] Later/u);
    assert.doesNotMatch(text, /Enter/u);
    assert.match(textOf(draw(viewOf(troubleBody('fix')))), /\[Enter\] Try now {3}\[L\] Later/u);
  });

  it('gives a larger terminal only margin, and a smaller one only a plain message', () => {
    const view = viewOf(bodyNamed('menu'));
    const large = draw(view, {}, look('en', 'wcwidth', 100, 31));
    const small = draw(view);
    assert.deepEqual(
      large.cells.slice(3, 28).map((row) => row.slice(10, 90)),
      small.cells,
    );
    assert.deepEqual(large.cursor, { row: (small.cursor?.row ?? 0) + 3, column: (small.cursor?.column ?? 0) + 10 });
    assertExact(large, 'wcwidth', 'large');
    assert.match(textOf(draw(view, {}, look('en', 'wcwidth', 79, 25))), /^This screen needs 80 x 25\. It has 79 x 25: make it larger\./u);
    assertExact(draw(view, {}, look('hi', 'wcwidth', 12, 3)), 'wcwidth', 'tiny');
  });
});
