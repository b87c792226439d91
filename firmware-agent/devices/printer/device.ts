import { z } from 'zod';
import type { Device, DeviceContext } from '../device.js';
import type { PrinterHandle } from '../ports.js';
import { byteTransportOf, characterDeviceFields, commonFields, serialFields, tcpFields, usbPrinterFields } from '../transport/config.js';
import { delaysForBaud, PRINTER_DELAYS } from './delays.js';
import { startPrinter } from './handle.js';

const fields = {
  ...commonFields,
  kind: z.literal('printer'),
  width: z.enum(['58mm', '80mm']),
  /** `process-id` for Epson and printers that know GS ( H; the others print its bytes as text. */
  confirmation: z.enum(['paper-status', 'process-id']).default('paper-status'),
  drawerPin: z.union([z.literal(2), z.literal(5)]).default(2),
};

export const printerConfig = z.discriminatedUnion('transport', [
  z.strictObject({ ...fields, ...tcpFields }),
  z.strictObject({ ...fields, ...serialFields }),
  z.strictObject({ ...fields, ...characterDeviceFields }),
  z.strictObject({ ...fields, ...usbPrinterFields }),
]);
export type PrinterConfig = z.infer<typeof printerConfig>;

export type PrinterDevice = Device<'printer', PrinterHandle>;

/** Opens a receipt printer. It need not be there: its handle says `absent` until it is. */
export function openPrinter(config: PrinterConfig, { name, timers, log }: DeviceContext): PrinterDevice {
  const { width, confirmation, drawerPin } = config;
  const transport = byteTransportOf(config, timers);
  const delays = config.transport === 'serial' ? delaysForBaud(PRINTER_DELAYS, config.baudRate) : PRINTER_DELAYS;
  const handle = startPrinter(transport, { width, confirmation, drawerPin, delays, timers, log });
  return { kind: 'printer', name, where: transport.name, handle, bench: [] };
}
