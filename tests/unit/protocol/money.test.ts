import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PAISE_MAX, addPaise, formatRupees, minPaise, paise, parseRupees, plainRupees, splitPaise, subtractPaise } from '#protocol/money/paise.js';
import { cborPaise, encodeCbor, readCbor } from '#protocol/signing/cbor.js';

const anySum = fc.bigInt({ min: -PAISE_MAX, max: PAISE_MAX }).map(paise);

describe('money, exact from end to end', () => {
  it('[INV-01] any sum goes through CBOR and through text to the last paisa', () => {
    fc.assert(
      fc.property(anySum, (sum) => {
        assert.deepEqual(readCbor(cborPaise, encodeCbor(sum)), { ok: true, value: sum });
        const size = sum < 0n ? paise(-sum) : sum;
        assert.deepEqual(parseRupees(formatRupees(size)), { ok: true, value: size });
        assert.deepEqual(parseRupees(plainRupees(size)), { ok: true, value: size });
      }),
    );
  });

  it('[INV-01] adds and takes away exactly, and stops at what a 64-bit column holds', () => {
    const half = fc.bigInt({ min: -(2n ** 61n), max: 2n ** 61n }).map(paise);
    fc.assert(
      fc.property(half, half, (a, b) => {
        assert.equal(subtractPaise(addPaise(a, b), b), a);
        assert.equal(minPaise(a, b), a < b ? a : b);
      }),
    );
    assert.throws(() => addPaise(paise(PAISE_MAX), paise(1n)));
    assert.throws(() => paise(PAISE_MAX + 1n));
  });

  it('[INV-18] the parts of a fee add up to the fee, and none is a paisa from its due share', () => {
    const weights = fc.array(fc.bigInt({ min: 0n, max: 1_000n }), { minLength: 1, maxLength: 8 }).filter((w) => w.some((x) => x > 0n));
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }).map(paise), weights, (sum, shares) => {
        const total = shares.reduce((a, b) => a + b, 0n);
        const parts = splitPaise(sum, shares);
        assert.equal(addPaise(...parts), sum);
        for (const [i, part] of parts.entries()) {
          const due = sum * (shares[i] ?? 0n);
          assert.ok(part * total >= due - total && part * total <= due + total);
        }
      }),
    );
    assert.throws(() => splitPaise(paise(1n), [0n]));
  });
});
