import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { failure } from '#protocol/result/result.js';
import { systemTimers } from '../../../../firmware-agent/devices/timers.js';
import { characterDeviceTransport } from '../../../../firmware-agent/devices/transport/character-device.js';
import type { Transport } from '../../../../firmware-agent/devices/transport/transport.js';

const CLASS = '/sys/class/usbmisc';

/** The printer's node of this moment, such as /dev/usb/lp1: lp numbers follow the order of plugging, so the serial number is asked. */
export function printerNode(serial: string): string | undefined {
  return printersHere().find((printer) => printer.serial === serial)?.node;
}

export function printersHere(): readonly { readonly node: string; readonly serial: string }[] {
  return namesIn(CLASS)
    .filter((name) => /^lp\d+$/u.test(name))
    .flatMap((name) => {
      try {
        // `device` is the interface; the device that has the serial number is above it.
        const device = join(realpathSync(join(CLASS, name, 'device')), '..');
        return [{ node: `/dev/usb/${name}`, serial: readFileSync(join(device, 'serial'), 'utf8').trim() }];
      } catch {
        return []; // Pulled while we looked.
      }
    });
}

/** The product's transport for a kernel device, on whichever node the printer has when it is opened. */
export function usbPrinterTransport(serial: string): Transport {
  const name = `usb printer ${serial}`;
  return {
    name,
    open: async () => {
      const node = printerNode(serial);
      return node === undefined ? failure('absent', `${name}: not plugged in`) : characterDeviceTransport(node, systemTimers).open();
    },
  };
}

/** The class itself comes and goes with its devices. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
