import assert from 'node:assert/strict';
import { devicesAsync } from 'node-hid';
import { deviceConfig, openDevice } from '../../../../firmware-agent/devices/devices.js';
import type { ScannerHandle } from '../../../../firmware-agent/devices/ports.js';
import { until } from '../../../unit/devices/world.js';
import { openDesk } from './desk.js';
import { eventually, inTime } from './eventually.js';
import { HID_SCANNER_IDS, HidScanner, openRawScanner, type RawReader } from './hid-scanner.js';
import { Openings } from './openings.js';
import { reaches, Scans } from './scans.js';

/** Of three reports. */
const LONG = `JVVNL|${'9'.repeat(140)}`;

const textOf = (report: Buffer): string => report.subarray(5, 5 + (report[1] ?? 0)).toString('utf8');

/** The ground under the product's driver: node-hid's own addon on a HID POS scanner behind /dev/uhid. */
describe('HID POS scanner through hidraw', () => {
  const open = new Openings();
  afterEach(() => open.closeAll());
  const plug = (serial: string): HidScanner => open.keep(new HidScanner(serial), (one) => one.unplug());
  const read = async (serial: string): Promise<RawReader> => open.keep(await openRawScanner(serial), (one) => one.close());

  it('is listed by what it is, and gives whole reports', async () => {
    const scanner = plug('HID-1');
    const reader = await read(scanner.serial);
    const listed = (await devicesAsync()).find(({ serialNumber }) => serialNumber === scanner.serial);
    assert.deepEqual(
      { vendor: listed?.vendorId, product: listed?.productId, name: listed?.product },
      { vendor: 0x0c2e, product: 0x0b81, name: 'Jharokha HID POS scanner' },
    );
    scanner.scan('Q3', LONG);
    const reports = await eventually('three reports', () => (reader.reports.length === 3 ? reader.reports : undefined));
    assert.deepEqual(
      reports.map((report) => [report.length, report[0], report.toString('latin1', 2, 5), report[63]]),
      [
        [64, 2, ']Q3', 1],
        [64, 2, ']Q3', 1],
        [64, 2, ']Q3', 0],
      ],
    );
    assert.equal(reports.map(textOf).join(''), LONG);
  });

  it('takes an output report: the beep for a good reading', async () => {
    const scanner = plug('HID-2');
    const reader = await read(scanner.serial);
    await reader.write([0x04, 0x40]);
    assert.deepEqual([...(await eventually('the report', () => scanner.outputs[0]))], [0x04, 0x40]);
  });

  it('is lost when it is pulled, and found again when it is back', async () => {
    const first = plug('HID-3');
    const reader = await read(first.serial);
    first.unplug();
    await eventually('the loss', () => (reader.lost() ? true : undefined));
    const second = plug('HID-3');
    const again = await read(second.serial);
    second.scan('E0', '8901234567890');
    assert.equal(textOf(await eventually('a report', () => again.reports[0])), '8901234567890');
    assert.deepEqual(reader.reports, []);
  });
});

/** As `devices.json` names it. */
function driven(ids: { readonly vendorId: string; readonly productId: string; readonly serialNumber?: string }): ScannerHandle {
  const opened = openDevice(deviceConfig.parse({ kind: 'scanner', transport: 'hid', ...ids }));
  assert.ok(opened.kind === 'scanner');
  return opened.handle;
}

describe("scanner over the kernel's hidraw", () => {
  const open = new Openings();
  afterEach(() => open.closeAll());
  const plug = (serial: string): HidScanner => open.keep(new HidScanner(serial), (one) => one.unplug());
  const drive = (serialNumber: string): ScannerHandle => open.keep(driven({ ...HID_SCANNER_IDS, serialNumber }), (one) => one.close());

  it('is plugged in while the driver runs; scans arrive whole, of one report and of three', async () => {
    const scanner = drive('HID-4');
    const scans = new Scans(scanner);
    assert.equal(scanner.state().state, 'absent');
    const hand = plug('HID-4');
    await reaches(scanner, 'ready');
    hand.scan('E0', '8901234567890');
    assert.deepEqual(await scans.next(), { kind: 'scan', text: '8901234567890', aim: 'E0' });
    hand.scan('Q3', LONG);
    assert.deepEqual(await scans.next(), { kind: 'scan', text: LONG, aim: 'Q3' });
    assert.deepEqual(scans.rest(), []);
  });

  it('pulled in the middle of a code tells no half of it; plugged in again it reads on', async () => {
    const scanner = drive('HID-5');
    const scans = new Scans(scanner);
    const hand = plug('HID-5');
    await reaches(scanner, 'ready');
    hand.scan('Q3', LONG, 1);
    hand.unplug();
    await reaches(scanner, 'absent');
    const again = plug('HID-5');
    await reaches(scanner, 'ready');
    again.scan('E0', '8901234567890');
    let told = await scans.next();
    if (told.kind === 'unreadable') told = await scans.next();
    assert.deepEqual([told, ...scans.rest()], [{ kind: 'scan', text: '8901234567890', aim: 'E0' }]);
  });

  it('is the one of its serial number when there are two of a model', async () => {
    const hands = [plug('HID-6'), plug('HID-7')];
    const scanner = drive('HID-7');
    const scans = new Scans(scanner);
    await reaches(scanner, 'ready');
    hands[0]?.scan('E0', 'not mine');
    hands[1]?.scan('E0', 'mine');
    assert.deepEqual([await scans.next(), ...scans.rest()], [{ kind: 'scan', text: 'mine', aim: 'E0' }]);
  });

  it('a device that types like a keyboard is refused, and said', async () => {
    const desk = open.keep(await openDesk(), (one) => one.close());
    const scanner = open.keep(driven({ vendorId: '0627', productId: '0001' }), (one) => one.close());
    await desk.plug('keyboard');
    await inTime(
      'the refusal',
      until(scanner, ({ problem }) => problem?.code === 'scanner-keyboard'),
    );
    await desk.unplug('keyboard');
    await inTime(
      'its end',
      until(scanner, ({ problem }) => problem?.code !== 'scanner-keyboard'),
    );
  });
});
