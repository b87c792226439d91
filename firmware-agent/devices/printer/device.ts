import { z } from 'zod';
import { ok, type Failure, type Result } from '#protocol/result/result.js';
import { PAPER_DOTS } from '#protocol/receipt/paper.js';
import type { Device, DeviceContext } from '../device.js';
import type { Drawer, Forms, PrinterHandle } from '../ports.js';
import type { Bitmap } from '../raster/bitmap.js';
import { readLogo } from '../raster/logo.js';
import { byteTransportOf, characterDeviceFields, commonFields, serialFields, tcpFields, usbPrinterFields } from '../transport/config.js';
import { printerBench } from './bench.js';
import { delaysForBaud, PRINTER_DELAYS } from './delays.js';
import { escpDelays, startEscpPrinter } from './escp/handle.js';
import { escpSheets } from './escp/page.js';
import { startPrinter } from './handle.js';

const escposFields = {
  ...commonFields,
  kind: z.literal('printer'),
  language: z.literal('escpos').default('escpos'),
  width: z.enum(['58mm', '80mm']),
  /** `process-id` for Epson and printers that know GS ( H; the others print its bytes as text. */
  confirmation: z.enum(['paper-status', 'process-id']).default('paper-status'),
  cutter: z.enum(['none', 'partial', 'full']).default('partial'),
  /** A cash drawer hangs on its socket, and is opened when cash goes in or out. */
  drawer: z.boolean().default(false),
  drawerPin: z.union([z.literal(2), z.literal(5)]).default(2),
  /** A PNG file for the top of each paper, at most as wide as the head. */
  logo: z.string().startsWith('/').optional(),
};

/** A dot-matrix printer (R106). It can not confirm: after each paper the operator is asked (docs/decisions/0011). */
const escpFields = {
  ...commonFields,
  kind: z.literal('printer'),
  language: z.literal('escp'),
  pins: z.union([z.literal(9), z.literal(24)]).default(24),
  /** Across the paper, at 10 characters an inch. */
  columns: z.int().min(40).max(136).default(80),
  /** From one perforation to the next, in sixths of an inch: 72 for 12 inches, 36 for 6. */
  formLines: z.int().min(24).max(127).default(72),
  forms: z.enum(['plain', 'pre-printed']).default('plain'),
  /** Pre-printed forms left when the operator is told to load more. */
  stockLowAt: z.int().min(0).max(1_000).default(20),
};

const escpos = z.discriminatedUnion('transport', [
  z.strictObject({ ...escposFields, ...tcpFields }),
  z.strictObject({ ...escposFields, ...serialFields }),
  z.strictObject({ ...escposFields, ...characterDeviceFields }),
  z.strictObject({ ...escposFields, ...usbPrinterFields }),
]);
const escp = z.discriminatedUnion('transport', [
  z.strictObject({ ...escpFields, ...tcpFields }),
  z.strictObject({ ...escpFields, ...serialFields }),
  z.strictObject({ ...escpFields, ...characterDeviceFields }),
  z.strictObject({ ...escpFields, ...usbPrinterFields }),
]);
export const printerConfig = z.discriminatedUnion('language', [escpos, escp]);
export type PrinterConfig = z.infer<typeof printerConfig>;
type EscposConfig = z.infer<typeof escpos>;
type EscpConfig = z.infer<typeof escp>;

export type PrinterDevice = Device<'printer', PrinterHandle> & { readonly forms: Forms; readonly drawer: Drawer };

/** What a configuration names and this machine does not have; asked before the printer is opened. */
export function printerFault(config: PrinterConfig): Failure<'bad-logo'> | undefined {
  const logo = logoOf(config);
  return logo.ok ? undefined : logo.error;
}

function logoOf(config: PrinterConfig): Result<Bitmap | undefined, Failure<'bad-logo'>> {
  if (config.language === 'escp' || config.logo === undefined) return ok(undefined);
  return readLogo(config.logo, PAPER_DOTS[config.width]);
}

/** Opens a receipt printer. It need not be there: its handle says `absent` until it is. Throws when `printerFault` has something to say. */
export function openPrinter(config: PrinterConfig, context: DeviceContext): PrinterDevice {
  return config.language === 'escp' ? openEscp(config, context) : openEscpos(config, context);
}

function openEscpos(config: EscposConfig, { name, timers, log }: DeviceContext): PrinterDevice {
  const { width, confirmation, drawerPin, cutter } = config;
  const transport = byteTransportOf(config, timers);
  const delays = config.transport === 'serial' ? delaysForBaud(PRINTER_DELAYS, config.baudRate) : PRINTER_DELAYS;
  const logo = logoOf(config);
  if (!logo.ok) throw new Error(logo.error.detail);
  const options = { width, confirmation, drawerPin, cutter, delays, timers, log, ...(logo.value === undefined ? {} : { logo: logo.value }) };
  const handle = startPrinter(transport, options);
  const drawer = config.drawer ? 'here' : 'none';
  return { kind: 'printer', name, where: transport.name, handle, forms: { kind: 'plain' }, drawer, bench: printerBench(handle, 'escpos', drawer) };
}

function openEscp(config: EscpConfig, { name, timers, log }: DeviceContext): PrinterDevice {
  const { pins, columns, formLines } = config;
  const transport = byteTransportOf(config, timers);
  const page = { pins, columns, formLines };
  const handle = startEscpPrinter(transport, { page, delays: escpDelays(config.transport === 'serial' ? config.baudRate : undefined), timers, log });
  const forms: Forms =
    config.forms === 'plain' ? { kind: 'plain' } : { kind: 'pre-printed', lowAt: config.stockLowAt, sheetsOf: (lines) => escpSheets(lines, page) };
  return { kind: 'printer', name, where: transport.name, handle, forms, drawer: 'none', bench: printerBench(handle, 'escp', 'none') };
}
