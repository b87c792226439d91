import type { Candidate } from '#protocol/technician/discovery.js';
import { discover } from './discover.js';
import { systemRoots, type SystemRoots } from './sysfs.js';

/** A USB device by what it says of itself. Without `serial` the first of its make is taken; `interface` picks one of several lines. */
export type UsbIds = {
  readonly vendorId: string;
  readonly productId: string;
  readonly serial?: string | undefined;
  readonly interface?: string | undefined;
};

/** Where such a device is at this moment: `/dev/usb/lp3`, `/dev/ttyACM0`. The numbers change with each plugging. */
export function findUsb(what: Candidate['what'], wanted: UsbIds, roots: SystemRoots = systemRoots()): string | undefined {
  return discover(roots).find(
    ({ what: kind, ids }) =>
      kind === what &&
      ids.vendorId === wanted.vendorId &&
      ids.productId === wanted.productId &&
      (wanted.serial === undefined || ids.serial === wanted.serial) &&
      (wanted.interface === undefined || ids.interface === wanted.interface),
  )?.path;
}

/** For people: `04b8:0e15 X1A2` */
export function usbName({ vendorId, productId, serial, interface: line }: UsbIds): string {
  return [`${vendorId}:${productId}`, serial, line === undefined ? undefined : `interface ${line}`].filter((part) => part !== undefined).join(' ');
}
