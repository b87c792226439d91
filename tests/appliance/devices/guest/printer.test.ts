import assert from 'node:assert/strict';
import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { startPrinter } from '../../../../firmware-agent/devices/printer/handle.js';
import { paperBitmap } from '../../../../firmware-agent/devices/raster/paper.js';
import { systemTimers } from '../../../../firmware-agent/devices/timers.js';
import { characterDeviceTransport } from '../../../../firmware-agent/devices/transport-character-device.js';
import { printerContract } from '../../../unit/devices/printer-contract.js';
import { differences, HINDI_RECEIPT, QUICK, simulatorWorld, SLIP, tempFolder } from '../../../unit/devices/world.js';
import { printerCable } from './printer-cable.js';
import { reaches } from './scans.js';
import { eventually } from './eventually.js';
import { printerNode, usbPrinterTransport } from './usb-printer.js';

printerContract(
  "the kernel's usblp",
  async (sim) => {
    const cable = await printerCable(sim);
    return { transport: usbPrinterTransport(cable.serial), end: cable.end };
  },
  'heals',
);

describe('USB printer', () => {
  it('is plugged in while the driver runs, pulled and plugged in again: absent, ready, absent, ready', async () => {
    const world = await simulatorWorld();
    const cable = await printerCable(world.sim);
    await cable.pull();
    const printer = startPrinter(usbPrinterTransport(cable.serial), { width: '58mm', delays: QUICK });
    assert.deepEqual(printer.state(), { state: 'absent', problem: { code: 'printer-absent' } });
    assert.deepEqual((await printer.print(SLIP)).outcome, 'not-started');
    for (const round of [1, 2]) {
      await cable.push();
      await reaches(printer, 'ready');
      assert.deepEqual(await printer.print(SLIP), { outcome: 'printed' });
      assert.equal(world.papers().length, round);
      await cable.pull();
      await reaches(printer, 'absent');
    }
    await printer.close();
    await cable.end();
    await world.close();
  });

  it('is found by its serial number, whichever lp it became', async () => {
    const worlds = [await simulatorWorld(), await simulatorWorld()] as const;
    const cables = [await printerCable(worlds[0].sim, 0), await printerCable(worlds[1].sim, 1)] as const;
    const nodes = await Promise.all(cables.map(({ serial }) => eventually('the node', () => printerNode(serial))));
    assert.deepEqual(nodes, ['/dev/usb/lp0', '/dev/usb/lp1']);
    const printers = cables.map(({ serial }) => startPrinter(usbPrinterTransport(serial), { width: '58mm', delays: QUICK }));
    for (const printer of printers) await reaches(printer, 'ready');
    // Pulled together and plugged in the other way round, they change their numbers.
    for (const cable of cables) await cable.pull();
    for (const printer of printers) await reaches(printer, 'absent');
    for (const cable of cables.toReversed()) {
      await cable.push();
      await eventually('the node', () => printerNode(cable.serial));
    }
    assert.deepEqual(cables.map(({ serial }) => printerNode(serial)), nodes.toReversed());
    for (const printer of printers) await reaches(printer, 'ready');
    const [first, second] = printers;
    assert.deepEqual(await first?.print(SLIP), { outcome: 'printed' });
    assert.deepEqual(await second?.print(HINDI_RECEIPT), { outcome: 'printed' });
    for (const [i, lines] of [SLIP, HINDI_RECEIPT].entries()) {
      const [paper, ...more] = worlds[i]?.papers() ?? [];
      const wanted = paperBitmap(lines, '58mm');
      assert.ok(paper !== undefined && more.length === 0);
      assert.equal(differences(wanted, paper).missing, 0);
    }
    for (const printer of printers) await printer.close();
    for (const cable of cables) await cable.end();
    for (const world of worlds) await world.close();
  });

  it('that is gone never becomes a file on the disk', async () => {
    const world = await simulatorWorld();
    const cable = await printerCable(world.sim);
    const node = await eventually('the node', () => printerNode(cable.serial));
    // The node by its fixed name, as a configuration may say it.
    const printer = startPrinter(characterDeviceTransport(node, systemTimers), { width: '58mm', delays: QUICK });
    await reaches(printer, 'ready');
    await cable.pull();
    await reaches(printer, 'absent');
    assert.equal((await printer.print(SLIP)).outcome, 'not-started');
    assert.equal(existsSync(node), false);
    await cable.push();
    await reaches(printer, 'ready');
    assert.ok(lstatSync(node).isCharacterDevice());
    await printer.close();
    await cable.end();
    await world.close();
  });

  it('that has become a file is not written to', async () => {
    const folder = tempFolder();
    const file = `${folder.path}/lp0`;
    writeFileSync(file, 'not a printer');
    const printer = startPrinter(characterDeviceTransport(file, systemTimers), { width: '58mm', delays: QUICK });
    assert.equal((await printer.print(SLIP)).outcome, 'not-started');
    assert.equal(printer.state().state, 'absent');
    assert.equal(readFileSync(file, 'utf8'), 'not a printer');
    await printer.close();
    folder.remove();
  });
});
