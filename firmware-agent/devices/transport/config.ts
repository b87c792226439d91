import { z } from 'zod';
import { failure, unreachable } from '#protocol/result/result.js';
import { usbPort } from '#protocol/technician/discovery.js';
import type { Timers } from '../timers.js';
import { byUsbId } from './by-usb-id.js';
import { characterDeviceTransport } from './character-device.js';
import { hidNodeTransport } from './hid-node.js';
import { hidSocketTransport } from './hid-socket.js';
import type { HidUsage } from './hid-descriptor.js';
import type { HidTransport } from './hid.js';
import { serialTransport } from './serial.js';
import { tcpTransport } from './tcp.js';
import type { Transport } from './transport.js';

/** Fields of the byte transports in `devices.json`, for the kinds to put into their own configuration. */
export const tcpFields = { transport: z.literal('tcp'), host: z.string().min(1), port: z.int().min(1).max(65_535) };
const hex4 = z.string().regex(/^[0-9a-f]{4}$/u, 'four hex digits in lower case, as lsusb shows them');
const usbFields = {
  vendorId: hex4,
  productId: hex4,
  serial: z.string().min(1).max(126).optional(),
  /** The USB socket, such as `1-1.2`: tells two alike apart that have no serial numbers. */
  port: usbPort.optional(),
};

export const serialFields = {
  transport: z.literal('serial'),
  /** Better /dev/serial/by-id/…: ttyUSB numbers change with each plugging. */
  path: z.string().startsWith('/').optional(),
  /** In place of a path: looked for at each opening. `interface` (two hex digits) picks one line of a device that has several. */
  usb: z
    .strictObject({
      ...usbFields,
      interface: z
        .string()
        .regex(/^[0-9a-f]{2}$/u)
        .optional(),
    })
    .optional(),
  baudRate: z.int().min(1_200).max(4_000_000).default(115_200),
  flow: z.enum(['none', 'hardware', 'xon-xoff']).default('none'),
};
export const characterDeviceFields = { transport: z.literal('character-device'), path: z.string().startsWith('/dev/') };
/** A printer of the USB printer class by its ids; its number in /dev/usb is looked up at each opening. */
export const usbPrinterFields = { transport: z.literal('usb-printer'), ...usbFields };

const byteTransport = z.discriminatedUnion('transport', [
  z.object(tcpFields),
  z.object(serialFields),
  z.object(characterDeviceFields),
  z.object(usbPrinterFields),
]);
export type ByteTransportConfig = z.infer<typeof byteTransport>;

export function byteTransportOf(config: ByteTransportConfig, timers: Timers): Transport {
  switch (config.transport) {
    case 'tcp':
      return tcpTransport(config);
    case 'serial':
      return serialLine(config);
    case 'character-device':
      return characterDeviceTransport(config.path, timers);
    case 'usb-printer':
      return byUsbId('usb-printer', config, (path) => characterDeviceTransport(path, timers));
    default:
      return unreachable(config);
  }
}

/** As `lsusb` prints them: four digits to the base of 16. */
const usbId = z
  .string('in quotes, such as "05e0": a bare number would be of another base')
  .regex(/^[0-9a-fA-F]{4}$/u, 'four digits 0-9 a-f, as lsusb prints them')
  .transform((digits) => Number.parseInt(digits, 16));
/** A USB HID device, by what it says of itself wherever it is plugged in. */
export const hidFields = {
  transport: z.literal('hid'),
  vendorId: usbId,
  productId: usbId,
  /** Tells two of one model apart. */
  serialNumber: z.string().min(1).max(126).optional(),
};
/** A simulated HID device, which speaks its reports over TCP. */
export const hidSocketFields = { transport: z.literal('hid-socket'), host: tcpFields.host, port: tcpFields.port };

const hidTransportConfig = z.discriminatedUnion('transport', [
  z.object({ ...hidFields, vendorId: hidFields.vendorId.optional(), productId: hidFields.productId.optional() }),
  z.object(hidSocketFields),
]);
export type HidTransportConfig = z.infer<typeof hidTransportConfig>;

/** `wanted` is the top-level usage that the kind's devices have: 8C:02 for a scanner, F1D0:01 for a FIDO key. */
export function hidTransportOf(config: HidTransportConfig, wanted: HidUsage): HidTransport {
  switch (config.transport) {
    case 'hid':
      return hidNodeTransport(config, wanted);
    case 'hid-socket':
      return hidSocketTransport(config, wanted);
    default:
      return unreachable(config);
  }
}

type SerialPlace = z.infer<z.ZodObject<typeof serialFields>>;

function serialLine({ path, usb, ...settings }: SerialPlace): Transport {
  if (path !== undefined) return serialTransport({ ...settings, path });
  if (usb !== undefined) return byUsbId('serial', usb, (found) => serialTransport({ ...settings, path: found }));
  return nowhere('serial line with neither path nor usb');
}

/** `devices.json` is read with `placeFault`, so nothing from there comes here. */
function nowhere(name: string): Transport {
  return { name, open: async () => failure('absent', name) };
}

/** What a schema of plain fields can not say: a serial device is named by its path or by its USB ids, never by both. */
export function placeFault(config: {
  readonly kind?: string;
  readonly transport?: string;
  readonly path?: unknown;
  readonly usb?: unknown;
}): string | undefined {
  if (config.transport !== 'serial' || (config.path === undefined) !== (config.usb === undefined)) return undefined;
  return 'a serial device wants either "path" or "usb"';
}

/** Fields that every device of every kind may have. */
export const commonFields = {
  /** Tells several of a kind apart on the screen; the kind itself, with a number from the second on, when left out. */
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,23}$/u, 'a name has up to 24 of a-z, 0-9 and -')
    .optional(),
};
