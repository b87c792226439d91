import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { SystemRoots } from '../../firmware-agent/devices/discovery/sysfs.js';
import { tempFolder } from '../unit/devices/world.js';

/** A POS scanner's descriptor begins: usage page 8C, usage 02, collection (application). */
export const POS_SCANNER = Uint8Array.of(0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0x85, 0x02, 0xc0);

/** A device tree as the kernel lays it: real folders under `devices`, links from `class` and `bus`. */
export class UsbTree {
  readonly #folder = tempFolder();
  readonly roots: SystemRoots = { sys: join(this.#folder.path, 'sys'), dev: join(this.#folder.path, 'dev') };

  constructor() {
    mkdirSync(this.roots.sys);
  }

  put(place: string, attributes: Readonly<Record<string, string | Uint8Array>>): void {
    const folder = join(this.roots.sys, 'devices/pci0000:00/usb1', place);
    mkdirSync(folder, { recursive: true });
    for (const [name, value] of Object.entries(attributes)) writeFileSync(join(folder, name), typeof value === 'string' ? `${value}\n` : value);
  }

  usb(port: string, idVendor: string, idProduct: string, more: Readonly<Record<string, string>> = {}): void {
    this.put(port, { idVendor, idProduct, bDeviceClass: '00', ...more });
    this.link(`bus/usb/devices/${port}`, port);
  }

  /** A class entry, and its `device` link back to the interface that carries it. */
  node(kind: string, name: string, under: string, attributes: Readonly<Record<string, string>> = {}): void {
    const place = `${under}/${kind}/${name}`;
    this.put(place, attributes);
    this.link(`class/${kind}/${name}`, place);
    symlinkSync(join(this.roots.sys, 'devices/pci0000:00/usb1', under), join(this.roots.sys, 'devices/pci0000:00/usb1', place, 'device'));
  }

  link(from: string, to: string): void {
    const path = join(this.roots.sys, from);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(relative(dirname(path), join(this.roots.sys, 'devices/pci0000:00/usb1', to)), path);
  }

  unlink(from: string): void {
    rmSync(join(this.roots.sys, from));
  }

  byId(name: string, node: string): void {
    const folder = join(this.roots.dev, 'serial/by-id');
    mkdirSync(folder, { recursive: true });
    symlinkSync(`../../${node}`, join(folder, name));
  }

  remove(): void {
    this.#folder.remove();
  }

  /** An Epson at `/dev/usb/lp<number>`. */
  thermalPrinter(number: number, port: string, serial: { readonly serial?: string } = { serial: 'X1' }): void {
    this.usb(port, '04B8', '0e15', { ...serial, manufacturer: 'EPSON', product: 'TM-T82' });
    this.put(`${port}/${port}:1.0`, { bInterfaceNumber: '00', ieee1284_id: 'MFG:EPSON;CMD:ESC/POS;MDL:TM-T82;CLS:PRINTER;' });
    this.node('usbmisc', `lp${number}`, `${port}/${port}:1.0`);
  }

  /** A HID POS scanner at `/dev/hidraw0`. */
  posScanner(port: string): void {
    this.usb(port, '0c2e', '0b61');
    this.put(`${port}/${port}:1.0`, { bInterfaceNumber: '00' });
    this.put(`${port}/${port}:1.0/0003:0C2E:0B61.0001`, {
      uevent: 'DRIVER=hid-generic\nHID_ID=0003:00000C2E:00000B61\nHID_NAME=Honeywell\nHID_UNIQ=22',
      report_descriptor: POS_SCANNER,
    });
    this.node('hidraw', 'hidraw0', `${port}/${port}:1.0/0003:0C2E:0B61.0001`);
  }
}
