import type { Failure, Result } from '#protocol/result/result.js';
import type { DeviceFace } from '../ports.js';
import type { PictureFormat } from '../picture/picture.js';

/** The problem codes that a document scanner can give. */
export const DOCUMENT_SCANNER_CAUSES = [
  'document-scanner-absent',
  'document-scanner-busy',
  'document-scanner-jam',
  'document-scanner-cover',
  'document-scanner-empty',
  'document-scanner-error',
] as const;
export type DocumentScannerCause = (typeof DOCUMENT_SCANNER_CAUSES)[number];

export function isDocumentScannerCause(code: string): code is DocumentScannerCause {
  return DOCUMENT_SCANNER_CAUSES.some((cause) => cause === code);
}

export type ScanMode = 'lineart' | 'gray' | 'colour';
export type ScanSource = 'flatbed' | 'feeder';

export type ScanRequest = {
  readonly source: ScanSource;
  /** At most so many from the feeder (1 to 50; 50 when left out): further sheets stay in it. The flatbed gives one. */
  readonly pages?: number;
  /** As configured when left out. */
  readonly mode?: ScanMode;
  /** Taken down to what the configuration allows. */
  readonly resolutionDpi?: number;
  /** Ends the scan; nothing is kept then. */
  readonly signal?: AbortSignal;
  /** Told as the device tells: page from 1, percent 0 to 100. */
  readonly onProgress?: (page: number, percent: number) => void;
  /** Told with each page that lies whole on the disk. */
  readonly onPage?: (page: number) => void;
};

export type ScannedPage = {
  /** Absolute path, in the scan's own private folder. */
  readonly file: string;
  readonly bytes: number;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string;
  readonly widthPx: number;
  readonly heightPx: number;
};

export type ScannedPages = {
  readonly pages: readonly ScannedPage[];
  readonly format: PictureFormat;
  readonly resolutionDpi: number;
  readonly folder: string;
  /** Removes the folder and all pages; for the caller, as soon as they are used. */
  readonly discard: () => void;
};

export type ScanFailure = Failure<DocumentScannerCause | 'cancelled'>;

export type DocumentScannerHandle = DeviceFace & {
  /** All pages or nothing: after a failure no page is kept, so that no half a document is taken for a whole one. One scan at a time. */
  readonly scan: (request: ScanRequest) => Promise<Result<ScannedPages, ScanFailure>>;
};
