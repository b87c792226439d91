import { assign } from 'xstate';
import { formatRupees } from '#protocol/money/paise.js';
import { problem } from './kiosk.js';
import { paperStates } from './service-paper.js';
import { presenceStates } from './service-presence.js';
import { serviceSetup, EMPTY } from './service-setup.js';

/** One citizen after another: choose, fetch, quote, agree, secure, commit, ask, print, hand over. Decides nothing about money; the ports do, from the ledger. */
export const serviceMachine = serviceSetup.createMachine({
  id: 'service',
  context: ({ input }) => ({ ...input, ...EMPTY, problem: null, told: null, since: input.ports.now(), leaving: null }),
  initial: 'recovering',
  on: {
    LANGUAGE: { actions: 'setLanguage' },
    REST: { actions: 'noteLow' },
    WAKE: { actions: 'noteEnough' },
    PRINTER_WELL: {},
    SCANNED: { actions: 'scanNotNow' },
  },
  output: ({ context }) => ({ leaving: context.leaving ?? 'logged-out' }),
  states: {
    recovering: {
      invoke: {
        src: 'recover',
        input: ({ context }) => ({ context }),
        onDone: [
          { guard: ({ event }) => event.output.kind === 'nothing', target: 'menu', actions: assign(({ event }) => event.output.shown) },
          { guard: ({ event }) => event.output.kind === 'not-given-back', target: 'refused', actions: assign(({ event }) => event.output.shown) },
          { guard: ({ event }) => event.output.kind === 'unprinted', target: 'printTrouble', actions: assign(({ event }) => event.output.shown) },
          { target: 'didItPrint', actions: assign(({ event }) => event.output.shown) },
        ],
        onError: { target: 'menu' },
      },
    },
    /** Why nothing may begin is shown as it stands at each moment; it is no outcome that would stay. */
    menu: {
      always: { guard: 'mustRest', target: 'gone', actions: 'leaveToRest' },
      on: {
        CHOOSE: [
          { guard: 'mayNotBegin', actions: 'clearProblem' },
          { guard: 'knowsService', target: 'capture', actions: 'chooseService' },
          { actions: 'serviceUnknown' },
        ],
        SCANNED: [
          { guard: 'mayNotBegin', actions: 'clearProblem' },
          { guard: 'scanFits', target: 'fetching', actions: 'takeScan' },
          { actions: 'takeScan' },
        ],
        SHOW_RECEIPTS: { target: 'receipts', actions: 'clearProblem' },
        SHOW_QUEUE: { target: 'queue', actions: 'clearProblem' },
        SHOW_STOCK: { target: 'stock', actions: 'clearProblem' },
        START_CLOSING: { target: 'gone', actions: 'leaveToClose' },
        LOG_OUT: { target: 'gone', actions: 'leaveLoggedOut' },
        BACK: { actions: 'clearProblem' },
      },
    },
    capture: {
      always: { guard: 'mayNotBegin', target: 'menu', actions: ['nextCitizen', 'clearProblem'] },
      on: {
        // A counter that is carried away says nothing of it: asked again before a bill is fetched.
        GIVE_CONSUMER: [
          { guard: 'mayNotBegin', target: 'menu', actions: ['nextCitizen', 'clearProblem'] },
          { guard: 'consumerFits', target: 'fetching', actions: 'takeConsumer' },
          { actions: 'takeConsumer' },
        ],
        SCANNED: [
          { guard: 'mayNotBegin', target: 'menu', actions: ['nextCitizen', 'clearProblem'] },
          { guard: 'scanFits', target: 'fetching', actions: 'takeScan' },
          { actions: 'takeScan' },
        ],
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
      entry: 'sayAmount',
      on: {
        SAY_AMOUNT: { actions: 'sayAmount' },
        AGREE: [
          { guard: 'needsPresence', target: 'presence', actions: 'clearProblem' },
          { target: 'tender', actions: 'clearProblem' },
        ],
        PAY_PART: { actions: ['takePart', 'sayAmount'] },
        BACK: { target: 'menu', actions: ['abandonOffer', 'nextCitizen', 'noteAbandoned'] },
      },
    },
    ...presenceStates,
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
            actions: ['openDrawer', assign(({ event }) => (event.output.ok ? { sale: event.output.value } : {}))],
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
    ...paperStates,
    refused: {
      entry: 'openDrawer',
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
    handover: {
      entry: 'noteUnanswered',
      on: {
        CONFIRM: { target: 'menu', actions: ['nextCitizen', 'tellRest'] },
        BACK: { target: 'menu', actions: ['nextCitizen', 'tellRest'] },
        /** The next bill may be scanned at once. */
        SCANNED: [
          { guard: 'hasMoreToTell', target: 'menu', actions: ['nextCitizen', 'tellRest'] },
          { guard: 'mayNotBegin', target: 'menu', actions: ['nextCitizen', 'clearProblem'] },
          { guard: 'scanFits', target: 'fetching', actions: 'takeScan' },
          { actions: 'takeScan' },
        ],
        SHOW_RECEIPTS: { target: 'receipts', actions: ['nextCitizen', 'clearProblem'] },
      },
    },
    receipts: {
      always: { guard: 'mustRest', target: 'menu' },
      on: {
        REPRINT: [{ guard: 'knowsReceipt', target: 'reprinting', actions: 'pickReceipt' }],
        PAPER_SEEN: { guard: 'isUnsurePaper', actions: 'notePaperSeen' },
        BACK: { target: 'menu', actions: ['nextCitizen', 'tellRest'] },
        CONFIRM: { target: 'menu', actions: ['nextCitizen', 'tellRest'] },
      },
    },
    queue: {
      always: { guard: 'mustRest', target: 'menu' },
      on: {
        TRY_LINK: { actions: 'tryLink' },
        BACK: { target: 'menu', actions: 'clearProblem' },
        CONFIRM: { target: 'menu', actions: 'clearProblem' },
      },
    },
    /** Opened from the services, or while a receipt waits for a form: that one is then printed. */
    stock: {
      always: { guard: 'mustRestIdle', target: 'menu' },
      on: {
        NOTE_FORMS: { actions: 'noteForms' },
        BACK: [
          { guard: 'holdsSale', target: 'printing' },
          { target: 'menu', actions: 'clearProblem' },
        ],
        SCANNED: {},
      },
    },
    gone: { type: 'final' },
  },
});
