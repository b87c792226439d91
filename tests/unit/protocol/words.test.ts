import assert from 'node:assert/strict';
import fc from 'fast-check';
import { paise } from '#protocol/money/paise.js';
import { rupeesInWords } from '#protocol/money/words.js';

const ROWS: readonly (readonly [bigint, string, string])[] = [
  [0n, 'zero rupees', 'शून्य रुपये'],
  [1n, 'zero rupees and one paise', 'शून्य रुपये और एक पैसे'],
  [100n, 'one rupee', 'एक रुपया'],
  [395n, 'three rupees and ninety-five paise', 'तीन रुपये और पचानवे पैसे'],
  [1_900n, 'nineteen rupees', 'उन्नीस रुपये'],
  [2_100n, 'twenty-one rupees', 'इक्कीस रुपये'],
  [10_000n, 'one hundred rupees', 'एक सौ रुपये'],
  [198_050n, 'one thousand nine hundred eighty rupees and fifty paise', 'एक हज़ार नौ सौ अस्सी रुपये और पचास पैसे'],
  [
    12_345_678n,
    'one lakh twenty-three thousand four hundred fifty-six rupees and seventy-eight paise',
    'एक लाख तेईस हज़ार चार सौ छप्पन रुपये और अठहत्तर पैसे',
  ],
  [1_000_000_000n, 'one crore rupees', 'एक करोड़ रुपये'],
  [
    123_456_789_000n,
    'one hundred twenty-three crore forty-five lakh sixty-seven thousand eight hundred ninety rupees',
    'एक सौ तेईस करोड़ पैंतालीस लाख सड़सठ हज़ार आठ सौ नब्बे रुपये',
  ],
];

const SMALL: Readonly<Record<string, bigint>> = Object.fromEntries(
  Array.from({ length: 100 }, (_, n) => [rupeesInWords(paise(BigInt(n) * 100n), 'en').replace(/ rupees?$/u, ''), BigInt(n)]),
);
const SCALE: Readonly<Record<string, bigint>> = { hundred: 100n, thousand: 1_000n, lakh: 100_000n, crore: 10_000_000n };

/** Reads English number words back, by the same grammar that a listener uses. */
function heard(words: string): bigint {
  let sum = 0n;
  let held = 0n;
  for (const word of words.split(' ')) {
    const scale = SCALE[word];
    if (scale === undefined) held += SMALL[word] ?? assert.fail(`"${word}" is not a number word`);
    else if (scale === 10_000_000n) [sum, held] = [(sum + held) * scale, 0n];
    else if (scale === 100n) held *= scale;
    else [sum, held] = [sum + held * scale, 0n];
  }
  return sum + held;
}

describe('rupees in words', () => {
  for (const [sum, en, hi] of ROWS) {
    it(`${sum} paise: ${en}`, () => {
      assert.equal(rupeesInWords(paise(sum), 'en'), en);
      assert.equal(rupeesInWords(paise(sum), 'hi'), hi);
    });
  }

  for (const language of ['en', 'hi'] as const) {
    it(`has a word of its own for every number below a hundred (${language})`, () => {
      const words = Array.from({ length: 100 }, (_, n) => rupeesInWords(paise(BigInt(n) * 100n), language));
      assert.equal(new Set(words).size, 100);
      assert.ok(words.every((w) => !/^\s|\s\s|undefined/u.test(w)));
    });
  }

  it('means the sum it was made from, below a hundred crore', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 999_999_999n }), fc.bigInt({ min: 0n, max: 99n }), (rupees, rest) => {
        const [head, tail] = rupeesInWords(paise(rupees * 100n + rest), 'en').split(/ rupees?(?: and )?/u);
        assert.equal(heard(head ?? ''), rupees);
        assert.equal(tail === '' ? 0n : heard((tail ?? '').replace(/ paise$/u, '')), rest);
      }),
    );
  });

  it('says different sums differently in Hindi', () => {
    const sum = fc.bigInt({ min: 0n, max: 10n ** 12n }).map(paise);
    fc.assert(fc.property(sum, sum, (a, b) => a === b || rupeesInWords(a, 'hi') !== rupeesInWords(b, 'hi')));
  });
});
