import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Bill } from '#protocol/bill/bill.js';
import type { Body, CounterClient } from '../../support/counter-client.js';
import { startPrinterSimulator, type PrinterSimulator } from '../../../firmware-agent/devices/printer/simulator/simulator.js';
import { auditSettled, moved, paid } from '../../support/world-audit.js';
import { deviceShown, withDevice } from '../../support/world-devices.js';
import type { TestKiosk } from '../../support/world-kiosk.js';
import { isBlank, isDuplicate, papersIn, papersOf, type PaperSeen } from '../../support/world-paper.js';
import { sideBySide } from '../../support/world-side-by-side.js';
import { assertTold } from '../../support/world-texts.js';
import { eventually } from '../../support/world-value.js';
import { inWorld } from '../../support/world.js';

type Counter = {
  readonly kiosk: TestKiosk;
  readonly screen: CounterClient;
  readonly bill: Bill;
  readonly second: PrinterSimulator;
  /** What came out of the second printer. */
  readonly secondPapers: () => Promise<readonly string[]>;
};

/** A counter with two receipt printers and one bill, which is paid once whatever they do. */
function atTwoPrinters(act: (counter: Counter) => Promise<void>): Promise<void> {
  return inWorld({}, async (world) => {
    const folder = join(world.root, 'second-paper');
    await withDevice(startPrinterSimulator({ host: '127.0.0.1', port: 0, width: '58mm', paperFolder: folder }), async (second) => {
      const kiosk = world.kiosk();
      kiosk.plug({ kind: 'printer', transport: 'tcp', host: second.host, port: second.port, width: '58mm' });
      await kiosk.start();
      const screen = await kiosk.openCounter();
      const before = await auditSettled(world);
      const bill = world.nextBill('JVVNL');
      await act({ kiosk, screen, bill, second, secondPapers: async () => named(await papersIn(second, folder)) });
      assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise), 'paid once, whatever the printers did');
    });
  });
}

function named(papers: readonly PaperSeen[]): readonly string[] {
  return papers.map((paper) => `${paper.end} ${isBlank(paper) ? 'blank' : isDuplicate(paper) ? 'duplicate' : 'original'}`);
}

const firstPapers = async (kiosk: TestKiosk): Promise<readonly string[]> => named(await papersOf(kiosk));

async function trouble(screen: CounterClient, code: Body<'print-trouble'>['problem']['code']): Promise<Body<'print-trouble'>['ask']> {
  const { problem, ask } = await screen.until('print-trouble', (body) => body.problem.code === code);
  assertTold(problem, code, 'safe');
  return ask;
}

async function handover(screen: CounterClient): Promise<void> {
  await screen.until('handover', ({ sale }) => sale.steps[2]?.state === 'done');
}

describe('faults of one printer of two', () => {
  sideBySide({
    'the other is well': {
      'the first is out of paper before the sale: the receipt comes out of the second, and nobody is asked': () =>
        atTwoPrinters(async ({ kiosk, screen, bill, secondPapers }) => {
          await kiosk.printer.order({ do: 'paper-out' });
          assertTold(await deviceShown(screen, { name: 'printer', state: 'trouble', code: 'paper-out' }), 'paper-out', 'safe');
          await kiosk.toTender(screen, bill);
          const tender = await screen.until('tender');
          assert.equal(tender.problem, null, 'a printer is there: no warning before the cash');
          screen.send({ do: 'take-cash', received: '' });
          await handover(screen);
          assert.deepEqual([await firstPapers(kiosk), await secondPapers()], [[], ['cut original']]);
        }),

      'the first is pulled in the middle: the operator is asked, and the copy from the second says DUPLICATE [INV-42]': () =>
        atTwoPrinters(async ({ kiosk, screen, bill, secondPapers }) => {
          await kiosk.toTender(screen, bill);
          await kiosk.printer.order({ do: 'unplug', afterBytes: 6_000 });
          screen.send({ do: 'take-cash', received: '' });
          assert.equal(await trouble(screen, 'print-unknown'), 'did-it-print');
          assert.deepEqual(await secondPapers(), [], 'nothing more comes by itself');
          screen.send({ do: 'print-now' });
          await handover(screen);
          assert.deepEqual(await secondPapers(), ['cut duplicate']);
          const ends = kiosk.entries().flatMap(({ body }) => (body.kind === 'print-ended' ? [`${body.copy} ${body.outcome}`] : []));
          assert.deepEqual(ends, ['1 unknown', '2 printed']);
        }),

      'the agent is started anew after that: the torn paper stands alone, and nothing comes out of the other [INV-42]': () =>
        atTwoPrinters(async ({ kiosk, screen, bill, secondPapers }) => {
          await kiosk.toTender(screen, bill);
          await kiosk.printer.order({ do: 'unplug', afterBytes: 6_000 });
          screen.send({ do: 'take-cash', received: '' });
          assert.equal(await trouble(screen, 'print-unknown'), 'did-it-print');
          await kiosk.stop();
          await kiosk.printer.order({ do: 'plug' });
          await kiosk.start();
          const later = await kiosk.screen();
          await later.when(({ header }) => header.link.state === 'online' && header.devices.every((d) => d.state === 'ready'), 'link and devices');
          await eventually('what hung out of it is cut off', async () => (await firstPapers(kiosk)).length > 0);
          await kiosk.logIn(later);
          assert.equal(await trouble(later, 'print-unknown'), 'did-it-print');
          const before = (await firstPapers(kiosk)).length;
          later.send({ do: 'print-now' });
          await handover(later);
          assert.deepEqual([(await firstPapers(kiosk)).slice(before), await secondPapers()], [['cut duplicate'], []]);
        }),
    },
    'the other is in trouble too': {
      'what is wrong is told, and the original comes from the one that is mended': () =>
        atTwoPrinters(async ({ kiosk, screen, bill, second, secondPapers }) => {
          await kiosk.printer.order({ do: 'cover-open' });
          await second.order({ do: 'paper-out' });
          await deviceShown(screen, { name: 'printer', state: 'trouble', code: 'cover-open' });
          await deviceShown(screen, { name: 'printer-2', state: 'trouble', code: 'paper-out' });
          await kiosk.toTender(screen, bill);
          assertTold((await screen.until('tender')).problem, 'printer-first', 'none-taken');
          screen.send({ do: 'take-cash', received: '' });
          assert.equal(await trouble(screen, 'cover-open'), 'fix');
          await second.order({ do: 'refill' });
          await handover(screen);
          assert.deepEqual([await firstPapers(kiosk), await secondPapers()], [[], ['cut original']]);
        }),
    },
  });
});
