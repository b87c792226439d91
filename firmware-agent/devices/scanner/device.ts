import { z } from 'zod';
import type { Device, DeviceContext } from '../device.js';
import type { ScannerHandle } from '../ports.js';
import { byteTransportOf, commonFields, serialFields, tcpFields } from '../transport/config.js';
import { startScanner } from './handle.js';

const fields = { ...commonFields, kind: z.literal('scanner') };

export const scannerConfig = z.discriminatedUnion('transport', [
  z.strictObject({ ...fields, ...tcpFields }),
  z.strictObject({ ...fields, ...serialFields }),
]);
export type ScannerConfig = z.infer<typeof scannerConfig>;

export type ScannerDevice = Device<'scanner', ScannerHandle>;

/** Opens a code scanner. It need not be there: its handle says `absent` until it is. */
export function openScanner(config: ScannerConfig, { name, timers, log }: DeviceContext): ScannerDevice {
  const transport = byteTransportOf(config, timers);
  return { kind: 'scanner', name, where: transport.name, handle: startScanner(transport, { timers, log }), bench: [] };
}
