import { z } from 'zod';
import { unreachable } from '#protocol/result/result.js';
import type { Device, DeviceContext } from '../device.js';
import type { ScannerHandle } from '../ports.js';
import type { Timers } from '../timers.js';
import { byteTransportOf, commonFields, hidFields, hidSocketFields, hidTransportOf, serialFields, tcpFields } from '../transport/config.js';
import { scannerBench } from './bench.js';
import { HID_SCANNER } from './codec/hid-layout.js';
import { startScanner } from './handle.js';
import { hidScanner, plainScanner, ssiScanner, textScanner, type ScannerStyle } from './styles.js';

const fields = { ...commonFields, kind: z.literal('scanner') };
const lineFields = {
  ...fields,
  /** How it speaks: codes alone, Zebra SSI packets, or codes and text commands. */
  style: z.enum(['plain', 'ssi', 'honeywell', 'newland']).default('plain'),
  /** `aim-and-cr`: told at each connection to send symbology identifiers and a CR (Honeywell and Newland). */
  setUp: z.enum(['leave', 'aim-and-cr']).default('leave'),
};
type LineFields = { readonly style: 'plain' | 'ssi' | 'honeywell' | 'newland'; readonly setUp: 'leave' | 'aim-and-cr' };

function canBeSetUp({ style, setUp }: LineFields): boolean {
  return setUp === 'leave' || style === 'honeywell' || style === 'newland';
}
const NO_SET_UP = { message: 'only scanners of style honeywell and newland can be set up', path: ['setUp'] };

export const scannerConfig = z.discriminatedUnion('transport', [
  z.strictObject({ ...lineFields, ...tcpFields }).refine(canBeSetUp, NO_SET_UP),
  z.strictObject({ ...lineFields, ...serialFields }).refine(canBeSetUp, NO_SET_UP),
  z.strictObject({ ...fields, ...hidFields }),
  z.strictObject({ ...fields, ...hidSocketFields }),
]);
export type ScannerConfig = z.infer<typeof scannerConfig>;

export type ScannerDevice = Device<'scanner', ScannerHandle>;

/** Opens a code scanner. It need not be there: its handle says `absent` until it is. */
export function openScanner(config: ScannerConfig, { name, timers, log }: DeviceContext): ScannerDevice {
  const style = styleOf(config, timers);
  const handle = startScanner(style, { timers, log });
  return { kind: 'scanner', name, where: style.name, handle, bench: scannerBench(handle, timers) };
}

function styleOf(config: ScannerConfig, timers: Timers): ScannerStyle {
  if (config.transport === 'hid' || config.transport === 'hid-socket') return hidScanner(hidTransportOf(config, HID_SCANNER));
  const transport = byteTransportOf(config, timers);
  switch (config.style) {
    case 'plain':
      return plainScanner(transport);
    case 'ssi':
      return ssiScanner(transport);
    case 'honeywell':
    case 'newland':
      return textScanner(transport, config.style, config.setUp);
    default:
      return unreachable(config.style);
  }
}
