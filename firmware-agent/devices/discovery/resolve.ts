import type { Candidate } from '#protocol/technician/discovery.js';
import { discover } from './discover.js';
import { systemRoots, type SystemRoots } from './sysfs.js';

/**
 * A USB device by what it says of itself. `interface` picks one of several lines; `port` is the socket that it is plugged into (`1-1.2`), where
 * two of one make tell no serial number.
 */
export type UsbIds = {
  readonly vendorId: string;
  readonly productId: string;
  readonly serial?: string | undefined;
  readonly interface?: string | undefined;
  readonly port?: string | undefined;
};

/** Where such devices are at this moment: `/dev/usb/lp3`, `/dev/ttyACM0`. The numbers change with each plugging. */
export function findUsb(what: Candidate['what'], wanted: UsbIds, roots: SystemRoots = systemRoots()): readonly string[] {
  return discover(roots).flatMap(({ what: kind, ids, port, path }) =>
    kind === what &&
    ids.vendorId === wanted.vendorId &&
    ids.productId === wanted.productId &&
    (wanted.serial === undefined || ids.serial === wanted.serial) &&
    (wanted.interface === undefined || ids.interface === wanted.interface) &&
    (wanted.port === undefined || port === wanted.port)
      ? path
      : [],
  );
}

/** For people: `04b8:0e15 X1A2`, `04b8:0e15 in socket 1-1.2` */
export function usbName({ vendorId, productId, serial, interface: line, port }: UsbIds): string {
  const parts = [`${vendorId}:${productId}`, serial, line && `interface ${line}`, port && `in socket ${port}`];
  return parts.filter((part) => part !== undefined).join(' ');
}
