import assert from 'node:assert/strict';
import { devicesAsync } from 'node-hid';
import { SCANNER_DELAYS } from '../../../../firmware-agent/devices/scanner/driver.js';
import { startScanner } from '../../../../firmware-agent/devices/scanner/handle.js';
import { hidScanner } from '../../../../firmware-agent/devices/scanner/styles.js';
import { hidNodeTransport } from '../../../../firmware-agent/devices/transport/hid-node.js';
import { eventually } from './eventually.js';
import { HidScanner, openRawScanner, type RawReader } from './hid-scanner.js';
import { Openings } from './openings.js';
import { reaches, Scans } from './scans.js';

/** Patient inside a code, since the processor is emulated. */
const DELAYS = { ...SCANNER_DELAYS, gapMs: 5_000, backoffFirstMs: 20, backoffLongestMs: 100 };

const textOf = (report: Buffer): string => report.subarray(5, 5 + (report[1] ?? 0)).toString('utf8');

/** A HID POS scanner behind /dev/uhid, read through hidraw by node-hid's own addon: first bare, then by the product's driver. */
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
    const code = `JVVNL|${'9'.repeat(140)}`;
    scanner.scan('Q3', code);
    const reports = await eventually('three reports', () => (reader.reports.length === 3 ? reader.reports : undefined));
    assert.deepEqual(
      reports.map((report) => [report.length, report[0], report.toString('latin1', 2, 5), report[63]]),
      [
        [64, 2, ']Q3', 1],
        [64, 2, ']Q3', 1],
        [64, 2, ']Q3', 0],
      ],
    );
    assert.equal(reports.map(textOf).join(''), code);
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

  it("is read by the product's driver, pulled in the middle of a code and found again", async () => {
    const transport = hidNodeTransport({ vendorId: 0x0c2e, productId: 0x0b81, serialNumber: 'HID-4' }, { usagePage: 0x8c, usage: 0x02 });
    const scanner = startScanner(hidScanner(transport), { delays: DELAYS });
    open.keep(scanner, (one) => one.close());
    const scans = new Scans(scanner);
    assert.equal(scanner.state().state, 'absent');
    const first = plug('HID-4');
    await reaches(scanner, 'ready');
    const code = `JVVNL|${'9'.repeat(140)}`;
    first.scan('Q3', code);
    assert.deepEqual(await scans.next(), { kind: 'scan', text: code, aim: 'Q3' });
    first.unplug();
    await reaches(scanner, 'absent');
    const second = plug('HID-4');
    await reaches(scanner, 'ready');
    second.scan('E0', '8901234567890');
    assert.deepEqual(await scans.next(), { kind: 'scan', text: '8901234567890', aim: 'E0' });
    assert.deepEqual(scans.rest(), []);
  });
});
