import type { DeviceProblemCode } from '#protocol/counter/device.js';
import { unreachable } from '#protocol/result/result.js';
import type { LiveDriver, Look } from '../life/live-driver.js';
import type { DeviceReport, Unsubscribe } from '../ports.js';
import { pause } from '../timers.js';
import { callService, type RdExchange } from './client.js';
import { askService, findServices, type FoundService, type Search } from './discovery.js';
import { pidOptions, readCapture, type CaptureAnswer, type CaptureOptions } from './messages.js';
import { verdictOf, verdictOfFault, type Verdict } from './outcome.js';
import { PidBlock } from './pid-block.js';

/** Every wait, in milliseconds. A capture itself lasts as long as was asked for, and `httpExtraMs` more for the service to say so. */
export type RdDelays = { readonly probeMs: number; readonly httpExtraMs: number; readonly vendorRetryMs: number };

export type RdDriverOptions = { readonly search: Search; readonly capture: Omit<CaptureOptions, 'timeoutMs'>; readonly delays: RdDelays };

/** One press, as the service answered it. A block is there only when it captured. */
export type Press = { readonly verdict: Exclude<Verdict, { verdict: 'again' }>; readonly answer?: CaptureAnswer; readonly block?: PidBlock };

const VENDOR_RETRIES = 3;

/** One RD service. There is no line that stands: each question is a call, and there is never more than one at a time. */
export class RdDriver implements LiveDriver {
  private service: FoundService;
  private readonly options: RdDriverOptions;
  /** A capture that nobody waits for any more still holds the service, which can serve one caller alone. */
  private running: RdExchange | undefined;
  /** So does a look that work has overtaken. */
  private looking: Promise<unknown> = Promise.resolve();

  constructor(service: FoundService, options: RdDriverOptions) {
    this.service = service;
    this.options = options;
  }

  get found(): FoundService {
    return this.service;
  }

  look(): Promise<Look> {
    const looking = this.lookNow();
    this.looking = looking;
    return looking;
  }

  private async lookNow(): Promise<Look> {
    if (this.running !== undefined) return { found: 'answer', report: reportOf(this.service) };
    const service = await askService(this.options.search, this.service.port);
    if (service === undefined) return { found: 'gone', why: `nothing answers at port ${this.service.port} any more` };
    this.service = service;
    if (!isFit(service)) {
      // Another device may have been plugged in, with a service of its own.
      const [best] = await findServices(this.options.search);
      if (best !== undefined && isFit(best)) this.service = best;
    }
    return { found: 'answer', report: reportOf(this.service) };
  }

  /** One press of a finger. Ends at once when `signal` aborts; the service then ends its capture by itself, and what it captured is thrown away. */
  async press(timeoutMs: number, signal: AbortSignal): Promise<Press> {
    await this.looking;
    await this.running?.answer;
    for (let tries = 0; ; tries += 1) {
      const press = await this.pressOnce(timeoutMs, signal);
      if (press.verdict.verdict !== 'again') return { ...press, verdict: press.verdict };
      if (tries >= VENDOR_RETRIES) return { verdict: { verdict: 'failed', code: 'aadhaar-error', detail: press.verdict.detail } };
      await pause(this.options.search.timers, this.options.delays.vendorRetryMs);
    }
  }

  onLost(): Unsubscribe {
    return () => undefined;
  }

  async close(): Promise<void> {
    this.running?.end();
  }

  private async pressOnce(
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<{ readonly verdict: Verdict; readonly answer?: CaptureAnswer; readonly block?: PidBlock }> {
    const cancelled = { verdict: { verdict: 'not-captured', detail: 'given up by the operator' } } as const;
    if (signal.aborted) return cancelled;
    const { search, capture, delays } = this.options;
    const body = pidOptions({ ...capture, timeoutMs });
    const { port, capturePath: path } = this.service;
    const exchange = callService(search.where, { verb: 'CAPTURE', port, path, body, limitMs: timeoutMs + delays.httpExtraMs }, search.timers);
    this.running = exchange;
    const settled = exchange.answer.finally(() => {
      this.running = undefined;
    });
    const answered = await Promise.race([settled, aborted(signal)]);
    if (answered === 'aborted') {
      void settled.then((late) => (late.ok ? late.value.fill(0) : undefined));
      return cancelled;
    }
    if (!answered.ok) return { verdict: verdictOfFault(answered.error) };
    const bytes = answered.value;
    const answer = readCapture(bytes);
    const verdict: Verdict = answer.ok ? verdictOf(answer.value) : { verdict: 'failed', code: 'aadhaar-error', detail: answer.error.detail };
    if (verdict.verdict === 'captured' && answer.ok) return { verdict, answer: answer.value, block: new PidBlock(bytes) };
    bytes.fill(0);
    return answer.ok ? { verdict, answer: answer.value } : { verdict };
  }
}

function aborted(signal: AbortSignal): Promise<'aborted'> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve('aborted'), { once: true });
  });
}

function isFit({ status, device }: FoundService): boolean {
  return status === 'READY' && device.told === 'registered';
}

/** What its service says of a device counts only when it names one: an empty dpId or rdsId is "not ready", whatever the status. */
export function reportOf({ status, device }: FoundService): DeviceReport {
  const trouble = (code: DeviceProblemCode, detail?: string): DeviceReport => ({
    state: 'trouble',
    problem: { code, ...(detail === undefined ? {} : { values: { detail } }) },
  });
  if (device.told === 'unregistered') return trouble('aadhaar-not-ready', device.detail);
  switch (status) {
    case 'READY':
      return device.told === 'registered' ? { state: 'ready' } : trouble('aadhaar-error', device.detail.slice(0, 120));
    case 'USED':
      return trouble('aadhaar-busy');
    case 'NOTREADY':
      return trouble('aadhaar-not-ready');
    default:
      return unreachable(status);
  }
}
