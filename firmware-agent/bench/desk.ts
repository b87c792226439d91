import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import type { BenchPrompt, BenchResult } from '#protocol/technician/bench.js';
import { STATION, type CheckLine, type DeviceLine, type SubjectKind, type TechnicianRefusal } from '#protocol/technician/messages.js';
import type { CounterActivity } from '../counter/view.js';
import type { BenchCheck } from '../devices/device.js';
import type { Devices } from '../devices/devices.js';
import type { PrinterHandle } from '../devices/ports.js';
import { within, type Timers } from '../devices/timers.js';
import { checksOf } from './checks.js';

export type DeskInput = {
  readonly devices: Devices;
  readonly station: readonly BenchCheck[];
  readonly activity: () => CounterActivity;
  readonly timers: Timers;
};

/** Longer than anything a person is asked to do. A check that goes on is told to stop, and given up after the grace. */
const RUN_MS = 180_000;
const GRACE_MS = 5_000;

/** A thing on the bench: a device, or the machine itself. */
export type Subject = { readonly device: string; readonly kind: SubjectKind; readonly where: string; readonly checks: readonly BenchCheck[] };

/** Where the checks of all devices run: one at a time a device, and none that touches a device while a citizen is served. */
export class BenchDesk {
  readonly #input: DeskInput;
  readonly #running = new Map<string, AbortController>();
  readonly subjects: readonly Subject[];

  constructor(input: DeskInput) {
    this.#input = input;
    const openedAtMs = input.timers.now();
    this.subjects = [
      { device: STATION, kind: 'station', where: 'this machine', checks: input.station },
      ...input.devices.all.map((device) => ({
        device: device.name,
        kind: device.kind,
        where: device.where,
        checks: checksOf(device, input.timers, openedAtMs),
      })),
    ];
  }

  devices(): readonly DeviceLine[] {
    return this.#input.devices.all.map(({ name, kind, where, handle }) => ({ name, kind, where, ...handle.state() }));
  }

  checks(): readonly CheckLine[] {
    return this.subjects.flatMap(({ device, kind, checks }) => checks.map(({ check, title, needs }) => ({ device, kind, check, title, needs })));
  }

  /** True while a check has this device: what it reads is not for the counter. */
  isTrying(device: string): boolean {
    return this.#running.has(device);
  }

  get printer(): PrinterHandle | undefined {
    return this.#input.devices.of('printer')[0]?.handle;
  }

  get activity(): CounterActivity {
    return this.#input.activity();
  }

  /** A citizen comes first: whatever is being tried ends now. */
  counterChanged(): void {
    if (this.#running.size > 0 && this.activity === 'sale') for (const run of this.#running.values()) run.abort();
  }

  async run(
    device: string,
    name: string,
    tell: (prompt: BenchPrompt) => void,
    signal: AbortSignal,
  ): Promise<Result<BenchResult, Failure<TechnicianRefusal>>> {
    const check = this.subjects.find((s) => s.device === device)?.checks.find((c) => c.check === name);
    if (check === undefined) return failure('unknown', `there is no check ${name} of ${device}`);
    const touches = device !== STATION && name !== 'status';
    if (this.#running.has(device)) return busy(device);
    const stop = new AbortController();
    const pass = (): void => stop.abort();
    signal.addEventListener('abort', pass);
    const work = async (): Promise<Result<BenchResult, never>> => ok(await this.#bounded(perform(check, tell, stop.signal), stop));
    // Reading how a device is does not take it from the counter.
    return (touches ? this.occupy(device, stop, work) : work()).finally(() => signal.removeEventListener('abort', pass));
  }

  /** Work that takes a device from the counter: never while a citizen is served, and told to stop when one comes. */
  async occupy<T>(
    device: string,
    stop: AbortController,
    work: () => Promise<Result<T, Failure<TechnicianRefusal>>>,
  ): Promise<Result<T, Failure<TechnicianRefusal>>> {
    if (this.activity === 'sale') return COUNTER_BUSY;
    if (this.#running.has(device)) return busy(device);
    this.#running.set(device, stop);
    return work().finally(() => this.#running.delete(device));
  }

  async #bounded(done: Promise<BenchResult>, stop: AbortController): Promise<BenchResult> {
    const { timers } = this.#input;
    const first = await within(timers, RUN_MS, done);
    if (first !== 'late') return first;
    stop.abort();
    const last = await within(timers, GRACE_MS, done);
    return last === 'late' ? { outcome: 'fail', detail: `did not end within ${RUN_MS / 1_000} seconds`, facts: {} } : last;
  }
}

export const COUNTER_BUSY = failure('counter-busy', 'a citizen is being served; try again after the receipt');

function busy(device: string): Result<never, Failure<'device-busy'>> {
  return failure('device-busy', `another check of ${device} runs`);
}

/** A check that throws is a defect of the check; the sheet says so and the others go on. */
async function perform(check: BenchCheck, tell: (prompt: BenchPrompt) => void, signal: AbortSignal): Promise<BenchResult> {
  try {
    return await check.run(tell, signal);
  } catch (error) {
    return { outcome: 'fail', detail: `the check itself failed: ${error instanceof Error ? error.message : String(error)}`.slice(0, 300), facts: {} };
  }
}
