import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import jsQR from 'jsqr';
import type { PaperLine, PaperWidth } from '#protocol/receipt/paper.js';
import { blankBitmap, isBlack, stamp, type Bitmap } from '../../../firmware-agent/devices/raster/bitmap.js';
import { fill } from '../../../firmware-agent/devices/raster/fill.js';
import { wrap } from '../../../firmware-agent/devices/raster/layout.js';
import { paperBitmap } from '../../../firmware-agent/devices/raster/paper.js';
import { qrBitmap } from '../../../firmware-agent/devices/raster/qr.js';
import type { Weight } from '../../../firmware-agent/devices/raster/typeface.js';
import { glyphsOf, inkOf, missingCharacters, runsOf, wordsOf } from '../../../firmware-agent/devices/raster/words.js';
import { HINDI_RECEIPT, RECEIPT_URL } from './world.js';

const WEIGHTS: readonly Weight[] = ['normal', 'bold', 'large'];

function digest(bitmap: Bitmap): string {
  return `${bitmap.widthDots}x${bitmap.heightDots} ${createHash('sha256').update(bitmap.data).digest('hex').slice(0, 16)}`;
}

/** The first and last black column, or undefined for white. */
function inkSpan(bitmap: Bitmap): readonly [number, number] | undefined {
  let [first, last] = [Infinity, -1];
  for (let y = 0; y < bitmap.heightDots; y += 1) {
    for (let x = 0; x < bitmap.widthDots; x += 1) if (isBlack(bitmap, x, y)) [first, last] = [Math.min(first, x), Math.max(last, x)];
  }
  return last < 0 ? undefined : [first, last];
}

function readQr(bitmap: Bitmap): string | undefined {
  const rgba = new Uint8ClampedArray(bitmap.widthDots * bitmap.heightDots * 4).fill(255);
  for (let y = 0; y < bitmap.heightDots; y += 1) {
    for (let x = 0; x < bitmap.widthDots; x += 1)
      if (isBlack(bitmap, x, y)) rgba.fill(0, (y * bitmap.widthDots + x) * 4, (y * bitmap.widthDots + x) * 4 + 3);
  }
  return jsQR.default(rgba, bitmap.widthDots, bitmap.heightDots)?.data;
}

describe('raster: shaping', () => {
  const texts = HINDI_RECEIPT.flatMap((line) => (line.kind === 'text' ? [line.text] : line.kind === 'pair' ? [line.left, line.right] : []));

  for (const weight of WEIGHTS) {
    it(`has a glyph for every character of a receipt, ${weight}`, () => {
      const ascii = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)).join('');
      const devanagari = Array.from({ length: 0x97f - 0x900 + 1 }, (_, i) => `क${String.fromCharCode(0x900 + i)}`).join(' ');
      for (const text of [...texts, ascii, devanagari, '₹ – — · … ‘ ’ “ ” • । ॥']) {
        assert.deepEqual(missingCharacters(text, weight), []);
        for (const word of wordsOf(text, weight)) for (const { id } of glyphsOf(word, weight).glyphs) assert.notEqual(id, 0, word);
      }
    });
  }

  it('never gives glyph 0, whatever the text: what the font lacks is a question mark', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom(...WEIGHTS), (text, weight) => {
        for (const word of wordsOf(text, weight)) for (const { id } of glyphsOf(word, weight).glyphs) assert.notEqual(id, 0);
      }),
    );
    assert.deepEqual(wordsOf('இ→ क', 'normal'), ['??', 'क']);
    assert.deepEqual(missingCharacters('இ→ क'), ['இ', '→']);
  });

  // Each conjunct is fewer glyphs than letters: unshaped text would show a virama under each consonant.
  for (const [text, glyphs] of [
    ['क्ष', 1],
    ['त्र', 1],
    ['ज्ञ', 1],
    ['श्र', 1],
    ['द्य', 1],
  ] as const) {
    it(`joins ${text}`, () => assert.equal(glyphsOf(text, 'normal').glyphs.length, glyphs));
  }

  it('puts the short i before its consonant', () => {
    const [first] = glyphsOf('मि', 'normal').glyphs;
    const [consonant] = glyphsOf('म', 'normal').glyphs;
    assert.notEqual(first?.id, consonant?.id);
    assert.equal(glyphsOf('मि', 'normal').glyphs.at(-1)?.id, consonant?.id);
  });

  it('shapes Hindi that follows Latin in one word', () => {
    assert.deepEqual(
      runsOf('JVVNL-क्षेत्र12').map(({ run, script }) => `${script}:${run}`),
      ['Latn:JVVNL-', 'Deva:क्षेत्र12'],
    );
    const alone = glyphsOf('क्षेत्र', 'normal').glyphs.map(({ id }) => id);
    assert.deepEqual(
      glyphsOf('JVVNL-क्षेत्र', 'normal')
        .glyphs.slice(-alone.length)
        .map(({ id }) => id),
      alone,
    );
  });

  it('uses the font files that the golden papers were made with', () => {
    const sums = ['500Medium/NotoSansDevanagari_500Medium.ttf', '700Bold/NotoSansDevanagari_700Bold.ttf'].map((face) =>
      createHash('sha256')
        .update(readFileSync(fileURLToPath(import.meta.resolve(`@expo-google-fonts/noto-sans-devanagari/${face}`))))
        .digest('hex')
        .slice(0, 16),
    );
    assert.deepEqual(sums, FONT_SUMS);
  });
});

describe('raster: lines', () => {
  const letters = fc.constantFrom(...'Az09₹.,-', ...'कखगतनमरसहव', 'क्ष', 'त्र', 'द्यु', 'वि', 'र्म', 'ें');
  const words = fc.array(fc.string({ unit: letters, minLength: 1, maxLength: 30 }), { maxLength: 12 });

  it('never makes a line wider than the paper, and loses nothing', () => {
    fc.assert(
      fc.property(words, fc.constantFrom(...WEIGHTS), fc.integer({ min: 90, max: 576 }), (text, weight, widthDots) => {
        const lines = wrap(text, weight, widthDots);
        assert.equal(lines.flatMap((line) => line.words).join(''), text.join(''));
        for (const line of lines) assert.ok(line.widthDots <= widthDots || [...new Intl.Segmenter('hi').segment(line.words.join(' '))].length === 1);
      }),
    );
  });

  it('never breaks inside a conjunct', () => {
    for (const { words: row } of wrap(['क्षेत्रीयविद्युत'.repeat(6)], 'large', 90)) assert.doesNotMatch(row.join(' '), /^[\p{M}]|्$/u);
  });

  for (const width of ['58mm', '80mm'] as const) {
    it(`puts a value at the right edge and its label at the left, ${width}`, () => {
      const bitmap = paperBitmap([{ kind: 'pair', left: 'राशि', right: '1,980.00', weight: 'normal' }], width);
      const [first, last] = inkSpan(bitmap) ?? [-1, -1];
      assert.ok(first <= 3, `label starts at ${first}`);
      assert.ok(last >= bitmap.widthDots - 4 && last < bitmap.widthDots, `value ends at ${last}`);
    });

    it(`centres, ${width}`, () => {
      const bitmap = paperBitmap([{ kind: 'text', text: 'रसीद', align: 'centre', weight: 'bold' }], width);
      const [first, last] = inkSpan(bitmap) ?? [-1, -1];
      assert.ok(Math.abs(first + last - bitmap.widthDots) <= 6, `${first} … ${last}`);
    });
  }

  it('wraps the label of a pair and keeps the value whole', () => {
    const short = paperBitmap([{ kind: 'pair', left: 'राशि', right: '₹ 1,23,456.78', weight: 'normal' }], '58mm');
    const long = paperBitmap([{ kind: 'pair', left: 'बिल राशि बकाया सहित और विलम्ब शुल्क के साथ', right: '₹ 1,23,456.78', weight: 'normal' }], '58mm');
    assert.ok(long.heightDots > short.heightDots * 1.9);
    const huge = paperBitmap([{ kind: 'pair', left: 'राशि', right: '9'.repeat(60), weight: 'large' }], '58mm');
    assert.ok(huge.heightDots > 150, 'a value beyond the paper is broken, not lost');
  });

  it('makes a line taller rather than cutting stacked marks off', () => {
    for (const weight of WEIGHTS) {
      const word = 'र्क्ष्म्यैं॑';
      const ink = inkOf(word, weight);
      const line = paperBitmap([{ kind: 'text', text: word, align: 'left', weight }], '58mm');
      const black = (bitmap: Bitmap): number => bitmap.data.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
      assert.equal(black(line), black(ink.bitmap));
    }
  });

  it('draws the same paper on every machine', () => {
    const widths: readonly PaperWidth[] = ['58mm', '80mm'];
    assert.deepEqual(
      widths.map((width) => digest(paperBitmap(HINDI_RECEIPT, width))),
      GOLDEN,
    );
  });

  it('has no paper for no lines, and white for a feed', () => {
    assert.equal(paperBitmap([], '58mm').heightDots, 0);
    const feed: PaperLine = { kind: 'feed', lines: 3 };
    assert.equal(inkSpan(paperBitmap([feed], '58mm')), undefined);
    assert.ok(paperBitmap([feed], '58mm').heightDots > 0);
  });
});

describe('raster: QR', () => {
  it('takes 4 dots a module for a receipt on 58 mm and 6 on 80 mm, with its quiet zone', () => {
    assert.equal(qrBitmap(RECEIPT_URL, 384).heightDots, 324);
    assert.deepEqual(inkSpan(qrBitmap(RECEIPT_URL, 384)), [46, 384 - 47]);
    assert.equal(qrBitmap(RECEIPT_URL, 576).heightDots, 486);
    assert.equal(qrBitmap('HTTPS://HUB/R/A', 384).heightDots, (21 + 8) * 6);
  });

  it('fits the head for the longest text that a QR code can hold', () => {
    assert.equal(qrBitmap('A'.repeat(3391), 384).heightDots, (177 + 8) * 2);
    assert.throws(() => qrBitmap('A'.repeat(3392), 384));
  });

  for (const widthDots of [384, 576]) {
    it(`is read back by another program, ${widthDots} dots`, () => assert.equal(readQr(qrBitmap(RECEIPT_URL, widthDots)), RECEIPT_URL));
  }
});

describe('raster: dots', () => {
  it('fills overlapping contours by the non-zero rule and leaves counters white', () => {
    const square = (x: number, y: number, side: number, way: 1 | -1): number[] => {
      const corners = [
        [x, y],
        [x + side, y],
        [x + side, y + side],
        [x, y + side],
      ] as const;
      const path = way === 1 ? corners : corners.toReversed();
      return path.flatMap(([cx, cy], i) => [cx, cy, ...(path[(i + 1) % 4] ?? [0, 0])]);
    };
    const overlapping = fill([...square(0, 0, 6, 1), ...square(3, 3, 6, 1)], 10, 10);
    assert.equal(isBlack(overlapping, 4, 4), true);
    assert.equal(isBlack(overlapping, 8, 1), false);
    const ring = fill([...square(0, 0, 9, 1), ...square(3, 3, 3, -1)], 10, 10);
    assert.equal(isBlack(ring, 4, 4), false);
    assert.equal(isBlack(ring, 1, 4), true);
  });

  it('stamps like a painter who sets dot by dot', () => {
    const size = fc.integer({ min: 1, max: 30 });
    const place = fc.integer({ min: -20, max: 40 });
    fc.assert(
      fc.property(size, size, place, place, fc.uint8Array({ minLength: 120, maxLength: 120 }), (width, height, x, y, noise) => {
        const source = blankBitmap(width, height);
        const spare = source.bytesPerRow * 8 - width;
        for (let i = 0; i < source.data.length; i += 1) {
          const mask = (i + 1) % source.bytesPerRow === 0 ? (0xff << spare) & 0xff : 0xff;
          source.data[i] = (noise[i] ?? 0) & mask;
        }
        const target = blankBitmap(37, 23);
        stamp(target, source, x, y);
        for (let ty = 0; ty < 23; ty += 1) {
          for (let tx = 0; tx < 37; tx += 1) {
            const inside = tx >= x && tx < x + width && ty >= y && ty < y + height;
            assert.equal(isBlack(target, tx, ty), inside && isBlack(source, tx - x, ty - y), `${tx},${ty}`);
          }
        }
      }),
    );
  });
});

/** Golden values: a change here is a change of every receipt's look, so look at the new paper before writing them anew. */
const FONT_SUMS: readonly string[] = ['1d354befc7dfcd30', '67f1ec9e2ac30b26'];
const GOLDEN: readonly string[] = ['384x929 15fc61d5b277e334', '576x986 e84987ef2d7943af'];
