import { assert, failure, ok, type Result } from '#protocol/result/result.js';
import { Life } from '../life/life.js';
import type { LifeLogEvent } from '../life/live-driver.js';
import type { DeviceReport } from '../ports.js';
import { systemTimers, type Timers } from '../timers.js';
import type { Transport } from '../transport/transport.js';
import { ANY_ADDRESS } from './codec/frame.js';
import { FINGER_DELAYS, type FingerDelays } from './delays.js';
import { FingerReaderDriver, troubleOf } from './driver.js';
import { enrol, erase, SAMPLES_LEAST, SAMPLES_MOST, templateDown, templateUp } from './library.js';
import type { FingerModule, Secret } from './module.js';
import {
  isFingerReaderCause,
  type FingerReaderCause,
  type FingerReaderHandle,
  type LibraryFailure,
  type PressOutcome,
  type PressRequest,
} from './port.js';
import { PressCount } from './press-count.js';
import { press, type Pressed } from './press.js';

export type FingerReaderOptions = {
  /** As the module was given it; 0 as it leaves the factory. */
  readonly password?: number;
  /** Another one that it may have, since a change was broken off. */
  readonly pending?: number | undefined;
  readonly address?: number;
  /** Refuses a module of another make than the one that was installed. */
  readonly systemId?: number;
  readonly delays?: FingerDelays;
  readonly timers?: Timers;
  readonly log?: (event: LifeLogEvent) => void;
};

/** Length of SHA-256. */
const BINDING_BYTES = 32;

/** Starts the life of a fingerprint module on a transport and gives the narrow face of it that the counter sees. */
export function startFingerReader(transport: Transport, options: FingerReaderOptions = {}): FingerReaderHandle {
  const { password = 0, pending, address = ANY_ADDRESS, systemId, delays = FINGER_DELAYS, timers = systemTimers, log = () => undefined } = options;
  const secret: Secret = { password, pending };
  const count = new PressCount();
  const life = new Life<FingerReaderDriver>({
    name: transport.name,
    connect: async (givenUp) => {
      const opened = await transport.open(givenUp);
      return opened.ok ? FingerReaderDriver.open(opened.value, { address, identity: { secret, systemId }, delays, timers }) : opened;
    },
    absent: troubleOf('finger-reader-absent'),
    delays,
    timers,
    log,
  });
  const take = <T>(work: (module: FingerModule, timers: Timers) => Promise<Result<T, LibraryFailure>>): Promise<Result<T, LibraryFailure>> =>
    life.take<Result<T, LibraryFailure>>(
      (driver) => driver.work(work),
      (report, detail) => failure(causeIn(report), detail),
    );
  const prepared = <T>(work: (module: FingerModule) => Promise<Result<T, LibraryFailure>>): Promise<Result<T, LibraryFailure>> =>
    take(async (module) => {
      const ready = await module.prepare();
      return ready.ok ? work(module) : ready;
    });
  return {
    ...life.face(),
    info: () =>
      prepared(async (module) => {
        const templates = await module.count();
        return templates.ok ? ok({ ...module.parameters, templates: templates.value }) : templates;
      }),
    press: (request) => countedPress(life, count, timers, request),
    enrol: (request) => {
      const { samples = SAMPLES_LEAST } = request;
      assert(Number.isInteger(samples) && samples >= SAMPLES_LEAST && samples <= SAMPLES_MOST, 'an enrolment has 2 to 5 samples');
      return take((module) => enrol(module, timers, request));
    },
    erase: (page) => take((module) => erase(module, page)),
    list: () => prepared((module) => module.pages()),
    templateUp: (page) => take((module) => templateUp(module, page)),
    templateDown: (page, template) => take((module) => templateDown(module, page, template)),
    light: (light) => prepared((module) => module.light(light)),
    setPassword: (next) => prepared((module) => module.setPassword(next)),
  };
}

/** The attempt is told, and written down, before anyone may act upon its outcome. */
async function countedPress(life: Life<FingerReaderDriver>, count: PressCount, timers: Timers, request: PressRequest): Promise<PressOutcome> {
  assert(request.boundTo.length === BINDING_BYTES, 'a press is bound to a SHA-256');
  const boundTo = Uint8Array.from(request.boundTo);
  const { outcome, finger } = await life.take<Pressed>(
    (driver) => driver.work((module) => press(module, timers, request)),
    (report, detail) => ({ outcome: { outcome: 'failed', problem: causeIn(report), detail }, finger: 'none' }),
  );
  const attempt = count.next(boundTo);
  if (finger === 'seen') count.add(boundTo);
  const score = outcome.outcome === 'matched' ? { score: outcome.score } : {};
  await request.onAttempt({ attempt, boundTo, outcome: outcome.outcome, ...score, atMs: timers.now() });
  return outcome;
}

function causeIn({ problem }: DeviceReport): FingerReaderCause {
  return problem !== undefined && isFingerReaderCause(problem.code) ? problem.code : 'finger-reader-absent';
}
