import { readdirSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { arch, release } from 'node:os';
import { join } from 'node:path';
import { unreachable, type Failure, type Result } from '#protocol/result/result.js';
import type { BenchResult } from '#protocol/technician/bench.js';
import { MINUTE_MS, printedTime, SECOND_MS, type UnixMs } from '#protocol/time/time.js';
import type { BenchCheck } from '../devices/device.js';
import type { IdentityError, KioskIdentity } from '../station/identity.js';
import { probeHub, type HubSeen } from './hub-probe.js';

/** How the ledger stands; `closed` when no counter was opened. */
export type LedgerStanding =
  | { readonly state: 'whole'; readonly entries: number; readonly unsent: number }
  | { readonly state: 'broken'; readonly detail: string }
  | { readonly state: 'closed' };

/** The machine as its own checks see it. */
export type Station = {
  readonly folder: string;
  readonly software: string;
  readonly identity: Result<KioskIdentity, Failure<IdentityError>>;
  /** What is wrong with `devices.json`; undefined when it could be read. */
  /** What is wrong with `devices.json` as it stands now: unreadable, or another than was opened. */
  readonly devicesFault: () => string | undefined;
  readonly ledger: () => LedgerStanding;
  /** Whether this kiosk may ever sell without its hub. */
  readonly needsHub: () => 'always' | 'sometimes';
  readonly wall: () => UnixMs;
  /** `/sys`, or a copy of it. */
  readonly sysRoot: string;
};

/** A day's sales with their log take a few MB; below this the next update finds no room. */
const ROOM_BYTES = 256n * 1024n * 1024n;
/** A receipt's time may be this far off: the hub's own clock is put right by the link, so this is for a machine that never had one. */
const CLOCK_OFF_MS = 2 * MINUTE_MS;
/** One knock serves the checks of one round. */
const KNOCK_FRESH_MS = 10 * SECOND_MS;

type Facts = BenchResult['facts'];
const pass = (detail: string, facts: Facts = {}): BenchResult => ({ outcome: 'pass', detail, facts });
const fail = (detail: string, facts: Facts = {}): BenchResult => ({ outcome: 'fail', detail: detail.slice(0, 300), facts });
const notDone = (detail: string, facts: Facts = {}): BenchResult => ({ outcome: 'not-done', detail: detail.slice(0, 300), facts });

/** What is tried on the machine itself; none of it needs anybody or touches a device. */
export function stationChecks(station: Station): readonly BenchCheck[] {
  let knock: { readonly at: UnixMs; readonly seen: Promise<HubSeen> } | undefined;
  const hub = (): Promise<HubSeen> | undefined => {
    const { identity } = station;
    if (!identity.ok) return undefined;
    const now = station.wall();
    if (knock === undefined || Math.abs(now - knock.at) > KNOCK_FRESH_MS) knock = { at: now, seen: probeHub(identity.value) };
    return knock.seen;
  };
  const check = (name: string, title: string, run: () => BenchResult | Promise<BenchResult>): BenchCheck => ({
    check: name,
    title,
    needs: 'nobody',
    run: async () => run(),
  });
  return [
    check('software', 'runs this version', () =>
      pass(station.software, { version: station.software, node: process.version, system: `linux ${release()} ${arch()}`.slice(0, 120) }),
    ),
    check('disk', 'has room on the disk of the kiosk folder', () => disk(station.folder)),
    check('folder', 'keeps its keys, bundle and ledger whole', () => folder(station)),
    check('devices-file', 'has a devices.json that can be read', () => devicesFile(station.devicesFault())),
    check('link', 'reaches its hub, and no stranger', async () => link(await hub(), station)),
    check('clock', "has the hub's time", async () => clock(await hub(), station.wall())),
    check('power', 'runs on mains power', () => power(join(station.sysRoot, 'class/power_supply'))),
  ];
}

function devicesFile(fault: string | undefined): BenchResult {
  if (fault === undefined) return pass('names the devices of this kiosk');
  return fail(fault.replace(/:\n\s*/u, ': ').replaceAll(/\n\s*/gu, '; '));
}

function disk(folderPath: string): BenchResult {
  const { bavail, blocks, bsize } = statfsSync(folderPath, { bigint: true });
  const free = bavail * bsize;
  const facts = { free: megabytes(free), of: megabytes(blocks * bsize) };
  return free < ROOM_BYTES
    ? fail(`only ${facts.free} are free; make room before the counter opens`, facts)
    : pass(`${facts.free} of ${facts.of} are free`, facts);
}

function megabytes(bytes: bigint): string {
  return `${bytes / 1_000_000n} MB`;
}

function folder({ folder: path, identity, ledger }: Station): BenchResult {
  if (!identity.ok) return identity.error.code === 'unenrolled' ? notDone('not enrolled: run jharokha provision enrol') : fail(identity.error.detail);
  const open = ['kiosk.key', 'sealing.key'].find((name) => (statSync(join(path, name)).mode & 0o077) !== 0);
  if (open !== undefined) return fail(`${open} may be read by others, so it is no longer secret: tell the administrator`);
  const standing = ledger();
  const { kiosk, epoch } = { kiosk: identity.value.bundle.kiosk, epoch: String(identity.value.bundle.epoch) };
  switch (standing.state) {
    case 'broken':
      return fail(`the ledger is damaged: ${standing.detail}`, { kiosk, epoch });
    case 'closed':
      return pass('keys, bundle and certificates fit together; the ledger was not opened', { kiosk, epoch });
    case 'whole':
      return pass('keys, bundle and certificates fit together; every entry of the ledger was checked', {
        kiosk,
        epoch,
        entries: String(standing.entries),
        unsent: String(standing.unsent),
      });
    default:
      return unreachable(standing);
  }
}

function link(seen: HubSeen | undefined, { needsHub }: Station): BenchResult {
  if (seen === undefined) return notDone('not enrolled: no hub is known');
  switch (seen.seen) {
    case 'hub':
      return pass('the hub answers, with the key of its certificate');
    case 'stranger':
      return fail("something else than the hub answers at the hub's address: tell the administrator");
    case 'nobody':
      return needsHub() === 'always' ? fail(`the hub does not answer: ${seen.why}`) : notDone(`the hub does not answer: ${seen.why}`);
    default:
      return unreachable(seen);
  }
}

function clock(seen: HubSeen | undefined, wall: UnixMs): BenchResult {
  const facts = { here: printedTime(wall) };
  if (seen?.seen !== 'hub' || seen.nowMs === undefined) return notDone('no hub to compare with', facts);
  const off = Math.abs(wall - seen.nowMs);
  return off > CLOCK_OFF_MS
    ? fail(`the clock is ${Math.round(off / 1_000)} seconds off: set it`, { ...facts, hub: printedTime(seen.nowMs) })
    : pass("agrees with the hub's clock", { ...facts, hub: printedTime(seen.nowMs) });
}

/** What the kernel knows of chargers and batteries (Documentation/ABI/testing/sysfs-class-power). */
function power(root: string): BenchResult {
  const supplies = list(root).map((name) => ({
    type: read(join(root, name, 'type')),
    online: read(join(root, name, 'online')),
    capacity: read(join(root, name, 'capacity')),
  }));
  const battery = supplies.find(({ type }) => type === 'Battery')?.capacity ?? '';
  const facts: Facts = battery === '' ? {} : { battery: `${battery} %` };
  const mains = supplies.filter(({ type, online }) => type !== 'Battery' && online !== '');
  if (mains.length === 0) return notDone('the machine does not tell how it is fed', facts);
  return mains.some(({ online }) => online !== '0') ? pass('runs on mains power', facts) : fail('runs on its battery: plug the machine in', facts);
}

function list(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
