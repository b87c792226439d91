import { createActor, waitFor, type ActorRefFrom } from 'xstate';
import type { DeviceFace, DeviceReport, Unsubscribe } from '../ports.js';
import { systemTimers, type Timers } from '../timers.js';
import { Listeners, sameReport } from './listeners.js';
import type { LifeDelays, LifeLogEvent, LiveDriver } from './live-driver.js';
import { Lock } from './lock.js';
import { lifeMachine, type Task } from './machine.js';
import { Opener, type Connect } from './opener.js';

export type LifePlan<D extends LiveDriver> = {
  /** Where the device is, for logs and messages: `tcp 10.0.0.7:9100`. */
  readonly name: string;
  /** Called anew after each loss. */
  readonly connect: Connect<D>;
  /** What is reported while no line is open. */
  readonly absent: DeviceReport;
  readonly delays: LifeDelays;
  readonly timers?: Timers;
  readonly log?: (event: LifeLogEvent) => void;
};

/** One device as its kind's handle sees it: its report, and work given to its driver one piece at a time. Each piece is settled exactly once. */
export class Life<D extends LiveDriver> {
  private readonly opener: Opener<D>;
  private readonly actor: ActorRefFrom<typeof lifeMachine>;
  private readonly changes = new Listeners<DeviceReport>();
  private readonly lock = new Lock();
  private report: DeviceReport;
  private closing: Promise<void> | undefined;

  constructor({ name, connect, absent, delays, timers = systemTimers, log = () => undefined }: LifePlan<D>) {
    this.opener = new Opener({ name, connect, delays, timers });
    const input = { name, connect: (stopped: AbortSignal) => this.opener.open(stopped), absent, delays, timers, log };
    this.actor = createActor(lifeMachine, { input });
    this.report = absent;
    this.actor.subscribe(({ context }) => {
      if (sameReport(this.report, context.report)) return;
      this.report = context.report;
      this.changes.tell(this.report);
    });
    this.actor.start();
  }

  state(): DeviceReport {
    return this.report;
  }

  whyAway(): string | undefined {
    return this.actor.getSnapshot().context.whyAway;
  }

  onChange(listener: (report: DeviceReport) => void): Unsubscribe {
    return this.changes.add(listener);
  }

  /** Tries to connect, or looks at an idle device, now rather than when the wait is over. */
  nudge(): void {
    if (this.closing === undefined) this.actor.send({ type: 'NUDGE' });
  }

  /** What every kind's handle has, for the kind to spread into its own. */
  face(): DeviceFace {
    return {
      state: () => this.state(),
      whyAway: () => this.whyAway(),
      onChange: (listener) => this.onChange(listener),
      nudge: () => this.nudge(),
      close: () => this.close(),
    };
  }

  /** Hands work to the driver; `refused` is given how the device stands when there is none. The next piece waits until the chart too has done with this one. */
  take<T>(work: (driver: D) => Promise<T>, refused: (report: DeviceReport, detail: string) => T): Promise<T> {
    return this.lock.hold(async () => {
      if (this.closing !== undefined) return refused(this.actor.getSnapshot().context.absent, 'the device was closed');
      const outcome = await new Promise<T>((resolve, reject) => {
        const task: Task = {
          // The chart holds no other drivers than those that `connect` gave.
          run: (driver) => work(driver as D).then(resolve, reject),
          refuse: (report, detail) => resolve(refused(report, detail)),
        };
        this.actor.send({ type: 'TASK', task });
      });
      // Rejects only when the chart is stopped meanwhile.
      if (this.closing === undefined) await waitFor(this.actor, (chart) => !chart.matches({ connected: 'busy' })).catch(() => undefined);
      return outcome;
    });
  }

  /**
   * Closing the line makes a piece of work under way end by itself, as the driver ends it when its line is lost. A line that is just being opened
   * is given up.
   */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    this.actor.stop();
    await this.opener.close();
    await this.lock.hold(async () => undefined);
  }
}
