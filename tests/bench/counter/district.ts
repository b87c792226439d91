import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { openSqlite } from '#platform/sqlite/open.js';
import type { Bill } from '#protocol/bill/bill.js';
import { paise } from '#protocol/money/paise.js';
import { businessDate } from '#protocol/time/time.js';
import { importBills } from '../../../hub-server/services/bill-import.js';
import { putDepartment } from '../../../hub-server/services/departments.js';
import { billsCsv, generateBills } from '../../../hub-server/services/generate-bills.js';
import { MasterFiles } from '../../../firmware-agent/services/master-files.js';
import { startService, stopService, type Service } from '../../../provisioning/demo/tool.js';
import { World } from '../../support/world.js';
import type { TestKiosk } from '../../support/world-kiosk.js';
import { eventually, valueOf } from '../../support/world-value.js';
import { stoppedOnInterrupt } from '../measure/leavings.js';
import { BENCH_DEPARTMENT, BENCH_SERVICE } from './entries.js';

const TOKEN = 'bench-token-1';
/** Money enough for every sale of a run: neither wallet nor lease is what is measured. */
const RICH = { topUpPaise: 100_000_000_000n, targetPaise: paise(50_000_000_000n), salePaiseMax: paise(100_000_000n), salesMax: 1_000_000 } as const;

/**
 * A district for measuring: hub, department and agents as processes of their own, as they run in the field, so that none of them works on the time
 * of another. Kiosks are enrolled and have a lease and the department's master file.
 */
export class BenchDistrict {
  readonly world: World;
  readonly #bills: readonly Bill[];
  readonly #started: Service[] = [];
  readonly #forget: () => void;
  #hub: Service | undefined;
  #given = 0;

  private constructor(world: World, bills: readonly Bill[]) {
    this.world = world;
    this.#bills = bills;
    this.#forget = stoppedOnInterrupt(() => this.#stop());
  }

  static async open(kiosks: readonly string[], billCount: number): Promise<BenchDistrict> {
    const { topUpPaise, ...lease } = RICH;
    const world = await World.open({ kiosks, topUpPaise, master: 'absent', lease: { ...lease, walletPercent: 90n } });
    const wish = { department: BENCH_DEPARTMENT, service: BENCH_SERVICE, count: billCount, seed: 20_261_122, on: businessDate(Date.now()) };
    const district = new BenchDistrict(world, valueOf(generateBills(wish)));
    try {
      await district.#openDepartment();
      await world.stopHub();
      await district.startHub();
      return district;
    } catch (error) {
      await district.close();
      throw error;
    }
  }

  async #openDepartment(): Promise<void> {
    const { root, hub } = this.world;
    const file = join(root, 'bench-bills.csv');
    const lines = [...billsCsv(this.#bills)];
    writeFileSync(file, lines.join(''));
    const words = ['--department', BENCH_DEPARTMENT, '--service', BENCH_SERVICE, '--listen', '127.0.0.1:0', '--bills', file, '--token', TOKEN];
    const server = await this.#start('department', ['hub', 'department-server', ...words, '--state', join(root, 'bench-department.sqlite')]);
    const baseUrl = /http:\/\/\S+?:\d+/u.exec(server.ready)?.[0] ?? '';
    const names = { en: 'Jaipur Vidyut Vitran Nigam', hi: 'जयपुर विद्युत वितरण निगम' };
    valueOf(putDepartment(hub, { code: BENCH_DEPARTMENT, ...names, baseUrl, token: TOKEN }));
    const rows = Readable.from(lines.map((line) => Buffer.from(line)));
    valueOf(await importBills(hub, { department: BENCH_DEPARTMENT, service: BENCH_SERVICE }, rows));
  }

  async #start(name: string, words: readonly string[]): Promise<Service> {
    const service = await startService(name, words, this.world.root);
    this.#started.push(service);
    return service;
  }

  async startHub(): Promise<void> {
    this.#hub = await this.#start('hub-process', ['hub', 'serve', '--dir', this.world.hubDir, '--listen', '127.0.0.1:0']);
    const { port } = JSON.parse(this.#hub.ready) as { readonly port: number };
    for (const kiosk of this.world.kiosks) kiosk.wire.mend(port);
  }

  /** The link is cut: the counter goes on in the delayed mode. */
  async stopHub(): Promise<void> {
    for (const kiosk of this.world.kiosks) kiosk.wire.cut();
    if (this.#hub !== undefined) await stopService(this.#hub);
  }

  /** Starts a kiosk's agent with a printer at this port; resolves with the process id when it serves. */
  async startAgent(kiosk: TestKiosk, printerPort: number): Promise<number> {
    const device = { transport: 'tcp', host: '127.0.0.1' };
    const devices = [
      { kind: 'printer', ...device, port: printerPort, width: '58mm' },
      { kind: 'scanner', ...device, port: kiosk.scanner.port },
    ];
    writeFileSync(join(kiosk.folder, 'devices.json'), JSON.stringify(devices));
    const agent = await this.#start('agent', ['agent', 'run', '--dir', kiosk.folder, '--log', join(kiosk.folder, 'agent.log')]);
    return agent.child.pid ?? 0;
  }

  /** Waits until the kiosk has what it needs without the link. */
  async ready(kiosk: TestKiosk): Promise<void> {
    const db = openSqlite(join(kiosk.folder, 'ledger.sqlite'));
    try {
      const leases = db.prepare("SELECT 1 FROM grant_held WHERE kind = 'lease'");
      const masters = new MasterFiles(db);
      await eventually('lease and master file are there', () => leases.get() !== undefined && masters.version(BENCH_DEPARTMENT) > 0);
    } finally {
      db.close();
    }
  }

  /** A bill that was not paid before. */
  nextBill(): Bill {
    const bill = this.#bills[this.#given];
    this.#given += 1;
    if (bill === undefined) throw new Error('every bill of the bench is paid');
    return bill;
  }

  async #stop(): Promise<void> {
    for (const service of this.#started.toReversed()) await stopService(service);
  }

  async close(): Promise<void> {
    await this.#stop();
    this.#forget();
    await this.world.close();
  }
}
