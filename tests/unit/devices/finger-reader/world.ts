import { createHash } from 'node:crypto';
import { FINGER_DELAYS, type FingerDelays } from '../../../../firmware-agent/devices/finger-reader/delays.js';
import { startFingerReader, type FingerReaderOptions } from '../../../../firmware-agent/devices/finger-reader/handle.js';
import type {
  Against,
  EnrolRequest,
  EnrolStep,
  FingerReaderHandle,
  LibraryFailure,
  PressAttempt,
  PressOutcome,
} from '../../../../firmware-agent/devices/finger-reader/port.js';
import {
  startFingerSimulator,
  type FingerSimulator,
  type FingerSimulatorOptions,
  type FingerState,
} from '../../../../firmware-agent/devices/finger-reader/simulator/simulator.js';
import type { FingerOrder } from '../../../../firmware-agent/devices/finger-reader/simulator/orders.js';
import type { Result } from '#protocol/result/result.js';
import { tcpTransport } from '../../../../firmware-agent/devices/transport/tcp.js';
import type { Transport } from '../../../../firmware-agent/devices/transport/transport.js';
import { until } from '../world.js';

/** Short pauses and long patience: for tests in which no silence is meant, however busy the machine is. */
export const QUICK: FingerDelays = {
  ...FINGER_DELAYS,
  connectMs: 30_000,
  settleMs: 1_000,
  quietMs: 20,
  answerMs: 4_000,
  packetMs: 4_000,
  lampMs: 150,
  fingerPollMs: 5,
  pollMs: 40,
  backoffFirstMs: 10,
  backoffLongestMs: 40,
};

/** For tests that wait for a silence. */
export const IMPATIENT: FingerDelays = { ...QUICK, answerMs: 400, packetMs: 400 };

export const BILL = createHash('sha256').update('a bill of 1980 rupees').digest();
export const THUMB = 'asha-right-thumb';

export type Way = { readonly transport: Transport; readonly end: () => Promise<void> };
export type WayMaker = (sim: { readonly host: string; readonly port: number }) => Promise<Way>;
export const overTcp: WayMaker = async ({ host, port }) => ({ transport: tcpTransport({ host, port }), end: async () => undefined });

export type Bench = {
  readonly sim: FingerSimulator;
  readonly reader: FingerReaderHandle;
  readonly order: (order: FingerOrder) => Promise<FingerState>;
  readonly times: (command: string) => Promise<number>;
  /** A press for which that finger is laid as soon as it is asked for. */
  readonly press: (finger: string | undefined, against?: Against, how?: Partial<Pressing>) => Promise<PressOutcome>;
  readonly enrol: (finger: string, request?: Partial<EnrolRequest>) => Promise<Result<{ readonly page: number }, LibraryFailure>>;
  readonly attempts: PressAttempt[];
};

export type Pressing = {
  readonly boundTo: Uint8Array;
  readonly timeoutMs: number;
  readonly quality: 'good' | 'messy' | 'few-features' | 'image-failed';
  readonly signal: AbortSignal;
};

export type World = {
  readonly sim: Partial<FingerSimulatorOptions>;
  readonly reader: Partial<FingerReaderOptions>;
  readonly ready: 'awaited' | 'not';
};

/** A simulated module, a way to it, and a reader on it that is ready; all ended after the work. */
export async function onReader(makeWay: WayMaker, work: (bench: Bench) => Promise<void>, world: Partial<World> = {}): Promise<void> {
  const sim = await startFingerSimulator({ host: '127.0.0.1', port: 0, model: 'r307', ...world.sim });
  const way = await makeWay(sim);
  const reader = startFingerReader(way.transport, { delays: QUICK, ...world.reader });
  try {
    if (world.ready !== 'not') await until(reader, ({ state }) => state === 'ready');
    await work(benchOf(sim, reader));
  } finally {
    await reader.close();
    await way.end();
    await sim.close();
  }
}

function benchOf(sim: FingerSimulator, reader: FingerReaderHandle): Bench {
  const attempts: PressAttempt[] = [];
  const lay = (finger: string, quality: Pressing['quality'] = 'good'): void => void sim.order({ do: 'press', finger, quality, until: 'captured' });
  return {
    sim,
    reader,
    attempts,
    order: (order) => sim.order(order),
    times: async (command) => (await sim.order({ do: 'state' })).commands[command] ?? 0,
    press: (finger, against = { kind: 'anyone' }, { boundTo = BILL, timeoutMs = 5_000, quality = 'good', signal } = {}) =>
      reader.press({
        boundTo,
        against,
        timeoutMs,
        ...(signal === undefined ? {} : { signal }),
        onAttempt: (attempt) => void attempts.push(attempt),
        onPrompt: (prompt) => {
          if (prompt === 'lay-finger' && finger !== undefined) lay(finger, quality);
        },
      }),
    enrol: (finger, request = {}) =>
      reader.enrol({
        page: 'first-free',
        timeoutMs: 5_000,
        ...request,
        onStep: (step: EnrolStep) => {
          if (step.step === 'lay-finger') lay(finger);
          request.onStep?.(step);
        },
      }),
  };
}

/** `page 3`, or the code of the failure. */
export const ending = (result: Result<unknown, LibraryFailure>): string => (result.ok ? 'ok' : result.error.code);

/** An outcome in one word, such as `matched 0` or `unclear: image-messy`. */
export function inWord(outcome: PressOutcome): string {
  switch (outcome.outcome) {
    case 'matched':
      return `matched ${outcome.page ?? 'template'}`;
    case 'failed':
      return `failed: ${outcome.problem}`;
    case 'unclear':
    case 'no-finger':
      return `${outcome.outcome}: ${outcome.why}`;
    default:
      return outcome.outcome;
  }
}
