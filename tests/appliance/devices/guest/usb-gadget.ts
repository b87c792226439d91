import { mkdirSync, readdirSync, rmdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const GADGETS = '/sys/kernel/config/usb_gadget';
const ENGLISH = 'strings/0x409';

/** What a USB device says of itself. */
export type GadgetIdentity = {
  readonly vendor: number;
  readonly product: number;
  readonly maker: string;
  readonly name: string;
  readonly serial: string;
};

/** One function of it: the kernel's name, such as `printer.0`, and its settings. */
export type GadgetFunction = { readonly name: string; readonly settings: Readonly<Record<string, string>> };

/** The guest's own USB sockets (module dummy_hcd). */
export type Socket = 0 | 1;

/**
 * A USB device made in the guest (linux, Documentation/usb/gadget_configfs.rst): the same kernel is its host, over a cable that is no more
 * than memory. All between the two drivers is real: descriptors, endpoints, and what happens when it is pulled.
 */
export class UsbGadget {
  private readonly folder: string;
  private readonly functions: readonly string[];
  private readonly socket: Socket;
  private cable: 'out' | 'in' = 'out';

  constructor(identity: GadgetIdentity, gadgetFunction: GadgetFunction, socket: Socket) {
    this.folder = join(GADGETS, identity.serial);
    this.functions = [gadgetFunction.name];
    this.socket = socket;
    const { folder } = this;
    // configfs makes the files of a folder together with it.
    for (const part of ['', ENGLISH, 'configs/c.1', `functions/${gadgetFunction.name}`]) mkdirSync(join(folder, part));
    const hex = (number: number): string => `0x${number.toString(16).padStart(4, '0')}`;
    const files = {
      idVendor: hex(identity.vendor),
      idProduct: hex(identity.product),
      [`${ENGLISH}/manufacturer`]: identity.maker,
      [`${ENGLISH}/product`]: identity.name,
      [`${ENGLISH}/serialnumber`]: identity.serial,
    };
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
    for (const [file, text] of Object.entries(gadgetFunction.settings)) writeFileSync(join(folder, 'functions', gadgetFunction.name, file), text);
    symlinkSync(join(folder, 'functions', gadgetFunction.name), join(folder, 'configs/c.1', gadgetFunction.name));
  }

  /** The kernel's nodes for the device's own end that came up by this, such as /dev/g_printer0. */
  plug(): readonly string[] {
    const before = new Set(readdirSync('/dev'));
    writeFileSync(join(this.folder, 'UDC'), `dummy_udc.${this.socket}`);
    this.cable = 'in';
    return readdirSync('/dev')
      .filter((name) => !before.has(name))
      .map((name) => join('/dev', name));
  }

  unplug(): void {
    if (this.cable === 'out') return;
    this.cable = 'out';
    writeFileSync(join(this.folder, 'UDC'), '\n');
  }

  /** What holds the device's own end must be closed before. */
  remove(): void {
    this.unplug();
    for (const name of this.functions) {
      unlinkSync(join(this.folder, 'configs/c.1', name));
      rmdirSync(join(this.folder, 'functions', name));
    }
    for (const part of ['configs/c.1', ENGLISH, '']) rmdirSync(join(this.folder, part));
  }
}
