import { LIFE_DELAYS, type LifeDelays } from '../life/live-driver.js';

/** Every wait of the page printer, in milliseconds. */
export type PagePrinterDelays = LifeDelays & {
  /** One question and its answer. A printer that sleeps wakes up for it. */
  readonly answerMs: number;
  /** Sending a whole document. */
  readonly sendMs: number;
  /** Between two looks at a job under way. */
  readonly jobPollMs: number;
  /** For somebody to fill the tray, free the paper path, close the cover. */
  readonly mendMs: number;
  /** A queue that says that it does not reach its printer, or that is itself not reached. */
  readonly deadMs: number;
  /** A job without progress that says nothing of why. */
  readonly stuckMs: number;
  /** A whole job, whatever it says. */
  readonly jobMs: number;
  /** How long a job that failed colours the state, when the printer itself claims to be well. */
  readonly rememberMs: number;
};

export const PAGE_PRINTER_DELAYS: PagePrinterDelays = {
  ...LIFE_DELAYS,
  connectMs: 12_000,
  lookMs: 12_000,
  pollMs: 5_000,
  backoffFirstMs: 1_000,
  backoffLongestMs: 15_000,
  answerMs: 5_000,
  sendMs: 60_000,
  jobPollMs: 1_000,
  mendMs: 180_000,
  deadMs: 30_000,
  stuckMs: 120_000,
  jobMs: 900_000,
  rememberMs: 60_000,
};
