import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Operator } from '#platform/terminal/operator.js';
import { formatRupees, type Paise } from '#protocol/money/paise.js';
import { businessDate } from '#protocol/time/time.js';
import { order } from './orders.js';
import { readBills, type DemoBill } from './bills.js';
import { commandLine, must } from './tool.js';
import { DEMO, type World } from './world.js';

/** What one citizen's visit was expected to come to, and what it came to. */
export type Served = { readonly what: string; readonly department: string; readonly expectedPaise: Paise };

const STEP_MS = 40_000;

/** Serves three citizens by the keys that an operator would press, with the link cut for the third. Leaves pictures of the screens as text. */
export class ScriptedDay {
  readonly #world: World;
  readonly #say: (line: string) => void;
  readonly #operator: Operator;
  #picture = 0;

  constructor(world: World, say: (line: string) => void) {
    this.#world = world;
    this.#say = say;
    const [command, args] = commandLine('terminal', '--socket', join(world.kioskDir, 'counter.sock'), '--width-model', 'wcwidth');
    this.#operator = new Operator({ command, args });
    mkdirSync(join(world.root, 'screens'), { recursive: true });
  }

  close(): Promise<void> {
    return this.#operator.close();
  }

  #keep(name: string): void {
    this.#picture += 1;
    const rows = this.#operator.screen().map((row) => row.trimEnd());
    writeFileSync(join(this.#world.root, 'screens', `${String(this.#picture).padStart(2, '0')}-${name}.txt`), `${rows.join('\n')}\n`);
  }

  async #see(sight: string | RegExp, name: string): Promise<void> {
    await this.#operator.waitFor(sight, STEP_MS);
    this.#keep(name);
  }

  async openCounter(): Promise<void> {
    await this.#see('ONLINE', 'login');
    this.#operator.type(DEMO.login);
    this.#operator.press('enter');
    this.#operator.type(DEMO.pin);
    this.#operator.press('enter');
    await this.#see(/TILL/iu, 'till-opening');
    this.#operator.type('500');
    this.#operator.press('enter');
    await this.#see(/101\s+Electricity/u, 'menu');
  }

  /** A bill's code is scanned; Enter agrees, Enter takes the exact cash, Enter calls the next citizen. */
  async electricityByScan(): Promise<Served> {
    const bill = pick(this.#world, 'JVVNL', 'in-time');
    this.#say(`electricity: the bill of ${bill.consumer} is scanned, ${describe(bill)}`);
    await order(this.#world.scannerControl, { do: 'scan', text: `JVVNL|${bill.consumer}|${bill.number}` });
    await this.#pay(bill.amountPaise, '', 'electricity');
    return { what: 'electricity, by scan, online', department: 'JVVNL', expectedPaise: bill.amountPaise };
  }

  /** The service is found by a Hindi word in Latin letters, the consumer number typed, a note handed over and change given. */
  async waterByTyping(): Promise<Served> {
    const bill = pick(this.#world, 'PHED', 'late');
    this.#say(`water: consumer ${bill.consumer} is typed, ${describe(bill)}, after its due date`);
    this.#operator.type('pani');
    this.#operator.press('enter');
    await this.#see(bill.consumer.length > 0 ? /Consumer/u : /./u, 'water-form');
    this.#operator.type(bill.consumer);
    this.#operator.press('enter');
    await this.#pay(bill.latePaise, roundUp(bill.latePaise), 'water');
    return { what: 'water, by typing, online, after the due date', department: 'PHED', expectedPaise: bill.latePaise };
  }

  /** The hub is stopped: the sale is funded by the lease and kept here. Then the hub comes back and the batch is posted. */
  async telephoneWithoutLink(): Promise<Served> {
    this.#say('link: the hub is stopped');
    await this.#world.stopHub();
    await this.#see('OFFLINE', 'link-cut');
    const bill = pick(this.#world, 'BSNL', 'in-time');
    this.#say(`telephone: consumer ${bill.consumer} is typed while the link is cut, ${describe(bill)}`);
    this.#operator.type('103');
    this.#operator.press('enter');
    await this.#see(/STD/u, 'telephone-form');
    this.#operator.type(bill.consumer);
    this.#operator.press('enter');
    await this.#pay(bill.amountPaise, '', 'telephone');
    this.#operator.press('f8');
    await this.#see(formatRupees(bill.amountPaise), 'queue');
    this.#operator.press('escape');
    await this.#operator.waitFor(/101\s+Electricity/u, STEP_MS);
    return { what: 'telephone, by typing, link cut', department: 'BSNL', expectedPaise: bill.amountPaise };
  }

  async #pay(total: Paise, received: string, name: string): Promise<void> {
    await this.#see(formatRupees(total), `${name}-quote`);
    this.#operator.press('enter');
    await this.#see('Cash received', `${name}-tender`);
    this.#operator.type(received);
    this.#operator.press('enter');
    await this.#see(/\[x\] 3|3 Printed.*\[x\]|\[x\].*[Pp]rinted/u, `${name}-handover`);
    this.#operator.press('enter');
    await this.#operator.waitFor(/101\s+Electricity/u, STEP_MS);
  }

  async linkReturns(): Promise<string> {
    this.#say('link: the hub is started again');
    await this.#world.startHub();
    this.#operator.press('f8');
    this.#operator.type('t');
    await this.#see(/\[\*\]\s?ONLINE/u, 'link-back');
    await this.#operator.waitFor((rows) => !rows.some((row) => /UNSENT [1-9]|Unsent [1-9]/u.test(row)), STEP_MS);
    this.#operator.press('escape');
    await this.#operator.waitFor(/101\s+Electricity/u, STEP_MS);
    return must(['hub', 'remit', '--dir', this.#world.hubDir]);
  }

  async inHindi(): Promise<void> {
    this.#operator.press('f2');
    await this.#see('सेवा:', 'menu-hindi');
    this.#operator.press('f5');
    await this.#see('D35K1111-1-', 'receipts-hindi');
    this.#operator.press('escape');
    await this.#operator.waitFor('सेवा:', STEP_MS);
    this.#operator.press('f2');
    await this.#operator.waitFor('SERVICE', STEP_MS);
  }
}

function pick(world: World, department: string, which: 'in-time' | 'late'): DemoBill {
  const today = businessDate(Date.now());
  const fits = readBills(world.root, department).find(
    (b) => b.amountPaise > 20_000n && b.latePaise < 300_000n && (which === 'late' ? b.dueOn < today : b.dueOn >= today),
  );
  if (fits === undefined) throw new Error(`no ${which} bill of ${department} was generated`);
  return fits;
}

function describe(bill: DemoBill): string {
  return `due ${bill.dueOn}, Rs ${formatRupees(bill.amountPaise)} (Rs ${formatRupees(bill.latePaise)} late)`;
}

/** The next hundred rupees: what a citizen hands over. */
function roundUp(sum: Paise): string {
  return ((sum / 10_000n + 1n) * 100n).toString();
}
