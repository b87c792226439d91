import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSqlite } from '#platform/sqlite/open.js';
import type { Bill } from '#protocol/bill/bill.js';
import type { LoginGrammar } from '#protocol/identity/grammar.js';
import { kioskCode, type KioskCode } from '#protocol/identity/identity.js';
import { openEntry, type Entry } from '#protocol/ledger/entry.js';
import { Ledger } from '../../firmware-agent/ledger/ledger.js';
import { startAgent, type Edges } from '../../firmware-agent/main.js';
import { COUNTER_SOCKET, type RunningAgent } from '../../firmware-agent/station/running.js';
import { readIdentity, type KioskIdentity } from '../../firmware-agent/station/identity.js';
import type { DeviceConfigInput } from '../../firmware-agent/devices/devices.js';
import { startPrinterSimulator, type PrinterSimulator } from '../../firmware-agent/devices/printer/simulator/simulator.js';
import { startScannerSimulator, type ScannerSimulator } from '../../firmware-agent/devices/scanner/simulator/simulator.js';
import type { Hub } from '../../hub-server/hub.js';
import { issueClaim } from '../../hub-server/kiosks/enrolment/claim.js';
import { approveKiosk } from '../../hub-server/kiosks/enrolment/decide.js';
import { openDistrictKey } from '../../hub-server/operations/hub-folder.js';
import { enrol } from '../../provisioning/technician/enrol.js';
import { CounterClient, type Body } from './counter-client.js';
import { eventually, valueOf } from './world-value.js';
import type { Wire } from './world-wire.js';

const MAIN = fileURLToPath(new URL('../../bin/main.js', import.meta.url));
const PIN = '482915';

export type KioskPlace = { readonly hub: Hub; readonly root: string; readonly wire: Wire; readonly grammar: LoginGrammar };

/** One enrolled kiosk: its folder, its virtual devices, its line to the hub, and its agent in this process or in one of its own. */
export class TestKiosk {
  readonly code: KioskCode;
  readonly folder: string;
  readonly wire: Wire;
  readonly printer: PrinterSimulator;
  readonly scanner: ScannerSimulator;
  readonly paperFolder: string;
  #agent: RunningAgent | undefined;
  #child: { readonly process: ChildProcess; readonly exited: Promise<number | null> } | undefined;
  readonly #clients = new Set<CounterClient>();

  private constructor(place: KioskPlace, code: string, printer: PrinterSimulator, scanner: ScannerSimulator) {
    this.code = kioskCode.parse(code);
    this.folder = join(place.root, code);
    this.paperFolder = join(place.root, `${code}-paper`);
    this.wire = place.wire;
    this.printer = printer;
    this.scanner = scanner;
  }

  static async make(place: KioskPlace, code: string): Promise<TestKiosk> {
    const where = { host: '127.0.0.1', port: 0 };
    const printer = await startPrinterSimulator({ ...where, width: '58mm', paperFolder: join(place.root, `${code}-paper`) });
    return new TestKiosk(place, code, printer, await startScannerSimulator({ way: 'serve', ...where }));
  }

  get login(): string {
    return `${this.code}co01`;
  }

  get socketPath(): string {
    return join(this.folder, COUNTER_SOCKET);
  }

  get identity(): KioskIdentity {
    return valueOf(readIdentity(this.folder));
  }

  /** By the technician's own function; the administrator approves the moment the fingerprint is shown. */
  async enrol(hub: Hub): Promise<void> {
    const claim = valueOf(issueClaim(hub, { kiosk: this.code, kind: 'first', hubAddress: `127.0.0.1:${this.wire.port}`, by: 'test' }));
    const district = valueOf(openDistrictKey(hub.folder));
    const done = await enrol({
      folder: this.folder,
      claim: claim.text,
      hints: { machine: 'a'.repeat(64), host: 'kiosk-box', system: 'linux x64' },
      waitMs: 15_000,
      tell: (step) => {
        if (step.step === 'pending') valueOf(approveKiosk(hub, district, { kiosk: this.code, by: 'test', fingerprint: step.fingerprint }));
      },
      now: () => Date.now(),
      monotonicMs: () => performance.now(),
      random: (bytes) => randomBytes(bytes),
      pause: () => new Promise((resolve) => setImmediate(resolve)),
    });
    valueOf(done);
    this.plug();
  }

  /** Writes `devices.json`: printer and scanner, and whatever else; for the next start. */
  plug(...more: readonly DeviceConfigInput[]): void {
    this.plugOnly({ kind: 'printer', transport: 'tcp', host: '127.0.0.1', port: this.printer.port, width: '58mm' }, ...more);
  }

  /** The same with another printer, or several, in place of the usual one. */
  plugOnly(...others: readonly DeviceConfigInput[]): void {
    const [printer, ...more] = others;
    const scanner: DeviceConfigInput = { kind: 'scanner', transport: 'tcp', host: '127.0.0.1', port: this.scanner.port };
    writeFileSync(join(this.folder, 'devices.json'), JSON.stringify([printer, scanner, ...more]));
  }

  async start(edges: Edges = {}): Promise<void> {
    this.#agent = valueOf(await startAgent(this.folder, join(this.folder, 'agent.log'), edges));
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.close();
    this.#clients.clear();
    await this.#agent?.stop();
    this.#agent = undefined;
    this.#child?.process.kill('SIGTERM');
    await this.#child?.exited;
    this.#child = undefined;
  }

  /** The agent as the appliance runs it; resolves when it says that it serves. */
  async startProcess(env: Readonly<Record<string, string>> = {}): Promise<void> {
    const { child, exited } = this.spawnAgent(env);
    this.#child = { process: child, exited };
    const ready = new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));
    await Promise.race([ready, exited.then((code) => Promise.reject(new Error(`the agent ended with ${code}`)))]);
  }

  /** SIGKILL, and nothing less. */
  async kill(): Promise<void> {
    this.#child?.process.kill('SIGKILL');
    await this.#child?.exited;
    this.#child = undefined;
  }

  /** Another `agent run` on this folder. */
  spawnAgent(env: Readonly<Record<string, string>> = {}): {
    readonly child: ChildProcess;
    readonly exited: Promise<number | null>;
    readonly said: () => string;
  } {
    const words = ['agent', 'run', '--dir', this.folder, '--log', join(this.folder, 'agent.log')];
    const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, exited, said: () => said };
  }

  async screen(): Promise<CounterClient> {
    const client = await CounterClient.connect(this.socketPath);
    this.#clients.add(client);
    return client;
  }

  /** Logs in and opens the till with nothing in it; the link is up first unless told. */
  async openCounter(link: 'online' | 'any' = 'online'): Promise<CounterClient> {
    const screen = await this.screen();
    if (link === 'online') await screen.when(({ header }) => header.link.state === 'online', 'the link');
    const ready = ({ header }: CounterClient['view']): boolean => header.devices.every((d) => d.state === 'ready');
    await screen.when(ready, 'printer and scanner');
    await this.logIn(screen);
    await screen.when(({ body }) => body.screen === 'till-opening' || body.screen === 'menu', 'till or menu');
    if (screen.view.body.screen === 'till-opening') screen.send({ do: 'open-till', float: '0' });
    await screen.until('menu');
    if (link === 'online') await this.settled();
    return screen;
  }

  async logIn(screen: CounterClient): Promise<void> {
    await screen.until('login');
    screen.send({ do: 'log-in', login: this.login, pin: PIN });
  }

  /** Waits until the hub has acknowledged everything. */
  async settled(): Promise<void> {
    await eventually('the hub has acknowledged everything', () => {
      const { acked, tip } = this.readLedger((ledger) => ({ acked: ledger.acked?.count ?? -1, tip: ledger.tip.seq }));
      return acked === tip;
    });
  }

  /** Whether every department's bills are kept here for the time without the link. */
  hasMasters(): boolean {
    return this.readLedger((ledger) => ledger.db.prepare<[], { n: bigint }>('SELECT count(*) AS n FROM master').get()?.n === 3n);
  }

  /** The chain as it stands on disk, by a second opening. */
  readLedger<T>(read: (ledger: Ledger) => T): T {
    const db = openSqlite(join(this.folder, 'ledger.sqlite'));
    try {
      return read(Ledger.read(db, this.identity));
    } finally {
      db.close();
    }
  }

  entries(): readonly Entry[] {
    const { certificate } = this.identity;
    return this.readLedger((ledger) => ledger.entriesAfter(0, 100_000).map((bytes) => valueOf(openEntry(certificate.key, bytes)).entry));
  }

  /** From the services to the quote, by typing. */
  async toQuote(screen: CounterClient, bill: Bill): Promise<Body<'quote'>> {
    screen.send({ do: 'choose-service', code: bill.service });
    await screen.until('capture', ({ service, problem }) => service.code === bill.service && problem === null);
    screen.send({ do: 'give-consumer', consumer: bill.consumer });
    return screen.until('quote', ({ quote }) => quote.bill.consumer === bill.consumer);
  }

  async toTender(screen: CounterClient, bill: Bill): Promise<Body<'quote'>> {
    const quote = await this.toQuote(screen, bill);
    screen.send({ do: 'agree' });
    await screen.until('tender');
    return quote;
  }

  /** Pays a bill with exact cash to the hand-over. */
  async sell(screen: CounterClient, bill: Bill): Promise<Body<'handover'>> {
    const { quote } = await this.toTender(screen, bill);
    screen.send({ do: 'take-cash', received: '' });
    return screen.until('handover', ({ sale }) => sale.transaction === quote.transaction);
  }

  async next(screen: CounterClient): Promise<Body<'menu'>> {
    screen.send({ do: 'confirm' });
    return screen.until('menu');
  }

  async close(): Promise<void> {
    await this.stop();
    await Promise.all([this.printer.close(), this.scanner.close(), this.wire.close()]);
  }
}
