import { LIFE_DELAYS, type LifeDelays } from '../life/live-driver.js';

/** Every wait of the document scanner, in milliseconds. */
export type DocumentScannerDelays = LifeDelays & {
  /** Listing or opening: SANE may ask the network, and a lamp may warm up. */
  readonly openMs: number;
  /** One page, warming up and feeding included. */
  readonly pageMs: number;
  /** Without a word of progress. */
  readonly silenceMs: number;
  readonly lastWordsMs: number;
  readonly interruptMs: number;
  /** Between two openings only to see whether it opens; also how long a jam is remembered. */
  readonly reopenMs: number;
};

export const DOCUMENT_SCANNER_DELAYS: DocumentScannerDelays = {
  ...LIFE_DELAYS,
  connectMs: 40_000,
  lookMs: 40_000,
  pollMs: 5_000,
  backoffFirstMs: 2_000,
  backoffLongestMs: 30_000,
  openMs: 30_000,
  pageMs: 180_000,
  silenceMs: 90_000,
  lastWordsMs: 3_000,
  interruptMs: 5_000,
  reopenMs: 60_000,
};
