import assert from 'node:assert/strict';
import type { Bill } from '#protocol/bill/bill.js';
import type { PrinterOrder } from '../../../firmware-agent/devices/printer/simulator/condition.js';
import type { Body, CounterClient } from '../../support/counter-client.js';
import { auditSettled, moved, paid, type Figures } from '../../support/world-audit.js';
import type { TestKiosk } from '../../support/world-kiosk.js';
import { isBlank, isDuplicate, papersOf, says } from '../../support/world-paper.js';
import { sideBySide } from '../../support/world-side-by-side.js';
import { assertTold } from '../../support/world-texts.js';
import { inWorld, type World } from '../../support/world.js';

type Counter = { readonly world: World; readonly kiosk: TestKiosk; readonly screen: CounterClient; readonly before: Figures; readonly bill: Bill };
type Ask = Body<'print-trouble'>['ask'];

function atCounter(act: (counter: Counter) => Promise<void>): Promise<void> {
  return inWorld({}, async (world) => {
    const kiosk = world.kiosk();
    await kiosk.start();
    const screen = await kiosk.openCounter();
    const counter = { world, kiosk, screen, before: await auditSettled(world), bill: world.nextBill('JVVNL') };
    await act(counter);
    assert.deepEqual(
      moved(counter.before, await auditSettled(world)),
      paid('JVVNL', counter.bill.amountPaise),
      'paid once, whatever the printer did',
    );
  });
}

async function pay({ kiosk, screen, bill }: Counter): Promise<void> {
  await kiosk.toTender(screen, bill);
  screen.send({ do: 'take-cash', received: '' });
}

/** The trouble screen: the sale is saved and said to be safe. */
async function trouble({ screen }: Counter, code: Body<'print-trouble'>['problem']['code'], ask: Ask): Promise<Body<'print-trouble'>> {
  const body = await screen.until('print-trouble', ({ problem }) => problem.code === code);
  assertTold(body.problem, code, 'safe');
  assert.equal(body.ask, ask);
  assert.equal(body.sale.steps[0]?.state, 'done');
  return body;
}

/** What came out of the printer, in order. */
async function papers(kiosk: TestKiosk): Promise<readonly string[]> {
  return (await papersOf(kiosk)).map((paper) => `${paper.end} ${isBlank(paper) ? 'blank' : isDuplicate(paper) ? 'duplicate' : 'original'}`);
}

/** The prints that the chain knows of: how each was marked, and how it ended. */
function prints(kiosk: TestKiosk): readonly string[] {
  return kiosk.entries().flatMap(({ body }) => {
    if (body.kind === 'print-started') return [`${body.copy} ${body.marked}`];
    return body.kind === 'print-ended' ? [`${body.copy} ${body.outcome} by ${body.by}`] : [];
  });
}

async function handover({ screen }: Counter): Promise<Body<'handover'>> {
  return screen.until('handover', ({ sale }) => sale.steps[2]?.state === 'done');
}

const PRINTED_ONCE = ['1 original', '1 printed by printer'];
const PRINTED_TWICE = ['1 original', '1 unknown by printer', '2 duplicate', '2 printed by printer'];

/** Something is wrong before a byte of the receipt was sent; once mended, the receipt comes out, and it is the original. */
function mended(
  order: PrinterOrder,
  mend: PrinterOrder,
  code: Body<'print-trouble'>['problem']['code'],
  by: 'itself' | 'Enter',
): () => Promise<void> {
  return () =>
    atCounter(async (counter) => {
      const { kiosk, screen } = counter;
      await kiosk.printer.order(order);
      await pay(counter);
      await trouble(counter, code, 'fix');
      assert.deepEqual(await papers(kiosk), []);
      await kiosk.printer.order(mend);
      if (by === 'Enter') screen.send({ do: 'confirm' });
      await handover(counter);
      assert.deepEqual(await papers(kiosk), ['cut original']);
      assert.deepEqual(prints(kiosk).slice(-2), PRINTED_ONCE);
    });
}

describe('faults of the printer', () => {
  sideBySide({
    'the printer does not confirm': {
      'it never confirms, and the operator saw the receipt (Y): no second copy': () =>
        atCounter(async (counter) => {
          const { kiosk, screen } = counter;
          await kiosk.printer.order({ do: 'never-confirm' });
          await pay(counter);
          await trouble(counter, 'print-unknown', 'did-it-print');
          screen.send({ do: 'it-printed' });
          const done = await handover(counter);
          assert.equal(done.problem, null);
          assert.deepEqual(await papers(kiosk), ['cut original']);
          assert.deepEqual(prints(kiosk), ['1 original', '1 unknown by printer', '1 printed by operator']);
        }),

      'it never confirms, and the operator wants another (D): it says DUPLICATE': () =>
        atCounter(async (counter) => {
          const { kiosk, screen } = counter;
          await kiosk.printer.order({ do: 'never-confirm' });
          await pay(counter);
          await trouble(counter, 'print-unknown', 'did-it-print');
          await kiosk.printer.order({ do: 'normal' });
          screen.send({ do: 'print-now' });
          await handover(counter);
          assert.deepEqual((await papers(kiosk)).filter((paper) => paper.startsWith('cut')).slice(-1), ['cut duplicate']);
          assert.deepEqual(prints(kiosk), PRINTED_TWICE);
        }),

      'it never confirms, and the operator leaves it (L): the list of receipts prints a DUPLICATE': () =>
        atCounter(async (counter) => {
          const { kiosk, screen } = counter;
          await kiosk.printer.order({ do: 'never-confirm' });
          await pay(counter);
          await trouble(counter, 'print-unknown', 'did-it-print');
          screen.send({ do: 'print-later' });
          const left = await screen.until('handover');
          await kiosk.printer.order({ do: 'normal' });
          screen.send({ do: 'show-receipts' });
          assert.equal((await screen.until('receipts')).rows[0]?.printed, 'unknown');
          screen.send({ do: 'reprint', receipt: left.sale.receipt });
          await screen.until('receipts', (body) => body.rows[0]?.printed === 'yes');
          assert.deepEqual(prints(kiosk), PRINTED_TWICE);
        }),

      'a paper left uncertain is answered later from the list, when the operator has found it': () =>
        atCounter(async (counter) => {
          const { kiosk, screen } = counter;
          await kiosk.printer.order({ do: 'never-confirm' });
          await pay(counter);
          await trouble(counter, 'print-unknown', 'did-it-print');
          screen.send({ do: 'print-later' });
          const left = await screen.until('handover');
          screen.send({ do: 'show-receipts' });
          await screen.until('receipts', (body) => body.rows[0]?.printed === 'unknown');
          screen.send({ do: 'paper-seen', receipt: left.sale.receipt });
          await screen.until('receipts', (body) => body.rows[0]?.printed === 'yes');
          screen.send({ do: 'paper-seen', receipt: left.sale.receipt });
          screen.send({ do: 'back' });
          await screen.until('menu');
          assert.deepEqual(prints(kiosk), ['1 original', '1 unknown by printer', '1 printed by operator']);
          assert.deepEqual(await papers(kiosk), ['cut original'], 'nothing was printed for it');
        }),

      'it never confirms a reprint: the same question is asked, and can be answered': () =>
        atCounter(async (counter) => {
          const { kiosk, screen, bill } = counter;
          const { sale } = await kiosk.sell(screen, bill);
          await kiosk.printer.order({ do: 'never-confirm' });
          screen.send({ do: 'show-receipts' });
          await screen.until('receipts');
          screen.send({ do: 'reprint', receipt: sale.receipt });
          await trouble(counter, 'print-unknown', 'did-it-print');
          screen.send({ do: 'it-printed' });
          await handover(counter);
          assert.deepEqual(prints(kiosk), [...PRINTED_ONCE, '2 duplicate', '2 unknown by printer', '2 printed by operator']);
          assert.deepEqual(await papers(kiosk), ['cut original', 'cut duplicate']);
        }),
    },
    'the printer breaks off': {
      'the paper ends in the middle: the operator is asked, and the second copy says DUPLICATE [INV-42]': () =>
        atCounter(async (counter) => {
          const { kiosk, screen } = counter;
          await kiosk.printer.order({ do: 'paper-out', afterRows: 150 });
          await pay(counter);
          await trouble(counter, 'print-unknown', 'did-it-print');
          await kiosk.printer.order({ do: 'refill' });
          await screen.when(({ header }) => header.devices.every((d) => d.state === 'ready'), 'paper');
          await trouble(counter, 'print-unknown', 'did-it-print');
          assert.deepEqual(await papers(kiosk), ['torn original'], 'nothing more comes by itself');
          screen.send({ do: 'print-now' });
          await handover(counter);
          assert.deepEqual(await papers(kiosk), ['torn original', 'cut blank', 'cut duplicate']);
          assert.deepEqual(prints(kiosk), PRINTED_TWICE);
        }),

      'the cable is pulled in the middle: the same, once it is back': () =>
        atCounter(async (counter) => {
          const { kiosk, screen } = counter;
          await kiosk.printer.order({ do: 'unplug', afterBytes: 6_000 });
          await pay(counter);
          await trouble(counter, 'print-unknown', 'did-it-print');
          screen.send({ do: 'print-now' });
          await trouble(counter, 'printer-absent', 'fix');
          await kiosk.printer.order({ do: 'plug' });
          await handover(counter);
          const seen = await papersOf(kiosk);
          assert.equal(seen.filter((paper) => !isDuplicate(paper) && says(paper, 'Receipt')).length, 0, 'no second original');
          assert.equal(seen.filter(isDuplicate).length, 1);
          assert.deepEqual(prints(kiosk), PRINTED_TWICE);
        }),

      'the head is too warm in the middle: the screen says that it goes on by itself, and so it does, once': () =>
        atCounter(async (counter) => {
          const { kiosk, screen } = counter;
          await kiosk.printer.order({ do: 'error', recovery: 'by-itself', afterRows: 150 });
          await pay(counter);
          await screen.until('working', ({ waitsFor }) => waitsFor === 'printer-cooling');
          assert.deepEqual(await papers(kiosk), []);
          await kiosk.printer.order({ do: 'error-fix' });
          await handover(counter);
          assert.deepEqual(await papers(kiosk), ['cut original']);
          assert.deepEqual(prints(kiosk), PRINTED_ONCE);
        }),

      'the knife jams at the cut: the operator saw the paper come out whole, so nothing is printed again': () =>
        atCounter(async (counter) => {
          const { kiosk, screen } = counter;
          await kiosk.printer.order({ do: 'cutter-error', at: 'next-cut' });
          await pay(counter);
          const { problem } = await trouble(counter, 'print-unknown', 'did-it-print');
          assert.equal(problem.values?.['cause'], 'cutter-error');
          screen.send({ do: 'it-printed' });
          await handover(counter);
          assert.deepEqual(prints(kiosk), ['1 original', '1 unknown by printer', '1 printed by operator']);
        }),
    },
    'the printer can not begin': {
      'out of paper: the sale is safe, and the receipt prints by itself with a new roll': mended(
        { do: 'paper-out' },
        { do: 'refill' },
        'paper-out',
        'itself',
      ),
      'cover open: the same when it is closed': mended({ do: 'cover-open' }, { do: 'cover-close' }, 'cover-open', 'itself'),
      'the knife is stuck: the same when it is free': mended({ do: 'cutter-error' }, { do: 'cutter-fix' }, 'cutter-error', 'itself'),
      'a fault of its own: printed when Enter is pressed after it was switched off and on': mended(
        { do: 'error', recovery: 'unrecoverable' },
        { do: 'normal' },
        'printer-error',
        'Enter',
      ),
      'a fault that the printer leaves only when it is told to: printed when its cause is mended': mended(
        { do: 'error', recovery: 'recoverable' },
        { do: 'error-fix' },
        'printer-error',
        'itself',
      ),
      'silent: printed when it answers again': mended({ do: 'silent' }, { do: 'normal' }, 'printer-silent', 'itself'),
      'unplugged: printed when it is plugged in': mended({ do: 'unplug' }, { do: 'plug' }, 'printer-absent', 'itself'),

      'told before any cash is taken; left for later, the first copy from the list of receipts is the original': () =>
        atCounter(async (counter) => {
          const { kiosk, screen, bill } = counter;
          await kiosk.printer.order({ do: 'paper-out' });
          await kiosk.toTender(screen, bill);
          assertTold((await screen.until('tender', ({ problem }) => problem !== null)).problem, 'printer-first', 'none-taken');
          screen.send({ do: 'take-cash', received: '' });
          await trouble(counter, 'paper-out', 'fix');
          screen.send({ do: 'print-later' });
          const left = await screen.until('handover');
          assert.equal(left.sale.steps[2]?.state, 'later');
          screen.send({ do: 'show-receipts' });
          const { rows } = await screen.until('receipts');
          assert.deepEqual([rows[0]?.printed, rows[0]?.copies], ['no', 0]);
          screen.send({ do: 'reprint', receipt: left.sale.receipt });
          assertTold((await screen.until('receipts', ({ problem }) => problem !== null)).problem, 'paper-out', 'safe');
          await kiosk.printer.order({ do: 'refill' });
          await screen.when(({ header }) => header.devices.every((d) => d.state === 'ready'), 'paper');
          screen.send({ do: 'reprint', receipt: left.sale.receipt });
          await screen.until('receipts', (body) => body.problem?.code === 'saved-printed' && body.rows[0]?.printed === 'yes');
          assert.deepEqual(await papers(kiosk), ['cut original']);
        }),
    },
    'the printer is well': {
      'near the end of its paper: a warning, and receipts go on': () =>
        atCounter(async (counter) => {
          const { kiosk, screen, bill } = counter;
          await kiosk.printer.order({ do: 'near-end' });
          const printer = ({ header }: CounterClient['view']): (typeof header.devices)[number] | undefined =>
            header.devices.find((d) => d.kind === 'printer');
          const view = await screen.when((v) => printer(v)?.state === 'warning', 'the warning');
          assertTold(printer(view)?.problem, 'printer-near-end', 'nothing-lost');
          await kiosk.sell(screen, bill);
          assert.deepEqual(await papers(kiosk), ['cut original']);
        }),

      'a reprint says DUPLICATE, on paper and in the ledger [INV-42]': () =>
        atCounter(async (counter) => {
          const { kiosk, screen, bill } = counter;
          const { sale } = await kiosk.sell(screen, bill);
          await kiosk.next(screen);
          screen.send({ do: 'show-receipts' });
          await screen.until('receipts');
          for (const copies of [2, 3]) {
            screen.send({ do: 'reprint', receipt: sale.receipt });
            await screen.until('receipts', ({ rows }) => rows[0]?.copies === copies && rows[0].printed === 'yes');
          }
          assert.deepEqual(await papers(kiosk), ['cut original', 'cut duplicate', 'cut duplicate']);
          assert.deepEqual(prints(kiosk), [...PRINTED_ONCE, '2 duplicate', '2 printed by printer', '3 duplicate', '3 printed by printer']);
        }),
    },
  });
});
