import type { ProblemCode } from '#protocol/counter/problem.js';
import type { BenchResult } from '#protocol/technician/bench.js';
import type { Failure } from '#protocol/result/result.js';
import type { BenchCheck } from '../device.js';
import type { DeviceFace, DeviceReport } from '../ports.js';

/** Longest that a device may take to be found when the bench begins with it. */
const PATIENCE_MS = 15_000;

/** The check that every device has and that needs nobody: how it stands by its own word. One that was only just opened is given time. */
export function statusCheck(device: DeviceFace): BenchCheck {
  return {
    check: 'status',
    title: 'asks the device how it is',
    needs: 'nobody',
    async run(_tell, signal) {
      const { state, problem } = await settled(device, AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]));
      const facts = { state };
      if (problem === undefined) return { outcome: 'pass', detail: 'the device is ready', facts };
      const detail = `${problem.code}${problem.values?.['detail'] === undefined ? '' : `: ${problem.values['detail']}`}`.slice(0, 300);
      return { outcome: state === 'warning' ? 'pass' : 'fail', detail, problem, facts };
    },
  };
}

function settled(device: DeviceFace, signal: AbortSignal): Promise<DeviceReport> {
  const isGood = ({ state }: DeviceReport): boolean => state === 'ready' || state === 'warning';
  if (isGood(device.state()) || signal.aborted) return Promise.resolve(device.state());
  return new Promise((resolve) => {
    const done = (): void => {
      stop();
      resolve(device.state());
    };
    const stop = device.onChange((report) => {
      if (isGood(report)) done();
    });
    signal.addEventListener('abort', done, { once: true });
  });
}

/** A try that did not succeed, in the bench's words. One that was ended by hand says nothing of the device. */
export function failedCheck({ code, detail }: Failure<ProblemCode | 'cancelled'>): BenchResult {
  if (code === 'cancelled') return { outcome: 'not-done', detail, facts: {} };
  return { outcome: 'fail', detail: detail.slice(0, 300), problem: { code, values: { detail: detail.slice(0, 120) } }, facts: {} };
}
