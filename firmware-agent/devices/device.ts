import type { DeviceKind } from '#protocol/counter/device.js';
import type { BenchPrompt, BenchResult } from '#protocol/technician/bench.js';
import type { LifeLogEvent } from './life/live-driver.js';
import type { DeviceFace } from './ports.js';
import { systemTimers, type Timers } from './timers.js';

/** One thing that a technician can try on a device. It bounds every wait, and ends soon after `signal` aborts. */
export type BenchCheck = {
  /** Stable name, such as `status` or `print-test-page`. */
  readonly check: string;
  /** Plain English, such as "prints a test paper and cuts it". */
  readonly title: string;
  /** Whether a person must do something; such checks are left out when nobody is there. */
  readonly needs: 'nobody' | 'somebody';
  readonly run: (tell: (prompt: BenchPrompt) => void, signal: AbortSignal) => Promise<BenchResult>;
};

/** One opened device of the kiosk: its life goes on until `handle.close()`, whether anything is plugged in or not. */
export type Device<K extends DeviceKind, H extends DeviceFace> = {
  readonly kind: K;
  /** As `devices.json` names it; unique in the kiosk. */
  readonly name: string;
  /** Where it should be, for people: `serial /dev/serial/by-id/…`. */
  readonly where: string;
  readonly handle: H;
  readonly bench: readonly BenchCheck[];
};

export type DeviceDeps = { readonly timers?: Timers; readonly log?: (event: LifeLogEvent) => void };
export type DeviceContext = { readonly name: string; readonly timers: Timers; readonly log: (event: LifeLogEvent) => void };

export function contextOf(name: string, { timers = systemTimers, log = () => undefined }: DeviceDeps): DeviceContext {
  return { name, timers, log };
}
