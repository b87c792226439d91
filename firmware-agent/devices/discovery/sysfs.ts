import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Where the kernel's device tree and its nodes are; a test has a tree of its own. */
export type SystemRoots = { readonly sys: string; readonly dev: string };

/** umockdev's test beds move the tree and say where to. */
export function systemRoots(environment: Readonly<Record<string, string | undefined>> = process.env): SystemRoots {
  const bed = environment['UMOCKDEV_DIR'];
  return bed === undefined ? { sys: '/sys', dev: '/dev' } : { sys: join(bed, 'sys'), dev: join(bed, 'dev') };
}

/** Entries of a folder in the order of their numbers (`lp2` before `lp10`); none when it is not there. */
export function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  } catch {
    return [];
  }
}

/** An attribute without the white space around it; undefined when the device has none, or went away meanwhile. */
export function attribute(folder: string, name: string): string | undefined {
  return attributeBytes(folder, name)?.toString('utf8').trim();
}

export function attributeBytes(folder: string, name: string): Buffer | undefined {
  try {
    return readFileSync(join(folder, name));
  } catch {
    return undefined;
  }
}

export function target(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** The USB device and interface above a place in the tree; undefined for what is on no USB. */
export type UsbPlace = {
  readonly vendorId: string;
  readonly productId: string;
  readonly serial: string | undefined;
  /** `bInterfaceNumber`, two hex digits. */
  readonly interface: string | undefined;
  readonly manufacturer: string | undefined;
  readonly product: string | undefined;
  /** Its folder in `/sys/devices`. */
  readonly folder: string;
};

/** Walks up from a device to the USB device that carries it. The depth differs: `ttyUSB0` hangs one lower than `ttyACM0`. */
export function usbAbove(place: string, sysRoot: string): UsbPlace | undefined {
  const top = target(sysRoot) ?? sysRoot;
  let usbInterface: string | undefined;
  for (let at = target(place); at !== undefined && at.startsWith(top) && at !== top; at = dirname(at)) {
    usbInterface ??= attribute(at, 'bInterfaceNumber');
    const found = usbDevice(at);
    if (found !== undefined) return { ...found, interface: usbInterface };
  }
  return undefined;
}

export function usbDevice(folder: string): Omit<UsbPlace, 'interface'> | undefined {
  const vendorId = hex4(attribute(folder, 'idVendor'));
  const productId = hex4(attribute(folder, 'idProduct'));
  if (vendorId === undefined || productId === undefined) return undefined;
  return {
    vendorId,
    productId,
    serial: attribute(folder, 'serial'),
    manufacturer: attribute(folder, 'manufacturer'),
    product: attribute(folder, 'product'),
    folder,
  };
}

function hex4(text: string | undefined): string | undefined {
  return text !== undefined && /^[0-9a-f]{4}$/iu.test(text) ? text.toLowerCase() : undefined;
}

/** The link in a folder such as `/dev/serial/by-id` that leads to a node. */
export function linkTo(folder: string, node: string): string | undefined {
  return entries(folder)
    .map((name) => join(folder, name))
    .find((path) => {
      try {
        return basename(readlinkSync(path)) === node;
      } catch {
        return false;
      }
    });
}
