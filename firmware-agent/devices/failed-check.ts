import type { ProblemCode } from '#protocol/counter/problem.js';
import type { BenchResult } from '#protocol/technician/bench.js';
import type { Failure } from '#protocol/result/result.js';

/** A try that did not succeed, in the bench's words. One that was ended by hand says nothing of the device. */
export function failedCheck({ code, detail }: Failure<ProblemCode | 'cancelled'>): BenchResult {
  if (code === 'cancelled') return { outcome: 'not-done', detail, facts: {} };
  return { outcome: 'fail', detail: detail.slice(0, 300), problem: { code, values: { detail: detail.slice(0, 120) } }, facts: {} };
}
