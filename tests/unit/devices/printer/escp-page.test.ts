import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PaperLine } from '#protocol/receipt/paper.js';
import { feed, pictureBands, textLine } from '../../../../firmware-agent/devices/printer/escp/commands.js';
import { gridOf } from '../../../../firmware-agent/devices/printer/escp/grid.js';
import { escpJob, escpSheets, LONGEST_PASS_BYTES, measureOf, pageRows } from '../../../../firmware-agent/devices/printer/escp/page.js';
import { codePicture } from '../../../../firmware-agent/devices/printer/escp/picture.js';
import { ACROSS_AN_INCH, DOWN_AN_INCH } from '../../../../firmware-agent/devices/printer/simulator/dot-matrix/carriage.js';
import { readDotCommand } from '../../../../firmware-agent/devices/printer/simulator/dot-matrix/commands.js';
import { isBlack, type Bitmap } from '../../../../firmware-agent/devices/raster/bitmap.js';
import { HINDI_RECEIPT } from '../world.js';
import { ALL_PINS, pageOf, struck } from './escp-world.js';

const bitmap = fc
  .record({ widthDots: fc.integer({ min: 1, max: 90 }), heightDots: fc.integer({ min: 1, max: 80 }) })
  .chain(({ widthDots, heightDots }): fc.Arbitrary<Bitmap> => {
    const bytesPerRow = Math.ceil(widthDots / 8);
    return fc.uint8Array({ minLength: bytesPerRow * heightDots, maxLength: bytesPerRow * heightDots }).map((data) => {
      // Dots beyond the width are no dots.
      const kept = data.map((byte, i) => (i % bytesPerRow === bytesPerRow - 1 ? byte & (0xff << (bytesPerRow * 8 - widthDots)) : byte));
      return { widthDots, heightDots, bytesPerRow, data: kept };
    });
  });

/** Any text that a name or a reason can be: ASCII, Hindi, signs. */
const words = fc.string({ unit: fc.constantFrom(...'AZ az09/&()-.,:;\'"#%!*', 'वि', 'द्यु', 'त', 'क्ष', 'ी', '₹', 'é', '·', '🙂'), maxLength: 80 });
const weight = fc.constantFrom('normal' as const, 'bold' as const, 'large' as const);
const line: fc.Arbitrary<PaperLine> = fc.oneof(
  fc.record({ kind: fc.constant('text' as const), text: words, align: fc.constantFrom('left' as const, 'centre' as const), weight }),
  fc.record({ kind: fc.constant('pair' as const), left: words, right: words, weight }),
  fc.constant({ kind: 'rule' as const }),
  fc.record({ kind: fc.constant('feed' as const), lines: fc.integer({ min: 0, max: 4 }) }),
);

function textSent(job: readonly Uint8Array[]): string {
  const bytes = Buffer.concat(job);
  let text = '';
  for (let at = 0; ;) {
    const read = readDotCommand(bytes.subarray(at));
    if (read === 'more') return text;
    if (read.command.do === 'text') text += Buffer.from(read.command.bytes).toString('latin1');
    at += read.length;
  }
}

for (const pins of ALL_PINS) {
  const grid = gridOf(pins);
  const page = pageOf(pins);

  describe(`a page of ${pins} pins`, () => {
    it('strikes the very dots of a picture, and leaves the paper under it', () => {
      fc.assert(
        fc.property(bitmap, (picture) => {
          const { forms, unknown, rest } = struck(pins, Buffer.concat([...pictureBands(grid, picture), textLine('.', 'normal')]));
          assert.deepEqual([unknown, rest, forms.length], [0, 0, 1]);
          const wanted = new Set<string>();
          const across = ACROSS_AN_INCH / grid.dotsAcrossAnInch;
          const down = DOWN_AN_INCH / grid.rowsAnInch;
          for (let y = 0; y < picture.heightDots; y += 1) {
            for (let x = 0; x < picture.widthDots; x += 1) if (isBlack(picture, x, y)) wanted.add(`${x * across},${y * down}`);
          }
          const inPicture = new Set([...(forms[0] ?? [])].filter((dot) => Number(dot.split(',')[1]) < picture.heightDots * down));
          assert.deepEqual(inPicture, wanted);
        }),
        { numRuns: 60 },
      );
    });

    it('sends plain ASCII as text and everything else as dots: no question mark where there was a letter', () => {
      fc.assert(
        fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
          const job = escpJob(lines, page);
          assert.equal(struck(pins, Buffer.concat(job)).unknown, 0);
          const said = textSent(job);
          assert.ok(/^[\x20-\x7e]*$/u.test(said));
          assert.ok(!said.includes('?'), 'no text here has a question mark');
        }),
        { numRuns: 60 },
      );
    });

    it('is cut into pieces that a slow line takes in their time', () => {
      for (const piece of escpJob(HINDI_RECEIPT, page)) assert.ok(piece.length <= LONGEST_PASS_BYTES + 32, `${piece.length} bytes`);
    });

    it('ends at the top of the next form', () => {
      const { forms } = struck(pins, Buffer.concat([...escpJob(HINDI_RECEIPT, page), ...escpJob(HINDI_RECEIPT, page)]));
      assert.equal(forms.length, 2);
      assert.deepEqual(forms[0], forms[1]);
    });

    it('counts the forms that it takes, as the printer does', () => {
      const slip: PaperLine = { kind: 'text', text: 'LINE', align: 'left', weight: 'normal' };
      for (const [count, sheets] of [
        [0, 1],
        [1, 1],
        [24, 1],
        [25, 2],
        [48, 2],
        [49, 3],
      ] as const) {
        const lines: readonly PaperLine[] = Array.from({ length: count }, () => slip);
        assert.equal(escpSheets(lines, pageOf(pins, { formLines: 24 })), sheets);
        assert.equal(struck(pins, Buffer.concat(escpJob(lines, pageOf(pins, { formLines: 24 })))).ended, sheets);
      }
    });

    it('draws QR modules square on dots that are not', () => {
      const code = codePicture('HTTPS://HUB/R/ABC', grid);
      assert.ok(Math.abs(code.widthDots / grid.dotsAcrossAnInch - code.heightDots / grid.rowsAnInch) < 1 / 60);
    });

    it('puts the typed code beside the QR code, and under it where that leaves no room', () => {
      const wide = pageRows(HINDI_RECEIPT, page).length;
      const narrow = pageRows(HINDI_RECEIPT, pageOf(pins, { columns: 40 })).length;
      assert.equal(narrow, wide + (pins === 9 ? 1 : 0));
    });
  });
}

describe('text rows of a page', () => {
  const rowsOf = (...lines: readonly PaperLine[]): readonly string[] =>
    pageRows(lines, pageOf(24)).map((row) => (row.row === 'text' ? `${row.style}:${row.text}` : row.row));
  const { cells } = measureOf(pageOf(24));

  it('lead the eye from label to value, which ends at the right edge', () => {
    const [row = ''] = rowsOf({ kind: 'pair', left: 'Receipt no.', right: 'D35K1111-1-000123', weight: 'normal' });
    assert.match(row, /^normal:Receipt no\. [ .]+ D35K1111-1-000123$/u);
    assert.equal(row.length, 'normal:'.length + cells);
  });

  it('grow narrow when they are long, and break when even that is too long', () => {
    const pair = (n: number): PaperLine => ({ kind: 'pair', left: 'Name', right: 'X'.repeat(n), weight: 'normal' });
    assert.match(rowsOf(pair(70))[0] ?? '', /^condensed:Name/u);
    assert.deepEqual(
      rowsOf(pair(120)).map((row) => row.length),
      ['normal:Name'.length, 7 + 64, 7 + 64],
    );
  });

  it('are centred, twice as wide when large, and wrapped between words', () => {
    assert.deepEqual(rowsOf({ kind: 'text', text: 'AB', align: 'centre', weight: 'normal' }), [`normal:${' '.repeat(31)}AB`]);
    assert.deepEqual(rowsOf({ kind: 'text', text: 'AB', align: 'centre', weight: 'large' }), [`large:${' '.repeat(15)}AB`]);
    assert.deepEqual(rowsOf({ kind: 'text', text: `${'A'.repeat(60)} BBBBB`, align: 'left', weight: 'normal' }), [
      `normal:${'A'.repeat(60)}`,
      'normal:BBBBB',
    ]);
  });

  it('a label without a value stands alone', () => {
    assert.deepEqual(rowsOf({ kind: 'pair', left: 'Transaction', right: '', weight: 'normal' }), ['normal:Transaction']);
  });
});

describe('ESC J', () => {
  it('feeds any length in steps of a byte', () => {
    assert.deepEqual([...feed(0)], []);
    assert.deepEqual([...feed(300)], [0x1b, 0x4a, 255, 0x1b, 0x4a, 45]);
  });
});
