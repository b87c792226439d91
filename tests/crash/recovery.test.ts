import assert from 'node:assert/strict';
import { createActor, waitFor } from 'xstate';
import type { Problem } from '#protocol/counter/problem.js';
import type { SaleBody } from '#protocol/ledger/entry.js';
import type { PaperLine } from '#protocol/receipt/paper.js';
import { noteOutcome } from '../../firmware-agent/counter/outcome.js';
import { printPaper } from '../../firmware-agent/counter/paper.js';
import { appliancePorts } from '../../firmware-agent/counter/ports.js';
import { closeOpenEnds } from '../../firmware-agent/counter/recovery.js';
import { serviceMachine } from '../../firmware-agent/counter/service-machine.js';
import { Caretaker } from '../../firmware-agent/services/caretaker.js';
import { Bench } from '../unit/agent/bench.js';
import { OPERATOR, saleBody } from '../unit/protocol/samples.js';

function quote(bench: Bench, body: SaleBody): void {
  const { transaction, service, department, consumer, billNumber, totalPaise, mode } = body;
  bench.append({ kind: 'quoted', transaction, service, department, consumer, billNumber, totalPaise, mode });
}

function sell(bench: Bench, n: number, mode: SaleBody['mode'] = 'online'): SaleBody {
  const body = saleBody(n, { mode });
  quote(bench, body);
  bench.append(body);
  return body;
}

/** The counter as it stands after a log-in that follows a restart. */
function counterAfter(bench: Bench, told: Problem | null): ReturnType<typeof createActor<typeof serviceMachine>> {
  const ports = appliancePorts(bench.kiosk, told, (event) => assert.fail(`unexpected event ${event}`));
  return createActor(serviceMachine, { input: { ports, operator: OPERATOR, language: 'en', power: 'enough' } }).start();
}

const says = (paper: readonly PaperLine[] | undefined, text: string): boolean =>
  (paper ?? []).some((line) => line.kind === 'text' && line.text.includes(text));

describe('recovery, found by kills', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
    bench.ready();
  });
  afterEach(() => bench.close());

  it('tells of a sale that a restart ended, also when that restart was killed before it could tell [INV-43]', () => {
    const body = saleBody(1);
    quote(bench, body);
    bench.restart();
    assert.equal(closeOpenEnds(bench.kiosk)?.values?.['transaction'], body.transaction);
    bench.restart();
    assert.deepEqual(closeOpenEnds(bench.kiosk)?.code, 'restarted-in-sale');
    assert.equal(bench.bodies('abandoned').length, 1);
  });

  it('tells nothing of a sale that the operator left', () => {
    const body = saleBody(1);
    quote(bench, body);
    bench.append({ kind: 'abandoned', transaction: body.transaction, reason: 'operator' });
    bench.restart();
    assert.equal(closeOpenEnds(bench.kiosk), null);
  });

  it('tells of it after an older receipt was dealt with, and does not let a scan pass over it [INV-43]', async () => {
    const { transaction } = sell(bench, 1);
    bench.append({ kind: 'print-started', transaction, copy: 1, marked: 'original', shows: 'received', printer: 'printer' });
    bench.append({ kind: 'print-ended', transaction, copy: 1, outcome: 'unknown', cause: 'printer-silent', by: 'printer' });
    const later = saleBody(2);
    quote(bench, later);
    for (const leave of [{ type: 'CONFIRM' }, { type: 'SCANNED', scan: { kind: 'scan', text: '210112345678' } }] as const) {
      bench.restart();
      const counter = counterAfter(bench, closeOpenEnds(bench.kiosk));
      await waitFor(counter, (chart) => chart.matches('didItPrint'));
      counter.send({ type: 'PRINT_LATER' });
      counter.send(leave);
      const chart = counter.getSnapshot();
      assert.ok(chart.matches('menu'));
      assert.equal(chart.context.problem?.code, 'restarted-in-sale');
      assert.equal(chart.context.problem.values?.['transaction'], later.transaction);
      counter.stop();
    }
  });

  it('gives the cash back first when the refusal comes while the receipt waits for the printer', async () => {
    const { transaction } = sell(bench, 1);
    bench.restart();
    const counter = counterAfter(bench, closeOpenEnds(bench.kiosk));
    await waitFor(counter, (chart) => chart.matches('printTrouble'));
    noteOutcome(bench.kiosk, { transaction, state: { kind: 'refused', reason: 'the account is closed' } });
    counter.send({ type: 'PRINT_NOW' });
    assert.ok(counter.getSnapshot().matches('refused'), 'the operator is asked to give the cash back');
    assert.equal(bench.printer.papers.length, 0);
    counter.send({ type: 'CONFIRM' });
    await waitFor(counter, (chart) => chart.matches('menu'));
    counter.stop();
    const kinds = bench.entries().map((entry) => entry.body.kind);
    assert.ok(kinds.indexOf('returned') > 0 && kinds.indexOf('returned') < kinds.indexOf('print-started'), kinds.join(' '));
  });

  it('marks a second slip as a duplicate, as any second paper [INV-42]', async () => {
    const { transaction, totalPaise } = sell(bench, 1);
    noteOutcome(bench.kiosk, { transaction, state: { kind: 'refused', reason: 'the account is closed' } });
    bench.append({ kind: 'returned', transaction, totalPaise });
    bench.printer.outcome = { outcome: 'unknown', cause: 'printer-silent', detail: 'played' };
    await printPaper(bench.kiosk, transaction, 'en', OPERATOR);
    await printPaper(bench.kiosk, transaction, 'hi', OPERATOR);
    assert.deepEqual(
      bench.printer.papers.map((paper) => says(paper, 'DUPLICATE')),
      [false, true],
    );
  });
});

describe('after the link returns, found by kills', () => {
  it('outcomes are asked for even when the lease is being raised at that moment', async () => {
    const bench = new Bench();
    const { transaction } = sell(bench, 1);
    bench.ledger.acknowledge(bench.hubHead());
    bench.link.isUp = true;
    let answerLease: () => void = () => undefined;
    bench.link.answer = (question) =>
      question.ask === 'lease'
        ? new Promise((resolve) => (answerLease = () => resolve({ answer: 'no', code: 'lease-refused', detail: 'played' })))
        : undefined;
    const caretaker = new Caretaker(bench.kiosk, () => undefined);
    caretaker.acknowledged();
    await caretaker.afterWelcome();
    answerLease();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(
      bench.link.asked.filter((question) => question.ask === 'outcomes'),
      [{ ask: 'outcomes', transactions: [transaction] }],
    );
    answerLease();
    bench.close();
  });

  it('the count cap of a lease starts anew with each raise', () => {
    const bench = new Bench();
    bench.ready();
    const lease = bench.kiosk.grants.lease();
    assert.ok(lease !== undefined);
    const { id } = lease.grant;
    const body = saleBody(1, { mode: 'semi-offline-delayed', grant: { id, number: 1, kind: 'lease' } });
    quote(bench, body);
    bench.append(body);
    assert.equal(bench.kiosk.grants.lease()?.sales, 1);
    const taken = bench.kiosk.grants.takeLease(bench.lease({ number: lease.grant.number + 1 }), bench.kiosk.clock.now(), null);
    assert.ok(taken.ok);
    const raised = bench.kiosk.grants.lease();
    assert.equal(raised?.sales, 0);
    assert.equal(raised?.drawnPaise, body.totalPaise);
    bench.close();
  });
});
