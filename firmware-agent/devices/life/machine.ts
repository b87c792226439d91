import { assign, fromCallback, fromPromise, setup } from 'xstate';
import type { Result } from '#protocol/result/result.js';
import type { DeviceReport, Unsubscribe } from '../ports.js';
import { within, type Timers } from '../timers.js';
import { reportOfFault, type ConnectFault, type LifeDelays, type LifeLogEvent, type LiveDriver, type Look } from './live-driver.js';

/** Work for a device. It tells its outcome to whoever asked for it, so the chart need not know what kind it is. */
export type Task = {
  readonly run: (driver: LiveDriver) => Promise<void>;
  /** Told instead of `run` when no line is open: how the device stands, and where it should be. */
  readonly refuse: (report: DeviceReport, detail: string) => void;
};

export type LifeMachineInput = {
  readonly name: string;
  /** Ends within `connectMs`, and never opens two lines at once (`Opener`). `stopped` is aborted when the chart has stopped. */
  readonly connect: (stopped: AbortSignal) => Promise<Result<LiveDriver, ConnectFault>>;
  readonly absent: DeviceReport;
  readonly delays: LifeDelays;
  readonly timers: Timers;
  readonly log: (event: LifeLogEvent) => void;
};

type Context = LifeMachineInput & {
  readonly report: DeviceReport;
  readonly driverNow: LiveDriver | undefined;
  readonly task: Task | undefined;
  readonly failedTries: number;
  readonly silentLooks: number;
  /** The last reason for which there is no line; undefined while there is one. */
  readonly whyAway: string | undefined;
};

type Connected = Result<LiveDriver, ConnectFault>;

export type LifeEvent =
  | { readonly type: 'TASK'; readonly task: Task }
  | { readonly type: 'REPORT'; readonly report: DeviceReport }
  | { readonly type: 'LOST'; readonly why: string }
  /** Something was plugged in or pulled somewhere: worth a try, or a look, before the wait is over. */
  | { readonly type: 'NUDGE' };

/** A line that stands without a word for this many looks is opened anew: the far end may have lost its power without telling. */
const SILENT_LOOKS = 3;

const NO_ANSWERS = 'no answers';

const connectActor = fromPromise<Connected, Context>(({ input, signal }) => input.connect(signal));

type WithDriver = { readonly driver: LiveDriver | undefined };

/** Owns the line while the device is connected: passes on what it says by itself, and closes it when the chart moves on. */
const lineActor = fromCallback<LifeEvent, WithDriver, LifeEvent>(({ input: { driver }, sendBack }) => {
  const stops: Unsubscribe[] = [];
  const end = (): void => {
    for (const stop of stops) stop();
    void driver?.close();
  };
  try {
    if (driver?.onReport !== undefined) stops.push(driver.onReport((report) => sendBack({ type: 'REPORT', report })));
    if (driver !== undefined) stops.push(driver.onLost((why) => sendBack({ type: 'LOST', why })));
  } catch (error) {
    // The chart moves on without a clean-up: there is none yet to call.
    end();
    throw error;
  }
  return end;
});

/** A device that says nothing of itself is ready while its line is open: there is no more to know. */
const lookActor = fromPromise<Look, Context>(async ({ input: { driverNow, timers, delays } }) => {
  if (driverNow?.look === undefined) return { found: 'answer', report: { state: 'ready' } };
  const seen = await within(timers, delays.lookMs, driverNow.look());
  return seen === 'late' ? { found: 'gone', why: `did not answer within ${delays.lookMs} ms` } : seen;
});

const taskActor = fromPromise<void, WithDriver & { readonly task: Task | undefined }>(async ({ input }) => {
  if (input.driver !== undefined && input.task !== undefined) await input.task.run(input.driver);
});

function faultIn(connected: Connected): string {
  return connected.ok ? '' : connected.error.detail;
}

function whyGone(look: Look): string {
  return look.found === 'gone' ? look.why : '';
}

function whyOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const lifeSetup = setup({
  types: { context: {} as Context, events: {} as LifeEvent, input: {} as LifeMachineInput },
  actors: { connect: connectActor, line: lineActor, look: lookActor, task: taskActor },
  delays: {
    poll: ({ context }) => context.delays.pollMs,
    backoff: ({ context: { delays, failedTries } }) =>
      Math.min(delays.backoffLongestMs, delays.backoffFirstMs * 2 ** Math.min(Math.max(0, failedTries - 1), 10)),
  },
  guards: {
    opened: (_, params: { readonly connected: Connected }) => params.connected.ok,
    gone: (_, params: { readonly look: Look }) => params.look.found === 'gone',
    silentTooLong: ({ context }, params: { readonly look: Look }) => params.look.found === 'silence' && context.silentLooks + 1 >= SILENT_LOOKS,
    canBeAsked: ({ context }) => context.driverNow?.look !== undefined,
  },
  actions: {
    takeDriver: assign((_, params: { readonly connected: Connected }) => ({
      driverNow: params.connected.ok ? params.connected.value : undefined,
      failedTries: 0,
      silentLooks: 0,
      whyAway: undefined,
    })),
    takeFault: assign(({ context }, params: { readonly connected: Connected }) => ({
      failedTries: context.failedTries + 1,
      driverNow: undefined,
      whyAway: faultIn(params.connected),
      report: params.connected.ok ? context.absent : reportOfFault(params.connected.error, context.absent),
    })),
    countFailure: assign(({ context }, params: { readonly why: string }) => ({
      failedTries: context.failedTries + 1,
      driverNow: undefined,
      whyAway: params.why,
      report: context.absent,
    })),
    /** A silent line is opened anew without calling the device absent: nothing new is known of it. */
    countSilence: assign(({ context }) => ({ failedTries: context.failedTries + 1, driverNow: undefined, whyAway: NO_ANSWERS })),
    takeLook: assign(({ context }, params: { readonly look: Look }) => {
      if (params.look.found === 'gone') return {};
      return { report: params.look.report, silentLooks: params.look.found === 'silence' ? context.silentLooks + 1 : 0 };
    }),
    takeReport: assign((_, params: { readonly report: DeviceReport }) => ({ report: params.report, silentLooks: 0 })),
    takeTask: assign((_, params: { readonly task: Task }) => ({ task: params.task })),
    dropTask: assign({ task: undefined }),
    refuseTask: ({ context }, params: { readonly task: Task }) => params.task.refuse(context.report, `${context.name} is not connected`),
    logConnected: ({ context }) => context.log({ event: 'connected', name: context.name }),
    logFault: ({ context }, params: { readonly connected: Connected }) => {
      const why = faultIn(params.connected);
      if (why !== context.whyAway) context.log({ event: 'not-connected', name: context.name, why });
    },
    logLost: ({ context }, params: { readonly why: string }) => context.log({ event: 'lost', name: context.name, why: params.why }),
    logUnexpected: ({ context, event }) => context.log({ event: 'unexpected', name: context.name, type: event.type }),
  },
});

/**
 * Life of one device, whatever its kind: connecting → connected (looked at now and then, or at work) → waiting to connect again. What the
 * counter sees is `context.report`. A task is only taken while connected, and each driver asks its device again before it acts.
 */
export const lifeMachine = lifeSetup.createMachine({
  id: 'life',
  context: ({ input }) => ({
    ...input,
    report: input.absent,
    driverNow: undefined,
    task: undefined,
    failedTries: 0,
    silentLooks: 0,
    whyAway: undefined,
  }),
  initial: 'connecting',
  on: {
    TASK: { actions: { type: 'refuseTask', params: ({ event }) => ({ task: event.task }) } },
    // The last words of a line that is already given up; a nudge that finds nothing to hurry.
    REPORT: {},
    LOST: {},
    NUDGE: {},
    '*': { actions: 'logUnexpected' },
  },
  states: {
    connecting: {
      invoke: {
        src: 'connect',
        input: ({ context }) => context,
        onDone: [
          {
            guard: { type: 'opened', params: ({ event }) => ({ connected: event.output }) },
            target: 'connected',
            actions: [{ type: 'takeDriver', params: ({ event }) => ({ connected: event.output }) }, 'logConnected'],
          },
          {
            target: 'waiting',
            actions: [
              { type: 'logFault', params: ({ event }) => ({ connected: event.output }) },
              { type: 'takeFault', params: ({ event }) => ({ connected: event.output }) },
            ],
          },
        ],
        onError: { target: 'waiting', actions: [{ type: 'countFailure', params: ({ event }) => ({ why: whyOf(event.error) }) }, 'logUnexpected'] },
      },
    },
    waiting: { on: { NUDGE: 'connecting' }, after: { backoff: 'connecting' } },
    connected: {
      invoke: {
        src: 'line',
        input: ({ context }) => ({ driver: context.driverNow }),
        onError: { target: 'waiting', actions: { type: 'countFailure', params: ({ event }) => ({ why: whyOf(event.error) }) } },
      },
      initial: 'looking',
      on: {
        REPORT: { actions: { type: 'takeReport', params: ({ event }) => ({ report: event.report }) } },
        LOST: {
          target: 'waiting',
          actions: [
            { type: 'countFailure', params: ({ event }) => ({ why: event.why }) },
            { type: 'logLost', params: ({ event }) => ({ why: event.why }) },
          ],
        },
      },
      states: {
        looking: {
          on: { TASK: { target: 'busy', actions: { type: 'takeTask', params: ({ event }) => ({ task: event.task }) } } },
          invoke: {
            src: 'look',
            input: ({ context }) => context,
            onDone: [
              {
                guard: { type: 'gone', params: ({ event }) => ({ look: event.output }) },
                target: '#life.waiting',
                actions: [
                  { type: 'countFailure', params: ({ event }) => ({ why: whyGone(event.output) }) },
                  { type: 'logLost', params: ({ event }) => ({ why: whyGone(event.output) }) },
                ],
              },
              {
                guard: { type: 'silentTooLong', params: ({ event }) => ({ look: event.output }) },
                target: '#life.waiting',
                actions: ['countSilence', { type: 'logLost', params: { why: NO_ANSWERS } }],
              },
              { target: 'idle', actions: { type: 'takeLook', params: ({ event }) => ({ look: event.output }) } },
            ],
            onError: {
              target: '#life.waiting',
              actions: [{ type: 'countFailure', params: ({ event }) => ({ why: whyOf(event.error) }) }, 'logUnexpected'],
            },
          },
        },
        idle: {
          on: {
            TASK: { target: 'busy', actions: { type: 'takeTask', params: ({ event }) => ({ task: event.task }) } },
            // What was plugged in or pulled may be this very device, or what hangs on it: known at once rather than at the next poll.
            NUDGE: { guard: 'canBeAsked', target: 'looking' },
          },
          after: { poll: { guard: 'canBeAsked', target: 'looking' } },
        },
        /** No time-out of the chart's own: a driver bounds every wait of its work, and only it knows how long a paper or a finger may take. */
        busy: {
          exit: 'dropTask',
          invoke: {
            src: 'task',
            input: ({ context }) => ({ driver: context.driverNow, task: context.task }),
            onDone: 'looking',
            onError: {
              target: '#life.waiting',
              actions: [{ type: 'countFailure', params: ({ event }) => ({ why: whyOf(event.error) }) }, 'logUnexpected'],
            },
          },
        },
      },
    },
  },
});
