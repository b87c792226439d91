import assert from 'node:assert/strict';
import { printPaper, sawItPrinted, whyUnnoted } from '../../../firmware-agent/counter/paper.js';
import type { PrintOutcome } from '../../../firmware-agent/devices/ports.js';
import type { AppendError } from '../../../firmware-agent/ledger/ledger.js';
import { failure } from '#protocol/result/result.js';
import { OPERATOR, saleBody, transactionOf } from '../protocol/samples.js';
import { Bench, valueOf } from './bench.js';

/** A counter with one sale, whose ledger takes everything but how a paper ended. */
function unnoting(code: AppendError): Bench {
  const on = new Bench();
  on.ready();
  const { transaction, service, department, consumer, billNumber, totalPaise, mode } = saleBody(1);
  valueOf(on.append({ kind: 'quoted', transaction, service, department, consumer, billNumber, totalPaise, mode }));
  valueOf(on.append(saleBody(1)));
  const append = on.ledger.append.bind(on.ledger);
  on.ledger.append = (body, ...rest) => (body.kind === 'print-ended' ? failure(code, 'as the test has it') : append(body, ...rest));
  return on;
}

describe('a paper whose end can not be written down', () => {
  const rows: readonly (readonly [PrintOutcome, AppendError, string, string])[] = [
    [{ outcome: 'printed' }, 'disk-full', 'unknown', 'print-unknown'],
    [{ outcome: 'printed' }, 'clock-set-back', 'unknown', 'print-unknown'],
    [{ outcome: 'unknown', cause: 'paper-out', detail: '' }, 'disk-full', 'unknown', 'print-unknown'],
    [{ outcome: 'not-started', cause: 'paper-out', detail: '' }, 'disk-full', 'not-started', 'disk-full-saved'],
    [{ outcome: 'not-started', cause: 'paper-out', detail: '' }, 'clock-set-back', 'not-started', 'clock-set-back'],
  ];
  for (const [outcome, code, kind, told] of rows)
    it(`${outcome.outcome}, and ${code}: told as ${told}`, async () => {
      const on = unnoting(code);
      on.printer.outcome = outcome;
      const result = await printPaper(on.kiosk, transactionOf(1), 'en', OPERATOR);
      assert.ok(result.kind !== 'printed');
      assert.deepEqual([result.kind, result.problem.code], [kind, told]);
      if (kind === 'unknown') assert.deepEqual(whyUnnoted(result.problem)?.code, code);
      on.close();
    });

  it('what the operator saw is refused with the same words, and taken when there is room', async () => {
    const on = unnoting('disk-full');
    await printPaper(on.kiosk, transactionOf(1), 'en', OPERATOR);
    const refused = sawItPrinted(on.kiosk, transactionOf(1), OPERATOR);
    assert.equal(refused.ok ? '' : whyUnnoted(refused.error)?.code, 'disk-full');
    assert.equal(on.kiosk.sales.find(transactionOf(1))?.newestPaper, 'open');
    on.restart();
    assert.equal(sawItPrinted(on.kiosk, transactionOf(1), OPERATOR).ok, true);
    assert.equal(on.kiosk.sales.find(transactionOf(1))?.newestPaper, 'printed');
    on.close();
  });

  it('a doubt with another reason has none of these', () => {
    for (const cause of ['paper-out', 'restart', 'not-told']) assert.equal(whyUnnoted({ code: 'print-unknown', values: { cause } }), undefined);
    assert.equal(whyUnnoted({ code: 'paper-out', values: { cause: 'disk-full' } }), undefined);
    assert.equal(whyUnnoted(null), undefined);
  });
});
