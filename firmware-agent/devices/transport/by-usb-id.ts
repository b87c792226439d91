import { failure } from '#protocol/result/result.js';
import type { Candidate } from '#protocol/technician/discovery.js';
import { findUsb, usbName, type UsbIds } from '../discovery/resolve.js';
import type { SystemRoots } from '../discovery/sysfs.js';
import type { Transport } from './transport.js';

/** A device that is looked for by its USB ids at each opening, and then opened where it is. */
export function byUsbId(what: Candidate['what'], ids: UsbIds, at: (path: string) => Transport, roots?: SystemRoots): Transport {
  const name = `${what} ${usbName(ids)}`;
  return {
    name,
    async open() {
      const path = findUsb(what, ids, roots);
      return path === undefined ? failure('absent', `${name}: no such device is plugged in`) : at(path).open();
    },
  };
}
