import type { DeviceReport } from '../ports.js';
import { flagsOf, numberOf, type StatusFlag } from './codec.js';

/** What feeds the counter. A figure is missing when this UPS does not tell it. */
export type Power = {
  /** `unknown`: the UPS has not said, or can no longer be asked. */
  readonly source: 'mains' | 'battery' | 'unknown';
  readonly chargePercent?: number;
  readonly runtimeSeconds?: number;
  readonly loadPercent?: number;
};

export const POWER_UNKNOWN: Power = { source: 'unknown' };

/** Below either of these, on battery, the counter closes, whatever the UPS itself calls low. */
export type LowMarks = { readonly chargePercent: number; readonly runtimeSeconds: number };

export type UpsReading = { readonly power: Power; readonly report: DeviceReport };

export const UPS_ABSENT: DeviceReport = { state: 'absent', problem: { code: 'ups-absent' } };
export const UPS_LOW: DeviceReport = { state: 'trouble', problem: { code: 'ups-low' } };

const LONGEST_RUNTIME_SECONDS = 7 * 24 * 3_600;

/** Reads the variables of a UPS; undefined when they do not say where the power comes from (the driver still waits for its UPS). */
export function readingOf(variables: ReadonlyMap<string, string>, low: LowMarks): UpsReading | undefined {
  const flags = flagsOf(variables.get('ups.status') ?? '');
  const source = sourceOf(flags);
  if (source === undefined) return undefined;
  const chargePercent = numberOf(variables.get('battery.charge'), 100);
  const runtimeSeconds = numberOf(variables.get('battery.runtime'), LONGEST_RUNTIME_SECONDS);
  const loadPercent = numberOf(variables.get('ups.load'), 1_000);
  const power: Power = {
    source,
    ...(chargePercent === undefined ? {} : { chargePercent }),
    ...(runtimeSeconds === undefined ? {} : { runtimeSeconds }),
    ...(loadPercent === undefined ? {} : { loadPercent }),
  };
  return { power, report: reportOf(flags, power, low) };
}

function sourceOf(flags: ReadonlySet<StatusFlag>): 'mains' | 'battery' | undefined {
  if (flags.has('WAIT')) return undefined;
  if (flags.has('OB')) return 'battery';
  // A bypass feeds the counter from the mains, past the battery. FSD alone still says that the end is near.
  return flags.has('OL') || flags.has('BYPASS') ? 'mains' : flags.has('FSD') ? 'battery' : undefined;
}

function reportOf(flags: ReadonlySet<StatusFlag>, power: Power, low: LowMarks): DeviceReport {
  const values = valuesOf(power);
  if (flags.has('FSD') || isLow(flags, power, low)) return { state: 'trouble', problem: { code: 'ups-low', values } };
  if (power.source === 'battery') return { state: 'warning', problem: { code: 'ups-on-battery', values } };
  if (flags.has('OVER')) return { state: 'warning', problem: { code: 'ups-overload' } };
  if (flags.has('RB')) return { state: 'warning', problem: { code: 'ups-battery-worn' } };
  return { state: 'ready' };
}

/** A battery that is being measured (CAL) is run down on purpose and can be fed again at any moment: that is not the end. */
function isLow(flags: ReadonlySet<StatusFlag>, { source, chargePercent, runtimeSeconds }: Power, low: LowMarks): boolean {
  if (source !== 'battery' || flags.has('CAL')) return false;
  return flags.has('LB') || (chargePercent ?? 100) < low.chargePercent || (runtimeSeconds ?? LONGEST_RUNTIME_SECONDS) < low.runtimeSeconds;
}

function valuesOf({ chargePercent, runtimeSeconds }: Power): Record<string, string> {
  return {
    ...(runtimeSeconds === undefined ? {} : { minutes: String(Math.floor(runtimeSeconds / 60)) }),
    ...(chargePercent === undefined ? {} : { charge: String(Math.round(chargePercent)) }),
  };
}
