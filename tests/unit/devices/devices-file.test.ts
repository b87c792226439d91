import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { DEVICES_FILE, readDevices } from '../../../firmware-agent/devices/configuration.js';
import { tempFolder } from './world.js';

const PRINTER = { kind: 'printer', transport: 'tcp', host: '192.168.1.50', port: 9100, width: '80mm' };
const SCANNER = { kind: 'scanner', transport: 'serial', path: '/dev/ttyUSB0' };

describe('devices.json', () => {
  const folder = tempFolder();
  after(() => folder.remove());

  const read = (text: string): ReturnType<typeof readDevices> => {
    writeFileSync(join(folder.path, DEVICES_FILE), text);
    return readDevices(folder.path);
  };
  const refusal = (devices: unknown): string => {
    const done = read(typeof devices === 'string' ? devices : JSON.stringify(devices));
    assert.ok(!done.ok);
    return done.error.detail.replace(join(folder.path, DEVICES_FILE), 'devices.json');
  };

  it('is read with or without a byte order mark', () => {
    assert.ok(read(JSON.stringify([PRINTER, SCANNER])).ok);
    assert.ok(read(`\uFEFF${JSON.stringify([PRINTER])}`).ok);
  });

  it('tells the line and the column where it stops being JSON', () => {
    assert.match(refusal('[\n  { "kind": "printer", }\n]'), /^devices\.json is not JSON: .*\(line 2 column 24\)$/u);
    assert.match(refusal('[\n  { "kind": "printer" }\n'), /^devices\.json is not JSON: .*\(line 3 column 1\)$/u);
    assert.equal(refusal('[\n  { "kind": "printer" },\n]\n'), "devices.json is not JSON: Unexpected token ']' (line 3 column 1)");
    assert.equal(refusal('[\n  { "kind": printer }\n]\n'), "devices.json is not JSON: Unexpected token 'p' (line 2 column 13)");
    assert.equal(refusal('\uFEFF# devices\n[]'), "devices.json is not JSON: Unexpected token '#' (line 1 column 1)");
    assert.match(refusal(''), /^devices\.json is not JSON: .*\(line 1\)$/u);
  });

  it('tells all that is wrong at once, with the number of the device and its field', () => {
    const told = refusal([{ ...PRINTER, width: '90mm', colour: 'red' }, { kind: 'scaner', transport: 'serial' }, { ...SCANNER, path: 'COM3' }, 7]);
    assert.deepEqual(told.split('\n'), [
      'devices.json:',
      '  device 1 (printer): "width" can not be "90mm"; it is one of 58mm, 80mm',
      '  device 1 (printer): knows no "colour"; it knows name, kind, language, width, confirmation, cutter, drawer, drawerPin, logo, transport, host, port',
      '  device 2 (scaner): "kind" can not be "scaner"; it is one of printer, scanner, finger-reader, ups, security-key, document-scanner, gnss, speaker, camera, aadhaar, page-printer',
      '  device 2 (scaner): a serial device wants either "path" or "usb"',
      '  device 3 (scanner): "path" can not be "COM3": Invalid string: must start with "/"',
      '  device 4: a device is written { "kind": "printer", ... }',
    ]);
  });

  const cases: readonly [string, unknown, RegExp][] = [
    [
      'a field that is missing',
      [{ kind: 'printer', transport: 'tcp', host: 'h', width: '58mm' }],
      /^devices\.json: device 1 \(printer\): "port" is missing$/u,
    ],
    ['a transport that is missing', [{ kind: 'scanner' }], /"transport" is missing; it is one of tcp, serial, hid, hid-socket/u],
    ['a transport of no such kind', [{ ...SCANNER, transport: 'usb' }], /"transport" can not be "usb"; it is one of/u],
    [
      'a field inside a field',
      [{ ...SCANNER, path: undefined, usb: { vendorId: '05E0', productId: '1200' } }],
      /"usb\.vendorId" can not be "05E0": four hex digits/u,
    ],
    [
      'a number where quotes are wanted',
      [PRINTER, { kind: 'scanner', transport: 'hid', vendorId: '05e0', productId: 1300 }],
      /"productId" can not be 1300: in quotes/u,
    ],
    ['no list', { kind: 'printer' }, /the file holds a list/u],
    ['no printer', [SCANNER], /must name a printer/u],
    ['an empty list', [], /must name a printer/u],
    [
      'one name twice',
      [
        { ...PRINTER, name: 'till' },
        { ...SCANNER, name: 'till' },
      ],
      /two devices have the name till/u,
    ],
    ['one place twice', [PRINTER, { ...PRINTER, name: 'second' }], /device 1 \(printer\) and device 2 \(second\) are both at 192\.168\.1\.50:9100/u],
    [
      'one line for two kinds',
      [PRINTER, SCANNER, { kind: 'gnss', transport: 'serial', path: '/dev/ttyUSB0' }],
      /device 2 \(scanner\) and device 3 \(gnss\) are both at/u,
    ],
    ['a logo that is not there', [{ ...PRINTER, logo: '/none.png' }], /device 1 \(printer\): "logo" /u],
  ];
  for (const [what, devices, expected] of cases) it(`names ${what}`, () => assert.match(refusal(devices), expected));

  it('lets two UPS of one server and two alike USB devices be', () => {
    const ups = { kind: 'ups', ups: 'counter' };
    const usb = { kind: 'scanner', transport: 'serial', usb: { vendorId: '05e0', productId: '1200' } };
    assert.ok(read(JSON.stringify([PRINTER, ups, { ...ups, ups: 'router' }, usb, usb])).ok);
  });

  it('has a sentence for whatever stands in it', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.jsonValue(),
            fc.record({ kind: fc.constantFrom('printer', 'scanner', 'x', 3), transport: fc.jsonValue() }, { requiredKeys: [] }),
          ),
        ),
        (devices) => {
          assert.match(refusal(devices), /\S/u);
        },
      ),
    );
  });
});
