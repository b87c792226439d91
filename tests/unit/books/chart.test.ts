import assert from 'node:assert/strict';
import { readAccountCode } from '../../../hub-server/books/account.js';
import { CHART, EVENT_ACCOUNT_NUMBERS, chartAccount, chartRowOf, type ChartName } from '../../../hub-server/books/chart.js';
import { code, grantNumber } from './fixtures.js';

describe('chart of accounts', () => {
  it('names every row once, by number and by path', () => {
    const rows = Object.values(CHART);
    assert.equal(new Set(rows.map((row) => row.code)).size, rows.length);
    assert.equal(new Set(rows.map((row) => row.path)).size, rows.length);
  });

  it('finds the row of every account it makes, and of no other', () => {
    for (const [name, row] of Object.entries(CHART) as [ChartName, (typeof CHART)[ChartName]][]) {
      const made = chartAccount(name, row.path.includes('{') ? grantNumber(1) : undefined);
      assert.equal(chartRowOf(made.code), row);
      assert.deepEqual([made.normal, made.guard], [row.normal, row.guard]);
      assert.equal(chartRowOf(code(`${made.code}:more`)), undefined);
      assert.equal(chartRowOf(code(`9999${made.code.slice(4)}`)), undefined);
    }
  });

  it('puts assets and costs on the debit side, debts and income on the credit side', () => {
    for (const row of Object.values(CHART)) assert.equal(row.normal, /^[15]/u.test(row.code) ? 'debit' : 'credit', row.code);
  });

  it('guards what may never be overdrawn', () => {
    const guarded = (guard: string) => Object.values(CHART).flatMap((row) => (row.guard === guard ? [row.code] : []));
    assert.deepEqual(guarded('credits-must-not-exceed-debits'), ['1030', '1040', '1050']);
    assert.deepEqual(guarded('debits-must-not-exceed-credits'), [
      '2010',
      '2015',
      '2020',
      '2021',
      '2030',
      '2031',
      '2032',
      '2035',
      '2050',
      '2060',
      '2070',
      '2100',
    ]);
    assert.deepEqual(EVENT_ACCOUNT_NUMBERS, ['2015', '2100']);
  });

  it('takes no holder that could be read as another account', () => {
    for (const holder of ['', 'a:b', 'a b', 'a\nb', 'क', '-a', 'x'.repeat(100)]) assert.throws(() => chartAccount('wallet', holder), /account code/u);
    assert.throws(() => chartAccount('wallet'), /kept for someone/u);
    assert.throws(() => chartAccount('bankMain', 'x'), /kept once/u);
    for (const text of ['2010', '2010:', ':a', '201:a', '2010:a;b', '2010:a  b', '2010:a:b:c:d:e:f'])
      assert.equal(readAccountCode(text).ok, false, text);
  });
});
