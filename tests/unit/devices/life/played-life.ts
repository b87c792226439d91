import { createActor, SimulatedClock, type ActorRefFrom } from 'xstate';
import { ok, type Result } from '#protocol/result/result.js';
import type { ConnectFault, LifeDelays, LiveDriver, Look } from '../../../../firmware-agent/devices/life/live-driver.js';
import { lifeMachine, type LifeMachineInput, type Task } from '../../../../firmware-agent/devices/life/machine.js';
import { Opener } from '../../../../firmware-agent/devices/life/opener.js';
import type { DeviceReport } from '../../../../firmware-agent/devices/ports.js';
import type { Timers } from '../../../../firmware-agent/devices/timers.js';

export const READY: DeviceReport = { state: 'ready' };
export const ABSENT: DeviceReport = { state: 'absent', problem: { code: 'printer-absent' } };
export const TROUBLE: DeviceReport = { state: 'trouble', problem: { code: 'paper-out' } };

export const DELAYS: LifeDelays = { connectMs: 3_000, lookMs: 20_000, pollMs: 2_000, backoffFirstMs: 500, backoffLongestMs: 500 };

/** `asked` answers when it is looked at, `mute` can not be asked, and on a `broken` one nobody can listen. */
export type Manner = 'asked' | 'mute' | 'broken';

/** A device's line while it is open, and what is asked of it. */
export class PlayedDriver implements LiveDriver {
  readonly manner: Manner;
  readonly look?: () => Promise<Look>;
  looking: PromiseWithResolvers<Look> | undefined;
  private readonly lines: Set<PlayedDriver>;
  private readonly reporters = new Set<(report: DeviceReport) => void>();
  private readonly mourners = new Set<(why: string) => void>();

  constructor(manner: Manner, lines: Set<PlayedDriver> = new Set()) {
    this.manner = manner;
    this.lines = lines;
    lines.add(this);
    if (manner === 'mute') return;
    this.look = () => {
      this.looking = Promise.withResolvers<Look>();
      return this.looking.promise;
    };
  }

  onReport(listener: (report: DeviceReport) => void): () => void {
    if (this.manner === 'broken') throw new Error('nobody can listen');
    this.reporters.add(listener);
    return () => this.reporters.delete(listener);
  }

  onLost(listener: (why: string) => void): () => void {
    this.mourners.add(listener);
    return () => this.mourners.delete(listener);
  }

  tell(report: DeviceReport): void {
    for (const reporter of this.reporters) reporter(report);
  }

  lose(): void {
    this.lines.delete(this);
    for (const mourner of this.mourners) mourner('pulled');
  }

  /** Some time after it was told to, as a serial port. */
  async close(): Promise<void> {
    await turn();
    this.lines.delete(this);
  }
}

type Opened = Result<LiveDriver, ConnectFault>;

/** The life chart over the product's opener, with a device played by hand and a clock that stands. */
export class PlayedLife {
  readonly clock = new SimulatedClock();
  readonly actor: ActorRefFrom<typeof lifeMachine>;
  readonly lines = new Set<PlayedDriver>();
  readonly openings = new Set<PromiseWithResolvers<Opened>>();
  readonly ran: PromiseWithResolvers<void>[] = [];
  refused = 0;
  /** Lines open and openings under way, at their most. */
  mostAtOnce = 0;
  private readonly opener: Opener<LiveDriver>;

  /** `gives up` as the product's transports do, or goes on all the same, as a kernel may. */
  constructor(opening: 'gives up' | 'goes on' = 'gives up') {
    const timers: Timers = {
      now: () => this.clock.now(),
      after: (delayMs, run) => {
        const id = this.clock.setTimeout(run, delayMs);
        return () => this.clock.clearTimeout(id);
      },
    };
    const connect = (givenUp: AbortSignal): Promise<Opened> => {
      const one = Promise.withResolvers<Opened>();
      if (opening === 'gives up') givenUp.addEventListener('abort', () => this.open(one, { ok: false, error: { detail: 'given up' } }));
      this.openings.add(one);
      this.count();
      return one.promise;
    };
    this.opener = new Opener({ name: 'played', connect, delays: DELAYS, timers });
    this.actor = createActor(lifeMachine, { clock: this.clock, input: inputOf({ connect: (stopped) => this.opener.open(stopped), timers }) });
    this.actor.start();
  }

  get driver(): PlayedDriver | undefined {
    return [...this.lines][0];
  }

  get report(): DeviceReport {
    return this.actor.getSnapshot().context.report;
  }

  /** Ends the opening under way, well with a new line. */
  open(opening: PromiseWithResolvers<Opened> | undefined, how: Manner | Extract<Opened, { ok: false }> | Error): void {
    if (opening === undefined || !this.openings.delete(opening)) return;
    if (how instanceof Error) opening.reject(how);
    else opening.resolve(typeof how === 'string' ? ok(new PlayedDriver(how, this.lines)) : how);
    this.count();
  }

  task(): Task {
    return {
      run: () => {
        const work = Promise.withResolvers<void>();
        this.ran.push(work);
        return work.promise;
      },
      refuse: () => {
        this.refused += 1;
      },
    };
  }

  /** As `Life` ends it. */
  async stop(): Promise<void> {
    this.actor.stop();
    const closed = this.opener.close();
    // What is opened all the same comes behind the stop.
    for (const opening of this.openings) this.open(opening, 'asked');
    await closed;
  }

  private count(): void {
    this.mostAtOnce = Math.max(this.mostAtOnce, this.lines.size + this.openings.size);
  }
}

export function inputOf({ connect, timers }: Pick<LifeMachineInput, 'connect' | 'timers'>): LifeMachineInput {
  return { name: 'played', connect, absent: ABSENT, delays: DELAYS, timers, log: () => undefined };
}

/** Until everything that has been answered is taken. */
export async function settled(): Promise<void> {
  for (const _ of [1, 2, 3]) await turn();
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
