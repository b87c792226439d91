import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { Life } from '../life/life.js';
import { Listeners } from '../life/listeners.js';
import { LIFE_DELAYS, type ConnectFault, type LifeDelays, type LifeLogEvent } from '../life/live-driver.js';
import type { DeviceFace, DeviceReport, Unsubscribe } from '../ports.js';
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

/** What the counter acts on. `battery-low`: finish the citizen at the counter, take no other, close safely. */
export type PowerEvent = { readonly event: 'mains-lost' | 'mains-back' | 'battery-low'; readonly power: Power };

export type UpsHandle = DeviceFace & {
  /** As last told; `unknown` while the UPS can not be asked. */
  readonly power: () => Power;
  /** Each once per change; `battery-low` may come again after `mains-back`. */
  readonly onPower: (listener: (event: PowerEvent) => void) => Unsubscribe;
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
  const events = new Listeners<PowerEvent>();
  const memory: PowerMemory = { power: POWER_UNKNOWN, heardAtMs: timers.now() };
  const unreachable = (detail: string): ConnectFault => {
    const dead = memory.power.source === 'battery' && timers.now() - memory.heardAtMs >= delays.deadAfterMs;
    return dead ? { detail, report: UPS_LOW } : { detail };
  };
  const life = new Life<UpsDriver>({
    name: transport.name,
    connect: async () => {
      const opened = await transport.open();
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
  const stopTelling = tellEvents(life, memory, events);
  return {
    ...life.face(),
    power: () => (life.state().state === 'absent' ? POWER_UNKNOWN : memory.power),
    onPower: (listener) => events.add(listener),
    variables: () =>
      life.take<Result<ReadonlyMap<string, string>, Failure<'ups-absent'>>>(
        async (driver) => {
          const read = await driver.variables();
          return read.ok ? read : failure('ups-absent', read.error.detail);
        },
        (_, detail) => failure('ups-absent', detail),
      ),
    close: async () => {
      stopTelling();
      await life.close();
    },
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

/** Turns changes of the report into events. A UPS that is not reached changes nothing: what was last known of the mains still stands. */
function tellEvents(life: Life<UpsDriver>, memory: PowerMemory, events: Listeners<PowerEvent>): Unsubscribe {
  let known: 'mains' | 'battery' | 'low' = 'mains';
  return life.onChange((report) => {
    const before = known;
    known = standingOf(report, memory) ?? before;
    if (known === before) return;
    const { power } = memory;
    if (known === 'mains') events.tell({ event: 'mains-back', power });
    if (before === 'mains' && power.source === 'battery') events.tell({ event: 'mains-lost', power });
    if (known === 'low') events.tell({ event: 'battery-low', power });
  });
}

function standingOf({ state, problem }: DeviceReport, { power }: PowerMemory): 'mains' | 'battery' | 'low' | undefined {
  if (problem?.code === 'ups-low') return 'low';
  return state === 'absent' || power.source === 'unknown' ? undefined : power.source;
}
