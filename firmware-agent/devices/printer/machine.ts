import { assign, fromCallback, fromPromise, setup } from 'xstate';
import type { Result } from '#protocol/result/result.js';
import type { DeviceReport, PrinterCause } from '../ports.js';
import { within, type Timers } from '../timers.js';
import type { Transport } from '../transport.js';
import type { DialogueFault } from './dialogue.js';
import { PrinterDriver, type DriverOptions, type Leftover } from './driver.js';
import { reportOf, troubleOf, type PrinterStatus } from './status.js';

/** Work for the printer. It tells its outcome to whoever asked for it, so the chart need not know what kind it is. */
export type PrinterTask = {
  readonly run: (driver: PrinterDriver) => Promise<void>;
  readonly refuse: (cause: PrinterCause, detail: string) => void;
};

export type PrinterMachineInput = {
  readonly transport: Transport;
  readonly driver: DriverOptions;
  readonly leftover: Leftover;
  readonly timers: Timers;
  readonly log: (event: PrinterLogEvent) => void;
};

/** What is worth a line in the log: changes only, never a poll that found what was known. */
export type PrinterLogEvent =
  | { readonly event: 'printer-connected'; readonly name: string }
  | { readonly event: 'printer-lost'; readonly name: string; readonly why: string }
  | { readonly event: 'printer-unexpected'; readonly name: string; readonly type: string };

type Context = PrinterMachineInput & {
  readonly report: DeviceReport;
  readonly driverNow: PrinterDriver | undefined;
  readonly task: PrinterTask | undefined;
  readonly failedTries: number;
  readonly silentPolls: number;
};

type Connected = Result<PrinterDriver, string>;
type Read = Result<PrinterStatus, DialogueFault>;

export type PrinterEvent =
  | { readonly type: 'TASK'; readonly task: PrinterTask }
  | { readonly type: 'STATUS'; readonly status: PrinterStatus }
  | { readonly type: 'LOST'; readonly why: string };

/** A line that stands without a word for this many looks is opened anew: the far end may have lost its power without telling. */
const SILENT_POLLS = 3;

const connectActor = fromPromise<Connected, Context>(async ({ input, signal }) => {
  const { transport, timers, leftover, driver } = input;
  const opening = transport.open();
  const opened = await within(timers, driver.delays.connectMs, opening);
  if (opened === 'late') {
    // It may still open after we gave up; nobody would own it then.
    void opening.then((late) => (late.ok ? late.value.close() : undefined));
    return { ok: false, error: `did not open within ${driver.delays.connectMs} ms` };
  }
  if (!opened.ok) return { ok: false, error: opened.error.detail };
  if (signal.aborted) await opened.value.close();
  return { ok: true, value: new PrinterDriver(opened.value, leftover, driver) };
});

/** Owns the line while the printer is connected: passes on what it says by itself, and closes it when the chart moves on. */
const lineActor = fromCallback<PrinterEvent, { readonly driver: PrinterDriver | undefined }, PrinterEvent>(({ input, sendBack }) => {
  const stopStatus = input.driver?.onStatus((status) => sendBack({ type: 'STATUS', status }));
  const stopLost = input.driver?.onLost((why) => sendBack({ type: 'LOST', why }));
  return () => {
    stopStatus?.();
    stopLost?.();
    void input.driver?.close();
  };
});

const readActor = fromPromise<Read, { readonly driver: PrinterDriver | undefined }>(async ({ input }) =>
  input.driver === undefined ? { ok: false, error: { code: 'printer-absent', detail: 'no line' } } : input.driver.status(),
);

const taskActor = fromPromise<void, { readonly driver: PrinterDriver | undefined; readonly task: PrinterTask | undefined }>(async ({ input }) => {
  if (input.driver !== undefined && input.task !== undefined) await input.task.run(input.driver);
});

const printerSetup = setup({
  types: { context: {} as Context, events: {} as PrinterEvent, input: {} as PrinterMachineInput },
  actors: { connect: connectActor, line: lineActor, read: readActor, task: taskActor },
  delays: {
    poll: ({ context }) => context.driver.delays.pollMs,
    backoff: ({ context: { driver, failedTries } }) =>
      Math.min(driver.delays.backoffLongestMs, driver.delays.backoffFirstMs * 2 ** Math.min(failedTries - 1, 10)),
  },
  guards: {
    opened: (_, params: { readonly connected: Connected }) => params.connected.ok,
    gone: (_, params: { readonly read: Read }) => !params.read.ok && params.read.error.code === 'printer-absent',
    silentTooLong: ({ context }, params: { readonly read: Read }) => !params.read.ok && context.silentPolls + 1 >= SILENT_POLLS,
  },
  actions: {
    takeDriver: assign((_, params: { readonly connected: Connected }) => ({
      driverNow: params.connected.ok ? params.connected.value : undefined,
      failedTries: 0,
      silentPolls: 0,
    })),
    countFailure: assign(({ context }) => ({ failedTries: context.failedTries + 1, driverNow: undefined, report: troubleOf('printer-absent') })),
    /** A silent line is opened anew without calling the printer absent: nothing new is known of it. */
    countSilence: assign(({ context }) => ({ failedTries: context.failedTries + 1, driverNow: undefined })),
    takeRead: assign(({ context }, params: { readonly read: Read }) =>
      params.read.ok
        ? { report: reportOf(params.read.value), silentPolls: 0 }
        : { report: troubleOf(params.read.error.code), silentPolls: context.silentPolls + 1 },
    ),
    takeStatus: assign((_, params: { readonly status: PrinterStatus }) => ({ report: reportOf(params.status), silentPolls: 0 })),
    takeTask: assign((_, params: { readonly task: PrinterTask }) => ({ task: params.task })),
    dropTask: assign({ task: undefined }),
    refuseTask: ({ context }, params: { readonly task: PrinterTask }) =>
      params.task.refuse(
        context.report.problem?.code === 'printer-silent' ? 'printer-silent' : 'printer-absent',
        `${context.transport.name} is not connected`,
      ),
    logConnected: ({ context }) => context.log({ event: 'printer-connected', name: context.transport.name }),
    logLost: ({ context }, params: { readonly why: string }) => context.log({ event: 'printer-lost', name: context.transport.name, why: params.why }),
    logUnexpected: ({ context, event }) => context.log({ event: 'printer-unexpected', name: context.transport.name, type: event.type }),
  },
});

/**
 * Life of one printer: connecting → connected (asked every few seconds, or at work) → waiting to connect again. What the counter sees is
 * `context.report`. A task is only taken while connected, and the driver asks the printer again before any byte of it goes out.
 */
export const printerMachine = printerSetup.createMachine({
  id: 'printer',
  context: ({ input }) => ({
    ...input,
    report: troubleOf('printer-absent'),
    driverNow: undefined,
    task: undefined,
    failedTries: 0,
    silentPolls: 0,
  }),
  initial: 'connecting',
  on: {
    TASK: { actions: { type: 'refuseTask', params: ({ event }) => ({ task: event.task }) } },
    // The last words of a line that is already given up.
    STATUS: {},
    LOST: {},
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
          { target: 'waiting', actions: 'countFailure' },
        ],
        onError: { target: 'waiting', actions: ['countFailure', 'logUnexpected'] },
      },
    },
    waiting: { after: { backoff: 'connecting' } },
    connected: {
      invoke: { src: 'line', input: ({ context }) => ({ driver: context.driverNow }), onError: { target: 'waiting', actions: 'countFailure' } },
      initial: 'looking',
      on: {
        STATUS: { actions: { type: 'takeStatus', params: ({ event }) => ({ status: event.status }) } },
        LOST: { target: 'waiting', actions: ['countFailure', { type: 'logLost', params: ({ event }) => ({ why: event.why }) }] },
      },
      states: {
        looking: {
          on: { TASK: { target: 'busy', actions: { type: 'takeTask', params: ({ event }) => ({ task: event.task }) } } },
          invoke: {
            src: 'read',
            input: ({ context }) => ({ driver: context.driverNow }),
            onDone: [
              {
                guard: { type: 'gone', params: ({ event }) => ({ read: event.output }) },
                target: '#printer.waiting',
                actions: 'countFailure',
              },
              {
                guard: { type: 'silentTooLong', params: ({ event }) => ({ read: event.output }) },
                target: '#printer.waiting',
                actions: ['countSilence', { type: 'logLost', params: { why: 'no answers' } }],
              },
              { target: 'idle', actions: { type: 'takeRead', params: ({ event }) => ({ read: event.output }) } },
            ],
            onError: { target: '#printer.waiting', actions: ['countFailure', 'logUnexpected'] },
          },
        },
        idle: {
          on: { TASK: { target: 'busy', actions: { type: 'takeTask', params: ({ event }) => ({ task: event.task }) } } },
          after: { poll: 'looking' },
        },
        busy: {
          exit: 'dropTask',
          invoke: {
            src: 'task',
            input: ({ context }) => ({ driver: context.driverNow, task: context.task }),
            onDone: 'looking',
            onError: { target: '#printer.waiting', actions: ['countFailure', 'logUnexpected'] },
          },
        },
      },
    },
  },
});
