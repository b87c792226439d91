import { assign, fromCallback, fromPromise, setup } from 'xstate';
import type { Result } from '#protocol/result/result.js';
import type { DeviceReport, ScanEvent } from '../ports.js';
import { within, type Timers } from '../timers.js';
import type { Transport } from '../transport.js';
import { ScannerDriver, type ScannerDelays } from './driver.js';
import type { RepeatFilter } from './framer.js';

export type ScannerLogEvent =
  | { readonly event: 'scanner-connected'; readonly name: string }
  | { readonly event: 'scanner-lost'; readonly name: string; readonly why: string }
  | { readonly event: 'scanner-unexpected'; readonly name: string; readonly type: string };

export type ScannerMachineInput = {
  readonly transport: Transport;
  readonly delays: ScannerDelays;
  readonly timers: Timers;
  readonly repeats: RepeatFilter;
  readonly tell: (event: ScanEvent) => void;
  readonly log: (event: ScannerLogEvent) => void;
};

type Context = ScannerMachineInput & {
  readonly report: DeviceReport;
  readonly driverNow: ScannerDriver | undefined;
  readonly failedTries: number;
};
type Connected = Result<ScannerDriver, string>;
type ScannerEvent = { readonly type: 'LOST'; readonly why: string };

const ABSENT: DeviceReport = { state: 'absent' };

const connectActor = fromPromise<Connected, Context>(async ({ input, signal }) => {
  const { transport, delays, timers, tell, repeats } = input;
  const opening = transport.open();
  const opened = await within(timers, delays.connectMs, opening);
  if (opened === 'late') {
    void opening.then((late) => (late.ok ? late.value.close() : undefined));
    return { ok: false, error: `did not open within ${delays.connectMs} ms` };
  }
  if (!opened.ok) return { ok: false, error: opened.error.detail };
  if (signal.aborted) await opened.value.close();
  return { ok: true, value: new ScannerDriver(opened.value, tell, repeats, delays, timers) };
});

const lineActor = fromCallback<ScannerEvent, { readonly driver: ScannerDriver | undefined }, ScannerEvent>(({ input, sendBack }) => {
  const stop = input.driver?.onLost((why) => sendBack({ type: 'LOST', why }));
  return () => {
    stop?.();
    void input.driver?.close();
  };
});

/** Life of one scanner: connecting → ready → waiting to connect again. A scanner says nothing of itself, so an open line is all there is to know. */
export const scannerMachine = setup({
  types: { context: {} as Context, events: {} as ScannerEvent, input: {} as ScannerMachineInput },
  actors: { connect: connectActor, line: lineActor },
  delays: {
    backoff: ({ context: { delays, failedTries } }) =>
      Math.min(delays.backoffLongestMs, delays.backoffFirstMs * 2 ** Math.min(Math.max(0, failedTries - 1), 10)),
  },
  guards: { opened: (_, params: { readonly connected: Connected }) => params.connected.ok },
  actions: {
    takeDriver: assign((_, params: { readonly connected: Connected }) => ({
      driverNow: params.connected.ok ? params.connected.value : undefined,
      failedTries: 0,
      report: { state: 'ready' } as const,
    })),
    countFailure: assign(({ context }) => ({ failedTries: context.failedTries + 1, driverNow: undefined, report: ABSENT })),
    logConnected: ({ context }) => context.log({ event: 'scanner-connected', name: context.transport.name }),
    logLost: ({ context }, params: { readonly why: string }) => context.log({ event: 'scanner-lost', name: context.transport.name, why: params.why }),
    logUnexpected: ({ context, event }) => context.log({ event: 'scanner-unexpected', name: context.transport.name, type: event.type }),
  },
}).createMachine({
  id: 'scanner',
  context: ({ input }) => ({ ...input, report: ABSENT, driverNow: undefined, failedTries: 0 }),
  initial: 'connecting',
  on: { LOST: {}, '*': { actions: 'logUnexpected' } },
  states: {
    connecting: {
      invoke: {
        src: 'connect',
        input: ({ context }) => context,
        onDone: [
          {
            guard: { type: 'opened', params: ({ event }) => ({ connected: event.output }) },
            target: 'ready',
            actions: [{ type: 'takeDriver', params: ({ event }) => ({ connected: event.output }) }, 'logConnected'],
          },
          { target: 'waiting', actions: 'countFailure' },
        ],
        onError: { target: 'waiting', actions: ['countFailure', 'logUnexpected'] },
      },
    },
    waiting: { after: { backoff: 'connecting' } },
    ready: {
      invoke: { src: 'line', input: ({ context }) => ({ driver: context.driverNow }), onError: { target: 'waiting', actions: 'countFailure' } },
      on: { LOST: { target: 'waiting', actions: ['countFailure', { type: 'logLost', params: ({ event }) => ({ why: event.why }) }] } },
    },
  },
});
