import assert from 'node:assert/strict';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { deviceConfig, openDevice } from '../../../../firmware-agent/devices/devices.js';
import { paperBitmap } from '../../../../firmware-agent/devices/raster/paper.js';
import { differences, simulatorWorld, SLIP } from '../../../unit/devices/world.js';
import { openDesk, type Desk } from './desk.js';
import { eventually, inTime } from './eventually.js';
import { HID_SCANNER_IDS, HidScanner } from './hid-scanner.js';
import { Openings } from './openings.js';
import { printerCable } from './printer-cable.js';
import { reaches, Scans } from './scans.js';
import { printerNode, USB_PRINTER } from './usb-printer.js';

const ADAPTER = '/dev/serial/by-id/usb-QEMU_QEMU_USB_SERIAL_JHAROKHA-1-if00-port0';
const isLoaded = (module: string): boolean => existsSync(`/sys/module/${module}`);
/** A device that was just found may have no driver for a moment. */
const hidDrivers = (): readonly string[] =>
  readdirSync('/sys/bus/hid/devices')
    .map((name) => `/sys/bus/hid/devices/${name}/driver`)
    .flatMap((driver) => (existsSync(driver) ? [basename(readlinkSync(driver))] : []));

/**
 * The short form of this suite: each kernel driver comes by itself for its device, and the product's driver, opened as `devices.json` names it,
 * brings a scan or a paper through it.
 */
describe('drivers of the kernel and of the product', () => {
  const open = new Openings();
  let desk: Desk;
  before(async () => {
    desk = await openDesk();
  });
  afterEach(() => open.closeAll());
  after(() => desk.close());

  it('ftdi_sio: a serial scanner, and one scan', async () => {
    assert.equal(isLoaded('ftdi_sio'), false);
    const opened = openDevice(deviceConfig.parse({ kind: 'scanner', transport: 'serial', path: ADAPTER, baudRate: 9_600 }));
    assert.ok(opened.kind === 'scanner');
    const scanner = open.keep(opened.handle, (one) => one.close());
    const scans = new Scans(scanner);
    assert.equal(scanner.state().state, 'absent');
    await desk.plug('serial-adapter');
    await reaches(scanner, 'ready');
    assert.ok(isLoaded('ftdi_sio'));
    await desk.send(Buffer.from(']C1210012345678\r'));
    assert.deepEqual(await scans.next(), { kind: 'scan', text: '210012345678', aim: 'C1' });
    await desk.unplug('serial-adapter');
    await reaches(scanner, 'absent');
  });

  it('usblp: a receipt printer, and one paper', async () => {
    assert.equal(isLoaded('usblp'), false);
    const world = open.keep(await simulatorWorld(), (one) => one.close());
    const cable = open.keep(await printerCable(world.sim), (one) => one.close());
    const opened = openDevice(deviceConfig.parse({ kind: 'printer', transport: 'usb-printer', width: '58mm', ...USB_PRINTER, serial: cable.serial }));
    assert.ok(opened.kind === 'printer');
    const printer = open.keep(opened.handle, (one) => one.close());
    await reaches(printer, 'ready');
    assert.ok(isLoaded('usblp'));
    assert.match(printerNode(cable.serial) ?? '', /^\/dev\/usb\/lp\d+$/u);
    assert.deepEqual(await inTime('the print', printer.print(SLIP)), { outcome: 'printed' });
    const [paper, ...more] = world.papers();
    assert.ok(paper !== undefined && more.length === 0);
    assert.deepEqual(differences(paperBitmap(SLIP, '58mm'), paper), { missing: 0, extra: 0 });
  });

  it('hid-generic: a HID POS scanner through hidraw, and one scan', async () => {
    const hand = open.keep(new HidScanner('DRIVERS-1'), (one) => one.unplug());
    const opened = openDevice(deviceConfig.parse({ kind: 'scanner', transport: 'hid', ...HID_SCANNER_IDS, serialNumber: hand.serial }));
    assert.ok(opened.kind === 'scanner');
    const scanner = open.keep(opened.handle, (one) => one.close());
    const scans = new Scans(scanner);
    await reaches(scanner, 'ready');
    assert.deepEqual(hidDrivers(), ['hid-generic']);
    hand.scan('E0', '8901234567890');
    assert.deepEqual([await scans.next(), ...scans.rest()], [{ kind: 'scan', text: '8901234567890', aim: 'E0' }]);
  });

  it('usbhid: a keyboard', async () => {
    assert.equal(isLoaded('usbhid'), false);
    await desk.plug('keyboard');
    await eventually('usbhid', () => (isLoaded('usbhid') ? true : undefined));
    await eventually('its driver', () => hidDrivers().find((name) => name === 'hid-generic'));
    await desk.unplug('keyboard');
    await eventually('its end', () => (readdirSync('/sys/bus/hid/devices').length === 0 ? true : undefined));
  });
});
