import assert from 'node:assert/strict';
import { join } from 'node:path';
import { formatRupees } from '#protocol/money/paise.js';
import { receiptNumber } from '#protocol/receipt/receipt.js';
import { order } from '../../provisioning/demo/orders.js';
import { commandLine } from '../../provisioning/demo/tool.js';
import { DEMO, type World } from '../../provisioning/demo/world.js';
import type { AgentProcess } from '../support/crash-agent.js';
import type { Truth } from '../support/crash-truth.js';
import { Operator } from '../support/operator.js';
import type { Citizen } from './life.js';

const SEE_MS = 30_000;
const MENU = /101\s+Electricity/u;
const AWAY = 'The screen lost the counter program';

export type KeysInput = {
  readonly world: World;
  readonly startAgent: () => AgentProcess;
  readonly nextCitizen: () => Citizen;
  readonly readChain: () => Truth;
  readonly until: (what: string, holds: () => boolean) => Promise<void>;
};

/** The same kills seen on the real terminal: one screen that stays while the agent under it is killed and started again. */
export class ByKeys {
  readonly #input: KeysInput;
  readonly #operator: Operator;
  #agent: AgentProcess;

  constructor(input: KeysInput) {
    this.#input = input;
    this.#agent = input.startAgent();
    const [command, args] = commandLine('terminal', '--socket', join(input.world.kioskDir, 'counter.sock'), '--width-model', 'wcwidth');
    this.#operator = new Operator({ command, args });
  }

  async close(): Promise<void> {
    await this.#operator.close();
    await this.#agent.end();
  }

  async logIn(sight: string | RegExp): Promise<readonly string[]> {
    // The counter speaks as it last did; an operator who reads English presses F2.
    const [first = ''] = await this.#operator.waitFor(/ONLINE|ऑनलाइन/u, SEE_MS);
    if (!first.includes('ONLINE')) this.#operator.press('f2');
    await this.#operator.waitFor('ONLINE', SEE_MS);
    this.#operator.type(DEMO.login);
    this.#operator.press('enter');
    this.#operator.type(DEMO.pin);
    this.#operator.press('enter');
    return this.#operator.waitFor(sight, SEE_MS);
  }

  /** While the agent is away the screen says so, and that what was saved stays saved; then it is there again by itself. */
  async #killAndRestart(): Promise<void> {
    await this.#agent.end();
    const rows = await this.#operator.waitFor(AWAY, SEE_MS);
    assert.ok(rows.some((row) => row.includes('what was saved stays saved')));
    await order(this.#input.world.printerControl, { do: 'normal' });
    this.#agent = this.#input.startAgent();
    await this.#operator.waitFor((now) => !now.some((row) => row.includes(AWAY)), SEE_MS);
  }

  async #toQuote(): Promise<string> {
    const { service, bill } = this.#input.nextCitizen();
    this.#operator.type(service);
    this.#operator.press('enter');
    await this.#operator.waitFor(/Type the number and press Enter/u, SEE_MS);
    this.#operator.type(bill.consumer);
    this.#operator.press('enter');
    await this.#operator.waitFor(bill.number, SEE_MS);
    const told = this.#input.readChain().transactions.at(-1);
    assert.ok(told?.state === 'quoted', 'the quote that is shown is on disk');
    return formatRupees(told.totalPaise);
  }

  async #payExactly(): Promise<void> {
    this.#operator.press('enter');
    await this.#operator.waitFor('Cash received', SEE_MS);
    this.#operator.press('enter');
  }

  /** Killed at the quote: the screen names the sum, and that it is the citizen's. */
  async atQuote(): Promise<void> {
    const sum = await this.#toQuote();
    await this.#killAndRestart();
    const rows = await this.logIn('The counter stopped before a payment was saved');
    const text = rows.join(' ');
    assert.ok(text.includes(sum) && text.includes('Nothing was saved'), text);
    await this.#operator.waitFor(MENU, SEE_MS);
  }

  /** Killed while the paper moves: the screen asks for the operator's eyes, and the next paper says DUPLICATE. */
  async whilePrinting(): Promise<void> {
    await this.#toQuote();
    await order(this.#input.world.printerControl, { do: 'slow', bytesPerSecond: 20_000 });
    await this.#payExactly();
    const newest = (): Truth['transactions'][number] | undefined => this.#input.readChain().transactions.at(-1);
    await this.#input.until('the receipt is being printed', () => newest()?.sheets.at(-1)?.end === 'open');
    await this.#killAndRestart();
    const rows = await this.logIn('The counter restarted while the receipt was printing');
    const told = newest();
    assert.ok(told !== undefined && rows.join(' ').includes(receiptNumber(DEMO.kiosk, 1, told.seq)), rows.join('\n'));
    this.#operator.type('d');
    await this.#input.until('the duplicate is out', () => newest()?.sheets.at(-1)?.end === 'printed');
    assert.deepEqual(
      newest()?.sheets.map((s) => s.marked),
      ['original', 'duplicate'],
    );
    await this.#operator.waitFor(/\[x\]/u, SEE_MS);
    this.#operator.press('enter');
    await this.#operator.waitFor(MENU, SEE_MS);
  }

  /** Killed after the paper: everything is done, and nothing is asked. */
  async atHandover(): Promise<void> {
    const before = this.#input.readChain().transactions.length;
    await this.#toQuote();
    await this.#payExactly();
    const newest = (): Truth['transactions'][number] | undefined => this.#input.readChain().transactions[before];
    await this.#input.until('the receipt is out', () => newest()?.sheets.at(-1)?.end === 'printed');
    await this.#killAndRestart();
    const rows = await this.logIn(MENU);
    assert.ok(!rows.join(' ').includes('stopped before'), rows.join('\n'));
  }
}
