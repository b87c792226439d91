import type { BenchPrompt } from '#protocol/technician/bench.js';
import type { DepartmentCode } from '#protocol/identity/identity.js';
import type { TechnicianAnswer, TechnicianRefusal } from '#protocol/technician/messages.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import type { FingerReaderDevice } from '../devices/finger-reader/device.js';
import type { Devices } from '../devices/devices.js';
import { templateHash } from '../devices/finger-reader/press.js';
import type { Fingers, Person } from '../services/fingers.js';

type Answered<T extends TechnicianAnswer['to']> = Promise<Result<Extract<TechnicianAnswer, { to: T }>, Failure<TechnicianRefusal>>>;

type ReadConsumer = (department: DepartmentCode, text: string) => Result<string, Failure<string>>;

/** Whose fingers are known, and the numbers that people can have by the rule book in force. */
export type KnownPeople = { readonly fingers: Fingers; readonly readConsumer: ReadConsumer };

const LAY_OR_LIFT_MS = 20_000;

/** Whose fingers the counter's readers know: enrolled and erased by a technician, with the person there. */
export class FingerDesk {
  readonly #devices: Devices;
  readonly #fingers: Fingers;
  readonly #readConsumer: ReadConsumer;
  readonly #now: () => number;

  constructor(devices: Devices, { fingers, readConsumer }: KnownPeople, now: () => number) {
    this.#devices = devices;
    this.#fingers = fingers;
    this.#readConsumer = readConsumer;
    this.#now = now;
  }

  async list(name: string): Answered<'fingers'> {
    const reader = this.#reader(name);
    if (reader === undefined) return unknownReader(name);
    return ok({ to: 'fingers', fingers: this.#fingers.all(name).map(({ page, department, consumer, at }) => ({ page, department, consumer, at })) });
  }

  /** The lowest free page; the finger is laid twice. Nothing is remembered unless the module's own index shows the page. */
  async enrol(
    name: string,
    { department, consumer: typed }: Person,
    tell: (prompt: BenchPrompt) => void,
    signal: AbortSignal,
  ): Answered<'enrol-finger'> {
    const reader = this.#reader(name);
    if (reader === undefined) return unknownReader(name);
    const consumer = this.#readConsumer(department, typed);
    if (!consumer.ok) return failure('unknown', consumer.error.detail);
    const person: Person = { department, consumer: consumer.value };
    const info = await reader.handle.info();
    if (!info.ok) return failure('failed', info.error.detail);
    const page = this.#fingers.freePage(name, info.value.capacity);
    if (page === undefined) return failure('failed', `the reader has no room: all ${info.value.capacity} pages are taken`);
    // A template of a person whom this machine does not know (an older life of it) would stand in the way for ever.
    const stored = await reader.handle.list();
    if (!stored.ok) return failure('failed', stored.error.detail);
    if (stored.value.includes(page)) {
      const erased = await reader.handle.erase(page);
      if (!erased.ok) return failure('failed', erased.error.detail);
    }
    const done = await reader.handle.enrol({
      page,
      timeoutMs: LAY_OR_LIFT_MS,
      signal,
      onStep: (step) => {
        if (step.step === 'lay-finger' || step.step === 'lift-finger') tell(step.step);
      },
    });
    if (!done.ok) return failure('failed', done.error.detail);
    const template = await reader.handle.templateUp(page);
    if (!template.ok) {
      await reader.handle.erase(page);
      return failure('failed', `the finger was taken and could not be read back, so it was erased again: ${template.error.detail}`);
    }
    this.#fingers.put({ reader: name, page, ...person, template: templateHash(template.value), at: this.#now() });
    return ok({ to: 'enrol-finger', page, consumer: person.consumer });
  }

  async erase(name: string, page: number): Answered<'erase-finger'> {
    const reader = this.#reader(name);
    if (reader === undefined) return unknownReader(name);
    const erased = await reader.handle.erase(page);
    if (!erased.ok) return failure('failed', erased.error.detail);
    this.#fingers.erase(name, page);
    return ok({ to: 'erase-finger' });
  }

  #reader(name: string): FingerReaderDevice | undefined {
    return this.#devices.of('finger-reader').find((reader) => reader.name === name);
  }
}

function unknownReader(name: string): Result<never, Failure<TechnicianRefusal>> {
  return failure('unknown', `devices.json names no fingerprint reader ${name}`);
}
