import { findUsb, type UsbIds } from '../../../../firmware-agent/devices/discovery/resolve.js';
import { systemTimers } from '../../../../firmware-agent/devices/timers.js';
import { byteTransportOf } from '../../../../firmware-agent/devices/transport/config.js';
import type { Transport } from '../../../../firmware-agent/devices/transport/transport.js';

/** What the printer gadget says of itself (`printer-cable.ts`). */
export const USB_PRINTER = { vendorId: '04b8', productId: '0e15' } as const;

/** The serial number tells two of them apart. */
const idsOf = (serial: string): UsbIds => ({ ...USB_PRINTER, serial });

/** The printer's node of this moment, such as /dev/usb/lp1: lp numbers follow the order of plugging. */
export function printerNode(serial: string): string | undefined {
  return findUsb('usb-printer', idsOf(serial))[0];
}

/** The product's own way to it: looked for at each opening. */
export function usbPrinterTransport(serial: string): Transport {
  const { vendorId, productId } = idsOf(serial);
  return byteTransportOf({ transport: 'usb-printer', vendorId, productId, serial }, systemTimers);
}
