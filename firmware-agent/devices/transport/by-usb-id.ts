import { failure, type Result } from '#protocol/result/result.js';
import type { Candidate } from '#protocol/technician/discovery.js';
import { findUsb, usbName, type UsbIds } from '../discovery/resolve.js';
import type { SystemRoots } from '../discovery/sysfs.js';
import { heldPaths } from './held.js';
import type { Connection, OpenFault, Transport } from './transport.js';

/**
 * A device that is looked for by its USB ids at each opening, and then opened where it is. Of several that fit, the first that no other
 * device of this process holds.
 */
export function byUsbId(what: Candidate['what'], ids: UsbIds, at: (path: string) => Transport, roots?: SystemRoots): Transport {
  const name = `${what} ${usbName(ids)}`;
  return {
    name,
    async open(givenUp) {
      const fitting = findUsb(what, ids, roots);
      const path = fitting.find((one) => !heldPaths.has(one));
      if (path !== undefined) return openHeld(path, at(path), givenUp);
      return failure(
        'absent',
        `${name}: ${fitting.length > 0 ? 'each that is plugged in is another device of this kiosk' : 'no such device is plugged in'}`,
      );
    },
  };
}

async function openHeld(path: string, transport: Transport, givenUp: AbortSignal | undefined): Promise<Result<Connection, OpenFault>> {
  heldPaths.add(path);
  const opened = await transport.open(givenUp);
  if (opened.ok) opened.value.onClose(() => heldPaths.delete(path));
  else heldPaths.delete(path);
  return opened;
}
