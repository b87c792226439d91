import assert from 'node:assert/strict';
import fc from 'fast-check';
import { departmentCode, serviceCode } from '#protocol/identity/identity.js';
import { paise } from '#protocol/money/paise.js';
import { openRuleBook, ruleBookFault, signRuleBook, type RuleBook } from '#protocol/rulebook/rulebook.js';
import { readBillCode, readConsumer } from '#protocol/rulebook/scan.js';
import { verifyKey } from '#protocol/signing/keys.js';
import { TARIFF, makeWorld, ruleBookOf, serviceOf } from './samples.js';

const world = makeWorld();
const row = TARIFF[0];
assert.ok(row !== undefined);

describe('rule book', () => {
  it('[INV-21] reads back as the district signed it, and from nobody else', () => {
    const bytes = signRuleBook(world.district, ruleBookOf());
    assert.deepEqual(openRuleBook(world.districtKey, bytes), { ok: true, value: ruleBookOf() });
    assert.equal(openRuleBook(world.districtKey, signRuleBook(world.hub, ruleBookOf())).ok, false);
    assert.equal(openRuleBook(verifyKey(world.hub.publicKey), bytes).ok, false);
    fc.assert(
      fc.property(
        fc.nat(bytes.length - 1),
        fc.nat(7),
        (at, bit) => !openRuleBook(world.districtKey, bytes.with(at, (bytes[at] ?? 0) ^ (1 << bit))).ok,
      ),
    );
  });

  const faults: readonly (readonly [string, Partial<RuleBook>, RegExp])[] = [
    ['two services of one code', { services: [serviceOf('101', 'JVVNL'), serviceOf('101', 'PHED')] }, /same code/u],
    ['a service of no department', { services: [serviceOf('101', 'NONE')] }, /NONE/u],
    ['a field pattern that is none', { services: [serviceOf('101', 'JVVNL', { scan: '(?<consumer>[' })] }, /not a regular expression/u],
    ['a scan pattern that finds no consumer', { services: [serviceOf('101', 'JVVNL', { scan: 'JVVNL[0-9]+' })] }, /group named consumer/u],
    ['a grammar that is none', { grammar: { ...ruleBookOf().grammar, login: '(' } }, /grammar/u],
    ['a charge for no service', { tariff: [{ ...row, service: serviceCode.parse('999') }] }, /999/u],
    [
      'two charges on one day',
      {
        tariff: [
          { ...row, to: '2026-06-30' },
          { ...row, from: '2026-06-30' },
        ],
      },
      /same day/u,
    ],
    ['an open charge before another', { tariff: [row, { ...row, from: '2027-01-01' }] }, /same day/u],
  ];
  for (const [what, change, expected] of faults) {
    it(`refuses ${what}, also when the district signed it`, () => {
      assert.match(ruleBookFault(ruleBookOf(change)) ?? '', expected);
      const opened = openRuleBook(world.districtKey, signRuleBook(world.district, ruleBookOf(change)));
      assert.match(opened.ok ? '' : opened.error.detail, expected);
    });
  }

  it('takes charges that follow each other without a day between', () => {
    const tariff = [
      { ...row, to: '2026-06-30' },
      { ...row, from: '2026-07-01', chargePaise: paise(500n) },
    ];
    assert.equal(ruleBookFault(ruleBookOf({ tariff })), undefined);
  });

  it('[INV-24] never throws, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => !openRuleBook(world.districtKey, bytes).ok));
  });
});

describe('scanned and typed consumer numbers', () => {
  const book = ruleBookOf();
  it('finds the one service whose pattern fits the whole code', () => {
    const read = readBillCode(book, 'PHED*210312345678');
    assert.deepEqual(read.ok && [read.value.service.code, read.value.consumer], ['201', '210312345678']);
    for (const text of ['PHED*21031234567', 'xPHED*210312345678', 'PHED*210312345678 ', '', 'NONE*1'])
      assert.equal(readBillCode(book, text).ok, false, text);
  });

  it('says so when two services claim a code', () => {
    const both = ruleBookOf({
      services: [serviceOf('101', 'JVVNL', { scan: '(?<consumer>[0-9]+)' }), serviceOf('201', 'PHED', { scan: '(?<consumer>[0-9]{4})' })],
    });
    const read = readBillCode(both, '1234');
    assert.equal(!read.ok && read.error.code, 'ambiguous-code');
    assert.equal(readBillCode(both, '12345').ok, true);
  });

  it('tidies what was typed and holds it against the pattern', () => {
    const service = serviceOf('101', 'JVVNL', {
      fields: [{ name: 'consumer', label: { en: 'K no.', hi: 'के' }, pattern: 'K[0-9]{4}|X', example: 'K1234' }],
    });
    assert.deepEqual(readConsumer(service, ' k12 34 '), { ok: true, value: 'K1234' });
    assert.deepEqual(
      ['', ' ', 'K123', 'K12345', 'XX'].map((t) => {
        const read = readConsumer(service, t);
        return read.ok ? 'good' : read.error.code;
      }),
      ['missing', 'missing', 'malformed', 'malformed', 'malformed'],
    );
  });

  it('departments and codes of the samples are well formed', () => assert.equal(departmentCode.safeParse('JVVNL').success, true));
});
