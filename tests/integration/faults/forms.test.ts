import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { StockView } from '#protocol/counter/view.js';
import { startDotMatrixSimulator, type DotMatrixSimulator } from '../../../firmware-agent/devices/printer/simulator/dot-matrix/simulator.js';
import type { CounterClient } from '../../support/counter-client.js';
import { auditSettled, moved, paid } from '../../support/world-audit.js';
import { deviceShown, withDevice } from '../../support/world-devices.js';
import type { TestKiosk } from '../../support/world-kiosk.js';
import { sideBySide } from '../../support/world-side-by-side.js';
import { assertTold } from '../../support/world-texts.js';
import { inWorld, type World } from '../../support/world.js';

type Counter = { readonly world: World; readonly kiosk: TestKiosk; readonly screen: CounterClient; readonly printer: DotMatrixSimulator };

/** A counter whose one printer is a dot-matrix on pre-printed forms, with no form loaded; the till is open. */
function atForms(act: (counter: Counter) => Promise<void>): Promise<void> {
  return inWorld({}, async (world) => {
    const made = startDotMatrixSimulator({ host: '127.0.0.1', port: 0, pins: 24, columns: 80, paperFolder: join(world.root, 'forms') });
    await withDevice(made, async (printer) => {
      const kiosk = world.kiosk();
      const { host, port } = printer;
      kiosk.plugOnly({ kind: 'printer', language: 'escp', transport: 'tcp', host, port, forms: 'pre-printed', stockLowAt: 0 });
      await kiosk.start();
      const screen = await kiosk.screen();
      await screen.when(({ header }) => header.link.state === 'online', 'the link');
      assertTold(await deviceShown(screen, { name: 'printer', state: 'trouble', code: 'stock-out' }), 'stock-out', 'safe');
      await kiosk.logIn(screen);
      await screen.until('till-opening');
      screen.send({ do: 'open-till', float: '0' });
      await screen.until('menu');
      await act({ world, kiosk, screen, printer });
    });
  });
}

/** F6, the numbers of the pack, and back. */
async function load({ screen }: Counter, first: string, last: string): Promise<void> {
  screen.send({ do: 'show-stock' });
  const { stock } = await screen.until('stock');
  screen.send({ do: 'load-forms', first, last });
  await screen.until('stock', (body) => (body.stock?.loaded ?? 0) > (stock?.loaded ?? 0));
  screen.send({ do: 'back' });
}

/** A form never says that it is printed: the operator is asked, and saw it. */
async function sawIt({ screen }: Counter): Promise<void> {
  const { problem, ask } = await screen.until('print-trouble', (body) => body.ask === 'did-it-print');
  assertTold(problem, 'print-unknown', 'safe');
  screen.send({ do: 'it-printed' });
  await screen.until('handover', ({ sale }) => sale.steps[2]?.state === 'done');
  assert.equal(ask, 'did-it-print');
}

async function counted({ screen }: Counter): Promise<Omit<StockView, 'printer'> | undefined> {
  screen.send({ do: 'confirm' });
  await screen.until('menu');
  screen.send({ do: 'show-stock' });
  const { stock } = await screen.until('stock');
  screen.send({ do: 'back' });
  await screen.until('menu');
  if (stock === null) return undefined;
  const { printer: _, ...counts } = stock;
  return counts;
}

async function forms({ printer }: Counter): Promise<number> {
  return ((await printer.order({ do: 'state' }))['papers'] as readonly unknown[]).length;
}

describe('faults of pre-printed forms', () => {
  sideBySide({
    'a printer that can not say what it printed': {
      'the operator saw it (Y): handed over, and one form is counted as printed': () =>
        atForms(async (counter) => {
          const { world, kiosk, screen } = counter;
          await load(counter, 'RJ-0001', 'RJ-0003');
          await deviceShown(screen, { name: 'printer', state: 'ready' });
          const before = await auditSettled(world);
          const bill = world.nextBill('JVVNL');
          await kiosk.toTender(screen, bill);
          screen.send({ do: 'take-cash', received: '' });
          await sawIt(counter);
          assert.equal(await forms(counter), 1);
          const expected = { loaded: 3, printed: 1, unsure: 0, spoilt: 0, left: 2, next: 'RJ-0002', unsureSerials: [] };
          assert.deepEqual(await counted(counter), expected);
          assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
        }),
    },
    'no form is left': {
      'told before the cash; a pack is loaded (F6) and the receipt goes on its first form': () =>
        atForms(async (counter) => {
          const { world, kiosk, screen } = counter;
          const before = await auditSettled(world);
          const bill = world.nextBill('JVVNL');
          await kiosk.toTender(screen, bill);
          assertTold((await screen.until('tender')).problem, 'stock-first', 'none-taken');
          screen.send({ do: 'take-cash', received: '' });
          const { problem, ask } = await screen.until('print-trouble');
          assertTold(problem, 'stock-out', 'safe');
          assert.equal(ask, 'fix');
          assert.equal(await forms(counter), 0);
          await load(counter, 'RJ-0007', 'RJ-0008');
          await sawIt(counter);
          assert.equal(await forms(counter), 1);
          const expected = { loaded: 2, printed: 1, unsure: 0, spoilt: 0, left: 1, next: 'RJ-0008', unsureSerials: [] };
          assert.deepEqual(await counted(counter), expected);
          assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
        }),
    },
  });
});
