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

/** Below either of these the counter closes, whatever the UPS itself calls low; it opens on the mains, above both with a margin. */
export type LowMarks = { readonly chargePercent: number; readonly runtimeSeconds: number };

export type UpsReading = { readonly power: Power; readonly report: DeviceReport };

export const UPS_ABSENT: DeviceReport = { state: 'absent', problem: { code: 'ups-absent' } };
export const UPS_LOW: DeviceReport = { state: 'trouble', problem: { code: 'ups-low' } };

/** So much above the low marks a battery is worth a closed counter's opening: the next cut then leaves time for a citizen and the closing. */
const MARGIN: LowMarks = { chargePercent: 10, runtimeSeconds: 120 };
/** Fuller it does not get: a worn battery never reaches the mark in seconds, and must not close a counter for ever. */
const FULL_PERCENT = 95;

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
  const refill = refillOf(flags, power, low);
  if (refill !== 'enough') return { state: refill === 'low' ? 'trouble' : 'warning', problem: { code: 'ups-recharging', values } };
  if (flags.has('OVER')) return { state: 'warning', problem: { code: 'ups-overload' } };
  if (flags.has('RB')) return { state: 'warning', problem: { code: 'ups-battery-worn' } };
  return { state: 'ready' };
}

/** A battery that is being measured (CAL) is run down on purpose and can be fed again at any moment: that is not the end. */
function isLow(flags: ReadonlySet<StatusFlag>, { source, chargePercent, runtimeSeconds }: Power, low: LowMarks): boolean {
  if (source !== 'battery' || flags.has('CAL')) return false;
  return flags.has('LB') || (chargePercent ?? 100) < low.chargePercent || (runtimeSeconds ?? LONGEST_RUNTIME_SECONDS) < low.runtimeSeconds;
}

/** How far a battery on the mains is from bearing the next cut. `low`: below a mark, or by the UPS's own word; `filling`: not yet above the margin. */
function refillOf(flags: ReadonlySet<StatusFlag>, { chargePercent, runtimeSeconds }: Power, low: LowMarks): 'low' | 'filling' | 'enough' {
  if ((chargePercent ?? 0) >= FULL_PERCENT) return 'enough';
  const chargeOver = (chargePercent ?? FULL_PERCENT) - low.chargePercent;
  const runtimeOver = (runtimeSeconds ?? LONGEST_RUNTIME_SECONDS) - low.runtimeSeconds;
  if (flags.has('LB') || chargeOver < 0 || runtimeOver < 0) return 'low';
  return chargeOver < Math.min(MARGIN.chargePercent, FULL_PERCENT - low.chargePercent) || runtimeOver < MARGIN.runtimeSeconds ? 'filling' : 'enough';
}

function valuesOf({ chargePercent, runtimeSeconds }: Power): Record<string, string> {
  return {
    ...(runtimeSeconds === undefined ? {} : { minutes: String(Math.floor(runtimeSeconds / 60)) }),
    ...(chargePercent === undefined ? {} : { charge: String(Math.round(chargePercent)) }),
  };
}
