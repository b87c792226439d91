import { z } from 'zod';
import type { Device, DeviceContext } from '../device.js';
import { commonFields } from '../transport/config.js';
import { pagePrinterBench } from './bench.js';
import { startPagePrinter } from './handle.js';
import type { PagePrinterHandle } from './port.js';

/** A printer of sheets by IPP: a CUPS queue on this machine, or a network printer that takes PDF. */
export const pagePrinterConfig = z.strictObject({
  ...commonFields,
  kind: z.literal('page-printer'),
  transport: z.literal('ipp'),
  /** `ipps` and `https` want a certificate that this machine trusts. */
  url: z.url({ protocol: /^(?:ipps?|https?)$/u, error: 'an address that begins with ipp://, ipps://, http:// or https://' }).max(250),
});
export type PagePrinterConfig = z.infer<typeof pagePrinterConfig>;

export type PagePrinterDevice = Device<'page-printer', PagePrinterHandle>;

/** Opens a page printer. It need not be there: its handle says `absent` until it is. */
export function openPagePrinter({ url }: PagePrinterConfig, { name, timers, log }: DeviceContext): PagePrinterDevice {
  const handle = startPagePrinter(url, { timers, log });
  return { kind: 'page-printer', name, where: url, handle, bench: pagePrinterBench(handle) };
}
