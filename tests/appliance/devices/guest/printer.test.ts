import assert from 'node:assert/strict';
import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import type { PrinterHandle } from '../../../../firmware-agent/devices/ports.js';
import { startPrinter } from '../../../../firmware-agent/devices/printer/handle.js';
import { paperBitmap } from '../../../../firmware-agent/devices/raster/paper.js';
import { systemTimers } from '../../../../firmware-agent/devices/timers.js';
import { characterDeviceTransport } from '../../../../firmware-agent/devices/transport/character-device.js';
import type { Transport } from '../../../../firmware-agent/devices/transport/transport.js';
import { printerContract } from '../../../unit/devices/printer-contract.js';
import { differences, HINDI_RECEIPT, QUICK, simulatorWorld, SLIP, tempFolder, type SimulatorWorld } from '../../../unit/devices/world.js';
import { eventually } from './eventually.js';
import { Openings } from './openings.js';
import { printerCable, type PrinterCable } from './printer-cable.js';
import { reaches } from './scans.js';
import type { Socket } from './usb-gadget.js';
import { printerNode, usbPrinterTransport } from './usb-printer.js';

printerContract(
  "the kernel's usblp",
  async (sim) => {
    const cable = await printerCable(sim);
    return { transport: usbPrinterTransport(cable.serial), end: cable.close };
  },
  'heals',
);

describe('USB printer', () => {
  const open = new Openings();
  afterEach(() => open.closeAll());
  const simulator = async (): Promise<SimulatorWorld> => open.keep(await simulatorWorld(), (one) => one.close());
  const plugged = async ({ sim }: SimulatorWorld, socket: Socket = 0): Promise<PrinterCable> =>
    open.keep(await printerCable(sim, socket), (one) => one.close());
  const driven = (transport: Transport): PrinterHandle => open.keep(startPrinter(transport, { width: '58mm', delays: QUICK }), (one) => one.close());
  const nodeOf = ({ serial }: PrinterCable): Promise<string> => eventually('the node', () => printerNode(serial));

  it('is plugged in while the driver runs, pulled and plugged in again: absent, ready, absent, ready', async () => {
    const world = await simulator();
    const cable = await plugged(world);
    await cable.pull();
    const printer = driven(usbPrinterTransport(cable.serial));
    assert.deepEqual(printer.state(), { state: 'absent', problem: { code: 'printer-absent' } });
    assert.equal((await printer.print(SLIP)).outcome, 'not-started');
    for (const round of [1, 2]) {
      await cable.push();
      await reaches(printer, 'ready');
      assert.deepEqual(await printer.print(SLIP), { outcome: 'printed' });
      assert.equal(world.papers().length, round);
      await cable.pull();
      await reaches(printer, 'absent');
    }
  });

  it('is found by its serial number, whichever lp it became', async () => {
    const worlds = [await simulator(), await simulator()] as const;
    const cables = [await plugged(worlds[0], 0), await plugged(worlds[1], 1)] as const;
    const nodes = await Promise.all(cables.map(nodeOf));
    assert.deepEqual(nodes.toSorted(), ['/dev/usb/lp0', '/dev/usb/lp1']);
    const printers = cables.map(({ serial }) => driven(usbPrinterTransport(serial)));
    for (const printer of printers) await reaches(printer, 'ready');
    // Pulled together and plugged in the other way round, they change their numbers.
    for (const cable of cables) await cable.pull();
    for (const printer of printers) await reaches(printer, 'absent');
    for (const cable of [cables[nodes.indexOf('/dev/usb/lp1')], cables[nodes.indexOf('/dev/usb/lp0')]]) {
      await cable?.push();
      if (cable !== undefined) await nodeOf(cable);
    }
    assert.deepEqual(await Promise.all(cables.map(nodeOf)), nodes.toReversed());
    for (const [i, lines] of [SLIP, HINDI_RECEIPT].entries()) {
      const [printer, world] = [printers[i], worlds[i]];
      assert.ok(printer !== undefined && world !== undefined);
      await reaches(printer, 'ready');
      assert.deepEqual(await printer.print(lines), { outcome: 'printed' });
      const [paper, ...more] = world.papers();
      assert.ok(paper !== undefined && more.length === 0);
      assert.equal(differences(paperBitmap(lines, '58mm'), paper).missing, 0);
    }
  });

  it('that is gone never becomes a file on the disk', async () => {
    const cable = await plugged(await simulator());
    const node = await nodeOf(cable);
    // The node by its fixed name, as a configuration may say it.
    const printer = driven(characterDeviceTransport(node, systemTimers));
    await reaches(printer, 'ready');
    await cable.pull();
    await reaches(printer, 'absent');
    assert.equal((await printer.print(SLIP)).outcome, 'not-started');
    assert.equal(existsSync(node), false);
    await cable.push();
    await reaches(printer, 'ready');
    assert.ok(lstatSync(node).isCharacterDevice());
  });

  it('that has become a file is not written to', async () => {
    const folder = open.keep(tempFolder(), (one) => one.remove());
    const file = `${folder.path}/lp0`;
    writeFileSync(file, 'not a printer');
    const printer = driven(characterDeviceTransport(file, systemTimers));
    assert.equal((await printer.print(SLIP)).outcome, 'not-started');
    assert.equal(printer.state().state, 'absent');
    assert.equal(readFileSync(file, 'utf8'), 'not a printer');
  });
});
