import assert from 'node:assert/strict';
import { join } from 'node:path';
import { formatRupees } from '#protocol/money/paise.js';
import { receiptNumber } from '#protocol/receipt/receipt.js';
import type { VerifyKey } from '#protocol/signing/keys.js';
import type { CounterView, SaleView, ScreenView } from '#protocol/counter/view.js';
import type { DemoBill } from '../../provisioning/demo/bills.js';
import { order } from '../../provisioning/demo/orders.js';
import { DEMO } from '../../provisioning/demo/world.js';
import { AgentGone, CounterClient, type BodyOf } from '../support/crash-counter.js';
import type { AgentProcess } from '../support/crash-agent.js';
import type { Chance } from '../support/crash-chance.js';
import { abandonedByRestart, expectedScreen, newestSale, readLiveChain, type Told } from '../support/crash-truth.js';
import type { Moment } from './kill-plan.js';

export type Citizen = { readonly department: 'JVVNL' | 'PHED' | 'BSNL'; readonly service: string; readonly bill: DemoBill };

export type LifeInput = {
  readonly agent: AgentProcess;
  readonly kioskDir: string;
  readonly key: VerifyKey;
  readonly scannerControl: string;
  /** Whether a paper with this number has come out whole since the sale's cash was given: what an operator sees in the tray. */
  readonly isPaperOut: (receipt: string) => boolean;
  readonly chance: Chance;
  readonly nextCitizen: () => Citizen;
  /** Tells each moment as it is reached; may kill the agent then or later. */
  readonly at: (moment: Moment) => Promise<void> | void;
  readonly waitForLink: boolean;
};

const SETTLED = ['menu', 'print-trouble', 'refused'] as const;
/** A picture of the screen may be older than the chain by one step; this many looks let it come up. */
const LOOKS_MAX = 40;

/** One life of the agent, from its start to its kill or to the end of one citizen's visit, as an honest operator drives it. */
export class Life {
  readonly #input: LifeInput;
  #client: CounterClient | undefined;
  #wasCashGiven = false;

  constructor(input: LifeInput) {
    this.#input = input;
  }

  get lastView(): CounterView | undefined {
    return this.#client?.last;
  }

  get client(): CounterClient {
    if (this.#client === undefined) throw new Error('not connected yet');
    return this.#client;
  }

  close(): void {
    this.#client?.close();
  }

  /** Starts, logs in, deals with what the last kill left; then stands at the menu. */
  async begin(): Promise<void> {
    const { agent, at, kioskDir, waitForLink } = this.#input;
    await at('spawned');
    await agent.ready;
    await at('ready');
    this.#client = await CounterClient.open(join(kioskDir, 'counter.sock'));
    this.#client.onView((view) => this.#noteWorking(view.body));
    await this.client.waitForScreen('login');
    if (waitForLink) await this.client.waitForView('link', (view) => view.header.link.state === 'online');
    this.client.command({ do: 'set-language', language: this.#input.chance.pick(['en', 'hi']) });
    this.client.command({ do: 'log-in', login: DEMO.login, pin: DEMO.pin });
    await at('logging-in');
    await this.client.waitForScreen('menu', 'print-trouble', 'refused', 'till-opening');
    if (this.client.last?.body.screen === 'till-opening') this.client.command({ do: 'open-till', float: '500' });
    await this.#settle();
    await at('menu');
  }

  #noteWorking(body: ScreenView): void {
    if (body.screen !== 'working') return;
    if (body.waitsFor === 'hub' || body.waitsFor === 'department') void this.#input.at('asking');
    if (body.waitsFor === 'printer' && this.#wasCashGiven) void this.#input.at('printing');
  }

  /** The screen after a restart is exactly what the chain says, with its number and sum; then the operator deals with it. */
  async #settle(): Promise<void> {
    const { body } = await this.client.waitForView('recovered screen', (view) => SETTLED.some((name) => name === view.body.screen));
    await this.#checkAgainstChain();
    if (body.screen === 'menu') return;
    const abandoned = abandonedByRestart(readLiveChain(this.#input.kioskDir, this.#input.key));
    await this.#input.at('recovery');
    for (let turn = 0; turn < 8; turn += 1) {
      const { body: now } = await this.client.waitForView('question or menu', ({ body: b }) => b.screen !== 'working' && b.screen !== 'login');
      if (now.screen === 'menu') return this.#checkTold(now, abandoned);
      await this.#answer(now);
    }
    throw new Error('the recovery did not come to an end');
  }

  /** A sale that never was is told of even when an older one had to be dealt with first. */
  #checkTold({ problem }: BodyOf<'menu'>, abandoned: Told | undefined): void {
    if (abandoned === undefined) return;
    assert.equal(problem?.code, 'restarted-in-sale', `${abandoned.transaction} was ended by a restart and the screen never said so`);
    assert.equal(problem.values?.['transaction'], abandoned.transaction);
  }

  async #checkAgainstChain(): Promise<void> {
    for (let look = 0; ; look += 1) {
      const body = this.client.last?.body;
      const wrong = body === undefined ? 'nothing is shown' : this.#disagreement(body);
      if (wrong === undefined) return;
      if (look === LOOKS_MAX) assert.fail(`after the restart the screen does not say what is certain: ${wrong}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
      if (this.#input.agent.isKilled) throw new AgentGone('killed');
    }
  }

  #disagreement(body: ScreenView): string | undefined {
    const truth = readLiveChain(this.#input.kioskDir, this.#input.key);
    // An original of which no byte was sent prints by itself as soon as the printer is there, perhaps before this look.
    if (body.screen === 'working' || body.screen === 'handover') return printsByItself(body.sale, newestSale(truth));
    const expected = expectedScreen(truth);
    if (body.screen !== expected.screen) return `${body.screen} is shown, the chain asks for ${expected.screen}`;
    if (body.screen === 'menu' && expected.screen === 'menu') {
      const { abandoned } = expected;
      const told = body.problem?.code === 'restarted-in-sale' ? body.problem.values : undefined;
      if (abandoned === undefined && body.problem !== null) return `a problem that the chain does not know: ${body.problem.code}`;
      if (abandoned !== undefined && (told?.['transaction'] !== abandoned.transaction || told['amount'] !== formatRupees(abandoned.totalPaise)))
        return `${abandoned.transaction} was ended by a restart and the screen does not say so`;
      if (body.tillPaise !== truth.tillPaise || body.today.count !== truth.tillSales)
        return `the till shows ${body.tillPaise} and ${body.today.count} sales, the chain ${truth.tillPaise} and ${truth.tillSales}`;
      return undefined;
    }
    if (expected.screen === 'menu' || (body.screen !== 'print-trouble' && body.screen !== 'refused')) return 'another screen';
    if (body.screen === 'print-trouble' && expected.screen === 'print-trouble' && body.ask !== expected.ask)
      return `it asks ${body.ask}, not ${expected.ask}`;
    return this.#saleDisagreement(body.sale, expected.sale);
  }

  #saleDisagreement(shown: SaleView, told: Told): string | undefined {
    const number = receiptNumber(DEMO.kiosk, 1, told.seq);
    if (shown.receipt !== number || shown.transaction !== told.transaction) return `receipt ${shown.receipt}, the chain has ${number}`;
    if (shown.totalPaise !== told.totalPaise) return `${shown.totalPaise} paise, the chain has ${told.totalPaise}`;
    const state = (step: string): string | undefined => shown.steps.find((s) => s.step === step)?.state;
    if (state('saved') !== 'done') return 'a sale of the chain is not called saved';
    if ((state('posted') === 'done') !== (told.outcome === 'posted')) return `posted is called ${state('posted')}, the chain says ${told.outcome}`;
    if (state('printed') === 'done') return 'printed is called done and nobody confirmed it';
    return undefined;
  }

  /** An honest operator looks at the paper: it is said to be out only when it is. */
  async #answer(body: ScreenView): Promise<void> {
    const { chance, at } = this.#input;
    switch (body.screen) {
      case 'refused':
        await at('refused');
        this.client.command({ do: 'confirm' });
        await at('giving-back');
        await this.client.waitForView('refund', (view) => view.body.screen !== 'refused' || view.body.problem?.code === 'disk-full');
        return;
      case 'print-trouble': {
        const asked = body.ask;
        const choice = asked === 'fix' ? chance.pick(['print-now', 'print-now', 'print-later'] as const) : this.#lookAtPaper(body.sale.receipt);
        this.client.command({ do: choice });
        await this.client.waitForView('next', (view) => view.body.screen !== 'print-trouble' || (asked === 'fix' && view.body.ask !== asked));
        return;
      }
      case 'handover':
        this.client.command({ do: 'confirm' });
        await this.client.waitForScreen('menu');
        return;
      default:
        throw new Error(`the recovery came to ${body.screen}`);
    }
  }

  #lookAtPaper(receipt: string): 'it-printed' | 'print-now' | 'print-later' {
    const { chance, isPaperOut } = this.#input;
    return chance.pick(
      isPaperOut(receipt) ? (['it-printed', 'it-printed', 'print-now'] as const) : (['print-now', 'print-now', 'print-later'] as const),
    );
  }

  /** One citizen: bill, quote, cash, receipt. */
  async serve(): Promise<void> {
    const { at, nextCitizen, chance } = this.#input;
    const citizen = nextCitizen();
    await this.#askForBill(citizen);
    await at('asked-for-bill');
    const shown = await this.client.waitForScreen('quote', 'capture', 'menu');
    if (shown.screen !== 'quote') {
      const asked = await this.client.waitForView(
        'quote',
        ({ body }) => body.screen === 'quote' || (body.screen === 'capture' && body.problem !== null),
      );
      if (asked.body.screen === 'capture') throw new Error(`no quote for ${citizen.bill.consumer}: ${asked.body.problem?.code}`);
    }
    await at('quote');
    if (citizen.department === 'PHED' && chance.happens(30)) await this.#payPart();
    this.client.command({ do: 'agree' });
    await this.client.waitForScreen('tender');
    await at('tender');
    this.#wasCashGiven = true;
    this.client.command({ do: 'take-cash', received: '' });
    await at('cash-given');
    await this.#untilNextCitizen();
  }

  async #payPart(): Promise<void> {
    this.client.command({ do: 'pay-part', amount: '100' });
    await this.client.waitForView('part', ({ body }) => body.screen === 'quote' && (body.quote.totalPaise === 10_000n || body.problem !== null));
  }

  async #askForBill({ service, department, bill }: Citizen): Promise<void> {
    const { chance, scannerControl } = this.#input;
    if (chance.happens(50)) {
      const scanned = await order(scannerControl, { do: 'scan', text: `${department}|${bill.consumer}|${bill.number}` }).catch(() => undefined);
      if (scanned !== undefined) return;
    }
    this.client.command({ do: 'choose-service', code: service });
    await this.client.waitForScreen('capture');
    this.client.command({ do: 'give-consumer', consumer: bill.consumer });
  }

  async #untilNextCitizen(): Promise<void> {
    const { at } = this.#input;
    for (let turn = 0; turn < 8; turn += 1) {
      const { body } = await this.client.waitForView('end of the sale', ({ body: b }) =>
        ['menu', 'handover', 'print-trouble', 'refused'].includes(b.screen),
      );
      if (body.screen === 'handover') await at('handover');
      if (body.screen === 'menu') {
        if (body.problem !== null && body.problem.code !== 'refund-done') throw new Error(`the sale ended with ${body.problem.code}`);
        return;
      }
      await this.#answer(body);
    }
    throw new Error('the sale did not come to an end');
  }
}

function printsByItself(shown: SaleView, told: Told | undefined): string | undefined {
  const sheets = told?.sheets ?? [];
  if (shown.transaction !== told?.transaction || shown.receipt !== receiptNumber(DEMO.kiosk, 1, told.seq))
    return `${shown.receipt} is shown, not the newest sale`;
  return sheets.length === 1 && sheets[0]?.marked === 'original' ? undefined : `${shown.receipt} is printed, and it was begun before`;
}
