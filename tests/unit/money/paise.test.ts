import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatRupees, paise, parseRupees, splitPaise } from '#protocol/money/paise.js';

describe('paise', () => {
  const readings: readonly (readonly [string, bigint])[] = [
    ['1980', 198_000n],
    ['1980.5', 198_050n],
    ['1,23,456.78', 12_345_678n],
    ['123,456.78', 12_345_678n],
    ['Rs 3.95', 395n],
    ['₹ 5', 500n],
    ['0.01', 1n],
    ['5.', 500n],
  ];
  for (const [text, expected] of readings) {
    it(`reads ${text}`, () => {
      assert.deepEqual(parseRupees(text), { ok: true, value: expected });
    });
  }

  for (const text of ['', '-5', '1e3', '1.005', '12,34', '१२', '0x10', ' . ', '99999999999999999999', '1,2,3']) {
    it(`refuses "${text}"`, () => {
      assert.equal(parseRupees(text).ok, false);
    });
  }

  it('prints what it reads, for every sum', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 17n }), (sum) => {
        assert.deepEqual(parseRupees(formatRupees(paise(sum))), { ok: true, value: sum });
      }),
    );
  });

  it('groups as India does', () => {
    assert.equal(formatRupees(paise(12_345_678_950n)), '12,34,56,789.50');
  });

  it('splits a fee exactly, largest remainder first', () => {
    assert.deepEqual(splitPaise(paise(395n), [70n, 12n, 8n, 10n]), [277n, 47n, 32n, 39n]);
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), fc.array(fc.bigInt({ min: 0n, max: 100n }), { minLength: 1 }), (sum, weights) => {
        fc.pre(weights.some((w) => w > 0n));
        assert.equal(
          splitPaise(paise(sum), weights).reduce<bigint>((a, b) => a + b, 0n),
          sum,
        );
      }),
    );
  });
});
