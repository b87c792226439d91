import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { ProblemCode } from '#protocol/counter/problem.js';
import { TECHNICIAN_SOCKET } from '#protocol/technician/messages.js';
import { startCameraSimulator } from '../../../firmware-agent/devices/camera/simulator/simulator.js';
import { startDocumentScannerSimulator } from '../../../firmware-agent/devices/document-scanner/simulator/simulator.js';
import type { DeviceConfigInput } from '../../../firmware-agent/devices/devices.js';
import { startPagePrinterSimulator } from '../../../firmware-agent/devices/page-printer/simulator/simulator.js';
import { BenchClient } from '../../../provisioning/technician/doctor/client.js';
import type { CounterClient } from '../../support/counter-client.js';
import { auditSettled, moved, paid } from '../../support/world-audit.js';
import { deviceShown, withDevice } from '../../support/world-devices.js';
import type { TestKiosk } from '../../support/world-kiosk.js';
import { sideBySide } from '../../support/world-side-by-side.js';
import { assertTold } from '../../support/world-texts.js';
import { valueOf } from '../../support/world-value.js';
import { inWorld } from '../../support/world.js';

type Counter = { readonly kiosk: TestKiosk; readonly screen: CounterClient };

/** A counter with a device for papers, and a bill that is paid while that device is in trouble: it stops nobody. */
function besideSale(device: DeviceConfigInput, act: (counter: Counter) => Promise<void>): Promise<void> {
  return inWorld({}, async (world) => {
    const kiosk = world.kiosk();
    kiosk.plug(device);
    await kiosk.start();
    const screen = await kiosk.openCounter();
    await deviceShown(screen, { name: device.kind, state: 'ready' });
    const before = await auditSettled(world);
    const bill = world.nextBill('JVVNL');
    await act({ kiosk, screen });
    await kiosk.sell(screen, bill);
    await kiosk.next(screen);
    assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
  });
}

/** The first row tells it, in words that say that nothing is lost. */
async function told({ screen }: Counter, name: string, state: 'trouble' | 'absent' | 'warning', code: ProblemCode): Promise<void> {
  assertTold(await deviceShown(screen, { name, state, code }), code, 'nothing-lost');
}

/** A technician tries it beside the open counter: what came of it. */
async function tried({ kiosk }: Counter, device: string, check: string): Promise<string> {
  const client = valueOf(await BenchClient.connect(join(kiosk.folder, TECHNICIAN_SOCKET)));
  const { result } = valueOf(await client.ask({ do: 'run', device, check }).answer);
  client.close();
  return result.problem?.code ?? result.outcome;
}

describe('faults of papers', () => {
  sideBySide({
    'a document scanner': {
      'a jam, an open lid, another program, a pulled cable: each is told, and no sale waits for it': () =>
        withDevice(startDocumentScannerSimulator(), (sim) =>
          besideSale({ kind: 'document-scanner', transport: 'sane', program: sim.program, device: sim.device }, async (counter) => {
            const scan = (): Promise<string> => tried(counter, 'document-scanner', 'scan-page');
            assert.equal(await scan(), 'pass');
            for (const [order, code] of [
              [{ do: 'cover-open' }, 'document-scanner-cover'],
              [{ do: 'busy' }, 'document-scanner-busy'],
              [{ do: 'jam' }, 'document-scanner-jam'],
            ] as const) {
              await sim.order(order);
              assert.equal(await scan(), code);
              await told(counter, 'document-scanner', 'trouble', code);
              await sim.order({ do: 'normal' });
              assert.equal(await scan(), 'pass');
            }
            await sim.order({ do: 'unplug' });
            assert.equal(await scan(), 'document-scanner-absent');
            await told(counter, 'document-scanner', 'absent', 'document-scanner-absent');
          }),
        ),
    },
    'a camera': {
      'used by another program, pulled in the middle of the day: told, and no sale waits for it': () =>
        withDevice(startCameraSimulator(), (sim) =>
          besideSale({ kind: 'camera', transport: 'v4l2', program: sim.program, device: sim.device }, async (counter) => {
            const take = (): Promise<string> => tried(counter, 'camera', 'photograph');
            assert.equal(await take(), 'pass');
            await sim.order({ do: 'busy' });
            assert.equal(await take(), 'camera-busy');
            await sim.order({ do: 'normal' });
            await sim.order({ do: 'unplug' });
            await told(counter, 'camera', 'absent', 'camera-absent');
            await sim.order({ do: 'plug' });
            await deviceShown(counter.screen, { name: 'camera', state: 'ready' });
          }),
        ),
    },
    'a page printer': {
      'an empty tray, an open cover, a pulled plug: each is told, and no sale waits for it': () =>
        withDevice(startPagePrinterSimulator({ host: '127.0.0.1', port: 0, pageMs: 20 }), (sim) =>
          besideSale({ kind: 'page-printer', transport: 'ipp', url: sim.url }, async (counter) => {
            for (const [order, code] of [
              ['media-empty', 'page-printer-paper'],
              ['cover', 'page-printer-cover'],
            ] as const) {
              await sim.order({ do: order });
              await told(counter, 'page-printer', 'trouble', code);
              await sim.order({ do: 'normal' });
            }
            await sim.order({ do: 'unplug' });
            await told(counter, 'page-printer', 'absent', 'page-printer-absent');
          }),
        ),
    },
  });
});
