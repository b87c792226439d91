import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CLAIM_CODE_LENGTH, claimCheck, parseClaim, writeClaim } from '#protocol/identity/claim.js';
import { EMITRA_GRAMMAR, readKioskCode, readLogin } from '#protocol/identity/grammar.js';
import { ID_RANDOM_BYTES, consumerDigest, newGrantId, newTransactionId } from '#protocol/identity/ids.js';
import { departmentCode, districtCode, grantId, kioskCode, operatorLogin, serviceCode, transactionId } from '#protocol/identity/identity.js';
import { sha256 } from '#protocol/signing/keys.js';
import { NOW, chance } from './samples.js';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const codeText = fc.string({ unit: fc.constantFrom(...CROCKFORD), minLength: CLAIM_CODE_LENGTH, maxLength: CLAIM_CODE_LENGTH });

describe('identities', () => {
  const rows: readonly (readonly [string, { safeParse: (t: string) => { success: boolean } }, readonly string[], readonly string[]])[] = [
    [
      'district',
      districtCode,
      ['lgd:102', 'c11:110', 'lgd:1', 'lgd:9999'],
      ['102', 'lgd:0', 'lgd:0102', 'lgd:10000', 'LGD:102', 'c01:1', 'lgd:102\n', ''],
    ],
    ['kiosk', kioskCode, ['d35k1111', 'k11000142', 'a-1'], ['D35K1111', 'd3', 'd35k1111x'.repeat(2), 'd35 k', 'd35k१', 'd35k1111\n']],
    ['login', operatorLogin, ['d35k1111co01', 'a.b-c'], ['CO01', 'a', 'a b c', 'x'.repeat(41)]],
    ['department', departmentCode, ['JVVNL', 'A1', 'A'.repeat(12)], ['A', 'jvvnl', '1A', 'A'.repeat(13)]],
    ['service', serviceCode, ['101', '100123'], ['10', '1000000', '10a', '१०१']],
    [
      'transaction',
      transactionId,
      ['01M80R99A2H8QVNWZ639TW1KSY'],
      ['81M80R99A2H8QVNWZ639TW1KSY', '01M80R99A2H8QVNWZ639TW1KS', '01M80R99A2H8QVNWZ639TW1KSI', '01m80r99a2h8qvnwz639tw1ksy'],
    ],
    ['grant', grantId, ['01M80R99A2H8QVNWZ639TW1KSY'], ['']],
  ];
  for (const [what, shape, good, bad] of rows) {
    it(`a ${what} is taken or refused by its form`, () => {
      for (const text of good) assert.equal(shape.safeParse(text).success, true, text);
      for (const text of bad) assert.equal(shape.safeParse(text).success, false, JSON.stringify(text));
    });
  }

  it('ids sort by time, hold their chance, and need exactly their chance', () => {
    const random = fc.uint8Array({ minLength: ID_RANDOM_BYTES, maxLength: ID_RANDOM_BYTES });
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 48 - 2 }), random, random, (at, a, b) => {
        assert.ok(newTransactionId(at, a) < newTransactionId(at + 1, b));
        assert.equal(newTransactionId(at, a) === newTransactionId(at, b), Buffer.compare(a, b) === 0);
      }),
    );
    assert.equal(newGrantId(0, new Uint8Array(10)), '0'.repeat(26));
    assert.equal(newTransactionId(2 ** 48 - 1, new Uint8Array(10).fill(255)), `7${'Z'.repeat(25)}`);
    assert.throws(() => newTransactionId(NOW, new Uint8Array(9)));
    assert.throws(() => newTransactionId(2 ** 48, new Uint8Array(10)));
  });

  it('[INV-16] a consumer digest is the first half of SHA-256 of salt and number', () => {
    const salt = chance('salt', 8);
    assert.deepEqual(Uint8Array.from(consumerDigest(salt, '2103')), sha256(salt, Buffer.from('2103')).subarray(0, 16));
  });
});

describe("a network's grammar", () => {
  it('reads kiosk, login and role of the old portal (R120)', () => {
    assert.deepEqual(readLogin(EMITRA_GRAMMAR, 'd35k1111co01'), { ok: true, value: { login: 'd35k1111co01', kiosk: 'd35k1111', role: 'counter' } });
    assert.deepEqual(readLogin(EMITRA_GRAMMAR, 'd35k1111admin01'), {
      ok: true,
      value: { login: 'd35k1111admin01', kiosk: 'd35k1111', role: 'funds' },
    });
    assert.equal(readKioskCode(EMITRA_GRAMMAR, 'd35k1111').ok, true);
  });

  it('refuses what is almost so', () => {
    for (const text of ['d35k1111', 'd35k1111co1', 'd35k1111co011', 'D35K1111CO01', 'd35k1111xx01', ' d35k1111co01', 'd35k1111co01\n', ''])
      assert.equal(readLogin(EMITRA_GRAMMAR, text).ok, false, JSON.stringify(text));
    for (const text of ['d35k111', 'd35k11111', 'k11000142', 'd35k1111co01', '']) assert.equal(readKioskCode(EMITRA_GRAMMAR, text).ok, false, text);
  });

  it('refuses a role that the profile does not name, and never throws', () => {
    assert.equal(readLogin({ ...EMITRA_GRAMMAR, roles: {} }, 'd35k1111co01').ok, false);
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => !readLogin(EMITRA_GRAMMAR, text).ok));
  });
});

describe('claim', () => {
  const claim = { hub: 'hub.jaipur.example:8443', hubFingerprint: chance('hub', 32), code: '0123456789ABCDEFGHJK' };
  const text = writeClaim(claim);
  const codeOf = (t: string): string => {
    const read = parseClaim(t);
    return read.ok ? 'good' : read.error.code;
  };

  it('reads what it writes, also with hyphens, small letters and the usual slips of the eye', () => {
    assert.deepEqual(parseClaim(` ${text}\n`), { ok: true, value: claim });
    const [head, code] = [text.slice(0, text.lastIndexOf('/') + 1), text.slice(text.lastIndexOf('/') + 1)];
    for (const typed of [code.toLowerCase(), code.replace(/(.{5})(?=.)/gu, '$1-'), code.replace('0', 'O').replace('1', 'l')]) {
      assert.deepEqual(parseClaim(head + typed), { ok: true, value: claim }, typed);
    }
  });

  it('catches one wrong character and two swapped neighbours, save 0 for Z', () => {
    fc.assert(
      fc.property(codeText, fc.nat(CLAIM_CODE_LENGTH - 1), fc.constantFrom(...CROCKFORD), (code, at, character) => {
        const wrong = code.slice(0, at) + character + code.slice(at + 1);
        const pair = new Set([code.charAt(at), character]);
        if (wrong !== code && !(pair.has('0') && pair.has('Z'))) assert.notEqual(claimCheck(wrong), claimCheck(code));
      }),
    );
    fc.assert(
      fc.property(codeText, fc.nat(CLAIM_CODE_LENGTH - 2), (code, at) => {
        const [a, b] = [code.charAt(at), code.charAt(at + 1)];
        const swapped = code.slice(0, at) + b + a + code.slice(at + 2);
        if (a !== b && !(a + b === '0Z' || a + b === 'Z0')) assert.notEqual(claimCheck(swapped), claimCheck(code));
      }),
    );
  });

  it('refuses a letter outside the alphabet, even where the check would fit', () => {
    const withY = writeClaim({ ...claim, code: `Y${claim.code.slice(1)}` });
    assert.equal(codeOf(withY), 'good');
    assert.equal(codeOf(withY.replace('/Y123', '/U123')), 'mistyped-claim');
  });

  it('says what is wrong with other texts, and never throws', () => {
    for (const t of [
      '',
      'JC1/',
      text.replace('JC1', 'JC2'),
      text.replace(':8443', ''),
      text.slice(0, -1),
      `${text}0`,
      text.replace('/0123', '/0124'),
    ])
      assert.notEqual(codeOf(t), 'good', t);
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (t) => codeOf(t) !== 'good'));
  });
});
