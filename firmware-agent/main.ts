import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { openLog, type Logger } from '#platform/log/log.js';
import { readConsumerOf } from '#protocol/rulebook/scan.js';
import { openSqlite, type Sqlite } from '#platform/sqlite/open.js';
import { assert, failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { makeBench, plugDevices, type Bench, type BenchInput } from './bench/open.js';
import type { LedgerStanding } from './bench/station-checks.js';
import { Counter } from './counter/counter.js';
import { stockOverlay } from './counter/forms.js';
import type { Kiosk } from './counter/kiosk.js';
import { noteOutcome } from './counter/outcome.js';
import { closeOpenEnds } from './counter/recovery.js';
import { clearUnfinished } from './counter/unfinished.js';
import { readDevices } from './devices/configuration.js';
import type { DeviceConfig, Devices } from './devices/devices.js';
import { PrinterPool } from './devices/printer/pool.js';
import { sweepPrivateFolders } from './devices/program/private-folder.js';
import { Grants } from './ledger/grants.js';
import { Ledger, roomFor } from './ledger/ledger.js';
import { Sales } from './ledger/sales.js';
import { Stock } from './ledger/stock.js';
import { HubLink } from './link/link.js';
import { Caretaker, heldRuleBook, takeRuleBook } from './services/caretaker.js';
import { Captures } from './counter/captures.js';
import { Fingers } from './services/fingers.js';
import { MasterFiles } from './services/master-files.js';
import { Operators } from './services/operators.js';
import { CounterSocket } from './socket/counter-socket.js';
import { noteStop, wasCleanStop } from './station/clean-stop.js';
import { StationClock, SYSTEM_CLOCKS, type Clocks } from './station/clock.js';
import { readIdentity, type KioskIdentity } from './station/identity.js';
import { lockFolder } from './station/lock.js';
import { COUNTER_SOCKET, SOFTWARE, type RunningAgent } from './station/running.js';
import { serveStill } from './still.js';

/** The first row's clock and ages move on without any event. */
const TICK_MS = 1_000;

export type AgentError = 'already-running' | 'bad-devices' | 'damaged';

/** Clocks and disk of an agent; the real ones unless a test gives its own. */
export type Edges = { readonly clocks?: Clocks; readonly openLedger?: (path: string) => Sqlite };

/** Starts the counter's daemon for one kiosk folder. Here and in `still.ts` alone are real things made and wired. */
export async function startAgent(folder: string, logFile?: string, edges: Edges = {}): Promise<Result<RunningAgent, Failure<AgentError>>> {
  const log = openLog('agent', logFile);
  const lock = lockFolder(folder);
  if (!lock.ok) return lock;
  const swept = sweepPrivateFolders();
  if (swept > 0) log.info({ folders: swept }, 'removed scans and photographs that a killed process left');
  const identity = readIdentity(folder);
  if (!identity.ok) {
    if (identity.error.code === 'damaged') log.error({ detail: identity.error.detail }, 'identity damaged');
    return ok(await serveStill(folder, identity.error, log, lock.value));
  }
  const devices = readDevices(folder);
  if (!devices.ok) return devices;
  const book = openLedger(folder, identity.value, log, edges);
  if (!book.ok) return ok(await serveStill(folder, book.error, log, lock.value));
  return ok(await serveCounter(folder, identity.value, devices.value, log, lock.value, book.value));
}

type OpenBook = { readonly ledger: Ledger; readonly clock: StationClock };

function openLedger(
  folder: string,
  identity: KioskIdentity,
  log: Logger,
  { clocks = SYSTEM_CLOCKS, openLedger: open = openSqlite }: Edges,
): Result<OpenBook, Failure<'disk-full'>> {
  const db = open(join(folder, 'ledger.sqlite'));
  const ledger = roomFor(() => Ledger.open(db, identity));
  if (ledger === 'no-room') {
    log.error('disk full: the counter can not be opened');
    db.close();
    return failure('disk-full', `no room on the disk to open the ledger in ${folder}`);
  }
  if (ledger.health.state === 'broken') log.error(ledger.health, 'ledger broken: no sales');
  const clock = new StationClock(clocks, ledger.tip.at);
  ledger.onChange(() => clock.wrote(ledger.tip.at));
  return ok({ ledger, clock });
}

/** Books, grants, link and services of one kiosk, joined to each other. `refresh` is told when the first row of the screen changed. */
function makeKiosk(identity: KioskIdentity, { ledger, clock }: OpenBook, devices: Devices, log: Logger, refresh: () => void): Kiosk {
  let ruleBook = heldRuleBook({ identity, ledger });
  ledger.ruleBookVersion = ruleBook.version;
  const grants = new Grants(ledger, identity);
  const stock = new Stock(ledger.db);
  const link = new HubLink(identity, ledger, () => clock.now(), {
    welcomed: (welcome) => {
      clock.setByHub(welcome.now);
      if (welcome.ruleBook !== null) ruleBook = takeRuleBook(kiosk, ruleBook, welcome.ruleBook);
      setImmediate(() => {
        caretaker.afterWelcome().catch((error: unknown) => log.error({ error }, 'caretaker'));
      });
    },
    outcome: (outcome) => noteOutcome(kiosk, outcome),
    closeLease: () => grants.closeLease(clock.now()),
    changed: () => {
      refresh();
      caretaker.acknowledged();
    },
  });
  const kiosk: Kiosk = {
    identity,
    ledger,
    sales: new Sales(ledger.db),
    grants,
    masters: new MasterFiles(ledger.db),
    fingers: new Fingers(ledger.db),
    captures: new Captures(),
    operators: new Operators(ledger.db, identity),
    clock,
    link,
    devices,
    printer: receiptPrinter(devices, stock),
    stock,
    ruleBook: () => ruleBook,
    random: (bytes) => Uint8Array.from(randomBytes(bytes)),
  };
  ledger.onChange(() => kiosk.printer.refresh());
  const caretaker = new Caretaker(kiosk, (outcome) => noteOutcome(kiosk, outcome));
  return kiosk;
}

async function serveCounter(
  folder: string,
  identity: KioskIdentity,
  configs: readonly DeviceConfig[],
  log: Logger,
  unlock: () => void,
  book: OpenBook,
): Promise<RunningAgent> {
  const plugged = plugDevices(configs, log);
  const { devices } = plugged;
  const hooks = { refresh: (): void => undefined };
  const kiosk = makeKiosk(identity, book, devices, log, () => hooks.refresh());
  const { ledger } = book;
  clearUnfinished(kiosk);
  const told = ledger.health.state === 'whole' ? beginDay(kiosk) : null;
  const counter: Counter = new Counter({
    kiosk,
    language: 'en',
    told,
    isTried: (device) => bench.desk.isTrying(device),
    unexpected: (event) => log.warn({ event }, 'unexpected event'),
    failed: (error) => {
      log.fatal({ error }, 'a statechart failed; ending so that the next start decides from the ledger');
      process.exit(70);
    },
  });
  const bench = counterBench(folder, kiosk, { activity: () => counter.activity(), devicesFault: () => changedDevices(folder, configs) }, log);
  const socket = new CounterSocket({
    path: join(folder, COUNTER_SOCKET),
    view: () => counter.view(),
    command: (command) => counter.command(command),
    refused: (detail) => log.warn({ detail }, 'screen sent nonsense'),
  });
  hooks.refresh = () => counter.refresh();
  counter.onChange(() => {
    socket.push();
    bench.desk.counterChanged();
  });
  counter.start();
  await Promise.all([socket.listen(), bench.listen()]);
  kiosk.link.start();
  const tick = setInterval(() => socket.push(), TICK_MS);
  log.info({ kiosk: identity.bundle.kiosk, entries: ledger.tip.seq }, 'counter open');
  return {
    stop: async () => {
      clearInterval(tick);
      kiosk.link.stop();
      counter.stop();
      await Promise.all([socket.close(), bench.close()]);
      await plugged.close();
      if (ledger.health.state === 'whole') noteStop(ledger, 'meant');
      ledger.db.close();
      unlock();
    },
  };
}

/** A file that was changed under a running agent is another kiosk than the one that is tried. */
function changedDevices(folder: string, opened: readonly DeviceConfig[]): string | undefined {
  const now = readDevices(folder);
  if (!now.ok) return now.error.detail;
  return isDeepStrictEqual(now.value, opened) ? undefined : 'was changed since the agent started: start the agent anew';
}

/** The technician's bench beside an open counter: it has the counter's devices, and gives way to a sale. */
function counterBench(folder: string, kiosk: Kiosk, asked: Pick<BenchInput, 'activity' | 'devicesFault'>, log: Logger): Bench {
  return makeBench({
    folder,
    software: SOFTWARE,
    identity: ok(kiosk.identity),
    devices: kiosk.devices,
    ...asked,
    ledger: () => ledgerStanding(kiosk),
    needsHub: () => (kiosk.ruleBook().profileModes.every((mode) => mode === 'online' || mode === 'semi-offline') ? 'always' : 'sometimes'),
    people: { fingers: kiosk.fingers, readConsumer: (department, text) => readConsumerOf(kiosk.ruleBook(), department, text) },
    now: () => kiosk.clock.now(),
    log,
  });
}

function ledgerStanding({ ledger, sales }: Kiosk): LedgerStanding {
  const { health } = ledger;
  if (health.state === 'broken') return { state: 'broken', detail: health.detail };
  return { state: 'whole', entries: ledger.tip.seq, unsent: sales.unsentSummary(ledger.acked?.count ?? 0).count };
}

/** What receipts are printed on: the first printer of `devices.json` that is well. */
function receiptPrinter(devices: Devices, stock: Stock): PrinterPool {
  const [first, ...others] = devices.of('printer');
  assert(first !== undefined, 'devices.json names a printer');
  return new PrinterPool([first, ...others], stockOverlay(stock));
}

/** Writes that the agent started and whether it was stopped properly before, and ends what a stop left open. */
function beginDay(kiosk: Kiosk): ReturnType<typeof closeOpenEnds> {
  kiosk.ledger.append({ kind: 'started', software: SOFTWARE, clean: wasCleanStop(kiosk.ledger) }, null, kiosk.clock.now());
  noteStop(kiosk.ledger, 'cut');
  return closeOpenEnds(kiosk);
}
