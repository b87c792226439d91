import assert from 'node:assert/strict';
import fc from 'fast-check';
import { z } from 'zod';
import { CBOR_BYTES_MAX, cborHash, cborPaise, cborSum, decodeCbor, encodeCbor, readCbor, unixMs, type CborValue } from '#protocol/signing/cbor.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

/** RFC 8949 Appendix A, the rows whose value has a place in our CBOR. */
const APPENDIX_A: readonly (readonly [CborValue, string])[] = [
  [0, '00'],
  [1, '01'],
  [10, '0a'],
  [23, '17'],
  [24, '1818'],
  [25, '1819'],
  [100, '1864'],
  [1000, '1903e8'],
  [1_000_000, '1a000f4240'],
  [1_000_000_000_000, '1b000000e8d4a51000'],
  [18_446_744_073_709_551_615n, '1bffffffffffffffff'],
  [-18_446_744_073_709_551_616n, '3bffffffffffffffff'],
  [-1, '20'],
  [-10, '29'],
  [-100, '3863'],
  [-1000, '3903e7'],
  [false, 'f4'],
  [true, 'f5'],
  [null, 'f6'],
  [unhex(''), '40'],
  [unhex('01020304'), '4401020304'],
  ['', '60'],
  ['a', '6161'],
  ['IETF', '6449455446'],
  ['"\\', '62225c'],
  ['\u00fc', '62c3bc'],
  ['\u6c34', '63e6b0b4'],
  ['\ud800\udd51', '64f0908591'],
  [[], '80'],
  [[1, 2, 3], '83010203'],
  [[1, [2, 3], [4, 5]], '8301820203820405'],
  [Array.from({ length: 25 }, (_, i) => i + 1), '98190102030405060708090a0b0c0d0e0f101112131415161718181819'],
  [{}, 'a0'],
  [{ a: 1, b: [2, 3] }, 'a26161016162820203'],
  [['a', { b: 'c' }], '826161a161626163'],
  [{ a: 'A', b: 'B', c: 'C', d: 'D', e: 'E' }, 'a56161614161626142616361436164614461656145'],
];

/** Rows of Appendix A, and their like, that have no place here: floats, tags, undefined, simple values, indefinite lengths, keys that are not text. */
const NO_PLACE = [
  'f90000',
  'f93c00',
  'fb3ff199999999999a',
  'f97e00',
  'f97c00',
  'f7',
  'f0',
  'f8ff',
  'c074323031332d30332d32315432303a30343a30305a',
  'c249010000000000000000',
  'd818456449455446',
  '5f42010243030405ff',
  '9fff',
  'bf61610161629f0203ffff',
  'a201020304',
];

const NOT_DETERMINISTIC: readonly (readonly [string, string])[] = [
  ['1800', 'a number longer than it need be'],
  ['190017', 'a number longer than it need be'],
  ['1b0000000000000001', 'a number longer than it need be'],
  ['580101', 'a length longer than it need be'],
  ['a2616201616101', 'keys out of order'],
  ['a2626161016162 02'.replace(' ', ''), 'keys by bytes, not by length'],
  ['a2616101616102', 'a key twice'],
  ['0000', 'something after the item'],
  ['61ff', 'text that is not UTF-8'],
  ['8201', 'a cut item'],
  ['', 'nothing'],
];

const anyValue: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<CborValue>(null, true, false),
    fc.integer(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array({ maxLength: 40 }).map((b) => Uint8Array.from(b)),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.string({ maxLength: 6 }), tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;

describe('deterministic CBOR', () => {
  for (const [value, text] of APPENDIX_A) {
    it(`writes and reads ${text} as RFC 8949 Appendix A does`, () => {
      assert.equal(hex(encodeCbor(value)), text);
      assert.deepEqual(decodeCbor(unhex(text)), { ok: true, value });
    });
  }
  for (const text of NO_PLACE) {
    it(`refuses ${text}, which has no place here`, () => assert.equal(decodeCbor(unhex(text)).ok, false));
  }
  for (const [text, why] of NOT_DETERMINISTIC) {
    it(`refuses ${text || 'no bytes'}: ${why}`, () => assert.equal(decodeCbor(unhex(text)).ok, false));
  }

  it('orders keys by their encoded bytes', () => {
    assert.equal(hex(encodeCbor({ b: 1, aa: 2, a: 3 })), 'a3616103616201626161' + '02');
  });

  it('drops a byte-order mark in front of a text, so that what it writes can be read', () => {
    assert.deepEqual(decodeCbor(encodeCbor(['\uFEFFAsha', 'a\uFEFF'])), { ok: true, value: ['Asha', 'a\uFEFF'] });
  });

  it('leaves out a key without a value', () => assert.equal(hex(encodeCbor({ a: undefined, b: 1 })), 'a1616201'));

  it('will not write a float or undefined: that is a defect', () => {
    for (const value of [1.5, Number.NaN, Infinity, 2 ** 53]) assert.throws(() => encodeCbor([value]), /float/u);
    assert.throws(() => encodeCbor([undefined] as unknown as CborValue), /undefined/u);
  });

  it('refuses more bytes than any item of ours may have', () => {
    const item = (length: number): Uint8Array => encodeCbor(new Uint8Array(length - 5));
    assert.equal(decodeCbor(item(CBOR_BYTES_MAX)).ok, true);
    assert.equal(decodeCbor(item(CBOR_BYTES_MAX + 1)).ok, false);
  });

  it('[INV-20] gives one text to one value: what it writes it reads, to the same bytes', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const bytes = encodeCbor(value);
        const back = decodeCbor(bytes);
        assert.ok(back.ok);
        assert.equal(hex(encodeCbor(back.value as CborValue)), hex(bytes));
      }),
    );
  });

  it('[INV-24] never throws, whatever the bytes, and reads only what it would have written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const read = decodeCbor(bytes);
        if (read.ok) assert.equal(hex(encodeCbor(read.value as CborValue)), hex(bytes));
      }),
      { numRuns: 2000 },
    );
    assert.equal(decodeCbor(new Uint8Array(500_000).fill(0x81)).ok, false, 'half a million nested arrays');
    assert.equal(decodeCbor(unhex('9affffffff')).ok, false, 'an array that claims four thousand million items');
  });
});

describe('shapes of CBOR', () => {
  it('reads a sum of any size that a 64-bit column holds, and refuses the next', () => {
    assert.deepEqual(readCbor(cborSum, encodeCbor(2n ** 63n - 1n)), { ok: true, value: 2n ** 63n - 1n });
    assert.deepEqual(readCbor(cborSum, encodeCbor(0)), { ok: true, value: 0n });
    for (const value of [2n ** 63n, 2n ** 64n - 1n, -1n]) assert.equal(readCbor(cborSum, encodeCbor(value)).ok, false, String(value));
    assert.equal(readCbor(cborPaise, encodeCbor(-(2n ** 64n))).ok, false);
    assert.deepEqual(readCbor(cborPaise, encodeCbor(-5)), { ok: true, value: -5n });
  });

  it('names the field that is wrong', () => {
    const shape = z.strictObject({ head: z.strictObject({ hash: cborHash }) });
    const read = readCbor(shape, encodeCbor({ head: { hash: new Uint8Array(31) } }));
    assert.deepEqual(read, { ok: false, error: { code: 'wrong-shape', detail: 'head.hash: 32 bytes' } });
  });

  it('refuses a time that could not be printed', () => {
    assert.equal(readCbor(unixMs, encodeCbor(Date.UTC(9999, 0, 1))).ok, true);
    for (const at of [-1, Date.UTC(10_000, 0, 1), 2 ** 48]) assert.equal(readCbor(unixMs, encodeCbor(at)).ok, false);
  });
});
