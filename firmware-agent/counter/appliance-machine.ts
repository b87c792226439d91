import { assign, forwardTo, fromCallback, fromPromise, setup } from 'xstate';
import type { Problem } from '#protocol/counter/problem.js';
import type { Language, OperatorLogin } from '#protocol/identity/identity.js';
import type { Paise } from '#protocol/money/paise.js';
import { err, type Result } from '#protocol/result/result.js';
import type { Power } from './gates.js';
import { problem } from './kiosk.js';
import type { ServiceEvent, ServicePorts } from './service-events.js';
import { serviceMachine } from './service-machine.js';
import type { Leaving } from './service-setup.js';

export type LogInRefusal = { readonly problem: Problem; readonly triesLeft: number | null; readonly lockedUntil: number | null };
export type TillCount = {
  readonly countedPaise: Paise;
  readonly expectedPaise: Paise;
  readonly differencePaise: Paise;
  readonly count: number;
  readonly salesPaise: Paise;
};

/** What the appliance chart does to the world. */
export type AppliancePorts = ServicePorts & {
  readonly logIn: (login: string, pin: string) => Promise<Result<OperatorLogin, LogInRefusal>>;
  /** `onTouch` when the key waits for its finger. After `signal` nobody is logged in any more. */
  readonly logInByKey: (login: string, onTouch: () => void, signal: AbortSignal) => Promise<Result<OperatorLogin, LogInRefusal>>;
  readonly logOut: (operator: OperatorLogin) => void;
  readonly tillIsOpen: () => boolean;
  readonly openTill: (floatText: string, operator: OperatorLogin) => Result<void, Problem>;
  /** `again`: the same sum was counted before and differed, so the difference is meant. */
  readonly closeTill: (countedText: string, operator: OperatorLogin, count: 'first' | 'again') => Result<TillCount, Problem>;
  readonly unexpected: (event: string) => void;
  /** The counter rests for want of power, or works again: what the next start shall think is written down. */
  readonly rest: () => void;
  readonly wake: () => void;
};

export type ApplianceEvent =
  | ServiceEvent
  | { readonly type: 'LOG_IN'; readonly login: string; readonly pin: string }
  | { readonly type: 'LOG_IN_BY_KEY'; readonly login: string }
  | { readonly type: 'KEY_TOUCH' }
  | { readonly type: 'KEY_ANSWERED'; readonly result: Result<OperatorLogin, LogInRefusal> }
  | { readonly type: 'OPEN_TILL'; readonly float: string }
  | { readonly type: 'CLOSE_TILL'; readonly counted: string }
  /** The chain turned out broken or forked while running. */
  | { readonly type: 'LEDGER_BROKEN'; readonly problem: Problem; readonly detail: string };

export type ApplianceInput = {
  readonly ports: AppliancePorts;
  readonly language: Language;
  readonly broken: { readonly problem: Problem; readonly detail: string } | null;
};

export type ApplianceContext = ApplianceInput & {
  readonly operator: OperatorLogin | null;
  readonly problem: Problem | null;
  readonly triesLeft: number | null;
  readonly lockedUntil: number | null;
  readonly count: TillCount | null;
  /** The sum that was typed at day-end and differed from what is expected. */
  readonly asked: string | null;
  readonly power: Power;
};

/** `keyMs`: two questions to the hub and two touches of the key (devices/security-key/delays.ts). */
export const APPLIANCE_DELAYS = { logInMs: 20_000, keyMs: 80_000 } as const;

function operatorOf(context: ApplianceContext): OperatorLogin {
  if (context.operator === null) throw new Error('this state has an operator');
  return context.operator;
}

/** The counter as a whole: locked, log-in, till, open, closing. Out of order absorbs everything: no sale can start from it. */
export const applianceMachine = setup({
  types: { context: {} as ApplianceContext, events: {} as ApplianceEvent, input: {} as ApplianceInput },
  actors: {
    service: serviceMachine,
    logIn: fromPromise<Result<OperatorLogin, LogInRefusal>, { readonly context: ApplianceContext; readonly login: string; readonly pin: string }>(
      ({ input }) => input.context.ports.logIn(input.login, input.pin),
    ),
    logInByKey: fromCallback<ApplianceEvent, { readonly context: ApplianceContext; readonly login: string }>(({ input, sendBack }) => {
      const ended = new AbortController();
      const stuck = (): Result<OperatorLogin, LogInRefusal> => err({ problem: problem('key-error'), triesLeft: null, lockedUntil: null });
      const asked = input.context.ports.logInByKey(input.login, () => sendBack({ type: 'KEY_TOUCH' }), ended.signal);
      void asked.catch(stuck).then((result) => sendBack({ type: 'KEY_ANSWERED', result }));
      return () => ended.abort();
    }),
  },
  guards: {
    keyFits: ({ event }) => event.type === 'KEY_ANSWERED' && event.result.ok,
    isBroken: ({ context }) => context.broken !== null,
    tillIsOpen: ({ context }) => context.ports.tillIsOpen(),
    hasPower: ({ context }) => context.power === 'enough',
    mustRest: ({ context }) => context.power === 'low',
    leaves: (_, params: { readonly leaving: Leaving; readonly to: Leaving }) => params.leaving === params.to,
  },
  actions: {
    setLanguage: assign({ language: ({ context, event }) => (event.type === 'LANGUAGE' ? event.language : context.language) }),
    noteBroken: assign(({ event }) => (event.type === 'LEDGER_BROKEN' ? { broken: { problem: event.problem, detail: event.detail } } : {})),
    clearProblem: assign({ problem: null, asked: null }),
    noteLow: assign({ power: 'low' }),
    noteEnough: assign({ power: 'enough' }),
    rest: ({ context }) => context.ports.rest(),
    wake: ({ context }) => context.ports.wake(),
    openDrawer: ({ context }) => context.ports.openDrawer(),
    forgetOperator: assign({ operator: null, problem: null, triesLeft: null, lockedUntil: null }),
    logOut: ({ context }) => context.ports.logOut(operatorOf(context)),
    openTill: assign(({ context, event }) => {
      if (event.type !== 'OPEN_TILL') return {};
      const opened = context.ports.openTill(event.float, operatorOf(context));
      return { problem: opened.ok ? null : opened.error };
    }),
    closeTill: assign(({ context, event }) => {
      if (event.type !== 'CLOSE_TILL') return {};
      const closed = context.ports.closeTill(event.counted, operatorOf(context), context.asked === event.counted ? 'again' : 'first');
      return closed.ok ? { count: closed.value, problem: null, asked: null } : { problem: closed.error, asked: event.counted };
    }),
    takeKeyOwner: assign(({ event }) =>
      event.type === 'KEY_ANSWERED' && event.result.ok ? { operator: event.result.value, triesLeft: null, lockedUntil: null } : {},
    ),
    takeKeyRefusal: assign(({ event }) => (event.type === 'KEY_ANSWERED' && !event.result.ok ? { ...event.result.error } : {})),
    keyStuck: assign({ problem: () => problem('key-error') }),
    logInStuck: assign({ problem: () => problem('hub-down') }),
    noteUnexpected: ({ context, event }) => context.ports.unexpected(event.type),
    forward: forwardTo('service'),
  },
  delays: APPLIANCE_DELAYS,
}).createMachine({
  id: 'appliance',
  context: ({ input }) => ({
    ...input,
    operator: null,
    problem: null,
    triesLeft: null,
    lockedUntil: null,
    count: null,
    asked: null,
    power: 'enough',
  }),
  initial: 'selfTest',
  on: {
    LANGUAGE: { actions: 'setLanguage' },
    LEDGER_BROKEN: { target: '.outOfOrder', actions: 'noteBroken' },
    REST: { actions: 'noteLow' },
    WAKE: { actions: 'noteEnough' },
    // Late or doubled keys, and devices that speak while nobody is logged in.
    SCANNED: {},
    PRINTER_WELL: {},
    BACK: {},
    CONFIRM: {},
    // The last words of a key that was given up.
    KEY_TOUCH: {},
    KEY_ANSWERED: {},
    '*': { actions: 'noteUnexpected' },
  },
  states: {
    selfTest: { always: [{ guard: 'isBroken', target: 'outOfOrder' }, { target: 'locked' }] },
    /** No sale can start from here; what was sold can still be read. */
    outOfOrder: {
      on: { '*': {}, LEDGER_BROKEN: {}, LANGUAGE: { actions: 'setLanguage' } },
      initial: 'told',
      states: {
        told: { on: { SHOW_RECEIPTS: 'reading' } },
        reading: { on: { BACK: 'told', CONFIRM: 'told' } },
      },
    },
    locked: {
      always: { guard: 'mustRest', target: 'resting' },
      on: { LOG_IN: 'checkingPin', LOG_IN_BY_KEY: 'waitingForKey' },
    },
    /** Closed for want of power, with everything on disk; opens by itself when the mains are back. The till stays as it is. */
    resting: {
      entry: 'rest',
      exit: 'wake',
      always: { guard: 'hasPower', target: 'locked' },
    },
    checkingPin: {
      entry: 'clearProblem',
      invoke: {
        src: 'logIn',
        input: ({ context, event }) => (event.type === 'LOG_IN' ? { context, login: event.login, pin: event.pin } : { context, login: '', pin: '' }),
        onDone: [
          {
            guard: ({ event }) => event.output.ok,
            target: 'tillCheck',
            actions: assign(({ event }) => (event.output.ok ? { operator: event.output.value, triesLeft: null, lockedUntil: null } : {})),
          },
          { target: 'locked', actions: assign(({ event }) => (event.output.ok ? {} : { ...event.output.error })) },
        ],
        onError: { target: 'locked', actions: 'logInStuck' },
      },
      after: { logInMs: { target: 'locked', actions: 'logInStuck' } },
    },
    waitingForKey: {
      entry: 'clearProblem',
      invoke: {
        src: 'logInByKey',
        input: ({ context, event }) => ({ context, login: event.type === 'LOG_IN_BY_KEY' ? event.login : '' }),
        onError: { target: 'locked', actions: 'keyStuck' },
      },
      on: {
        KEY_TOUCH: '.touch',
        KEY_ANSWERED: [
          { guard: 'keyFits', target: 'tillCheck', actions: 'takeKeyOwner' },
          { target: 'locked', actions: 'takeKeyRefusal' },
        ],
        BACK: 'locked',
      },
      after: { keyMs: { target: 'locked', actions: 'keyStuck' } },
      initial: 'looking',
      states: { looking: {}, touch: {} },
    },
    /** What is counted lies in the drawer: it opens for the count, at day-end too. */
    tillCheck: {
      always: [
        { guard: 'tillIsOpen', target: 'open' },
        { target: 'tillOpening', actions: 'openDrawer' },
      ],
    },
    tillOpening: {
      always: { guard: 'mustRest', target: 'resting', actions: ['logOut', 'forgetOperator'] },
      on: {
        OPEN_TILL: { target: 'tillTried', actions: 'openTill' },
        LOG_OUT: { target: 'locked', actions: ['logOut', 'forgetOperator'] },
        BACK: { target: 'locked', actions: ['logOut', 'forgetOperator'] },
      },
    },
    tillTried: { always: [{ guard: 'tillIsOpen', target: 'open' }, { target: 'tillOpening' }] },
    open: {
      entry: 'clearProblem',
      invoke: {
        id: 'service',
        src: 'service',
        input: ({ context }) => ({ ports: context.ports, operator: operatorOf(context), language: context.language, power: context.power }),
        onDone: [
          {
            guard: { type: 'leaves', params: ({ event }) => ({ leaving: event.output.leaving, to: 'closing' }) },
            target: 'closing',
            actions: 'openDrawer',
          },
          {
            guard: { type: 'leaves', params: ({ event }) => ({ leaving: event.output.leaving, to: 'resting' }) },
            target: 'resting',
            actions: ['logOut', 'forgetOperator'],
          },
          { target: 'locked', actions: ['logOut', 'forgetOperator'] },
        ],
        onError: {
          actions: ({ event }) => {
            throw event.error;
          },
        },
      },
      on: {
        LANGUAGE: { actions: ['setLanguage', 'forward'] },
        LEDGER_BROKEN: { target: 'outOfOrder', actions: 'noteBroken' },
        REST: { actions: ['noteLow', 'forward'] },
        WAKE: { actions: ['noteEnough', 'forward'] },
        '*': { actions: 'forward' },
        SCANNED: { actions: 'forward' },
        PRINTER_WELL: { actions: 'forward' },
        BACK: { actions: 'forward' },
        CONFIRM: { actions: 'forward' },
      },
    },
    closing: {
      on: {
        CLOSE_TILL: { target: 'closeTried', actions: 'closeTill' },
        BACK: { target: 'open', actions: 'clearProblem' },
      },
    },
    closeTried: { always: [{ guard: 'tillIsOpen', target: 'closing' }, { target: 'closed' }] },
    closed: {
      on: { CONFIRM: { target: 'locked', actions: ['logOut', 'forgetOperator'] }, BACK: { target: 'locked', actions: ['logOut', 'forgetOperator'] } },
    },
  },
});
