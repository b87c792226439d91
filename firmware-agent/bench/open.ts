import { join } from 'node:path';
import type { Logger } from '#platform/log/log.js';
import type { Failure, Result } from '#protocol/result/result.js';
import { TECHNICIAN_SOCKET } from '#protocol/technician/messages.js';
import type { CounterActivity } from '../counter/view.js';
import { openDevices, type DeviceConfig, type Devices } from '../devices/devices.js';
import { discover } from '../devices/discovery/discover.js';
import { systemRoots } from '../devices/discovery/sysfs.js';
import { watchPlugs } from '../devices/hot-plug.js';
import { systemTimers } from '../devices/timers.js';
import { TechnicianSocket } from '../socket/technician-socket.js';
import type { IdentityError, KioskIdentity } from '../station/identity.js';
import { BenchDesk } from './desk.js';
import { deviceLog } from './device-log.js';
import { FingerDesk, type KnownPeople } from './finger-desk.js';
import { stationChecks, type Station } from './station-checks.js';

export type BenchInput = {
  readonly folder: string;
  readonly software: string;
  readonly identity: Result<KioskIdentity, Failure<IdentityError>>;
  readonly devices: Devices;
  readonly devicesFault: Station['devicesFault'];
  readonly ledger: Station['ledger'];
  readonly needsHub: Station['needsHub'];
  readonly activity: () => CounterActivity;
  readonly people?: KnownPeople;
  readonly now: () => number;
  readonly log: Logger;
};

export type Bench = { readonly desk: BenchDesk; readonly listen: () => Promise<void>; readonly close: () => Promise<void> };

/** Opens the kiosk's devices, and has those that wait tried again when something is plugged in. `close` of the bench leaves them open. */
export function plugDevices(configs: readonly DeviceConfig[], log: Logger): { readonly devices: Devices; readonly close: () => Promise<void> } {
  const devices = openDevices(configs, { log: deviceLog(log, systemTimers.now) });
  const stopWatching = watchPlugs(devices);
  return {
    devices,
    close: async () => {
      stopWatching();
      await devices.close();
    },
  };
}

/** The technician's bench over the devices of a kiosk, behind its socket in the kiosk folder. */
export function makeBench(input: BenchInput): Bench {
  const { folder, software, identity, devices, devicesFault, ledger, needsHub, activity, people, now, log } = input;
  const station: Station = { folder, software, identity, devicesFault, ledger, needsHub, wall: () => Date.now(), sysRoot: systemRoots().sys };
  const desk = new BenchDesk({ devices, station: stationChecks(station), activity, timers: systemTimers });
  const socket = new TechnicianSocket({
    path: join(folder, TECHNICIAN_SOCKET),
    desk,
    identity: identity.ok ? identity.value : undefined,
    software,
    now,
    ...(people === undefined ? {} : { fingers: new FingerDesk(devices, people, now) }),
    discover: () => discover(),
    refused: (detail) => log.warn({ detail }, 'technician sent nonsense'),
  });
  return { desk, listen: () => socket.listen(), close: () => socket.close() };
}
