import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { failure, ok } from '#protocol/result/result.js';
import { discover } from '../../../firmware-agent/devices/discovery/discover.js';
import { topUsage } from '../../../firmware-agent/devices/discovery/report-descriptor.js';
import { findUsb, type UsbIds } from '../../../firmware-agent/devices/discovery/resolve.js';
import { systemRoots } from '../../../firmware-agent/devices/discovery/sysfs.js';
import { readDevices } from '../../../firmware-agent/devices/configuration.js';
import { byUsbId } from '../../../firmware-agent/devices/transport/by-usb-id.js';
import { Line, type Connection, type Transport } from '../../../firmware-agent/devices/transport/transport.js';
import { watchPlugs } from '../../../firmware-agent/devices/hot-plug.js';
import { POS_SCANNER, UsbTree } from '../../support/usb-tree.js';
import { tempFolder } from './world.js';

describe('what is plugged in', () => {
  let tree: UsbTree;
  beforeEach(() => (tree = new UsbTree()));
  afterEach(() => tree.remove());

  const plugPrinter = (number: number, port = '1-1'): void => tree.thermalPrinter(number, port);

  it('is nothing on a machine without such folders', () => {
    assert.deepEqual(discover({ sys: '/nonexistent', dev: '/nonexistent' }), []);
  });

  it('is a USB printer, by its ids and its own description', () => {
    plugPrinter(0);
    assert.deepEqual(discover(tree.roots), [
      {
        what: 'usb-printer',
        ids: {
          vendorId: '04b8',
          productId: '0e15',
          serial: 'X1',
          interface: '00',
          manufacturer: 'EPSON',
          product: 'TM-T82',
          ieee1284: 'MFG:EPSON;CMD:ESC/POS;MDL:TM-T82;CLS:PRINTER;',
        },
        path: join(tree.roots.dev, 'usb/lp0'),
        port: '1-1',
      },
    ]);
  });

  it('is both lines of a serial adapter, each with its interface and its stable name', () => {
    tree.usb('1-2', '0403', '6010', { serial: 'FT1' });
    for (const line of [0, 1]) {
      tree.put(`1-2/1-2:1.${line}`, { bInterfaceNumber: `0${line}` });
      tree.put(`1-2/1-2:1.${line}/ttyUSB${line}`, {});
      tree.node('tty', `ttyUSB${line}`, `1-2/1-2:1.${line}/ttyUSB${line}`);
      tree.byId(`usb-FTDI_FT1-if0${line}-port0`, `ttyUSB${line}`);
    }
    const found = discover(tree.roots);
    assert.deepEqual(
      found.map(({ what, ids, path, stablePath }) => [what, ids.interface, path.slice(-7), stablePath?.slice(-10)]),
      [
        ['serial', '00', 'ttyUSB0', 'if00-port0'],
        ['serial', '01', 'ttyUSB1', 'if01-port0'],
      ],
    );
    const second = { vendorId: '0403', productId: '6010', interface: '01' };
    assert.deepEqual(findUsb('serial', second, tree.roots), [join(tree.roots.dev, 'ttyUSB1')]);
  });

  it('is a HID scanner by the usage of its report descriptor', () => {
    tree.posScanner('1-3');
    const [scanner] = discover(tree.roots);
    assert.equal(scanner?.what, 'hid');
    assert.deepEqual([scanner.ids.vendorId, scanner.ids.usagePage, scanner.ids.usage, scanner.ids.serial], ['0c2e', '008c', '0002', '22']);
  });

  it("is a camera's first node only, and what no driver took; hubs are left out", () => {
    tree.usb('1-4', '046d', '0825');
    tree.put('1-4/1-4:1.0', { bInterfaceNumber: '00' });
    tree.node('video4linux', 'video0', '1-4/1-4:1.0', { index: '0', name: 'C270' });
    tree.node('video4linux', 'video1', '1-4/1-4:1.0', { index: '1', name: 'C270' });
    tree.usb('1-5', '1234', '5678');
    tree.usb('1-6', '1d6b', '0002', { bDeviceClass: '09' });
    assert.deepEqual(
      discover(tree.roots).map(({ what, path }) => [what, path.split('/').at(-1)]),
      [
        ['camera', 'video0'],
        ['usb', '1-5'],
      ],
    );
  });

  it('is looked up anew at each opening: the numbers change', async () => {
    const opened: string[] = [];
    const transport = byUsbId(
      'usb-printer',
      { vendorId: '04b8', productId: '0e15', serial: 'X1' },
      (path) => ({
        name: path,
        open: async () => {
          opened.push(path);
          return failure('busy', path);
        },
      }),
      tree.roots,
    );
    const nothing = await transport.open();
    assert.equal(nothing.ok ? '' : nothing.error.code, 'absent');
    plugPrinter(0);
    await transport.open();
    tree.unlink('class/usbmisc/lp0');
    plugPrinter(3, '1-9');
    await transport.open();
    assert.deepEqual(
      opened.map((path) => path.slice(-3)),
      ['lp0', 'lp3'],
    );
  });

  it("follows umockdev's test bed", () => {
    assert.deepEqual(systemRoots({ UMOCKDEV_DIR: '/tmp/bed' }), { sys: '/tmp/bed/sys', dev: '/tmp/bed/dev' });
    assert.deepEqual(systemRoots({}), { sys: '/sys', dev: '/dev' });
  });
});

describe('two alike devices without serial numbers', () => {
  const ids = { vendorId: '04b8', productId: '0e15' };
  let tree: UsbTree;
  let lines: Map<string, Line>;
  beforeEach(() => {
    tree = new UsbTree();
    lines = new Map();
    tree.thermalPrinter(0, '1-1.2', {});
    tree.thermalPrinter(1, '1-1.3', {});
  });
  afterEach(() => {
    for (const line of lines.values()) line.end('over');
    tree.remove();
  });

  /** Opens what is found, and says where it was: `lp0`, or why not. */
  const opening = async (wanted: UsbIds, refusal?: 'busy'): Promise<string> => {
    const node = (path: string): Transport => ({
      name: path,
      open: async () => (refusal === undefined ? ok(connection(path)) : failure(refusal, path)),
    });
    const opened = await byUsbId('usb-printer', wanted, node, tree.roots).open();
    if (!opened.ok) return opened.error.code;
    return [...lines.keys()].at(-1) ?? '';
  };
  const connection = (path: string): Connection => {
    const line = new Line();
    lines.set(path.slice(-3), line);
    return {
      write: async () => ok(undefined),
      onBytes: (listener) => line.onBytes(listener),
      onClose: (listener) => line.onClose(listener),
      close: async () => line.end('closed here'),
    };
  };

  it('are taken one each; a third finds none; one that ended is free again', async () => {
    assert.deepEqual([await opening(ids), await opening(ids), await opening(ids)], ['lp0', 'lp1', 'absent']);
    lines.get('lp0')?.end('unplugged');
    lines.delete('lp0');
    assert.equal(await opening(ids), 'lp0');
  });

  it('are free again when they could not be opened', async () => {
    assert.deepEqual([await opening(ids, 'busy'), await opening(ids)], ['busy', 'lp0']);
  });

  it('are told apart by the socket that they are plugged into', async () => {
    assert.deepEqual(
      [await opening({ ...ids, port: '1-1.3' }), await opening({ ...ids, port: '1-1.2' }), await opening({ ...ids, port: '1-1.4' })],
      ['lp1', 'lp0', 'absent'],
    );
  });

  it('are named by it in devices.json', () => {
    const folder = tempFolder();
    const read = (place: object): boolean => {
      writeFileSync(join(folder.path, 'devices.json'), JSON.stringify([{ kind: 'printer', width: '58mm', ...place }]));
      return readDevices(folder.path).ok;
    };
    const serial = (port: string): object => ({ transport: 'serial', usb: { ...ids, port } });
    const printer = (port: string): object => ({ transport: 'usb-printer', ...ids, port });
    assert.deepEqual([read(serial('1-1.2')), read(printer('3-4')), read(printer('lp0')), read(serial('1-'))], [true, true, false, false]);
    folder.remove();
  });
});

describe('report descriptors', () => {
  it('give the first top-level usage; four-byte usages bring their own page', () => {
    assert.deepEqual(topUsage(POS_SCANNER), { usagePage: 0x8c, usage: 2 });
    assert.deepEqual(topUsage(Uint8Array.of(0x0b, 0x01, 0x00, 0xd0, 0xf1, 0xa1, 0x01)), { usagePage: 0xf1d0, usage: 1 });
    assert.equal(topUsage(Uint8Array.of(0x05, 0x8c)), undefined);
  });

  it('may be any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void topUsage(bytes)));
  });
});

describe('a serial line in devices.json', () => {
  it('is named by path or by USB ids, never by both or neither', () => {
    const folder = tempFolder();
    const usb = { vendorId: '0403', productId: '6001' };
    const read = (place: object): boolean => {
      writeFileSync(join(folder.path, 'devices.json'), JSON.stringify([{ kind: 'printer', transport: 'serial', width: '58mm', ...place }]));
      return readDevices(folder.path).ok;
    };
    assert.deepEqual([read({ usb }), read({ path: '/dev/ttyS0' }), read({ usb, path: '/dev/ttyS0' }), read({})], [true, true, false, false]);
    folder.remove();
  });
});

describe('plugging in', () => {
  it('nudges every device once, also for nodes in folders that were not there before', async () => {
    const folder = tempFolder();
    let heard: () => void = () => undefined;
    const nudged = (): Promise<void> => new Promise((resolve) => (heard = resolve));
    const printer = { name: 'printer', kind: 'printer', where: '', bench: [], handle: { nudge: () => heard() } };
    const stop = watchPlugs({ all: [printer as never] }, { devRoot: folder.path });
    const first = nudged();
    mkdirSync(join(folder.path, 'usb'));
    await first;
    const second = nudged();
    writeFileSync(join(folder.path, 'usb/lp0'), '');
    await second;
    stop();
    folder.remove();
  });
});
