import assert from 'node:assert/strict';
import type { CounterClient } from '../../support/counter-client.js';
import { auditSettled, moved, paid } from '../../support/world-audit.js';
import type { TestKiosk } from '../../support/world-kiosk.js';
import { isBlank, isDuplicate, papersOf } from '../../support/world-paper.js';
import { sideBySide } from '../../support/world-side-by-side.js';
import { inWorld, type World } from '../../support/world.js';

type Counter = { readonly world: World; readonly kiosk: TestKiosk; readonly screen: CounterClient };

function withPrinter(drawer: boolean, act: (counter: Counter) => Promise<void>): Promise<void> {
  return inWorld({}, async (world) => {
    const kiosk = world.kiosk();
    kiosk.plugOnly({ kind: 'printer', transport: 'tcp', host: '127.0.0.1', port: kiosk.printer.port, width: '58mm', drawer });
    await kiosk.start();
    const screen = await kiosk.openCounter();
    await act({ world, kiosk, screen });
  });
}

/** A drawer is not waited for by the counter: a test waits for it. */
async function pulsed(kiosk: TestKiosk, times: number): Promise<void> {
  while ((await pulses(kiosk)) < times) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await pulses(kiosk), times);
}

const pulses = async (kiosk: TestKiosk): Promise<number> => Number((await kiosk.printer.order({ do: 'state' }))['drawerPulses']);

async function printed(kiosk: TestKiosk): Promise<readonly string[]> {
  return (await papersOf(kiosk)).map((paper) => `${paper.end} ${isBlank(paper) ? 'blank' : isDuplicate(paper) ? 'duplicate' : 'original'}`);
}

const ended = (kiosk: TestKiosk): readonly string[] =>
  kiosk.entries().flatMap(({ body }) => (body.kind === 'print-ended' ? [`${body.outcome} by ${body.by}`] : []));

describe('the cash drawer on the socket of the printer', () => {
  sideBySide({
    'a day': {
      'opens for the float, for each sale and for the count; each receipt is confirmed by itself': () =>
        withPrinter(true, async ({ world, kiosk, screen }) => {
          await pulsed(kiosk, 1);
          for (const sale of [1, 2]) {
            await kiosk.sell(screen, world.nextBill('JVVNL'));
            assert.equal(await pulses(kiosk), 1 + sale, 'before its receipt was printed');
            await kiosk.next(screen);
          }
          assert.deepEqual(await printed(kiosk), ['cut original', 'cut original']);
          assert.deepEqual(ended(kiosk), ['printed by printer', 'printed by printer']);
          screen.send({ do: 'start-closing' });
          await screen.until('till-closing');
          await pulsed(kiosk, 4);
        }),

      'is left alone where devices.json names none': () =>
        withPrinter(false, async ({ world, kiosk, screen }) => {
          await kiosk.sell(screen, world.nextBill('JVVNL'));
          assert.equal(await pulses(kiosk), 0);
        }),
    },
    'that does not open': {
      'for want of paper: the sale is saved, and its receipt comes with the new roll': () =>
        withPrinter(true, async ({ world, kiosk, screen }) => {
          await pulsed(kiosk, 1);
          const before = await auditSettled(world);
          const bill = world.nextBill('JVVNL');
          await kiosk.printer.order({ do: 'paper-out' });
          await kiosk.toTender(screen, bill);
          screen.send({ do: 'take-cash', received: '' });
          await screen.until('print-trouble', ({ problem }) => problem.code === 'paper-out');
          await kiosk.printer.order({ do: 'refill' });
          await screen.until('handover', ({ sale }) => sale.steps[2]?.state === 'done');
          assert.equal(await pulses(kiosk), 1, 'the one of the float: a drawer does not spring open later, when nobody looks');
          assert.deepEqual(await printed(kiosk), ['cut original']);
          assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
        }),
    },
  });
});
