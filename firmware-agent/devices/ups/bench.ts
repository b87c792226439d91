import type { BenchResult } from '#protocol/technician/bench.js';
import type { BenchCheck } from '../device.js';
import type { UpsHandle } from './handle.js';

const TOLD = { model: 'ups.model', maker: 'ups.mfr', status: 'ups.status', charge: 'battery.charge', runtime: 'battery.runtime', load: 'ups.load' };
const FACT_LENGTH = 120;

/** Where upsd is asked, and whether with a password. */
export type UpsWire = { readonly host: string; readonly login: 'yes' | 'no' };

/** What a technician can try on a UPS. Pulling the mains is left to the technician: the screen shows it within seconds. */
export function upsBench(ups: UpsHandle, wire: UpsWire = { host: '127.0.0.1', login: 'no' }): readonly BenchCheck[] {
  return [{ check: 'status', title: 'asks the UPS for its state', needs: 'nobody', run: () => askStatus(ups, wire) }];
}

async function askStatus(ups: UpsHandle, wire: UpsWire): Promise<BenchResult> {
  const read = await ups.variables();
  const { problem } = ups.state();
  if (!read.ok) return { outcome: 'fail', detail: read.error.detail.slice(0, 300), problem: { code: 'ups-absent' }, facts: {} };
  const facts = Object.fromEntries(
    Object.entries(TOLD).flatMap(([name, variable]) => {
      const value = read.value.get(variable);
      return value === undefined ? [] : [[name, value.slice(0, FACT_LENGTH)]];
    }),
  );
  const open = openWire(wire);
  if (open !== undefined) facts['line'] = open;
  if (problem !== undefined) return { outcome: 'fail', detail: `the UPS answers, and has a problem: ${problem.code}`, problem, facts };
  const fed = 'the UPS answers and feeds the counter from the mains';
  return { outcome: 'pass', detail: open === undefined ? fed : `${fed}; ${open}`, facts };
}

/** What upsd is told, and what it tells, goes in clear (RFC 9271): whoever is on the way reads the password, and can feign a cut. */
function openWire({ host, login }: UpsWire): string | undefined {
  if (/^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/u.test(host)) return undefined;
  return login === 'yes' ? `its password goes unencrypted to ${host}`.slice(0, FACT_LENGTH) : `unencrypted from ${host}`.slice(0, FACT_LENGTH);
}
