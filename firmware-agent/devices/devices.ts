import { z } from 'zod';
import { unreachable } from '#protocol/result/result.js';
import type { PrinterHandle, ScannerHandle } from './ports.js';
import { delaysForBaud, PRINTER_DELAYS } from './printer/delays.js';
import { startPrinter } from './printer/handle.js';
import type { PrinterLogEvent } from './printer/machine.js';
import { startScanner } from './scanner/handle.js';
import type { ScannerLogEvent } from './scanner/machine.js';
import { systemTimers, type Timers } from './timers.js';
import type { Transport } from './transport.js';
import { characterDeviceTransport } from './transport-character-device.js';
import { serialTransport } from './transport-serial.js';
import { tcpTransport } from './transport-tcp.js';

const tcp = { transport: z.literal('tcp'), host: z.string().min(1), port: z.int().min(1).max(65_535) };
const serial = {
  transport: z.literal('serial'),
  /** Better /dev/serial/by-id/…: ttyUSB numbers change with each plugging. */
  path: z.string().startsWith('/'),
  baudRate: z.int().min(1_200).max(4_000_000).default(115_200),
  flow: z.enum(['none', 'hardware', 'xon-xoff']).default('none'),
};
const characterDevice = { transport: z.literal('character-device'), path: z.string().startsWith('/dev/') };

const printer = {
  kind: z.literal('printer'),
  width: z.enum(['58mm', '80mm']),
  /** `process-id` for Epson and printers that know GS ( H; the others print its bytes as text. */
  confirmation: z.enum(['paper-status', 'process-id']).default('paper-status'),
  drawerPin: z.union([z.literal(2), z.literal(5)]).default(2),
};
const scanner = { kind: z.literal('scanner') };

export const printerConfig = z.discriminatedUnion('transport', [
  z.strictObject({ ...printer, ...tcp }),
  z.strictObject({ ...printer, ...serial }),
  z.strictObject({ ...printer, ...characterDevice }),
]);
export const scannerConfig = z.discriminatedUnion('transport', [z.strictObject({ ...scanner, ...tcp }), z.strictObject({ ...scanner, ...serial })]);

/** One device of a kiosk, as its configuration names it. */
export const deviceConfig = z.discriminatedUnion('kind', [printerConfig, scannerConfig]);
export type PrinterConfig = z.infer<typeof printerConfig>;
export type ScannerConfig = z.infer<typeof scannerConfig>;
export type DeviceConfig = z.infer<typeof deviceConfig>;
/** The same before its defaults are filled in. */
export type DeviceConfigInput = z.input<typeof deviceConfig>;

export type DeviceLogEvent = PrinterLogEvent | ScannerLogEvent;
export type DeviceDeps = { readonly timers?: Timers; readonly log?: (event: DeviceLogEvent) => void };

export type OpenedDevice =
  | { readonly kind: 'printer'; readonly printer: PrinterHandle }
  | { readonly kind: 'scanner'; readonly scanner: ScannerHandle };

/** Starts a device. It need not be there: its handle says `absent` until it is. */
export function openDevice(config: DeviceConfig, deps: DeviceDeps = {}): OpenedDevice {
  switch (config.kind) {
    case 'printer':
      return { kind: 'printer', printer: openPrinter(config, deps) };
    case 'scanner':
      return { kind: 'scanner', scanner: openScanner(config, deps) };
    default:
      return unreachable(config);
  }
}

export function openPrinter(config: PrinterConfig, { timers = systemTimers, log = () => undefined }: DeviceDeps = {}): PrinterHandle {
  const { width, confirmation, drawerPin } = config;
  const delays = config.transport === 'serial' ? delaysForBaud(PRINTER_DELAYS, config.baudRate) : PRINTER_DELAYS;
  return startPrinter(transportOf(config, timers), { width, confirmation, drawerPin, delays, timers, log });
}

export function openScanner(config: ScannerConfig, { timers = systemTimers, log = () => undefined }: DeviceDeps = {}): ScannerHandle {
  return startScanner(transportOf(config, timers), { timers, log });
}

function transportOf(config: DeviceConfig, timers: Timers): Transport {
  switch (config.transport) {
    case 'tcp':
      return tcpTransport(config);
    case 'serial':
      return serialTransport(config);
    case 'character-device':
      return characterDeviceTransport(config.path, timers);
    default:
      return unreachable(config);
  }
}
