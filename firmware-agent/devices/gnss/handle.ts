import { ok } from '#protocol/result/result.js';
import { Life } from '../life/life.js';
import { LIFE_DELAYS, type LifeDelays, type LifeLogEvent } from '../life/live-driver.js';
import { systemTimers, type Timers } from '../timers.js';
import type { Transport } from '../transport/transport.js';
import { GNSS_ABSENT, GnssDriver, placeNow, type PlaceMemory } from './driver.js';
import type { GnssHandle } from './port.js';

/** Every wait of the receiver, in milliseconds: see `GnssDriverOptions`. */
export type GnssDelays = LifeDelays & { readonly silentMs: number; readonly staleMs: number };
export const GNSS_DELAYS: GnssDelays = { ...LIFE_DELAYS, pollMs: 1_000, silentMs: 10_000, staleMs: 60_000 };

export type GnssOptions = { readonly delays?: GnssDelays; readonly timers?: Timers; readonly log?: (event: LifeLogEvent) => void };

/** Starts listening to a receiver and gives the narrow face of it that the counter sees. */
export function startGnss(
  transport: Transport,
  { delays = GNSS_DELAYS, timers = systemTimers, log = () => undefined }: GnssOptions = {},
): GnssHandle {
  const memory: PlaceMemory = { fix: undefined, lostAtMs: timers.now() };
  const life = new Life<GnssDriver>({
    name: transport.name,
    connect: async (givenUp) => {
      const opened = await transport.open(givenUp);
      return opened.ok ? ok(new GnssDriver(opened.value, { timers, memory, silentMs: delays.silentMs, staleMs: delays.staleMs })) : opened;
    },
    absent: GNSS_ABSENT,
    delays,
    timers,
    log,
  });
  return {
    ...life.face(),
    place: () => placeNow(memory, delays.staleMs, timers.now()),
  };
}
