import { z } from 'zod';

const hex4 = z.string().regex(/^[0-9a-f]{4}$/u, 'four hex digits, such as 04b8');

/** Bus and chain of sockets of a USB device, as in `/sys/bus/usb/devices` (Linux, sysfs-bus-usb): `1-1.2`; a hub of the machine itself is `usb1`. */
export const usbPort = z.string().regex(/^(?:\d+-\d+(?:\.\d+)*|usb\d+)$/u, 'a USB socket such as 1-1.2');

/** What a device says of itself and what the kernel adds: nothing here changes when it is plugged into another socket. */
export const deviceIds = z.strictObject({
  /** USB vendor and product (USB 2.0 §9.6.1), four hex digits in lower case. */
  vendorId: hex4.optional(),
  productId: hex4.optional(),
  serial: z.string().max(126).optional(),
  /** Number of the USB interface, two hex digits: a device with several serial lines has one each. */
  interface: z
    .string()
    .regex(/^[0-9a-f]{2}$/u)
    .optional(),
  /** Names that the device gives itself; for people. */
  manufacturer: z.string().max(126).optional(),
  product: z.string().max(126).optional(),
  /** The printer's own description (IEEE 1284-2000 §7.6), such as `MFG:EPSON;CMD:ESC/POS;MDL:TM-T82;CLS:PRINTER;`. */
  ieee1284: z.string().max(1_024).optional(),
  /** Of the first top-level collection of a HID device (HID 1.11 §6.2.2.6), four hex digits: `008c` and `0002` is a POS scanner. */
  usagePage: hex4.optional(),
  usage: hex4.optional(),
});
export type DeviceIds = z.infer<typeof deviceIds>;

/** `usb`: something on the bus that no driver of the others took. */
export const CANDIDATE_KINDS = ['usb-printer', 'serial', 'hid', 'camera', 'usb'] as const;
export const candidateKind = z.enum(CANDIDATE_KINDS);
export type CandidateKind = z.infer<typeof candidateKind>;

/** One thing that is plugged in and could be a device of the kiosk. */
export const candidate = z.strictObject({
  what: candidateKind,
  ids: deviceIds,
  /** As the kernel numbered it this time: `/dev/usb/lp0`. For `usb` the place on the bus: `1-2`. */
  path: z.string().max(200),
  /** The USB socket that it is plugged into, as the kernel names it by bus, hubs and sockets: `1-1.2`. It stays while nobody plugs it elsewhere. */
  port: usbPort.optional(),
  /** A name that stays, where the system keeps one: `/dev/serial/by-id/…`. */
  stablePath: z.string().max(300).optional(),
});
export type Candidate = z.infer<typeof candidate>;
