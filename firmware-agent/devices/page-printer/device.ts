import { z } from 'zod';
import type { Device, DeviceContext } from '../device.js';
import { commonFields } from '../transport/config.js';
import { certificateSha256 } from '../transport/pinned-tls.js';
import { pagePrinterBench } from './bench.js';
import { startPagePrinter } from './handle.js';
import type { PagePrinterHandle } from './port.js';

/** A printer of sheets by IPP: a CUPS queue on this machine, or a network printer that takes PDF. */
export const pagePrinterConfig = z
  .strictObject({
    ...commonFields,
    kind: z.literal('page-printer'),
    transport: z.literal('ipp'),
    /** `ipps` and `https` want a certificate that this machine trusts, or the pinned one. */
    url: z.url({ protocol: /^(?:ipps?|https?)$/u, error: 'an address that begins with ipp://, ipps://, http:// or https://' }).max(250),
    certificateSha256: certificateSha256.optional(),
  })
  .refine(({ url, certificateSha256: pin }) => pin === undefined || /^(?:ipps|https):/u.test(url), 'certificateSha256 belongs to ipps and https');
export type PagePrinterConfig = z.infer<typeof pagePrinterConfig>;

export type PagePrinterDevice = Device<'page-printer', PagePrinterHandle>;

/** Opens a page printer. It need not be there: its handle says `absent` until it is. */
export function openPagePrinter({ url, certificateSha256: pin }: PagePrinterConfig, { name, timers, log }: DeviceContext): PagePrinterDevice {
  const handle = startPagePrinter(url, { pin, timers, log });
  return { kind: 'page-printer', name, where: url, handle, bench: pagePrinterBench(handle) };
}
