import assert from 'node:assert/strict';
import { createActor, SimulatedClock, type ActorRefFrom } from 'xstate';
import { counterView, type ScreenName, type ScreenView } from '#protocol/counter/view.js';
import type { Problem } from '#protocol/counter/problem.js';
import { paise, parseRupees } from '#protocol/money/paise.js';
import { err, ok, type Result } from '#protocol/result/result.js';
import { departmentCode } from '#protocol/identity/identity.js';
import { applianceMachine, type ApplianceEvent, type AppliancePorts } from '../../../firmware-agent/counter/appliance-machine.js';
import type { devicePorts } from '../../../firmware-agent/counter/device-ports.js';
import { makeOffer, type Offer } from '../../../firmware-agent/counter/offer.js';
import type { PaperResult } from '../../../firmware-agent/counter/paper.js';
import type { Recovered } from '../../../firmware-agent/counter/recovery.js';
import { secure, type Secured } from '../../../firmware-agent/counter/secure.js';
import type { ServiceSnapshot } from '../../../firmware-agent/counter/view.js';
import { headerView, screenView } from '../../../firmware-agent/counter/view.js';
import type { SaleRow } from '../../../firmware-agent/ledger/sales.js';
import { OPERATOR, saleBody, serviceOf, transactionOf } from '../protocol/samples.js';
import { Bench, valueOf } from './bench.js';

const SERVICE = serviceOf('101', 'JVVNL');
const TROUBLE: Problem = { code: 'paper-out' };

/** Sales in every condition that a chart can meet, in a real ledger. */
export type Rows = Readonly<Record<'received' | 'asking' | 'posted' | 'refused' | 'returned', SaleRow>>;
export type Matter = { readonly bench: Bench; readonly offer: Offer; readonly secured: Secured; readonly rows: Rows };

/** A small real kiosk with an open quote, a lease, and sales in every condition. */
export async function matter(): Promise<Matter> {
  const bench = new Bench();
  bench.ready(undefined, { salesMax: 100 });
  const row = (n: number, outcome: keyof Rows): SaleRow => {
    const body = saleBody(n, {
      mode: outcome === 'received' ? 'semi-offline-delayed' : 'online',
      billPaise: paise(1_000n),
      department: departmentCode.parse('JVVNL'),
    });
    const { transaction, service, department, consumer, billNumber, totalPaise, mode } = body;
    valueOf(bench.append({ kind: 'quoted', transaction, service, department, consumer, billNumber, totalPaise, mode }));
    valueOf(bench.append(body));
    if (outcome === 'posted') valueOf(bench.append({ kind: 'confirmed', transaction, reference: 'REF', at: bench.at }));
    if (outcome === 'refused' || outcome === 'returned')
      valueOf(bench.append({ kind: 'refused', transaction, reason: 'NO SUCH BILL', cash: 'to-return' }));
    if (outcome === 'returned') valueOf(bench.append({ kind: 'returned', transaction, totalPaise }));
    const found = bench.kiosk.sales.find(transactionOf(n));
    assert.equal(found?.outcome, outcome);
    return found;
  };
  const rows = {
    received: row(1, 'received'),
    asking: row(2, 'asking'),
    posted: row(3, 'posted'),
    refused: row(4, 'refused'),
    returned: row(5, 'returned'),
  };
  const offer = valueOf(await makeOffer(bench.kiosk, SERVICE, '210312345678', OPERATOR));
  return { bench, offer, secured: valueOf(await secure(bench.kiosk, offer)), rows };
}

/** What each port may answer, by a name that stands in paths. */
export function answersOf({ offer, secured, rows }: Matter) {
  const recovered = (kind: Recovered['kind'], sale: SaleRow | null): Recovered => ({
    kind,
    shown: { sale, problem: null, told: { code: 'restarted-in-sale' } },
  });
  const full: Problem = { code: 'disk-full' };
  const no: Result<never, Problem> = err(full);
  return {
    recover: {
      nothing: recovered('nothing', null),
      owed: recovered('not-given-back', rows.refused),
      unprinted: recovered('unprinted', rows.received),
      perhaps: recovered('perhaps-printed', rows.received),
    },
    fetch: { found: ok(offer), no: err({ code: 'consumer-unknown' }) },
    presence: { given: ok(undefined), no: err({ code: 'finger-no-match' }) },
    secure: { yes: ok(secured), no: err({ code: 'lease-used-up' }) },
    commit: { received: ok(rows.received), asking: ok(rows.asking), no },
    outcome: { posted: rows.posted, refused: rows.refused, silent: rows.asking },
    print: {
      printed: { kind: 'printed' } as PaperResult,
      not: { kind: 'not-started', problem: TROUBLE } as PaperResult,
      unknown: { kind: 'unknown', problem: { code: 'print-unknown' } } as PaperResult,
    },
    giveBack: { yes: ok(undefined) as Result<void, Problem>, no: no as Result<void, Problem> },
    sawItPrinted: {
      yes: ok(undefined) as Result<void, Problem>,
      no: err({ code: 'print-unknown', values: { cause: 'disk-full' } }) as Result<void, Problem>,
    },
    logIn: { yes: ok(OPERATOR), no: err({ problem: { code: 'pin-wrong' }, triesLeft: 3, lockedUntil: null }) },
  } as const;
}
export type Answers = ReturnType<typeof answersOf>;
/** Ports that answer when the test says so. */
export type Waiting = 'fetch' | 'presence' | 'secure' | 'outcome' | 'print' | 'logIn';
/** Ports that answer at once. */
export type AtOnce = 'recover' | 'commit' | 'giveBack' | 'sawItPrinted';
export type Port = Waiting | AtOnce;

type Open = { readonly resolve: (value: never) => void; readonly reject: (error: Error) => void };

/** One call of a port that acts on the world, in the order of the calls. */
export type Deed = {
  readonly did: 'commit' | 'print' | 'giveBack' | 'abandon' | 'sawItPrinted' | 'openTill' | 'closeTill' | 'makePartOffer' | 'rest' | 'wake';
  readonly of: string;
};

/** The charts' world, played: notes what they do and answers what it is told. */
export class Played {
  readonly deeds: Deed[] = [];
  readonly unexpected: string[] = [];
  /** What ports that answer at once will answer, in their order; afterwards the first of their answers. */
  readonly queue: { [P in AtOnce]: (keyof Answers[P] | 'throws')[] } = { recover: [], commit: [], giveBack: [], sawItPrinted: [] };
  till: 'open' | 'shut' = 'shut';
  drawerOpenings = 0;
  /** Whether the service in hand wants the person's finger. */
  presence: 'not-asked' | 'needed' = 'not-asked';
  readonly ports: AppliancePorts;
  readonly #of: Matter;
  readonly #answers: Answers;
  readonly #open = new Map<Waiting, Open[]>();
  readonly #givenBack = new Set<string>();

  constructor(of: Matter) {
    this.#of = of;
    this.#answers = answersOf(of);
    this.ports = this.#make();
  }

  #did(did: Deed['did'], of: string): void {
    this.deeds.push({ did, of });
  }

  #wait<P extends Waiting, T>(port: P): Promise<T> {
    return new Promise<T>((resolve, reject) => this.#open.set(port, [...(this.#open.get(port) ?? []), { resolve: resolve, reject }]));
  }

  #next<P extends AtOnce>(port: P, usual: keyof Answers[P]): Answers[P][keyof Answers[P]] {
    const name = this.queue[port].shift() ?? usual;
    if (name === 'throws') throw new Error(`${port} broke`);
    return this.#answers[port][name];
  }

  #devices(): ReturnType<typeof devicePorts> {
    return {
      beginProblem: (power) => (power === 'low' ? { code: 'ups-low' } : null),
      sayAmount: () => undefined,
      openDrawer: () => void (this.drawerOpenings += 1),
      needsPresence: () => this.presence === 'needed',
      askPresence: () => this.#wait('presence'),
      takeWitness: (_offer, witness) => (witness === 'good' ? ok(undefined) : err({ code: 'witness-missing' })),
      rest: () => this.#did('rest', ''),
      wake: () => this.#did('wake', ''),
    };
  }

  #paper(): Pick<AppliancePorts, 'print' | 'sawItPrinted'> {
    return {
      print: (sale) => {
        this.#did('print', sale.transaction);
        return this.#wait('print');
      },
      sawItPrinted: (sale) => {
        this.#did('sawItPrinted', sale.transaction);
        return this.#next('sawItPrinted', 'yes');
      },
    };
  }

  #make(): AppliancePorts {
    const { rows, bench, offer } = this.#of;
    return {
      now: () => bench.at,
      unexpected: (event) => void this.unexpected.push(event),
      ...this.#devices(),
      recover: () => this.#next('recover', 'nothing'),
      findService: (code) => (code === '101' ? SERVICE : undefined),
      readScan: (scan) =>
        scan.kind === 'scan' && scan.text === 'good' ? ok({ service: SERVICE, consumer: '210312345678' }) : err({ code: 'scan-unreadable' }),
      readConsumer: (_service, text) => (text === 'good' ? ok('210312345678') : err({ code: 'field-malformed' })),
      makeOffer: () => this.#wait('fetch'),
      makePartOffer: (_offer, amount) => {
        this.#did('makePartOffer', amount);
        return amount === 'good' ? ok(offer) : err({ code: 'part-refused' });
      },
      abandon: (ended, reason) => this.#did('abandon', `${ended.transaction} ${reason}`),
      readCash: (_offer, text) => (text === 'good' ? ok(paise(500_000n)) : err({ code: 'cash-short' })),
      secure: () => this.#wait('secure'),
      commit: (sold) => {
        this.#did('commit', sold.transaction);
        return this.#next('commit', 'received');
      },
      awaitOutcome: () => this.#wait('outcome'),
      ...this.#paper(),
      giveBack: (sale) => {
        this.#did('giveBack', sale.transaction);
        const answer = this.#next('giveBack', 'yes');
        if (answer.ok) this.#givenBack.add(sale.transaction);
        return answer;
      },
      isRefused: (sale) => sale.outcome === 'refused' && !this.#givenBack.has(sale.transaction),
      findReceipt: (receipt) => ({ good: rows.posted, refused: rows.refused })[receipt],
      tryLinkNow: () => undefined,
      noteForms: ({ first }) => (first === 'good' ? ok(undefined) : err({ code: 'stock-wrong' })),
      logIn: () => this.#wait('logIn'),
      logInByKey: () => this.#wait('logIn'),
      logOut: () => undefined,
      tillIsOpen: () => this.till === 'open',
      openTill: (text) => {
        this.#did('openTill', text);
        if (text !== 'good') return err({ code: 'amount-unreadable' });
        this.till = 'open';
        return ok(undefined);
      },
      closeTill: (text) => {
        this.#did('closeTill', text);
        const read = parseRupees(text);
        if (!read.ok) return err({ code: 'amount-unreadable' });
        this.till = 'shut';
        return ok({ countedPaise: read.value, expectedPaise: paise(0n), differencePaise: read.value, count: 0, salesPaise: paise(0n) });
      },
    };
  }

  /** Whether somebody waits for this port's answer. */
  isOpen(port: Waiting): boolean {
    return (this.#open.get(port) ?? []).length > 0;
  }

  async answer<P extends Waiting>(port: P, name: keyof Answers[P] | 'throws'): Promise<void> {
    const open = this.#open.get(port) ?? [];
    this.#open.set(port, []);
    for (const { resolve, reject } of open) {
      if (name === 'throws') reject(new Error(`${port} broke`));
      else resolve(this.#answers[port][name] as never);
    }
    await settled();
  }
}

/** Lets everything that is ready happen. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** The whole counter over a played world and a clock moved by hand; draws every view that its states give. */
export class ChartRun {
  readonly played: Played;
  readonly clock = new SimulatedClock();
  readonly actor: ActorRefFrom<typeof applianceMachine>;
  readonly drawn = new Map<string, ScreenName>();
  failed: unknown;
  readonly #matter: Matter;

  constructor(of: Matter, broken: { readonly problem: Problem; readonly detail: string } | null = null) {
    this.#matter = of;
    this.played = new Played(of);
    this.actor = createActor(applianceMachine, { clock: this.clock, input: { ports: this.played.ports, language: 'en', broken } });
    this.actor.system.inspect((event) => {
      if (event.type === '@xstate.snapshot') this.draw();
    });
    this.actor.subscribe({ error: (error) => (this.failed = error) });
  }

  start(): this {
    this.actor.start();
    return this;
  }

  stop(): void {
    this.actor.stop();
  }

  /** Where both charts stand, such as `open/menu`. */
  get state(): string {
    const { value } = this.actor.getSnapshot();
    const outer = typeof value === 'string' ? value : Object.entries(value).flat().join('.');
    return this.service === undefined ? outer : `${outer}/${String(this.service.value)}`;
  }

  get service(): ServiceSnapshot | undefined {
    const snapshot = this.actor.getSnapshot();
    return snapshot.matches('open') ? (snapshot.children.service?.getSnapshot() as ServiceSnapshot | undefined) : undefined;
  }

  get problem(): string | undefined {
    const { kiosk } = this.#matter.bench;
    const body = screenView(kiosk, this.actor.getSnapshot());
    return 'problem' in body ? body.problem?.code : undefined;
  }

  /** The view of this moment, held against the door that the screen reads by. */
  draw(): ScreenView {
    const { kiosk } = this.#matter.bench;
    const snapshot = this.actor.getSnapshot();
    const view = { header: headerView(kiosk, snapshot), body: screenView(kiosk, snapshot) };
    const parsed = counterView.safeParse(view);
    assert.ok(parsed.success, `${this.state}: ${parsed.success ? '' : JSON.stringify(parsed.error.issues)}`);
    this.drawn.set(this.state, view.body.screen);
    return view.body;
  }

  async send(...events: readonly ApplianceEvent[]): Promise<void> {
    for (const event of events) this.actor.send(event);
    await settled();
  }

  /** From the start to the service menu, or to wherever recovery leads. */
  async open(recovery: keyof Answers['recover'] = 'nothing'): Promise<void> {
    this.played.queue.recover.push(recovery);
    this.start();
    await this.send({ type: 'LOG_IN', login: '01', pin: '482915' });
    await this.played.answer('logIn', 'yes');
    if (this.played.till === 'shut') await this.send({ type: 'OPEN_TILL', float: 'good' });
  }

  count(did: Deed['did']): number {
    return this.played.deeds.filter((deed) => deed.did === did).length;
  }
}
