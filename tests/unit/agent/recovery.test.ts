import assert from 'node:assert/strict';
import { createActor, waitFor } from 'xstate';
import type { ProblemCode } from '#protocol/counter/problem.js';
import type { ScreenView } from '#protocol/counter/view.js';
import type { EntryBody, SaleBody } from '#protocol/ledger/entry.js';
import { ok } from '#protocol/result/result.js';
import { applianceMachine, type ApplianceEvent } from '../../../firmware-agent/counter/appliance-machine.js';
import { appliancePorts } from '../../../firmware-agent/counter/ports.js';
import { closeOpenEnds } from '../../../firmware-agent/counter/recovery.js';
import { screenView } from '../../../firmware-agent/counter/view.js';
import { OPERATOR, saleBody, transactionOf } from '../protocol/samples.js';
import { Bench, valueOf } from './bench.js';
import { settled } from './chart-bench.js';

type Mode = SaleBody['mode'];
const quoted = (n: number): EntryBody => {
  const { transaction, service, department, consumer, billNumber, totalPaise, mode } = saleBody(n);
  return { kind: 'quoted', transaction, service, department, consumer, billNumber, totalPaise, mode };
};
const sold = (n: number, mode: Mode = 'semi-offline-delayed'): readonly EntryBody[] => [quoted(n), saleBody(n, { mode })];
const begun = (n: number, copy = 1): EntryBody => ({
  kind: 'print-started',
  transaction: transactionOf(n),
  copy,
  marked: copy === 1 ? 'original' : 'duplicate',
  shows: 'received',
  printer: 'printer',
});
const ended = (n: number, outcome: 'printed' | 'not-started' | 'unknown', copy = 1): EntryBody => ({
  kind: 'print-ended',
  transaction: transactionOf(n),
  copy,
  outcome,
  cause: '',
  by: 'printer',
});
const refused = (n: number, cash: 'to-return' | 'citizen-gone'): EntryBody => ({
  kind: 'refused',
  transaction: transactionOf(n),
  reason: 'NO',
  cash,
});
const returned = (n: number): EntryBody => ({ kind: 'returned', transaction: transactionOf(n), totalPaise: saleBody(n).totalPaise });
const confirmed = (n: number): EntryBody => ({ kind: 'confirmed', transaction: transactionOf(n), reference: 'REF', at: 1 });
const slip = (n: number): EntryBody => ({
  kind: 'print-started',
  transaction: transactionOf(n),
  copy: 1,
  marked: 'slip',
  shows: 'returned',
  printer: 'printer',
});

type Shown = {
  readonly screen: ScreenView['screen'];
  readonly ask?: 'fix' | 'did-it-print';
  readonly problem: ProblemCode | null;
  readonly of?: number;
};
type Row = { readonly stopped: string; readonly chain: readonly EntryBody[]; readonly shows: Shown };

/** Every place where a stop can fall, and the screen that the next log-in begins with. */
const ROWS: readonly Row[] = [
  { stopped: 'before anything', chain: [], shows: { screen: 'menu', problem: null } },
  { stopped: 'after the quote', chain: [quoted(1)], shows: { screen: 'menu', problem: 'restarted-in-sale' } },
  {
    stopped: 'after a quote that was left',
    chain: [quoted(1), { kind: 'abandoned', transaction: transactionOf(1), reason: 'operator' }],
    shows: { screen: 'menu', problem: null },
  },
  { stopped: 'after the sale, before the print', chain: sold(1), shows: { screen: 'print-trouble', ask: 'fix', problem: 'printer-silent', of: 1 } },
  {
    stopped: 'while the department was asked',
    chain: sold(1, 'online'),
    shows: { screen: 'print-trouble', ask: 'fix', problem: 'printer-silent', of: 1 },
  },
  {
    stopped: 'after its answer',
    chain: [...sold(1, 'online'), confirmed(1)],
    shows: { screen: 'print-trouble', ask: 'fix', problem: 'printer-silent', of: 1 },
  },
  {
    stopped: 'while it printed',
    chain: [...sold(1), begun(1)],
    shows: { screen: 'print-trouble', ask: 'did-it-print', problem: 'print-unknown', of: 1 },
  },
  {
    stopped: 'when nothing had come out',
    chain: [...sold(1), begun(1), ended(1, 'not-started')],
    shows: { screen: 'print-trouble', ask: 'fix', problem: 'printer-silent', of: 1 },
  },
  {
    stopped: 'when nobody knew what had come out',
    chain: [...sold(1), begun(1), ended(1, 'unknown')],
    shows: { screen: 'print-trouble', ask: 'did-it-print', problem: 'print-unknown', of: 1 },
  },
  { stopped: 'after the print', chain: [...sold(1), begun(1), ended(1, 'printed')], shows: { screen: 'menu', problem: null } },
  {
    stopped: 'while a copy printed',
    chain: [...sold(1), begun(1), ended(1, 'printed'), begun(1, 2)],
    shows: { screen: 'print-trouble', ask: 'did-it-print', problem: 'print-unknown', of: 1 },
  },
  {
    stopped: 'after a refusal',
    chain: [...sold(1, 'online'), refused(1, 'to-return')],
    shows: { screen: 'refused', problem: 'not-given-back', of: 1 },
  },
  {
    stopped: 'after the cash went back',
    chain: [...sold(1, 'online'), refused(1, 'to-return'), returned(1)],
    shows: { screen: 'menu', problem: null },
  },
  {
    stopped: 'while the slip printed',
    chain: [...sold(1, 'online'), refused(1, 'to-return'), returned(1), slip(1)],
    shows: { screen: 'print-trouble', ask: 'did-it-print', problem: 'print-unknown', of: 1 },
  },
  {
    stopped: 'after a late refusal',
    chain: [...sold(1, 'online'), begun(1), ended(1, 'printed'), refused(1, 'citizen-gone')],
    shows: { screen: 'menu', problem: null },
  },
  {
    stopped: 'in the next sale',
    chain: [...sold(1), begun(1), ended(1, 'printed'), quoted(2)],
    shows: { screen: 'menu', problem: 'restarted-in-sale' },
  },
  {
    stopped: 'with an older receipt left for later',
    chain: [...sold(1), ...sold(2), begun(2), ended(2, 'printed')],
    shows: { screen: 'menu', problem: null },
  },
  {
    stopped: 'with older cash not given back',
    chain: [...sold(1, 'online'), ...sold(2), begun(2), ended(2, 'printed'), refused(1, 'to-return')],
    shows: { screen: 'refused', problem: 'not-given-back', of: 1 },
  },
];

/** The counter of a restarted agent, as the operator finds it after the log-in. */
async function counterOf(bench: Bench) {
  bench.restart();
  const told = closeOpenEnds(bench.kiosk);
  const ports = { ...appliancePorts(bench.kiosk, told, (event) => assert.fail(event)), logIn: async () => ok(OPERATOR) };
  const actor = createActor(applianceMachine, { input: { ports, language: 'en', broken: null } }).start();
  actor.send({ type: 'LOG_IN', login: '01', pin: '482915' });
  await waitFor(actor, (chart) => chart.matches('open'));
  await settled();
  const send = async (event: ApplianceEvent): Promise<void> => {
    actor.send(event);
    await settled();
  };
  return { view: () => screenView(bench.kiosk, actor.getSnapshot()), send, stop: () => actor.stop() };
}

function shownBy(body: ScreenView): Shown {
  const problem = 'problem' in body ? (body.problem?.code ?? null) : null;
  const numbers = new Map([1, 2].map((n) => [transactionOf(n) as string, n]));
  const of = 'sale' in body ? { of: numbers.get(body.sale.transaction) ?? 0 } : {};
  return { screen: body.screen, ...(body.screen === 'print-trouble' ? { ask: body.ask } : {}), problem, ...of };
}

describe('what the counter shows first after a stop', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
    bench.ready();
  });
  afterEach(() => bench.close());

  for (const { stopped, chain, shows } of ROWS) {
    it(`${stopped}: ${shows.screen} [INV-43]`, async () => {
      for (const body of chain) valueOf(bench.append(body));
      const before = bench.bodies('sale').length;
      const counter = await counterOf(bench);
      assert.deepEqual(shownBy(counter.view()), shows);
      assert.deepEqual(bench.kiosk.sales.openQuotes(), [], 'no quote is left open');
      assert.deepEqual(bench.kiosk.sales.openPapers(), [], 'no print is left without an end');
      assert.equal(bench.bodies('sale').length, before);
      assert.equal(bench.printer.papers.length, 0, 'nothing prints by itself after a restart');
      counter.stop();
      // A second stop at once changes nothing in what is certain.
      const again = await counterOf(bench);
      assert.deepEqual(shownBy(again.view()), shows);
      again.stop();
    });
  }

  it('the original is printed once the printer is well, when none was ever begun [INV-42]', async () => {
    for (const body of sold(1)) valueOf(bench.append(body));
    const counter = await counterOf(bench);
    await counter.send({ type: 'PRINTER_WELL' });
    assert.deepEqual(
      bench.bodies('print-started').map(({ copy, marked }) => ({ copy, marked })),
      [{ copy: 1, marked: 'original' }],
    );
    assert.equal(counter.view().screen, 'handover');
    counter.stop();
  });

  it('after a print that was cut nothing prints but by the word of the operator, and then a duplicate [INV-42]', async () => {
    for (const body of [...sold(1), begun(1)]) valueOf(bench.append(body));
    const counter = await counterOf(bench);
    await counter.send({ type: 'PRINTER_WELL' });
    assert.equal(bench.printer.papers.length, 0);
    await counter.send({ type: 'PRINT_NOW' });
    assert.deepEqual(
      bench.bodies('print-started').map(({ copy, marked }) => ({ copy, marked })),
      [
        { copy: 1, marked: 'original' },
        { copy: 2, marked: 'duplicate' },
      ],
    );
    counter.stop();
  });
});
