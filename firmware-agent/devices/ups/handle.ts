import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { Life } from '../life/life.js';
import { LIFE_DELAYS, type ConnectFault, type LifeDelays, type LifeLogEvent } from '../life/live-driver.js';
import type { DeviceFace } from '../ports.js';
import { systemTimers, type Timers } from '../timers.js';
import type { Transport } from '../transport/transport.js';
import { UpsDriver, type PowerMemory } from './driver.js';
import { POWER_UNKNOWN, UPS_ABSENT, UPS_LOW, type LowMarks, type Power } from './status.js';

/** Every wait of the UPS, in milliseconds. */
export type UpsDelays = LifeDelays & {
  /** One answer of upsd, which only reads its own memory. */
  readonly answerMs: number;
  /** A UPS last heard on battery and not reached for this long is taken to be at its end (upsmon's DEADTIME). */
  readonly deadAfterMs: number;
};

/** Power cuts are fast: looked at every two seconds. */
export const UPS_DELAYS: UpsDelays = { ...LIFE_DELAYS, connectMs: 8_000, lookMs: 4_000, answerMs: 2_500, pollMs: 2_000, deadAfterMs: 15_000 };

export type UpsHandle = DeviceFace & {
  /** As last told; `unknown` while the UPS can not be asked. */
  readonly power: () => Power;
  /** Every variable that the UPS names, for the technician. */
  readonly variables: () => Promise<Result<ReadonlyMap<string, string>, Failure<'ups-absent'>>>;
};

export type UpsOptions = {
  /** The name in upsd's ups.conf; may be left out where upsd serves one UPS alone. */
  readonly ups?: string | undefined;
  readonly login?: { readonly username: string; readonly password: string } | undefined;
  readonly low?: LowMarks;
  readonly delays?: UpsDelays;
  readonly timers?: Timers;
  readonly log?: (event: LifeLogEvent) => void;
};

export const LOW_MARKS: LowMarks = { chargePercent: 20, runtimeSeconds: 180 };

/** Starts watching a UPS through upsd, and gives the narrow face of it that the counter sees. */
export function startUps(transport: Transport, options: UpsOptions = {}): UpsHandle {
  const { ups, login, low = LOW_MARKS, delays = UPS_DELAYS, timers = systemTimers, log = () => undefined } = options;
  const memory: PowerMemory = { power: POWER_UNKNOWN, heardAtMs: timers.now() };
  const unreachable = (detail: string): ConnectFault => {
    const dead = memory.power.source === 'battery' && timers.now() - memory.heardAtMs >= delays.deadAfterMs;
    return dead ? { detail, report: UPS_LOW } : { detail };
  };
  const life = new Life<UpsDriver>({
    name: transport.name,
    connect: async (givenUp) => {
      const opened = await transport.open(givenUp);
      if (!opened.ok) return { ok: false, error: unreachable(opened.error.detail) };
      const driver = new UpsDriver(opened.value, { low, answerMs: delays.answerMs, timers, memory });
      const begun = await begin(driver, ups, login);
      if (begun.ok) return ok(driver);
      await driver.close();
      return { ok: false, error: unreachable(begun.error.detail) };
    },
    absent: UPS_ABSENT,
    delays,
    timers,
    log,
  });
  return {
    ...life.face(),
    power: () => (life.state().state === 'absent' ? POWER_UNKNOWN : memory.power),
    variables: () =>
      life.take<Result<ReadonlyMap<string, string>, Failure<'ups-absent'>>>(
        async (driver) => {
          const read = await driver.variables();
          return read.ok ? read : failure('ups-absent', read.error.detail);
        },
        (_, detail) => failure('ups-absent', detail),
      ),
  };
}

/** Finds the UPS, and logs in where that is wished. Every step has the driver's own time-out. */
async function begin(driver: UpsDriver, ups: string | undefined, login: UpsOptions['login']): Promise<Result<void, { readonly detail: string }>> {
  const listed = await driver.listUpses();
  if (!listed.ok) return listed;
  const names = listed.value;
  const wanted = ups ?? (names.length === 1 ? names[0] : undefined);
  if (wanted === undefined || !names.includes(wanted))
    return failure('no-such-ups', `upsd serves ${names.length === 0 ? 'no UPS' : names.join(', ')}; set "ups" to one of its names`);
  driver.watch(wanted);
  return login === undefined ? ok(undefined) : driver.logIn(login.username, login.password);
}
