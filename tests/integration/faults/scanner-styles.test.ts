import assert from 'node:assert/strict';
import type { Bill } from '#protocol/bill/bill.js';
import { startScannerSimulator, type ScannerSimulator } from '../../../firmware-agent/devices/scanner/simulator/simulator.js';
import type { CounterClient } from '../../support/counter-client.js';
import { auditSettled, moved, paid } from '../../support/world-audit.js';
import { codeOfBill, deviceShown, withDevice } from '../../support/world-devices.js';
import type { TestKiosk } from '../../support/world-kiosk.js';
import { sideBySide } from '../../support/world-side-by-side.js';
import { assertTold } from '../../support/world-texts.js';
import { inWorld, type World } from '../../support/world.js';

type Counter = { readonly world: World; readonly kiosk: TestKiosk; readonly screen: CounterClient; readonly hid: ScannerSimulator };

/** A counter with the usual scanner on a line, and a HID POS one beside it. */
function atTwoScanners(act: (counter: Counter) => Promise<void>): Promise<void> {
  return inWorld({}, (world) =>
    withDevice(startScannerSimulator({ way: 'serve', host: '127.0.0.1', port: 0, style: 'hid-pos' }), async (hid) => {
      const kiosk = world.kiosk();
      kiosk.plug({ kind: 'scanner', transport: 'hid-socket', host: hid.host, port: hid.port });
      await kiosk.start();
      await act({ world, kiosk, hid, screen: await kiosk.openCounter() });
    }),
  );
}

async function scan(scanner: ScannerSimulator, bill: Bill): Promise<void> {
  assert.equal((await scanner.order({ do: 'scan', text: codeOfBill(bill) })).ok, true);
}

/** A bill is scanned and paid; nothing else moves. */
async function sellsBy(scanner: ScannerSimulator, { world, kiosk, screen }: Counter): Promise<void> {
  const before = await auditSettled(world);
  const bill = world.nextBill('JVVNL');
  await scan(scanner, bill);
  await screen.until('quote', ({ quote }) => quote.bill.consumer === bill.consumer);
  screen.send({ do: 'agree' });
  await screen.until('tender');
  screen.send({ do: 'take-cash', received: '' });
  await screen.until('handover');
  await kiosk.next(screen);
  assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
}

/** What follows a code that was lost is passed over until it ends or the line was quiet; a plug is a new line. */
async function pluggedAnew({ hid, screen }: Counter): Promise<void> {
  await hid.order({ do: 'unplug' });
  await deviceShown(screen, { name: 'scanner-2', state: 'absent', code: 'scanner-absent' });
  await hid.order({ do: 'plug' });
  await deviceShown(screen, { name: 'scanner-2', state: 'ready' });
}

/** Told as what can not be read; no bill was fetched for it. */
async function unreadable({ kiosk, screen }: Counter): Promise<void> {
  const body = await screen.until('menu', ({ problem }) => problem !== null);
  assertTold(body.problem, 'scan-unreadable', 'none-taken');
  assert.deepEqual(
    kiosk.entries().filter((entry) => entry.body.kind === 'quoted'),
    [],
  );
  screen.send({ do: 'back' });
  await screen.until('menu', ({ problem }) => problem === null);
}

describe('faults of one scanner of two', () => {
  sideBySide({
    plugs: {
      'a bill from each; the HID one is pulled and plugged in again in the middle of the day': () =>
        atTwoScanners(async (counter) => {
          const { kiosk, screen, hid } = counter;
          await sellsBy(kiosk.scanner, counter);
          await sellsBy(hid, counter);
          await hid.order({ do: 'unplug' });
          const told = await deviceShown(screen, { name: 'scanner-2', state: 'absent', code: 'scanner-absent' });
          assertTold(told, 'scanner-absent', 'nothing-lost');
          await sellsBy(kiosk.scanner, counter);
          await hid.order({ do: 'plug' });
          await deviceShown(screen, { name: 'scanner-2', state: 'ready' });
          await sellsBy(hid, counter);
        }),

      'pulled in the middle of a code: told, and what came of it is no bill': () =>
        atTwoScanners(async (counter) => {
          const { screen, hid } = counter;
          await hid.order({ do: 'lose-continuation', text: `JVVNL|210100000100|${'J'.repeat(300)}` });
          await hid.order({ do: 'unplug' });
          await unreadable(counter);
          await hid.order({ do: 'plug' });
          await deviceShown(screen, { name: 'scanner-2', state: 'ready' });
          await sellsBy(hid, counter);
        }),
    },
    codes: {
      'it is set to type like a keyboard: told, and what it types is no bill; set right, it scans': () =>
        atTwoScanners(async (counter) => {
          const { kiosk, screen, hid } = counter;
          await hid.order({ do: 'model', model: 'keyboard' });
          const told = await deviceShown(screen, { name: 'scanner-2', state: 'trouble', code: 'scanner-keyboard' });
          assertTold(told, 'scanner-keyboard', 'nothing-lost');
          await sellsBy(kiosk.scanner, counter);
          await hid.order({ do: 'model', model: 'usual' });
          await deviceShown(screen, { name: 'scanner-2', state: 'ready' });
          await sellsBy(hid, counter);
        }),

      'bytes that are no text, half a report, and a lost last piece: told, and nothing is fetched': () =>
        atTwoScanners(async (counter) => {
          const { hid } = counter;
          const text = 'JVVNL|210100000100|J26100000';
          await hid.order({ do: 'garble', text });
          await unreadable(counter);
          await hid.order({ do: 'lose-continuation', text: text.padEnd(300, '0') });
          await unreadable(counter);
          await pluggedAnew(counter);
          await hid.order({ do: 'cut', text });
          await unreadable(counter);
          await pluggedAnew(counter);
          await sellsBy(hid, counter);
        }),
    },
  });
});
