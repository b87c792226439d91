import type { DeviceReport } from '../devices/ports.js';
import type { BenchCheck } from '../devices/device.js';
import type { OpenedDevice } from '../devices/devices.js';
import type { BenchResult } from '#protocol/technician/bench.js';
import { pause, type Timers } from '../devices/timers.js';

/** A device that was just opened is given this long to be found before it is called absent. SANE lists its scanners slowly. */
const SETTLE_MS = 15_000;

const MOST_FACT = 120;

/** What can be tried on a device: its kind's own checks, and how it says it is where the kind has nothing better under that name. */
export function checksOf(device: OpenedDevice, timers: Timers, openedAtMs: number): readonly BenchCheck[] {
  const own: readonly BenchCheck[] = device.bench;
  const checks = own.some(({ check }) => check === 'status') ? own : [statusCheck(device), ...own];
  const settle = async (signal: AbortSignal): Promise<void> => {
    const patienceMs = openedAtMs + SETTLE_MS - timers.now();
    if (device.handle.state().state === 'absent' && patienceMs > 0) await Promise.race([found(device.handle, signal), pause(timers, patienceMs)]);
  };
  return checks.map((check) => ({
    ...check,
    async run(tell, signal) {
      await settle(signal);
      return withReason(await check.run(tell, signal), device.handle);
    },
  }));
}

/** "Absent" alone sends nobody anywhere: what the opening of its line came up against does. */
function withReason(result: BenchResult, handle: OpenedDevice['handle']): BenchResult {
  const why = handle.whyAway();
  return result.outcome === 'fail' && why !== undefined ? { ...result, facts: { ...result.facts, why: why.slice(0, MOST_FACT) } } : result;
}

/** Reads what the device's life knows and sends it nothing. */
function statusCheck({ handle }: Pick<OpenedDevice, 'handle'>): BenchCheck {
  return {
    check: 'status',
    title: 'is connected and reports no fault',
    needs: 'nobody',
    run: async () => resultOf(handle.state()),
  };
}

function found(handle: OpenedDevice['handle'], signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = handle.onChange(() => {
      stop();
      resolve();
    });
    signal.addEventListener('abort', () => {
      stop();
      resolve();
    });
  });
}

function resultOf({ state, problem }: DeviceReport): BenchResult {
  const told = problem === undefined ? {} : { problem };
  switch (state) {
    case 'ready':
      return { outcome: 'pass', detail: 'is connected and reports no fault', facts: {} };
    case 'warning':
      return { outcome: 'pass', detail: 'works, and needs somebody soon', facts: {}, ...told };
    case 'trouble':
      return { outcome: 'fail', detail: 'is connected and does not work', facts: {}, ...told };
    case 'absent':
      return { outcome: 'fail', detail: 'is not connected, or has no power', facts: {}, ...told };
  }
}
