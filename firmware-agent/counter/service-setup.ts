import { assign, fromPromise, setup } from 'xstate';
import type { Problem } from '#protocol/counter/problem.js';
import type { Language, OperatorLogin } from '#protocol/identity/identity.js';
import { paise, type Paise } from '#protocol/money/paise.js';
import { assert, err, type Result } from '#protocol/result/result.js';
import type { Service } from '#protocol/rulebook/rulebook.js';
import type { SaleRow } from '../ledger/sales.js';
import { problem } from './kiosk.js';
import type { Power } from './gates.js';
import type { Offer } from './offer.js';
import type { PaperResult } from './paper.js';
import type { Recovered } from './recovery.js';
import type { Secured } from './secure.js';
import type { ServiceEvent, ServicePorts } from './service-events.js';

/** Longest that one step may take before the chart itself stops waiting, milliseconds. The ports answer sooner; this guards against a port that does not. */
export const SERVICE_DELAYS = { fetchMs: 15_000, secureMs: 15_000, outcomeMs: 20_000, presenceMs: 60_000, printMs: 240_000 } as const;

/** Where the counter goes when the service chart ends. */
export type Leaving = 'closing' | 'logged-out' | 'resting';

export type ServiceInput = { readonly ports: ServicePorts; readonly operator: OperatorLogin; readonly language: Language; readonly power: Power };

export type ServiceContext = ServiceInput & {
  readonly service: Service | null;
  readonly typed: string;
  readonly offer: Offer | null;
  readonly secured: Secured | null;
  readonly receivedPaise: Paise;
  readonly sale: SaleRow | null;
  readonly problem: Problem | null;
  /** What a restart ended, still to be told when older matters are dealt with. */
  readonly told: Problem | null;
  readonly since: number;
  readonly leaving: Leaving | null;
};

export const EMPTY = { service: null, typed: '', offer: null, secured: null, receivedPaise: paise(0n), sale: null } as const;

function offerOf(context: ServiceContext): Offer {
  assert(context.offer !== null, 'this state has an offer');
  return context.offer;
}

function saleOf(context: ServiceContext): SaleRow {
  assert(context.sale !== null, 'this state has a sale');
  return context.sale;
}

type FetchInput = { readonly context: ServiceContext };

const TYPES = {
  context: {} as ServiceContext,
  events: {} as ServiceEvent,
  input: {} as ServiceInput,
  output: {} as { readonly leaving: Leaving },
};

/** The words of the service chart: its types, actors, guards, actions and delays, all named. The chart itself is in `service-machine.ts`. */
export const serviceSetup = setup({
  types: TYPES,
  actors: {
    fetch: fromPromise<Result<Offer, Problem>, FetchInput>(async ({ input: { context }, signal }) => {
      assert(context.service !== null, 'a service was chosen');
      const made = await context.ports.makeOffer(context.service, context.typed, context.operator);
      // Nobody waits for it any more: a quote that lands late is ended at once.
      if (signal.aborted && made.ok) context.ports.abandon(made.value, 'operator', context.operator);
      return made;
    }),
    secure: fromPromise<Result<Secured, Problem>, FetchInput>(({ input: { context } }) => context.ports.secure(offerOf(context))),
    presence: fromPromise<Result<void, Problem>, FetchInput>(({ input: { context }, signal }) =>
      context.ports.askPresence(offerOf(context), context.operator, signal),
    ),
    commit: fromPromise<Result<SaleRow, Problem>, FetchInput>(async ({ input: { context } }) => {
      assert(context.secured !== null, 'the money is secured before it is committed');
      return context.ports.commit(offerOf(context), context.secured, context.receivedPaise, context.operator);
    }),
    outcome: fromPromise<SaleRow, FetchInput>(({ input: { context } }) => context.ports.awaitOutcome(saleOf(context))),
    print: fromPromise<PaperResult, FetchInput>(({ input: { context } }) => context.ports.print(saleOf(context), context.language, context.operator)),
    giveBack: fromPromise<Result<void, Problem>, FetchInput>(async ({ input: { context } }) =>
      context.ports.giveBack(saleOf(context), context.operator),
    ),
    recover: fromPromise<Recovered, FetchInput>(async ({ input: { context } }) => context.ports.recover()),
  },
  guards: {
    knowsService: ({ context, event }) => event.type === 'CHOOSE' && context.ports.findService(event.code) !== undefined,
    scanFits: ({ context, event }) => event.type === 'SCANNED' && context.ports.readScan(event.scan).ok,
    consumerFits: ({ context, event }) =>
      event.type === 'GIVE_CONSUMER' && context.service !== null && context.ports.readConsumer(context.service, event.consumer).ok,
    cashFits: ({ context, event }) => event.type === 'TAKE_CASH' && context.ports.readCash(offerOf(context), event.received, context.problem).ok,
    mustRest: ({ context }) => context.power === 'low',
    mustRestIdle: ({ context }) => context.power === 'low' && context.sale === null,
    mayNotBegin: ({ context }) => context.ports.beginProblem(context.power) !== null,
    needsPresence: ({ context }) => context.ports.needsPresence(offerOf(context)),
    witnessTaken: ({ context }) => context.problem === null,
    seenNoted: ({ context }) => context.problem === null,
    isRefused: ({ context }) => context.ports.isRefused(saleOf(context)),
    hasMoreToTell: ({ context }) => context.told !== null,
    holdsSale: ({ context }) => context.sale !== null,
    isUnsurePaper: ({ context, event }) =>
      event.type === 'PAPER_SEEN' && ['unknown', 'open'].includes(context.ports.findReceipt(event.receipt)?.newestPaper ?? 'none'),
    knowsReceipt: ({ context, event }) => event.type === 'REPRINT' && context.ports.findReceipt(event.receipt) !== undefined,
  },
  actions: {
    nextCitizen: assign(EMPTY),
    noteLow: assign({ power: 'low' }),
    noteEnough: assign({ power: 'enough' }),
    sayAmount: ({ context }) => context.ports.sayAmount(offerOf(context), context.language),
    openDrawer: ({ context }) => context.ports.openDrawer(),
    clearProblem: assign({ problem: null }),
    stamp: assign({ since: ({ context }) => context.ports.now() }),
    setLanguage: assign({ language: ({ context, event }) => (event.type === 'LANGUAGE' ? event.language : context.language) }),
    chooseService: assign(({ context, event }) => ({
      ...EMPTY,
      service: event.type === 'CHOOSE' ? (context.ports.findService(event.code) ?? null) : null,
      problem: null,
    })),
    serviceUnknown: assign({ problem: () => problem('service-unknown') }),
    takeScan: assign(({ context, event }) => {
      const read = event.type === 'SCANNED' ? context.ports.readScan(event.scan) : err(problem('scan-unreadable'));
      return read.ok ? { ...EMPTY, service: read.value.service, typed: read.value.consumer, problem: null } : { problem: read.error };
    }),
    takeConsumer: assign(({ context, event }) => {
      if (event.type !== 'GIVE_CONSUMER' || context.service === null) return {};
      const read = context.ports.readConsumer(context.service, event.consumer);
      return read.ok ? { typed: read.value, problem: null } : { typed: event.consumer, problem: read.error };
    }),
    scanNotNow: assign({ problem: () => problem('scan-not-now') }),
    takePart: assign(({ context, event }) => {
      if (event.type !== 'PAY_PART') return {};
      const made = context.ports.makePartOffer(offerOf(context), event.amount, context.operator);
      return made.ok ? { offer: made.value, problem: null } : { problem: made.error };
    }),
    abandonOffer: ({ context }) => context.ports.abandon(offerOf(context), 'operator', context.operator),
    abandonUnsecured: ({ context }) => context.ports.abandon(offerOf(context), 'not-secured', context.operator),
    takeWitness: assign(({ context, event }) => {
      if (event.type !== 'WITNESS') return {};
      const taken = context.ports.takeWitness(offerOf(context), event.witness, context.operator);
      return { problem: taken.ok ? null : taken.error };
    }),
    noteAbandoned: assign({ problem: () => problem('abandoned') }),
    takeCash: assign(({ context, event }) => {
      if (event.type !== 'TAKE_CASH') return {};
      const read = context.ports.readCash(offerOf(context), event.received, context.problem);
      return read.ok ? { receivedPaise: read.value, problem: null } : { problem: read.error };
    }),
    sawItPrinted: assign(({ context }) => {
      const noted = context.ports.sawItPrinted(saleOf(context), context.operator);
      return { problem: noted.ok ? null : noted.error };
    }),
    notePaperSeen: assign(({ context, event }) => {
      const sale = event.type === 'PAPER_SEEN' ? context.ports.findReceipt(event.receipt) : undefined;
      const noted = sale === undefined ? undefined : context.ports.sawItPrinted(sale, context.operator);
      return { problem: noted === undefined || noted.ok ? null : noted.error };
    }),
    notePrintLater: assign({ problem: () => problem('print-later') }),
    noteForms: assign(({ context, event }) => {
      if (event.type !== 'NOTE_FORMS') return {};
      const noted = context.ports.noteForms(event.forms, context.operator);
      return { problem: noted.ok ? null : noted.error };
    }),
    tryLink: ({ context }) => context.ports.tryLinkNow(),
    pickReceipt: assign(({ context, event }) => ({
      sale: event.type === 'REPRINT' ? (context.ports.findReceipt(event.receipt) ?? null) : null,
      problem: null,
    })),
    /** Money taken, receipt given, and the department silent: it is asked again by itself. */
    noteUnanswered: assign(({ context }) => (context.sale?.outcome === 'asking' ? { problem: problem('department-unknown') } : {})),
    noteRefund: assign(({ context }) => ({ problem: context.told ?? problem('refund-done'), told: null })),
    tellRest: assign(({ context }) => ({ problem: context.told, told: null })),
    leaveToClose: assign({ leaving: 'closing' }),
    leaveToRest: assign({ leaving: 'resting' }),
    leaveLoggedOut: assign({ leaving: 'logged-out' }),
    stuck: assign({ problem: () => problem('printer-silent') }),
    presenceStuck: assign({ problem: () => problem('finger-none') }),
    fetchStuck: assign({ problem: () => problem('hub-down') }),
  },
  delays: SERVICE_DELAYS,
});
