import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePublicKeyPem, type VerifyKey } from '#protocol/signing/keys.js';
import { readIdentity } from '../../firmware-agent/station/identity.js';
import { readBills, type DemoBill } from '../../provisioning/demo/bills.js';
import { order } from '../../provisioning/demo/orders.js';
import { must, startService, stopService, type Service } from '../../provisioning/demo/tool.js';
import { buildWorld, DEMO, type World } from '../../provisioning/demo/world.js';
import { AgentProcess } from '../support/crash-agent.js';
import { BooksReader, orderDepartment } from '../support/crash-books.js';
import { chanceOf, type Chance } from '../support/crash-chance.js';
import { AgentGone } from '../support/crash-counter.js';
import { PaperReader } from '../support/crash-papers.js';
import { countMasterFiles, newestSale, readDeadChain, readLiveChain } from '../support/crash-truth.js';
import {
  compareDepartments,
  compareLease,
  compareMoney,
  comparePapers,
  compareSales,
  papersIn,
  pathsOf,
  readExport,
  SOCIETY,
  type PaperCount,
} from './compare.js';
import { ByKeys } from './by-keys.js';
import { planKill, stepOf, type KillPlan, type Moment, type Step } from './kill-plan.js';
import { Life, type Citizen } from './life.js';

const EXTRA_TOP_UP = { rupees: '3000000', paise: 300_000_000n };
const FIRST_TOP_UP_PAISE = 6_000_000n;
const QUIET_MS = 90_000;

export type Fallen = { readonly plan: KillPlan; readonly step: Step };

/** A slip is printed after the department's refusal, and lasts long enough for a kill as well. */
function isSlow({ moment, trouble }: KillPlan): boolean {
  return trouble === 'printer-slow' || moment === 'giving-back';
}

/** A district with one kiosk whose agent is killed again and again; everything else is the product's own processes, left running. */
export class CrashDay {
  readonly #world: World;
  readonly #seed: number;
  #kills = 0;
  #chance: Chance;
  readonly #kiosk: VerifyKey;
  readonly #district: VerifyKey;
  readonly #books: BooksReader;
  readonly #bills: readonly { readonly citizen: Omit<Citizen, 'bill'>; readonly left: DemoBill[] }[];
  #hub: Service | undefined;
  #agent: AgentProcess | undefined;
  #papersBefore = 0;

  private constructor(world: World, seed: number) {
    this.#world = world;
    this.#seed = seed;
    this.#chance = chanceOf(seed, 0);
    const identity = readIdentity(world.kioskDir);
    const district = parsePublicKeyPem(readFileSync(join(world.hubDir, 'district.pub'), 'utf8'));
    assert.ok(identity.ok && district.ok);
    this.#kiosk = identity.value.certificate.key;
    this.#district = district.value;
    this.#books = new BooksReader(world.hubDir);
    this.#bills = DEMO.departments.map(({ code, service }) => ({
      citizen: { department: code, service },
      left: readBills(world.root, code).filter((b) => b.amountPaise > 12_000n && b.latePaise < 300_000n),
    }));
  }

  /** Builds the district, opens the till once, and waits until the counter could go on without its link. */
  static async begin(root: string, seed: number): Promise<CrashDay> {
    const world = await buildWorld(root, { width: '58mm', devices: 'sale', say: () => undefined });
    const day = new CrashDay(world, seed);
    try {
      await must(['hub', 'wallet', 'topup', '--kiosk', DEMO.kiosk, '--amount', EXTRA_TOP_UP.rupees, '--reference', 'CRASH-2', '--dir', world.hubDir]);
      await world.stopHub();
      await day.#startHub();
      await day.#quietLife();
      return day;
    } catch (error) {
      await day.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#books.close();
    await this.#agent?.end();
    this.#thawHub();
    if (this.#hub !== undefined) await stopService(this.#hub);
    await this.#world.close();
  }

  async #startHub(): Promise<void> {
    const { hubDir, hubAddress, root } = this.#world;
    this.#hub ??= await startService('hub', ['hub', 'serve', '--dir', hubDir, '--listen', hubAddress], join(root, 'logs'));
  }

  async #stopHub(): Promise<void> {
    const hub = this.#hub;
    this.#hub = undefined;
    if (hub !== undefined) await stopService(hub);
  }

  #freezeHub(): void {
    this.#hub?.child.kill('SIGSTOP');
  }

  #thawHub(): void {
    this.#hub?.child.kill('SIGCONT');
  }

  #citizen(): Citizen {
    const { citizen, left } = this.#chance.pick(this.#bills);
    const bill = left.shift();
    assert.ok(bill !== undefined, 'the demonstration has bills enough');
    return { ...citizen, bill };
  }

  #life(agent: AgentProcess, at: (moment: Moment) => Promise<void> | void, waitForLink: boolean): Life {
    return new Life({
      agent,
      at,
      waitForLink,
      kioskDir: this.#world.kioskDir,
      key: this.#kiosk,
      scannerControl: this.#world.scannerControl,
      isPaperOut: (receipt) => this.#isPaperOut(receipt),
      chance: this.#chance,
      nextCitizen: () => this.#citizen(),
    });
  }

  #isPaperOut(receipt: string): boolean {
    const { paper } = pathsOf(this.#world.root);
    const reader = new PaperReader(SOCIETY, [receipt], this.#district);
    const found = papersIn(paper)
      .slice(this.#papersBefore)
      .flatMap((file) => reader.read(paper, file));
    return found.some((f) => f.number === receipt && (f.code !== undefined || f.kind === 'slip'));
  }

  #startAgent(): AgentProcess {
    this.#agent = new AgentProcess(this.#world.kioskDir, join(this.#world.root, 'logs'));
    return this.#agent;
  }

  /** Three kills that an operator lives through at the real terminal. */
  async killByKeys(): Promise<void> {
    await this.#quietLife();
    const keys = new ByKeys({
      world: this.#world,
      startAgent: () => this.#startAgent(),
      nextCitizen: () => this.#citizen(),
      readChain: () => readLiveChain(this.#world.kioskDir, this.#kiosk),
      until: (what, holds) => this.#until(what, holds),
    });
    try {
      await keys.logIn(/101\s+Electricity/u);
      await keys.atQuote();
      await keys.whilePrinting();
      await keys.atHandover();
    } finally {
      await keys.close();
    }
  }

  /** One life and its kill. */
  async kill(): Promise<Fallen> {
    this.#kills += 1;
    this.#chance = chanceOf(this.#seed, this.#kills);
    const plan = planKill(this.#chance);
    const link = await this.#prepare(plan);
    const agent = this.#startAgent();
    let armed = false;
    const at = async (moment: Moment): Promise<void> => {
      if (moment === 'cash-given') this.#papersBefore = papersIn(pathsOf(this.#world.root).paper).length;
      await this.#makeTrouble(plan, moment);
      if (moment !== plan.moment || armed) return;
      armed = true;
      if (plan.delayMs === 0) agent.kill();
      else setTimeout(() => agent.kill(), plan.delayMs);
      if (plan.operator === 'goes on') return;
      await agent.ended;
      throw new AgentGone('killed while the operator looked');
    };
    const life = this.#life(agent, at, link === 'up' && (plan.link === 'up' || this.#chance.happens(60)));
    try {
      await life.begin();
      await life.serve();
      if (!armed) agent.kill();
    } catch (error) {
      if (!(error instanceof AgentGone)) throw new Error(`${JSON.stringify(plan)}, link ${link}: ${String(error)}`, { cause: error });
    } finally {
      await this.#calm(plan, agent);
      life.close();
    }
    const truth = readDeadChain(this.#world.kioskDir, this.#kiosk);
    return { plan, step: stepOf(truth, life.lastView) };
  }

  /** An agent that ends by itself is a defect of its own. */
  async #calm(plan: KillPlan, agent: AgentProcess): Promise<void> {
    const ended = await (agent.isKilled ? agent.ended : agent.end());
    assert.equal(ended.signal, 'SIGKILL', `the agent ended by itself with ${ended.code ?? ended.signal}; see ${this.#world.root}/logs/agent.log`);
    this.#thawHub();
    if (plan.trouble.startsWith('department-')) await this.#orderAll({ do: 'release' });
    if (plan.trouble === 'printer-cut') await order(this.#world.printerControl, { do: 'unplug' });
    // What a slow printer has taken in it prints to the end, while nobody is there to hear its answer.
    if (isSlow(plan) || plan.trouble === 'printer-cut') await order(this.#world.printerControl, { do: 'normal' });
  }

  async #prepare(plan: KillPlan): Promise<'up' | 'down'> {
    await this.#orderAll({ do: 'behave' });
    const isDown = plan.link === 'any' && this.#chance.happens(25);
    if (isDown) await this.#stopHub();
    else await this.#startHub();
    const { printerControl } = this.#world;
    if (isSlow(plan)) await order(printerControl, { do: 'slow', bytesPerSecond: this.#chance.between(60_000, 160_000) });
    return isDown ? 'down' : 'up';
  }

  /** Trouble that begins with a step begins before the kill is armed. */
  async #makeTrouble({ trouble }: KillPlan, moment: Moment): Promise<void> {
    if (moment === 'tender' && trouble === 'hub-frozen-at-cash') this.#freezeHub();
    if (moment === 'asking' && trouble === 'hub-frozen-at-asking') this.#freezeHub();
    if (moment === 'tender' && trouble.startsWith('department-')) {
      const times = trouble === 'department-refuse' ? 1 : this.#chance.between(1, 2);
      await this.#orderAll({ do: trouble.slice('department-'.length), on: 'payments', times, reason: 'the account is closed' });
    }
    if (moment === 'tender' && trouble === 'printer-cut')
      await order(this.#world.printerControl, { do: 'stall', afterBytes: this.#chance.between(1, 60_000) });
  }

  async #orderAll(what: Readonly<Record<string, unknown>>): Promise<void> {
    for (const { url } of this.#books.departments()) await orderDepartment(url, what);
  }

  /** Lets the agent live until everything is acknowledged and each online sale has its answer; then kills it at the menu. */
  async #quietLife(): Promise<void> {
    await this.#orderAll({ do: 'behave' });
    await this.#startHub();
    const agent = this.#startAgent();
    const life = this.#life(agent, () => undefined, true);
    try {
      await life.begin();
      await life.client.waitForView('lease', (view) => view.header.leaseLeftPaise !== null);
      await this.#until('the bills are kept here', () => countMasterFiles(this.#world.kioskDir) === BigInt(DEMO.departments.length));
      await this.#until('everything is acknowledged and answered', () => this.#isQuiet());
    } finally {
      await agent.end();
      life.close();
    }
  }

  #isQuiet(): boolean {
    const truth = readLiveChain(this.#world.kioskDir, this.#kiosk);
    const isSent = this.#books.chainLength(DEMO.kiosk) === BigInt(truth.entries.length);
    return isSent && truth.transactions.every((t) => t.outcome !== 'asking') && this.#books.postings().every((p) => p.state !== 'asking');
  }

  async #until(what: string, holds: () => boolean): Promise<void> {
    const end = Date.now() + QUIET_MS;
    while (!holds()) {
      assert.ok(Date.now() < end, `${what}: not within ${QUIET_MS} ms`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Everything sent and answered: chain, books, departments and money agree. `remit` also posts the batch of the delayed ones. */
  async compare(remit: 'remit' | 'as it is'): Promise<void> {
    await this.#quietLife();
    const { hubDir, kioskDir, root } = this.#world;
    if (remit === 'remit') {
      await must(['hub', 'remit', '--dir', hubDir]);
      // Its outcomes reach the chain with the next life, and that life's entries reach the hub.
      await this.#quietLife();
    }
    const paths = pathsOf(root);
    await must(['agent', 'export', '--dir', kioskDir, '--out', paths.export]);
    await must(['ledger', 'verify', paths.export, '--district-key', join(hubDir, 'district.pub')]);
    await must(['hub', 'check', '--dir', hubDir]);
    const truth = readExport(paths.export, this.#district);
    compareSales(truth, this.#books);
    compareLease(truth, this.#books);
    compareMoney(truth, this.#books, FIRST_TOP_UP_PAISE + EXTRA_TOP_UP.paise);
    await compareDepartments(truth, this.#books);
    assert.ok(newestSale(truth) !== undefined, 'sales were made');
  }

  comparePapers(): PaperCount {
    const paths = pathsOf(this.#world.root);
    return comparePapers(readExport(paths.export, this.#district), paths.paper, this.#district);
  }
}
