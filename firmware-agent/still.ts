import { join } from 'node:path';
import { openLog, type Logger } from '#platform/log/log.js';
import type { CounterCommand } from '#protocol/counter/command.js';
import type { Problem } from '#protocol/counter/problem.js';
import type { CounterView } from '#protocol/counter/view.js';
import type { Language } from '#protocol/identity/identity.js';
import { ZERO } from '#protocol/money/paise.js';
import { ok, type Failure, type Result } from '#protocol/result/result.js';
import { makeBench, plugDevices, type Bench } from './bench/open.js';
import { readDevices } from './devices/configuration.js';
import { sweepPrivateFolders } from './devices/program/private-folder.js';
import { CounterSocket } from './socket/counter-socket.js';
import { readIdentity } from './station/identity.js';
import { lockFolder } from './station/lock.js';
import { COUNTER_SOCKET, SOFTWARE, type RunningAgent } from './station/running.js';

/** No counter can be opened: the screen says so and why, in either language. */
export async function serveStill(
  folder: string,
  error: Failure<'unenrolled' | 'damaged' | 'disk-full'>,
  log: Logger,
  unlock: () => void,
): Promise<RunningAgent> {
  const bench = await openStillBench(folder, log);
  let language: Language = 'en';
  const told: Problem = error.code === 'disk-full' ? { code: 'disk-full' } : { code: 'ledger-broken', values: { entry: '0' } };
  const view = (): CounterView => ({
    header: {
      kiosk: null,
      district: null,
      operator: null,
      language,
      now: Date.now(),
      link: { state: 'offline', since: 0 },
      devices: [],
      unsent: { count: 0, sum: ZERO, oldest: null },
      leaseLeftPaise: null,
    },
    body: error.code === 'unenrolled' ? { screen: 'unenrolled' } : { screen: 'out-of-order', problem: told, detail: error.detail },
  });
  const command = (asked: CounterCommand): void => {
    if (asked.do !== 'set-language') return;
    language = asked.language;
    socket.push();
  };
  const socket = new CounterSocket({ path: join(folder, COUNTER_SOCKET), view, command, refused: () => undefined });
  await socket.listen();
  return {
    stop: async () => {
      await socket.close();
      await bench.close();
      unlock();
    },
  };
}

/** A bench without a counter. A `devices.json` that can not be read leaves only the machine itself to be tried, which says so. */
async function openStillBench(folder: string, log: Logger): Promise<Pick<Bench, 'close'>> {
  const read = readDevices(folder);
  const plugged = plugDevices(read.ok ? read.value : [], log);
  const bench = makeBench({
    folder,
    software: SOFTWARE,
    identity: readIdentity(folder),
    devices: plugged.devices,
    devicesFault: () => (read.ok ? undefined : read.error.detail),
    ledger: () => ({ state: 'closed' }),
    needsHub: () => 'sometimes',
    activity: () => 'idle',
    now: () => Date.now(),
    log,
  });
  await bench.listen();
  return {
    close: async () => {
      await bench.close();
      await plugged.close();
    },
  };
}

/** `agent bench`: the devices and the technician's socket, no ledger, no counter; also on a machine that is not enrolled yet. */
export async function startBench(folder: string, logFile?: string): Promise<Result<RunningAgent, Failure<'already-running'>>> {
  const log = openLog('bench', logFile);
  const lock = lockFolder(folder);
  if (!lock.ok) return lock;
  sweepPrivateFolders();
  const bench = await openStillBench(folder, log);
  return ok({
    stop: async () => {
      await bench.close();
      lock.value();
    },
  });
}
