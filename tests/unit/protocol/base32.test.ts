import assert from 'node:assert/strict';
import fc from 'fast-check';
import { base32, crockford, parseBase32 } from '#protocol/signing/base32.js';

/** RFC 4648 §10, without the padding that a QR code does not need. */
const RFC4648: readonly (readonly [string, string])[] = [
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
];

describe('Base32', () => {
  for (const [plain, text] of RFC4648) {
    it(`writes "${plain}" as RFC 4648 does`, () => {
      assert.equal(base32(Buffer.from(plain)), text);
      assert.deepEqual(parseBase32(text), { ok: true, value: Uint8Array.from(Buffer.from(plain)) });
    });
  }

  it('reads what it writes', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => assert.deepEqual(parseBase32(base32(bytes)), { ok: true, value: Uint8Array.from(bytes) })));
  });

  for (const text of ['M', 'MZX', 'MZXW6Y', 'MZ', 'MZXR', 'MY======', 'my', 'M1', 'M Y', 'MZXW6YTBO', 'ÄÄ']) {
    it(`refuses "${text}", which it would not have written`, () => assert.equal(parseBase32(text).ok, false));
  }

  it('[INV-20] gives one text to one value, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'), maxLength: 40 }), (text) => {
        const read = parseBase32(text);
        if (read.ok) assert.equal(base32(read.value), text);
      }),
    );
  });

  it('writes Crockford Base32 without I, L, O and U', () => {
    assert.equal(crockford(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff)), 'ZZZZZZZZ');
    assert.equal(crockford(Buffer.from('foobar')), 'CSQPYRK1E8');
    fc.assert(fc.property(fc.uint8Array({ minLength: 5, maxLength: 5 }), (bytes) => assert.match(crockford(bytes), /^[0-9A-HJKMNP-TV-Z]{8}$/u)));
  });
});
