import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cellColumns, cutCells, fromCells, textColumns, toCells, wrapText } from '../../../terminal-ui/script/cells.js';
import { emitCell } from '../../../terminal-ui/script/emit.js';
import { PROBE_QUESTION, readProbe } from '../../../terminal-ui/script/probe.js';
import { OSC66_COLUMNS_MAX, WIDTH_MODELS } from '../../../terminal-ui/script/width.js';

/** Columns that terminals themselves reported (reference: terminal measurements, cursor position reports). */
const MEASURED: readonly (readonly [string, number, number])[] = [
  ['उपभोक्ता संख्या', 12, 9],
  ['विद्युत बिल भुगतान', 15, 12],
  ['राशि ₹1,23,456.78', 17, 15],
  ['क्षेत्रीय कार्यालय', 14, 11],
  ['श्री ज्ञानेश्वर', 11, 9],
  ['का', 2, 1],
  ['कि', 2, 1],
  ['क्ष', 2, 2],
  ['ज्ञ', 2, 2],
  ['श्र', 2, 2],
  ['स्त्री', 4, 3],
];

const syllable = fc.constantFrom(...'क ख ग का कि की कु क्ष ज्ञ श्री त्र र्य ट्र ं ऑ फ़ ज़ ।'.split(' '));
const word = fc.array(syllable, { minLength: 1, maxLength: 14 }).map((parts) => parts.join('').normalize('NFC'));
const plain = fc.string({ unit: fc.constantFrom(...'abcXYZ019 .,-:/()[]'.split('')), maxLength: 10 });
const mixed = fc.array(fc.oneof(word, plain), { maxLength: 8 }).map((parts) => parts.join(' '));
const model = fc.constantFrom(...WIDTH_MODELS);

describe('Devanagari cells', () => {
  for (const [text, wcwidth, mark0] of MEASURED) {
    it(`gives "${text}" the columns that terminals give it`, () => {
      assert.equal(textColumns('wcwidth', text), wcwidth);
      assert.equal(textColumns('mark0', text), mark0);
    });
  }

  it('turns any text into cells and back', () => {
    fc.assert(
      fc.property(model, mixed, (of, text) => {
        assert.equal(fromCells(toCells(of, text)), text.normalize('NFC'));
      }),
    );
  });

  it('never asks the text sizing protocol for more columns than it can carry', () => {
    fc.assert(
      fc.property(word, (text) => {
        for (const cell of toCells('osc66', text)) assert.ok(cell.columns >= 1 && cell.columns <= OSC66_COLUMNS_MAX);
      }),
    );
  });

  it('cuts to exactly the room, between letters, and never adds one', () => {
    fc.assert(
      fc.property(model, mixed, fc.integer({ min: 0, max: 40 }), (of, text, room) => {
        const whole = toCells(of, text);
        const cut = cutCells(of, whole, room);
        assert.equal(cellColumns(cut), Math.min(room, cellColumns(whole)));
        assert.ok(text.normalize('NFC').startsWith(fromCells(cut).trimEnd()));
      }),
    );
  });

  it('wraps without losing a word and without a line that is too wide', () => {
    fc.assert(
      fc.property(model, mixed, fc.integer({ min: 4, max: 60 }), (of, text, room) => {
        const lines = wrapText(of, text, room);
        for (const line of lines) assert.ok(textColumns(of, line) <= room, `"${line}" is wider than ${room}`);
        assert.equal(lines.join('').replaceAll(' ', ''), text.normalize('NFC').replaceAll(/\s+/gu, ''));
      }),
    );
  });

  it('lets no control character reach the terminal', () => {
    assert.equal(fromCells(toCells('wcwidth', 'A\x1b[2JB\u0007\u202eC\u{1f600}漢')), 'A?[2JB??C??');
  });

  it('keeps a joiner only where we say how wide the word is', () => {
    assert.equal(fromCells(toCells('wcwidth', 'क्\u200dष')), 'क्ष');
    assert.equal(fromCells(toCells('osc66', 'क्\u200dष')), 'क्\u200dष');
  });

  it('sets the cursor after a word, so that a wrong guess moves nothing', () => {
    assert.equal(emitCell('wcwidth', { text: 'बिल', columns: 3 }, 4, 10, 80), 'बिल\x1b[5;14H');
    assert.equal(emitCell('wcwidth', { text: 'बिल', columns: 3 }, 4, 77, 80), 'बिल');
    assert.equal(emitCell('osc66', { text: 'बिल', columns: 4 }, 4, 10, 80), '\x1b]66;w=4;बिल\x1b\\');
    assert.equal(emitCell('osc66', { text: 'A', columns: 1 }, 4, 10, 80), 'A');
  });
});

describe('the question to the terminal', () => {
  const answers: readonly (readonly [string, string, string | undefined, string])[] = [
    ['kitty with text sizing', '\x1b[1;3R\x1b[1;2R', 'osc66', ''],
    ['xterm', '\x1b[1;1R\x1b[1;3R', 'wcwidth', ''],
    ['mlterm', '\x1b[1;1R\x1b[1;2R', 'mark0', ''],
    ['a terminal that shows the blank but not the size', '\x1b[24;2R\x1b[24;3R', 'wcwidth', ''],
    ['only half an answer', '\x1b[1;1R', undefined, ''],
    ['an answer with keys typed meanwhile', '10\x1b[1;1R1\r\x1b[1;3R', 'wcwidth', '101\r'],
  ];
  for (const [name, bytes, expected, rest] of answers) {
    it(`reads ${name}`, () => {
      assert.deepEqual(readProbe(bytes), { model: expected, rest });
    });
  }

  it('asks twice and wipes what it wrote', () => {
    assert.equal(PROBE_QUESTION.match(/\x1b\[6n/gu)?.length, 2);
    assert.ok(PROBE_QUESTION.endsWith('\r\x1b[K'));
  });
});
