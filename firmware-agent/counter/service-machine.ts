import { assign, fromPromise, setup } from 'xstate';
import type { Problem } from '#protocol/counter/problem.js';
import type { Language, OperatorLogin } from '#protocol/identity/identity.js';
import { formatRupees, paise, type Paise } from '#protocol/money/paise.js';
import { assert, err, type Result } from '#protocol/result/result.js';
import type { Service } from '#protocol/rulebook/rulebook.js';
import type { SaleRow } from '../ledger/sales.js';
import { problem } from './kiosk.js';
import type { Offer } from './offer.js';
import type { PaperResult } from './paper.js';
import type { Recovered } from './recovery.js';
import type { Secured } from './secure.js';
import type { ServiceEvent, ServicePorts } from './service-events.js';

/** Longest that one step may take before the chart itself stops waiting, milliseconds. The ports answer sooner; this guards against a port that does not. */
export const SERVICE_DELAYS = { fetchMs: 15_000, secureMs: 15_000, outcomeMs: 20_000, printMs: 180_000 } as const;

export type ServiceInput = { readonly ports: ServicePorts; readonly operator: OperatorLogin; readonly language: Language };

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
  readonly leaving: 'closing' | 'logged-out' | null;
};

const EMPTY = { service: null, typed: '', offer: null, secured: null, receivedPaise: paise(0n), sale: null } as const;

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
  output: {} as { readonly leaving: 'closing' | 'logged-out' },
};

/** One citizen after another: choose, fetch, quote, agree, secure, commit, ask, print, hand over. Decides nothing about money; the ports do, from the ledger. */
export const serviceMachine = setup({
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
    cashFits: ({ context, event }) => event.type === 'TAKE_CASH' && context.ports.readCash(offerOf(context), event.received).ok,
    isRefused: ({ context }) => context.ports.isRefused(saleOf(context)),
    hasMoreToTell: ({ context }) => context.told !== null,
    knowsReceipt: ({ context, event }) => event.type === 'REPRINT' && context.ports.findReceipt(event.receipt) !== undefined,
  },
  actions: {
    nextCitizen: assign(EMPTY),
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
    noteAbandoned: assign({ problem: () => problem('abandoned') }),
    takeCash: assign(({ context, event }) => {
      if (event.type !== 'TAKE_CASH') return {};
      const read = context.ports.readCash(offerOf(context), event.received);
      return read.ok ? { receivedPaise: read.value, problem: null } : { problem: read.error };
    }),
    sawItPrinted: ({ context }) => context.ports.sawItPrinted(saleOf(context), context.operator),
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
    leaveLoggedOut: assign({ leaving: 'logged-out' }),
    stuck: assign({ problem: () => problem('printer-silent') }),
    fetchStuck: assign({ problem: () => problem('hub-down') }),
  },
  delays: SERVICE_DELAYS,
}).createMachine({
  id: 'service',
  context: ({ input }) => ({ ...input, ...EMPTY, problem: null, told: null, since: input.ports.now(), leaving: null }),
  initial: 'recovering',
  on: { LANGUAGE: { actions: 'setLanguage' }, PRINTER_WELL: {}, SCANNED: { actions: 'scanNotNow' } },
  output: ({ context }) => ({ leaving: context.leaving ?? 'logged-out' }),
  states: {
    recovering: {
      invoke: {
        src: 'recover',
        input: ({ context }) => ({ context }),
        onDone: [
          {
            guard: ({ event }) => event.output.kind === 'nothing',
            target: 'menu',
            actions: assign(({ event }) => event.output.shown),
          },
          {
            guard: ({ event }) => event.output.kind === 'not-given-back',
            target: 'refused',
            actions: assign(({ event }) => event.output.shown),
          },
          {
            guard: ({ event }) => event.output.kind === 'unprinted',
            target: 'printTrouble',
            actions: assign(({ event }) => event.output.shown),
          },
          { target: 'didItPrint', actions: assign(({ event }) => event.output.shown) },
        ],
        onError: { target: 'menu' },
      },
    },
    menu: {
      on: {
        CHOOSE: [{ guard: 'knowsService', target: 'capture', actions: 'chooseService' }, { actions: 'serviceUnknown' }],
        SCANNED: [{ guard: 'scanFits', target: 'fetching', actions: 'takeScan' }, { actions: 'takeScan' }],
        SHOW_RECEIPTS: { target: 'receipts', actions: 'clearProblem' },
        SHOW_QUEUE: { target: 'queue', actions: 'clearProblem' },
        START_CLOSING: { target: 'gone', actions: 'leaveToClose' },
        LOG_OUT: { target: 'gone', actions: 'leaveLoggedOut' },
        BACK: { actions: 'clearProblem' },
      },
    },
    capture: {
      on: {
        GIVE_CONSUMER: [{ guard: 'consumerFits', target: 'fetching', actions: 'takeConsumer' }, { actions: 'takeConsumer' }],
        SCANNED: [{ guard: 'scanFits', target: 'fetching', actions: 'takeScan' }, { actions: 'takeScan' }],
        BACK: { target: 'menu', actions: ['nextCitizen', 'clearProblem'] },
      },
    },
    fetching: {
      entry: 'stamp',
      on: { BACK: { target: 'capture', actions: 'clearProblem' } },
      invoke: {
        src: 'fetch',
        input: ({ context }) => ({ context }),
        onDone: [
          {
            guard: ({ event }) => event.output.ok,
            target: 'quote',
            actions: assign(({ event }) => (event.output.ok ? { offer: event.output.value, problem: null } : {})),
          },
          { target: 'capture', actions: assign(({ event }) => ({ problem: event.output.ok ? null : event.output.error })) },
        ],
        onError: { target: 'capture', actions: 'fetchStuck' },
      },
      after: { fetchMs: { target: 'capture', actions: 'fetchStuck' } },
    },
    quote: {
      on: {
        AGREE: { target: 'tender', actions: 'clearProblem' },
        PAY_PART: { actions: 'takePart' },
        BACK: { target: 'menu', actions: ['abandonOffer', 'nextCitizen', 'noteAbandoned'] },
      },
    },
    tender: {
      on: {
        TAKE_CASH: [{ guard: 'cashFits', target: 'securing', actions: 'takeCash' }, { actions: 'takeCash' }],
        BACK: { target: 'quote', actions: 'clearProblem' },
      },
    },
    securing: {
      entry: 'stamp',
      invoke: {
        src: 'secure',
        input: ({ context }) => ({ context }),
        onDone: [
          {
            guard: ({ event }) => event.output.ok,
            target: 'committing',
            actions: assign(({ event }) => (event.output.ok ? { secured: event.output.value } : {})),
          },
          {
            target: 'menu',
            actions: ['abandonUnsecured', assign(({ event }) => ({ ...EMPTY, problem: event.output.ok ? null : event.output.error }))],
          },
        ],
        onError: { target: 'menu', actions: ['abandonUnsecured', 'nextCitizen', 'fetchStuck'] },
      },
      after: { secureMs: { target: 'menu', actions: ['abandonUnsecured', 'nextCitizen', 'fetchStuck'] } },
    },
    committing: {
      invoke: {
        src: 'commit',
        input: ({ context }) => ({ context }),
        onDone: [
          {
            guard: ({ event }) => event.output.ok,
            target: 'asking',
            actions: assign(({ event }) => (event.output.ok ? { sale: event.output.value } : {})),
          },
          {
            target: 'menu',
            actions: ['abandonUnsecured', assign(({ event }) => ({ ...EMPTY, problem: event.output.ok ? null : event.output.error }))],
          },
        ],
        // A commit that throws is a defect or a broken disk: the process ends and the ledger decides at the next start.
        onError: {
          actions: ({ event }) => {
            throw event.error;
          },
        },
      },
    },
    asking: {
      entry: 'stamp',
      always: { guard: ({ context }) => context.sale?.outcome !== 'asking', target: 'printing' },
      invoke: {
        src: 'outcome',
        input: ({ context }) => ({ context }),
        onDone: [
          {
            guard: ({ event }) => event.output.outcome === 'refused',
            target: 'refused',
            actions: assign(({ event: { output } }) => ({
              sale: output,
              problem: problem('department-refused', { reason: output.reason ?? '', amount: formatRupees(output.totalPaise) }),
            })),
          },
          { target: 'printing', actions: assign(({ event }) => ({ sale: event.output })) },
        ],
        onError: { target: 'printing' },
      },
      after: { outcomeMs: 'printing' },
    },
    printing: {
      entry: ['stamp', 'clearProblem'],
      // The refusal may come while the printer is mended: the cash goes back first, then a slip says so.
      always: { guard: 'isRefused', target: 'refused' },
      invoke: {
        src: 'print',
        input: ({ context }) => ({ context }),
        onDone: [
          { guard: ({ event }) => event.output.kind === 'printed', target: 'handover' },
          {
            guard: ({ event }) => event.output.kind === 'unknown',
            target: 'didItPrint',
            actions: assign(({ event }) => ({ problem: event.output.kind === 'printed' ? null : event.output.problem })),
          },
          { target: 'printTrouble', actions: assign(({ event }) => ({ problem: event.output.kind === 'printed' ? null : event.output.problem })) },
        ],
        onError: { target: 'didItPrint', actions: 'stuck' },
      },
      after: { printMs: { target: 'didItPrint', actions: 'stuck' } },
    },
    /** No byte of the receipt was sent: it prints by itself when the printer is well. */
    printTrouble: {
      on: {
        PRINTER_WELL: 'printing',
        PRINT_NOW: 'printing',
        CONFIRM: 'printing',
        PRINT_LATER: { target: 'handover' },
        SCANNED: {},
      },
    },
    /** Only the operator's eyes can tell; nothing prints by itself from here. */
    didItPrint: {
      on: {
        IT_PRINTED: { target: 'handover', actions: ['sawItPrinted', 'clearProblem'] },
        PRINT_NOW: 'printing',
        PRINT_LATER: { target: 'handover' },
        SCANNED: {},
      },
    },
    refused: {
      on: {
        CONFIRM: { target: 'returning', actions: 'clearProblem' },
        SCANNED: {},
      },
    },
    /** The cash is back with the citizen: that is written before the slip is printed. */
    returning: {
      invoke: {
        src: 'giveBack',
        input: ({ context }) => ({ context }),
        onDone: [
          { guard: ({ event }) => event.output.ok, target: 'slip' },
          { target: 'refused', actions: assign(({ event }) => ({ problem: event.output.ok ? null : event.output.error })) },
        ],
        onError: {
          actions: ({ event }) => {
            throw event.error;
          },
        },
      },
    },
    /** A slip that will not print does not hold the counter. */
    slip: {
      entry: 'stamp',
      invoke: {
        src: 'print',
        input: ({ context }) => ({ context }),
        onDone: { target: 'menu', actions: ['nextCitizen', 'noteRefund'] },
        onError: { target: 'menu', actions: ['nextCitizen', 'noteRefund'] },
      },
      after: { printMs: { target: 'menu', actions: ['nextCitizen', 'noteRefund'] } },
    },
    handover: {
      entry: 'noteUnanswered',
      on: {
        CONFIRM: { target: 'menu', actions: ['nextCitizen', 'tellRest'] },
        BACK: { target: 'menu', actions: ['nextCitizen', 'tellRest'] },
        /** The next bill may be scanned at once. */
        SCANNED: [
          { guard: 'hasMoreToTell', target: 'menu', actions: ['nextCitizen', 'tellRest'] },
          { guard: 'scanFits', target: 'fetching', actions: 'takeScan' },
          { actions: 'takeScan' },
        ],
        SHOW_RECEIPTS: { target: 'receipts', actions: ['nextCitizen', 'clearProblem'] },
      },
    },
    receipts: {
      on: {
        REPRINT: [{ guard: 'knowsReceipt', target: 'reprinting', actions: 'pickReceipt' }],
        BACK: { target: 'menu', actions: ['nextCitizen', 'tellRest'] },
        CONFIRM: { target: 'menu', actions: ['nextCitizen', 'tellRest'] },
      },
    },
    reprinting: {
      entry: 'stamp',
      invoke: {
        src: 'print',
        input: ({ context }) => ({ context }),
        onDone: {
          target: 'receipts',
          actions: assign(({ event }) => ({ problem: event.output.kind === 'printed' ? problem('saved-printed') : event.output.problem })),
        },
        onError: { target: 'receipts', actions: 'stuck' },
      },
      after: { printMs: { target: 'receipts', actions: 'stuck' } },
    },
    queue: {
      on: {
        TRY_LINK: { actions: 'tryLink' },
        BACK: { target: 'menu', actions: 'clearProblem' },
        CONFIRM: { target: 'menu', actions: 'clearProblem' },
      },
    },
    gone: { type: 'final' },
  },
});
