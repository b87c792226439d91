import { z } from 'zod';
import type { Device, DeviceContext } from '../device.js';
import { commonFields } from '../transport/config.js';
import { documentScannerBench } from './bench.js';
import { DOCUMENT_SCANNER_DELAYS, type DocumentScannerDelays } from './delays.js';
import type { DocumentScannerHandle } from './face.js';
import { startDocumentScanner, whereOf, type WhichScanner } from './handle.js';

const words = z.string().regex(/^[\x20-\x7e]{1,120}$/u, 'up to 120 printable ASCII characters');

export const documentScannerConfig = z
  .strictObject({
    ...commonFields,
    kind: z.literal('document-scanner'),
    transport: z.literal('sane'),
    /** As `scanimage -L` names it. Only for names that stay, such as those of network scanners; else `vendor` and `model`. */
    device: words.optional(),
    /** Parts of what `scanimage -L` says; upper and lower case are one. */
    vendor: words.optional(),
    model: words.optional(),
    /** The device's own words for its places, as `scanimage -A` lists them under `--source`. Left out: one place, and no feeder. */
    flatbed: words.optional(),
    feeder: words.optional(),
    mode: z.enum(['lineart', 'gray', 'colour']).default('gray'),
    resolutionDpi: z.int().min(75).max(600).default(200),
    /** What a single request can ask for at most. */
    mostDpi: z.int().min(75).max(600).default(300),
    page: z.enum(['a4', 'legal', 'letter']).default('a4'),
    format: z.enum(['jpeg', 'png', 'tiff', 'pnm']).default('jpeg'),
    /** Further options of this device, handed to scanimage as they are: `["--swdeskew=yes"]`. */
    options: z
      .array(z.string().regex(/^--[\x21-\x7e][\x20-\x7e]{0,118}$/u))
      .max(16)
      .default([]),
    /** SANE_CONFIG_DIR: a folder whose `dll.conf` names only the back end in use makes everything faster. */
    saneConfigFolder: z.string().startsWith('/').optional(),
    /** A program that speaks scanimage's command line; the simulator is one. */
    program: z.string().startsWith('/').optional(),
  })
  .refine(({ device, vendor, model }) => (device === undefined) === (vendor !== undefined || model !== undefined), {
    message: 'name either device, or vendor and model (one of the two is enough where it is the only one)',
  });
export type DocumentScannerConfig = z.infer<typeof documentScannerConfig>;

export type DocumentScannerDevice = Device<'document-scanner', DocumentScannerHandle>;

const PAGES_MM = { a4: [210, 297], legal: [216, 356], letter: [216, 279] } as const;

/** Opens a document scanner. It need not be there: its handle says `absent` until it is. */
export function openDocumentScanner(
  config: DocumentScannerConfig,
  { name, timers, log }: DeviceContext,
  delays: DocumentScannerDelays = DOCUMENT_SCANNER_DELAYS,
): DocumentScannerDevice {
  const { device, vendor = '', model = '', format, mode, resolutionDpi, mostDpi, flatbed = '', feeder } = config;
  const which: WhichScanner = device === undefined ? { by: 'model', vendor, model } : { by: 'name', device };
  const [pageWidthMm, pageHeightMm] = PAGES_MM[config.page];
  const options = {
    program: config.program ?? 'scanimage',
    configFolder: config.saneConfigFolder,
    settings: { format, pageWidthMm, pageHeightMm, extra: config.options },
    mode,
    resolutionDpi,
    mostDpi,
    sources: { flatbed, feeder },
    delays,
    timers,
  };
  const handle = startDocumentScanner(which, options, log);
  return { kind: 'document-scanner', name, where: whereOf(which), handle, bench: documentScannerBench(handle) };
}
