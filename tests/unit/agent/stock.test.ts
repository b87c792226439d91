import assert from 'node:assert/strict';
import fc from 'fast-check';
import { serialRange, serialsOf } from '#protocol/ledger/form-serial.js';
import { noteForms, stockView } from '../../../firmware-agent/counter/forms.js';
import { printPaper, sawItPrinted } from '../../../firmware-agent/counter/paper.js';
import { closeOpenEnds } from '../../../firmware-agent/counter/recovery.js';
import { headerView } from '../../../firmware-agent/counter/view.js';
import type { Forms } from '../../../firmware-agent/devices/ports.js';
import { Stock } from '../../../firmware-agent/ledger/stock.js';
import { OPERATOR, saleBody, transactionOf } from '../protocol/samples.js';
import type { Result } from '#protocol/result/result.js';
import { Bench, valueOf } from './bench.js';

const PRE_PRINTED = (sheets = 1): Forms => ({ kind: 'pre-printed', lowAt: 2, sheetsOf: () => sheets });

function failureOf<E>(result: Result<unknown, E>): E {
  assert.ok(!result.ok);
  return result.error;
}

/** A kiosk whose printer has numbered forms, with some sales to print. */
function bench(sheets = 1, disk: 'memory' | 'file' = 'memory'): Bench {
  const made = new Bench({ forms: PRE_PRINTED(sheets), disk });
  made.ready();
  for (const n of [1, 2, 3]) {
    const { transaction, service, department, consumer, billNumber, totalPaise, mode } = saleBody(n);
    valueOf(made.append({ kind: 'quoted', transaction, service, department, consumer, billNumber, totalPaise, mode }));
    valueOf(made.append(saleBody(n, { mode: 'semi-offline-delayed' })));
  }
  return made;
}

const load = (of: Bench, first: string, last: string): void => valueOf(noteForms(of.kiosk, { do: 'load-forms', first, last }, OPERATOR));
const spoil = (of: Bench, first: string, last = ''): void => valueOf(noteForms(of.kiosk, { do: 'spoil-forms', first, last }, OPERATOR));
const print = (of: Bench, n: number) => printPaper(of.kiosk, transactionOf(n), 'en', OPERATOR);
const counts = (of: Bench): string => {
  const { loaded, printed, unsure, spoilt, left } = of.kiosk.stock.counts('printer');
  assert.equal(loaded, printed + unsure + spoilt + left, 'every form is accounted for');
  return `${printed} printed, ${unsure} unsure, ${spoilt} spoilt, ${left} left`;
};

describe('form numbers', () => {
  it('count on at their end, with their zeros', () => {
    assert.deepEqual(serialsOf(valueOf(serialRange('RJ-0098', 'RJ-0101'))), ['RJ-0098', 'RJ-0099', 'RJ-0100', 'RJ-0101']);
    assert.deepEqual(serialsOf(valueOf(serialRange('7', '9'))), ['7', '8', '9']);
  });

  const refused: readonly (readonly [string, string, string])[] = [
    ['RJ-0100', 'RJ-0098', 'not-range'],
    ['RJ-0100', 'RK-0101', 'not-range'],
    ['RJ-99', 'RJ-100', 'not-range'],
    ['RJ-00001', 'RJ-10001', 'not-range'],
    ['RJ', 'RJ', 'not-serial'],
    ['rj-1', 'rj-2', 'not-serial'],
    ['', '', 'not-serial'],
  ];
  for (const [first, last, code] of refused) it(`${first} to ${last} is ${code}`, () => assert.equal(failureOf(serialRange(first, last)).code, code));

  it('give as many as the range says, all different, from the first to the last', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('', 'RJ-', 'AB/7-'),
        fc.integer({ min: 0, max: 99_000 }),
        fc.integer({ min: 0, max: 300 }),
        (prefix, from, more) => {
          const [first, last] = [from, from + more].map((n) => `${prefix}${String(n).padStart(6, '0')}`);
          const serials = serialsOf(valueOf(serialRange(first ?? '', last ?? '')));
          assert.deepEqual([serials.length, new Set(serials).size, serials[0], serials.at(-1)], [more + 1, more + 1, first, last]);
        },
      ),
    );
  });
});

describe('pre-printed forms', () => {
  it('are taken one a print, in their order; a copy takes the next', async () => {
    const on = bench();
    load(on, 'RJ-0001', 'RJ-0005');
    assert.equal((await print(on, 1)).kind, 'printed');
    assert.equal((await print(on, 1)).kind, 'printed');
    assert.equal(counts(on), '2 printed, 0 unsure, 0 spoilt, 3 left');
    const used = on.entries().flatMap(({ body }) => (body.kind === 'form-used' ? [[body.serial, body.transaction, body.copy]] : []));
    assert.deepEqual(used, [
      ['RJ-0001', transactionOf(1), 1],
      ['RJ-0002', transactionOf(1), 2],
    ]);
    on.close();
  });

  it('stay uncertain until the operator has looked, over a restart too', async () => {
    const on = bench(1, 'file');
    load(on, 'RJ-0001', 'RJ-0005');
    on.printer.outcome = { outcome: 'unknown', cause: 'not-told', detail: '' };
    assert.equal((await print(on, 1)).kind, 'unknown');
    assert.equal((await print(on, 2)).kind, 'unknown');
    on.restart();
    assert.equal(counts(on), '0 printed, 2 unsure, 0 spoilt, 3 left');
    sawItPrinted(on.kiosk, transactionOf(1), OPERATOR);
    assert.equal(counts(on), '1 printed, 1 unsure, 0 spoilt, 3 left');
    assert.deepEqual(stockView(on.kiosk)?.unsureSerials, ['RJ-0002']);
    spoil(on, 'RJ-0002');
    assert.equal(counts(on), '1 printed, 0 unsure, 1 spoilt, 3 left');
    on.close();
  });

  it('of an uncertain print that were found unused are loaded again, and come next', async () => {
    const on = bench();
    load(on, 'RJ-0001', 'RJ-0003');
    on.printer.outcome = { outcome: 'unknown', cause: 'printer-silent', detail: '' };
    await print(on, 1);
    assert.equal(stockView(on.kiosk)?.next, 'RJ-0002');
    load(on, 'rj-0001', '');
    assert.equal(stockView(on.kiosk)?.next, 'RJ-0001');
    assert.equal(counts(on), '0 printed, 0 unsure, 0 spoilt, 3 left');
    on.close();
  });

  it('stay in the printer when the print never started', async () => {
    const on = bench();
    load(on, 'RJ-0001', 'RJ-0003');
    on.printer.outcome = { outcome: 'not-started', cause: 'printer-silent', detail: '' };
    await print(on, 1);
    assert.equal(counts(on), '0 printed, 0 unsure, 0 spoilt, 3 left');
    assert.equal(stockView(on.kiosk)?.next, 'RJ-0001');
    on.close();
  });

  it('taken when the agent was stopped are uncertain', () => {
    const on = bench();
    load(on, 'RJ-0001', 'RJ-0003');
    valueOf(on.append({ kind: 'print-started', transaction: transactionOf(1), copy: 1, marked: 'original', shows: 'received', printer: 'printer' }));
    valueOf(on.append({ kind: 'form-used', printer: 'printer', serial: 'RJ-0001', transaction: transactionOf(1), copy: 1 }));
    on.restart();
    closeOpenEnds(on.kiosk);
    assert.equal(counts(on), '0 printed, 1 unsure, 0 spoilt, 2 left');
    assert.equal(stockView(on.kiosk)?.next, 'RJ-0002');
    on.close();
  });

  it('that are spoilt are passed over; a paper of two forms takes two', async () => {
    const on = bench(2);
    load(on, 'RJ-0001', 'RJ-0004');
    spoil(on, 'RJ-0002');
    assert.equal((await print(on, 1)).kind, 'printed');
    assert.equal(counts(on), '2 printed, 0 unsure, 1 spoilt, 1 left');
    const short = await print(on, 2);
    assert.deepEqual(short, { kind: 'not-started', problem: { code: 'stock-out' } });
    assert.equal(on.kiosk.sales.copies(transactionOf(2)), 0, 'no print was begun');
    on.close();
  });

  it('that run low are told on the first row, and none left stops a print before its first byte', async () => {
    const on = bench();
    const shown = () => headerView(on.kiosk, { context: { operator: OPERATOR, language: 'en' } } as never).devices[0];
    assert.deepEqual([shown()?.state, shown()?.problem?.code], ['trouble', 'stock-out']);
    assert.deepEqual(await print(on, 1), { kind: 'not-started', problem: { code: 'stock-out' } });
    load(on, 'RJ-0001', 'RJ-0003');
    assert.equal(shown()?.state, 'ready');
    await print(on, 1);
    assert.deepEqual([shown()?.state, shown()?.problem], ['warning', { code: 'stock-low', values: { left: '2' } }]);
    await print(on, 2);
    await print(on, 3);
    assert.equal(on.printer.papers.length, 3);
    assert.deepEqual([shown()?.state, shown()?.problem?.code], ['trouble', 'stock-out']);
    on.printer.report = { state: 'absent', problem: { code: 'printer-absent' } };
    assert.equal(shown()?.problem?.code, 'printer-absent', 'its own trouble is told first');
    on.close();
  });

  it('that were used can not be loaded, those never loaded not spoilt, and none of either twice', async () => {
    const on = bench();
    load(on, 'RJ-0001', 'RJ-0003');
    await print(on, 1);
    spoil(on, 'RJ-0003');
    const refused = (todo: 'load-forms' | 'spoil-forms', first: string, last = ''): string => {
      const noted = failureOf(noteForms(on.kiosk, { do: todo, first, last }, OPERATOR));
      return `${noted.code} ${noted.values?.['serial'] ?? ''}`;
    };
    assert.equal(refused('load-forms', 'RJ-0001', 'RJ-0005'), 'stock-wrong RJ-0001');
    assert.equal(refused('load-forms', 'RJ-0003'), 'stock-wrong RJ-0003');
    assert.equal(refused('spoil-forms', 'RJ-0003'), 'stock-wrong RJ-0003');
    assert.equal(refused('spoil-forms', 'RJ-0009'), 'stock-wrong RJ-0009');
    assert.equal(refused('load-forms', 'RJ-9', 'RJ-1'), 'stock-wrong ');
    spoil(on, 'RJ-0001');
    assert.equal(counts(on), '0 printed, 0 unsure, 2 spoilt, 1 left');
    on.close();
  });

  it('are not counted on plain paper', async () => {
    const on = new Bench();
    assert.equal(stockView(on.kiosk), null);
    assert.equal(failureOf(noteForms(on.kiosk, { do: 'load-forms', first: 'A1', last: 'A2' }, OPERATOR)).code, 'stock-wrong');
    on.close();
  });
});

describe('the account of forms', () => {
  type Step = 'load' | 'printed' | 'unknown' | 'not-started' | 'saw' | 'spoil' | 'restart';
  const step = fc.constantFrom<Step>('load', 'printed', 'unknown', 'not-started', 'saw', 'spoil', 'restart');

  it('never loses a form, and is the same made anew from the chain', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const on = bench();
        let loaded = 0;
        for (const what of steps) {
          if (what === 'load') {
            load(on, `F-${String(loaded).padStart(4, '0')}`, `F-${String(loaded + 2).padStart(4, '0')}`);
            loaded += 3;
          } else if (what === 'saw') sawItPrinted(on.kiosk, transactionOf(1), OPERATOR);
          else if (what === 'spoil') {
            const next = stockView(on.kiosk)?.next;
            if (next !== null && next !== undefined) spoil(on, next);
          } else if (what === 'restart') on.restart();
          else {
            on.printer.outcome = what === 'printed' ? { outcome: 'printed' } : { outcome: what, cause: 'printer-silent', detail: '' };
            await print(on, 1);
          }
          assert.equal(on.kiosk.stock.counts('printer').loaded, loaded);
        }
        const before = counts(on);
        on.restart();
        assert.equal(counts(on), before);
        assert.equal(new Stock(on.db).left('printer'), on.kiosk.stock.counts('printer').left);
        on.close();
      }),
      { numRuns: 25 },
    );
  }).timeout(60_000);
});
