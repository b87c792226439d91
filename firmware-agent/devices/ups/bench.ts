import type { BenchResult } from '#protocol/technician/bench.js';
import type { BenchCheck } from '../device.js';
import type { UpsHandle } from './handle.js';

const TOLD = { model: 'ups.model', maker: 'ups.mfr', status: 'ups.status', charge: 'battery.charge', runtime: 'battery.runtime', load: 'ups.load' };
const FACT_LENGTH = 120;

/** What a technician can try on a UPS. Pulling the mains is left to the technician: the screen shows it within seconds. */
export function upsBench(ups: UpsHandle): readonly BenchCheck[] {
  return [{ check: 'status', title: 'asks the UPS for its state', needs: 'nobody', run: () => askStatus(ups) }];
}

async function askStatus(ups: UpsHandle): Promise<BenchResult> {
  const read = await ups.variables();
  const { problem } = ups.state();
  if (!read.ok) return { outcome: 'fail', detail: read.error.detail.slice(0, 300), problem: { code: 'ups-absent' }, facts: {} };
  const facts = Object.fromEntries(
    Object.entries(TOLD).flatMap(([name, variable]) => {
      const value = read.value.get(variable);
      return value === undefined ? [] : [[name, value.slice(0, FACT_LENGTH)]];
    }),
  );
  if (problem !== undefined) return { outcome: 'fail', detail: `the UPS answers, and has a problem: ${problem.code}`, problem, facts };
  return { outcome: 'pass', detail: 'the UPS answers and feeds the counter from the mains', facts };
}
