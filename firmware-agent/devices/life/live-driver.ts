import type { DeviceReport, Unsubscribe } from '../ports.js';

/** What one look at a connected device found. `silence`: the line stands and no answer came in the driver's own time. */
export type Look =
  | { readonly found: 'answer'; readonly report: DeviceReport }
  | { readonly found: 'silence'; readonly report: DeviceReport }
  | { readonly found: 'gone'; readonly why: string };

/** What every driver offers to the life of its device. It lives as long as one open line, and bounds every wait of its own. */
export type LiveDriver = {
  /** Asks the device how it is; never rejects for a device's fault. Left out by devices that say nothing of themselves. */
  readonly look?: () => Promise<Look>;
  /** Changes that the device tells by itself. */
  readonly onReport?: (listener: (report: DeviceReport) => void) => Unsubscribe;
  /** Told once, why the line ended. */
  readonly onLost: (listener: (why: string) => void) => Unsubscribe;
  readonly close: () => Promise<void>;
};

/**
 * Why a device could not be connected. `report` when it is there and unfit (wrong mode, wrong password). Otherwise `code` tells: a port that is
 * `busy` or `denied` is trouble, whatever the kind (decision 0009); all else counts as absent.
 */
export type ConnectFault = { readonly detail: string; readonly report?: DeviceReport; readonly code?: string };

export function reportOfFault({ report, code }: ConnectFault, absent: DeviceReport): DeviceReport {
  if (report !== undefined) return report;
  return code === 'busy' || code === 'denied' ? { state: 'trouble', problem: { code: `device-${code}` } } : absent;
}

/** Every wait of a device's life, in milliseconds. */
export type LifeDelays = {
  /** Opening the line and the first words on it, all of it. */
  readonly connectMs: number;
  /** Longest that one look may take; the driver itself gives up sooner. */
  readonly lookMs: number;
  /** Between two looks at an idle device. */
  readonly pollMs: number;
  /** First and longest wait between two tries to connect; doubled in between. */
  readonly backoffFirstMs: number;
  readonly backoffLongestMs: number;
};

export const LIFE_DELAYS: LifeDelays = { connectMs: 3_000, lookMs: 20_000, pollMs: 2_000, backoffFirstMs: 250, backoffLongestMs: 5_000 };

/** What is worth a line in the log: changes only, never a look that found what was known. */
export type LifeLogEvent =
  | { readonly event: 'connected'; readonly name: string }
  /** Once for each reason, however often it is tried. */
  | { readonly event: 'not-connected'; readonly name: string; readonly why: string }
  | { readonly event: 'lost'; readonly name: string; readonly why: string }
  | { readonly event: 'unexpected'; readonly name: string; readonly type: string };
