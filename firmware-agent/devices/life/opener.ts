import type { Result } from '#protocol/result/result.js';
import { within, type Timers } from '../timers.js';
import type { ConnectFault, LifeDelays, LiveDriver } from './live-driver.js';

/**
 * Opens a line and makes a driver on it. `givenUp` is aborted when nobody wants the line any more: it is then not to come up, or is closed as
 * soon as it is up. May reject only for a defect.
 */
export type Connect<D extends LiveDriver> = (givenUp: AbortSignal) => Promise<Result<D, ConnectFault>>;

type OpenerPlan<D extends LiveDriver> = {
  readonly name: string;
  readonly connect: Connect<D>;
  readonly delays: Pick<LifeDelays, 'connectMs'>;
  readonly timers: Timers;
};

/**
 * Opens the lines of one device, each in its time and never two at once: a printer on the network takes one line, and one that was given up and
 * came up all the same would keep it from the next.
 */
export class Opener<D extends LiveDriver> {
  private readonly plan: OpenerPlan<D>;
  /** The last opening, until it has ended and, if nobody wanted it any more, its line too. */
  private opening: Promise<void> | undefined;
  private last: D | undefined;

  constructor(plan: OpenerPlan<D>) {
    this.plan = plan;
  }

  async open(stopped: AbortSignal): Promise<Result<D, ConnectFault>> {
    const { name, connect, timers, delays } = this.plan;
    const late = { ok: false, error: { detail: `${name} did not open within ${delays.connectMs} ms` } } as const;
    if (this.opening !== undefined && (await within(timers, delays.connectMs, this.opening)) === 'late') return late;
    // A line that the kernel is slow to close is not waited for without end.
    if (this.last !== undefined) await within(timers, delays.connectMs, this.last.close());
    if (stopped.aborted) return { ok: false, error: { detail: `${name} was closed` } };
    const giving = new AbortController();
    const giveUp = (): void => giving.abort();
    stopped.addEventListener('abort', giveUp, { once: true });
    const connected = connect(giving.signal);
    this.opening = this.ended(connected, giving.signal);
    const opened = await within(timers, delays.connectMs, connected);
    stopped.removeEventListener('abort', giveUp);
    if (opened !== 'late') return opened;
    giveUp();
    return late;
  }

  /** Once no more is opened: nothing is open behind it, unless the kernel itself holds it longer than a line may take. */
  async close(): Promise<void> {
    const { timers, delays } = this.plan;
    if (this.opening !== undefined) await within(timers, delays.connectMs, this.opening);
    await this.last?.close();
  }

  private async ended(connected: Promise<Result<D, ConnectFault>>, givenUp: AbortSignal): Promise<void> {
    try {
      const opened = await connected;
      if (!opened.ok) return;
      this.last = opened.value;
      if (givenUp.aborted) await opened.value.close();
    } catch {
      // Told to the chart, which waits for the same promise.
    }
  }
}
