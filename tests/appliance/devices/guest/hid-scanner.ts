import { devicesAsync, HIDAsync } from 'node-hid';
import { eventually } from './eventually.js';
import { HidDevice } from './hid-device.js';

/** Usage page "barcode scanner", usage "barcode scanner" (USB HID Point of Sale Usage Tables 1.02). */
const SCANNER = { usagePage: 0x8c, usage: 0x02 } as const;
const SCANNED = 0x02;
const DATA_BYTES = 56;

/** Report 2: count, symbology (three characters), 56 bytes of data, vendor's code, one reserved, "continued" bit. Report 4: one byte of trigger. */
const DESCRIPTOR = Buffer.from(
  [
    '058c 0902 a101',
    '0912 a102 8502 1500 26ff00 7508',
    '0501 093b 9501 8102',
    '058c 09fb 09fc 09fd 9503 8102',
    '09fe 9538 820201',
    '0666ff 0904 9501 8102 8103',
    '058c 09ff 2501 7501 8102 7507 8103 c0',
    '0914 a102 8504 7501 9501 9103 095f 0960 9502 9102 9502 9103 0985 0986 9502 9102 9501 9103 c0',
    'c0',
  ]
    .join('')
    .replaceAll(' ', ''),
  'hex',
);

/** As `devices.json` names it; the serial number tells two of them apart. */
export const HID_SCANNER_IDS = { vendorId: '0c2e', productId: '0b81' } as const;

/** A hand-held scanner in HID POS mode, plugged in while it exists. */
export class HidScanner {
  readonly serial: string;
  private readonly device: HidDevice;

  constructor(serial: string) {
    this.serial = serial;
    const [vendor, product] = [Number.parseInt(HID_SCANNER_IDS.vendorId, 16), Number.parseInt(HID_SCANNER_IDS.productId, 16)];
    this.device = new HidDevice({ vendor, product, name: 'Jharokha HID POS scanner', serial, descriptor: DESCRIPTOR });
  }

  get outputs(): readonly Buffer[] {
    return this.device.outputs;
  }

  /** In as many reports as it needs, as the device does; or in the first of them only. */
  scan(aim: string, text: string, reports = Infinity): void {
    const data = Buffer.from(text, 'utf8');
    for (let from = 0; from < Math.min(data.length, reports * DATA_BYTES); from += DATA_BYTES) {
      const part = data.subarray(from, from + DATA_BYTES);
      const report = Buffer.alloc(1 + 63);
      report.set([SCANNED, part.length]);
      report.write(`]${aim}`, 2, 'latin1');
      report.set(part, 5);
      report[63] = from + DATA_BYTES < data.length ? 1 : 0;
      this.device.report(report);
    }
  }

  unplug(): void {
    this.device.unplug();
  }
}

/** What hidraw gives of one scanner, by node-hid itself. */
export type RawReader = {
  readonly reports: readonly Buffer[];
  readonly lost: () => boolean;
  readonly write: (report: readonly number[]) => Promise<number>;
  readonly close: () => Promise<void>;
};

/** Opens the scanner of this serial number as soon as it is there, by what it says that it is. */
export async function openRawScanner(serial: string): Promise<RawReader> {
  const path = await pathOf(serial);
  const device = await HIDAsync.open(path);
  const reports: Buffer[] = [];
  let state: 'open' | 'lost' = 'open';
  device.on('data', (report: Buffer) => reports.push(Buffer.from(report)));
  device.on('error', () => {
    state = 'lost';
  });
  return {
    reports,
    lost: () => state === 'lost',
    write: (report) => device.write([...report]),
    close: () => device.close(),
  };
}

async function pathOf(serial: string): Promise<string> {
  return eventually(`a HID scanner with serial number ${serial}`, async () => {
    const listed = await devicesAsync();
    return listed.find((one) => one.serialNumber === serial && one.usagePage === SCANNER.usagePage && one.usage === SCANNER.usage)?.path;
  });
}
