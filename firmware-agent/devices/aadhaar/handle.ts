import type { Problem } from '#protocol/counter/problem.js';
import { ok, unreachable } from '#protocol/result/result.js';
import { Life } from '../life/life.js';
import { LIFE_DELAYS, type LifeDelays, type LifeLogEvent } from '../life/live-driver.js';
import type { DeviceFace, DeviceReport } from '../ports.js';
import { systemTimers, type Timers } from '../timers.js';
import type { RdHost } from './client.js';
import { findServices, type FoundService, type PortRange, type Search } from './discovery.js';
import { RdDriver, type Press, type RdDelays } from './driver.js';
import type { CaptureOptions } from './messages.js';
import type { PidBlock } from './pid-block.js';

/** What the ledger keeps of one press: never the block, only the hash that binds it to the transaction (R46). */
export type CaptureAttempt = {
  /** From 1 within one call of `capture`. */
  readonly number: number;
  /** The transaction's hash, as the caller gave it. */
  readonly boundTo: Uint8Array;
  readonly outcome: 'captured' | 'poor' | 'not-captured' | 'failed';
  readonly detail: string;
  readonly quality?: number;
  /** SHA-256 of the base64 text of Data without white space. */
  readonly dataSha256?: Uint8Array;
};

export type CaptureRequest = {
  /** SHA-256 of the transaction that the finger consents to. */
  readonly boundTo: Uint8Array;
  /** Of one press; the whole may take as many presses as the kiosk's configuration allows. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** When given, one press alone is made, counted on from these: one that is poor is then asked for again by another call. */
  readonly pressesBefore?: number;
  /** Told of each press before the answer, and awaited, so that it stands in the ledger first. When it fails the block is discarded and the call rejects. */
  readonly onAttempt: (attempt: CaptureAttempt) => void | Promise<void>;
};

/**
 * - `captured`: the block is to be handed on and forgotten.
 * - `not-captured`: no finger in time, or given up.
 * - `poor`: captured too badly to be sent, as often as was tried.
 * - `failed`: no press was possible, or its answer is worth nothing.
 */
export type CaptureOutcome =
  | {
      readonly outcome: 'captured';
      readonly block: PidBlock;
      readonly dataSha256: Uint8Array;
      readonly quality: number | undefined;
      readonly attempts: number;
    }
  | { readonly outcome: 'not-captured'; readonly problem: Problem; readonly detail: string; readonly attempts: number }
  | { readonly outcome: 'poor'; readonly problem: Problem; readonly quality: number; readonly attempts: number }
  | { readonly outcome: 'failed'; readonly problem: Problem; readonly detail: string; readonly attempts: number };

export type AadhaarHandle = DeviceFace & {
  /** One at a time; a second call waits for the first. Never rejects for a device's fault. */
  readonly capture: (request: CaptureRequest) => Promise<CaptureOutcome>;
  /** The service in use, as it told of itself; undefined while there is none. */
  readonly service: () => Promise<FoundService | undefined>;
};

/** Scores run from 0 to 100. Below `retryBelow` the finger is asked for again while there are tries; below `refuseBelow` nothing is sent. */
export type QualityPolicy = { readonly retryBelow: number; readonly refuseBelow: number; readonly tries: number };

export type AadhaarDelays = LifeDelays & RdDelays;
export const AADHAAR_DELAYS: AadhaarDelays = {
  ...LIFE_DELAYS,
  connectMs: 15_000,
  lookMs: 15_000,
  pollMs: 5_000,
  probeMs: 1_500,
  httpExtraMs: 5_000,
  vendorRetryMs: 1_500,
};

export type AadhaarOptions = {
  readonly where: RdHost;
  readonly range: PortRange;
  readonly capture: Omit<CaptureOptions, 'timeoutMs'>;
  readonly quality: QualityPolicy;
  readonly delays?: AadhaarDelays;
  readonly timers?: Timers;
  readonly log?: (event: LifeLogEvent) => void;
};

/** Finds the kiosk's RD service and keeps watching it; gives the narrow face of it that the counter sees. */
export function startAadhaar(options: AadhaarOptions): AadhaarHandle {
  const { where, range, capture, quality, delays = AADHAAR_DELAYS, timers = systemTimers, log = () => undefined } = options;
  const search: Search = { where, range, probeMs: delays.probeMs, timers };
  const name = placeOf(where, range);
  const life = new Life<RdDriver>({
    name,
    connect: async (givenUp) => {
      const [best] = await findServices({ ...search, givenUp });
      return best === undefined
        ? { ok: false, error: { detail: `no fingerprint RD service answers at ${name}` } }
        : ok(new RdDriver(best, { search, capture, delays }));
    },
    absent: { state: 'absent', problem: { code: 'aadhaar-absent' } },
    delays,
    timers,
    log,
  });
  return {
    ...life.face(),
    capture: (wanted) =>
      life.take<CaptureOutcome>(
        (driver) => pressUntilGood(driver, wanted, quality),
        (report, detail) => ({ outcome: 'failed', problem: problemOf(report), detail, attempts: 0 }),
      ),
    service: () =>
      life.take<FoundService | undefined>(
        async (driver) => driver.found,
        () => undefined,
      ),
  };
}

export function placeOf({ scheme, host }: RdHost, { firstPort, lastPort }: PortRange): string {
  return `rd service ${scheme}://${host}:${firstPort}${firstPort === lastPort ? '' : `-${lastPort}`}`;
}

function problemOf({ problem }: DeviceReport): Problem {
  return problem ?? { code: 'aadhaar-absent' };
}

/** Presses until the quality is good, or the tries are used up: then the last one counts, if it is fit to be sent. */
async function pressUntilGood(driver: RdDriver, wanted: CaptureRequest, policy: QualityPolicy): Promise<CaptureOutcome> {
  for (let number = (wanted.pressesBefore ?? 0) + 1; ; number += 1) {
    const press = await driver.press(wanted.timeoutMs, wanted.signal);
    const quality = press.answer?.quality;
    const standing = quality === undefined || quality >= policy.retryBelow ? 'good' : quality >= policy.refuseBelow ? 'fair' : 'poor';
    await tell(press, number, standing, wanted);
    const { block } = press;
    if (block === undefined) return outcomeWithout(press, number);
    if (standing === 'good' || (standing === 'fair' && number >= policy.tries)) return captured(press, block, number);
    block.discard();
    if (number >= policy.tries || wanted.pressesBefore !== undefined)
      return { outcome: 'poor', problem: { code: 'aadhaar-poor' }, quality: quality ?? 0, attempts: number };
  }
}

async function tell(press: Press, number: number, standing: 'good' | 'fair' | 'poor', { boundTo, onAttempt }: CaptureRequest): Promise<void> {
  const { verdict, answer, block } = press;
  const outcome = verdict.verdict === 'captured' && standing === 'poor' ? 'poor' : verdict.verdict;
  const detail = verdict.verdict === 'captured' ? '' : verdict.detail;
  const { quality, dataSha256 } = answer ?? {};
  try {
    await onAttempt({
      number,
      boundTo,
      outcome,
      detail,
      ...(quality === undefined ? {} : { quality }),
      ...(dataSha256 === undefined ? {} : { dataSha256 }),
    });
  } catch (error) {
    block?.discard();
    throw error;
  }
}

function captured({ answer }: Press, block: PidBlock, attempts: number): CaptureOutcome {
  if (answer?.dataSha256 === undefined) return { outcome: 'failed', problem: { code: 'aadhaar-error' }, detail: 'no data', attempts };
  return { outcome: 'captured', block, dataSha256: answer.dataSha256, quality: answer.quality, attempts };
}

function outcomeWithout({ verdict }: Press, attempts: number): CaptureOutcome {
  switch (verdict.verdict) {
    case 'captured':
      return { outcome: 'failed', problem: { code: 'aadhaar-error' }, detail: 'no block', attempts };
    case 'not-captured':
      return { outcome: 'not-captured', problem: { code: 'aadhaar-not-captured' }, detail: verdict.detail, attempts };
    case 'failed': {
      const { code, detail } = verdict;
      return { outcome: 'failed', problem: code === 'aadhaar-error' ? { code, values: { detail } } : { code }, detail, attempts };
    }
    default:
      return unreachable(verdict);
  }
}
