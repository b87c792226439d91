import assert from 'node:assert/strict';
import fc from 'fast-check';
import { departmentCode, serviceCode } from '#protocol/identity/identity.js';
import { paise, ZERO } from '#protocol/money/paise.js';
import { allowedModes, quote, type QuoteError } from '#protocol/rulebook/quote.js';
import { TARIFF, billOf, ruleBookOf, serviceOf } from './samples.js';

const book = ruleBookOf();
const of = (service: string, department: string) => ({ service: serviceCode.parse(service), department: departmentCode.parse(department) });
const DUE = '2026-11-22';
const LATE = '2026-11-23';

describe('quote, rate by rate', () => {
  const rates: readonly (readonly [string, ReturnType<typeof of>, bigint, bigint])[] = [
    ['electricity: Rs 3.95 of the department (R57, R66, R69, R72)', of('101', 'JVVNL'), 0n, 395n],
    ['water: Rs 3.95 of the department (R57, R66, R69, R72)', of('201', 'PHED'), 0n, 395n],
    ['telephone: Rs 5 of the department (R57, R65, R72)', of('301', 'BSNL'), 0n, 500n],
    ['an application: the citizen pays its fee', of('401', 'DOIT'), 1_000n, 0n],
  ];
  for (const [what, whose, citizen, department] of rates) {
    it(`[INV-02] ${what}`, () => {
      const q = quote(book, billOf(whose), DUE);
      assert.ok(q.ok);
      assert.deepEqual(
        [q.value.billPaise, q.value.citizenFeePaise, q.value.departmentFeePaise, q.value.totalPaise],
        [198_000n, citizen, department, 198_000n + citizen],
      );
      assert.ok(q.value.authority !== '' && q.value.ruleBookVersion === book.version);
    });
  }

  it('[INV-02] a fee that the department pays is never added to what the citizen hands over, whatever the bill and the rate', () => {
    const sum = fc.bigInt({ min: 1n, max: 10n ** 12n }).map(paise);
    fc.assert(
      fc.property(sum, sum, sum, fc.constantFrom('citizen', 'department'), fc.constantFrom(DUE, LATE), (amount, lateAmount, charge, payer, on) => {
        const rated = ruleBookOf({ tariff: TARIFF.map((row) => ({ ...row, chargePaise: charge, payer })) });
        const q = quote(rated, billOf({ amountPaise: amount, lateAmountPaise: lateAmount }), on);
        assert.ok(q.ok);
        const { billPaise, citizenFeePaise, departmentFeePaise, totalPaise, late } = q.value;
        assert.equal(late, on === LATE);
        assert.equal(billPaise, late ? lateAmount : amount);
        assert.deepEqual([citizenFeePaise, departmentFeePaise], payer === 'citizen' ? [charge, ZERO] : [ZERO, charge]);
        assert.equal(totalPaise, billPaise + citizenFeePaise);
      }),
    );
  });
});

describe('quote, day by day', () => {
  const whole = (on: string): readonly unknown[] => {
    const q = quote(book, billOf(), on);
    return q.ok ? [q.value.late, q.value.totalPaise] : [q.error.code];
  };
  it('the due date itself is in time; the day after is late', () => {
    assert.deepEqual(
      [whole('2026-11-01'), whole(DUE), whole(LATE)],
      [
        [false, 198_000n],
        [false, 198_000n],
        [true, 201_960n],
      ],
    );
  });

  const fees: readonly (readonly [string, bigint | QuoteError])[] = [
    ['2025-12-31', 'no-tariff'],
    ['2026-01-01', 900n],
    ['2026-06-30', 900n],
    ['2026-07-01', 1_000n],
    ['2099-12-31', 1_000n],
  ];
  for (const [on, expected] of fees) {
    it(`the fee on ${on} is by the row that holds that day: ${expected}`, () => {
      const q = quote(book, billOf({ ...of('401', 'DOIT'), dueOn: '2099-12-31' }), on);
      assert.equal(q.ok ? q.value.citizenFeePaise : q.error.code, expected);
    });
  }
});

describe('quote, part and whole', () => {
  const water = billOf(of('201', 'PHED'));
  const rows: readonly (readonly [string, ReturnType<typeof billOf>, bigint | undefined, bigint | QuoteError])[] = [
    ['the whole, unasked', water, undefined, 198_000n],
    ['a part that the department takes', water, 10_000n, 10_000n],
    ['a part below its least', water, 9_999n, 'part-too-small'],
    ['nothing as a part', water, 0n, 'part-too-small'],
    ['the whole, named', water, 198_000n, 198_000n],
    ['more than the bill', water, 198_001n, 'more-than-bill'],
    ['a part where none is taken', billOf(), 10_000n, 'part-refused'],
    ['the whole, named, where no part is taken', billOf(), 198_000n, 198_000n],
    ['a bill with nothing left', billOf({ amountPaise: ZERO }), undefined, 'nothing-due'],
    ['a service that is not in the book', billOf({ service: serviceCode.parse('999') }), undefined, 'service-unknown'],
  ];
  for (const [what, bill, part, expected] of rows) {
    it(`${what}: ${expected}`, () => {
      const q = quote(book, bill, DUE, part === undefined ? undefined : paise(part));
      assert.equal(q.ok ? q.value.billPaise : q.error.code, expected);
      if (q.ok) assert.equal(q.value.part, part !== undefined && part < 198_000n);
    });
  }

  it('takes no empty part even where the department names no least', () => {
    const free = ruleBookOf({ services: [serviceOf('101', 'JVVNL', { part: { rule: 'allowed', minimumPaise: ZERO } })], tariff: TARIFF.slice(0, 1) });
    const q = quote(free, billOf(), DUE, ZERO);
    assert.equal(!q.ok && q.error.code, 'part-too-small');
  });
});

describe('modes', () => {
  it('are those that both the service and the network allow', () => {
    assert.deepEqual(allowedModes(book, '101'), ['online', 'semi-offline-delayed']);
    assert.deepEqual(allowedModes(ruleBookOf({ profileModes: ['online'] }), '101'), ['online']);
    assert.deepEqual(allowedModes(book, '999'), []);
  });
});
