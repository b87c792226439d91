import { isJudged, type BenchPrompt, type BenchResult } from '#protocol/technician/bench.js';
import type { Candidate } from '#protocol/technician/discovery.js';
import type { TechnicianAnswer, TechnicianAsk, TechnicianRefusal, ToTechnician } from '#protocol/technician/messages.js';
import { sheetLines } from '#protocol/technician/sheet-layout.js';
import { peekSheet, signedSheet, unsignedSheet, type SheetFacts, type SheetRow } from '#protocol/technician/sheet.js';
import { failure, ok, unreachable, type Failure, type Result } from '#protocol/result/result.js';
import type { UnixMs } from '#protocol/time/time.js';
import type { Language } from '#protocol/identity/identity.js';
import type { KioskIdentity } from '../station/identity.js';
import { COUNTER_BUSY, type BenchDesk } from './desk.js';
import type { FingerDesk } from './finger-desk.js';

export type SessionInput = {
  readonly desk: BenchDesk;
  readonly identity: KioskIdentity | undefined;
  readonly software: string;
  readonly now: () => UnixMs;
  readonly discover: () => readonly Candidate[];
  /** Absent on a machine without a ledger: it knows no people. */
  readonly fingers?: FingerDesk;
};

type Answered = Result<TechnicianAnswer, Failure<TechnicianRefusal>>;
/** `eyes`: a person was told to look or listen, and has not said what they saw. */
type Run = {
  readonly device: string;
  readonly check: string;
  readonly stop: AbortController;
  eyes: 'not-asked' | 'asked' | 'told';
  result?: BenchResult;
};

/**
 * One technician's work from connecting to leaving. The sheet is made from what ran here, so nobody can have a result signed that this
 * agent did not see.
 */
export class TechnicianSession {
  readonly #input: SessionInput;
  readonly #begunAt: UnixMs;
  readonly #runs = new Map<number, Run>();
  /** Enrolments under way. */
  readonly #stops = new Map<number, AbortController>();
  #sheet: Uint8Array<ArrayBuffer> | undefined;

  constructor(input: SessionInput) {
    this.#input = input;
    this.#begunAt = input.now();
  }

  /** Does what is asked, and says what came of it. Never rejects. */
  async take(id: number, ask: TechnicianAsk, say: (message: ToTechnician) => void): Promise<void> {
    const tell = (prompt: BenchPrompt): void => say({ t: 'prompt', id, prompt });
    const answered = await this.#answer(id, ask, tell).catch((error: unknown) =>
      failure('failed', error instanceof Error ? error.message : String(error)),
    );
    say(answered.ok ? { t: 'answer', id, answer: answered.value } : { t: 'refused', id, ...answered.error });
  }

  /** The technician has left: nobody waits for what still runs. */
  end(): void {
    for (const { stop } of this.#runs.values()) stop.abort();
    for (const stop of this.#stops.values()) stop.abort();
  }

  async #answer(id: number, ask: TechnicianAsk, tell: (prompt: BenchPrompt) => void): Promise<Answered> {
    const { desk, discover } = this.#input;
    switch (ask.do) {
      case 'devices':
        return ok({ to: 'devices', devices: [...desk.devices()] });
      case 'checks':
        return ok({ to: 'checks', checks: [...desk.checks()] });
      case 'run':
        return this.#run(id, ask.device, ask.check, tell);
      case 'stop':
        this.#runs.get(ask.run)?.stop.abort();
        return this.#runs.has(ask.run) ? ok({ to: 'stop' }) : failure('unknown', 'no such run');
      case 'judge':
        return this.#judge(ask.run, ask.saw);
      case 'discover':
        return ok({ to: 'discover', candidates: [...discover()] });
      case 'sheet':
        return this.#makeSheet();
      case 'fingers':
      case 'enrol-finger':
      case 'erase-finger':
        return this.#fingers(id, ask, tell);
      case 'print-sheet':
        return this.#print(ask.language);
      default:
        return unreachable(ask);
    }
  }

  async #run(id: number, device: string, check: string, tell: (prompt: BenchPrompt) => void): Promise<Answered> {
    if (this.#runs.has(id)) return failure('unknown', 'this number was used before');
    const run: Run = { device, check, stop: new AbortController(), eyes: 'not-asked' };
    this.#runs.set(id, run);
    const listening = (prompt: BenchPrompt): void => {
      if (isJudged(prompt)) run.eyes = 'asked';
      tell(prompt);
    };
    const done = await this.#input.desk.run(device, check, listening, run.stop.signal);
    if (!done.ok) {
      this.#runs.delete(id);
      return done;
    }
    run.result = done.value;
    return ok({ to: 'run', result: done.value });
  }

  async #fingers(
    id: number,
    ask: Extract<TechnicianAsk, { do: 'fingers' | 'enrol-finger' | 'erase-finger' }>,
    tell: (prompt: BenchPrompt) => void,
  ): Promise<Answered> {
    const { fingers, desk } = this.#input;
    if (fingers === undefined) return failure('unknown', 'only an enrolled kiosk whose agent runs knows fingers');
    if (ask.do === 'fingers') return fingers.list(ask.reader);
    if (desk.activity === 'sale') return COUNTER_BUSY;
    if (ask.do === 'erase-finger') return fingers.erase(ask.reader, ask.page);
    const stop = new AbortController();
    this.#stops.set(id, stop);
    const { reader, department, consumer } = ask;
    return desk.occupy(reader, stop, () => fingers.enrol(reader, { department, consumer }, tell, stop.signal)).finally(() => this.#stops.delete(id));
  }

  #judge(id: number, saw: 'good' | 'bad'): Answered {
    const run = this.#runs.get(id);
    if (run?.result === undefined) return failure('unknown', 'no such run has ended');
    run.result = judged(run.result, saw, run.eyes);
    run.eyes = 'told';
    return ok({ to: 'judge', result: run.result });
  }

  #makeSheet(): Answered {
    const { identity, software, now } = this.#input;
    const rows = this.#rows();
    if (![...this.#runs.values()].some(({ result }) => result !== undefined)) return failure('nothing', 'nothing was tried yet');
    const bundle = identity?.bundle;
    const facts: SheetFacts = {
      v: 1,
      kiosk: bundle === undefined ? null : { district: bundle.district, code: bundle.kiosk, epoch: bundle.epoch },
      software,
      begunAt: Math.min(this.#begunAt, now()),
      at: now(),
      rows: [...rows],
    };
    this.#sheet = identity === undefined ? unsignedSheet(facts) : signedSheet(identity.key, identity.certificate, facts);
    return ok({ to: 'sheet', file: this.#sheet });
  }

  /** Every check of every device, in the bench's order: the newest result, or that it was left out. */
  #rows(): readonly SheetRow[] {
    return this.#input.desk.subjects.flatMap(({ device, kind, where, checks }) =>
      checks.map(({ check }) => {
        const newest = [...this.#runs.values()].findLast((run) => run.device === device && run.check === check && run.result !== undefined);
        const result: BenchResult =
          newest?.result === undefined ? { outcome: 'not-done', detail: 'was left out', facts: {} } : onSheet(newest.result, newest.eyes);
        return { device, kind, where: where.slice(0, 300), check, ...result };
      }),
    );
  }

  async #print(language: Language): Promise<Answered> {
    const { desk } = this.#input;
    if (this.#sheet === undefined) return failure('nothing', 'there is no sheet yet');
    if (desk.printer === undefined) return failure('no-printer', 'devices.json names no receipt printer');
    if (desk.activity === 'sale') return COUNTER_BUSY;
    const sheet = peekSheet(this.#sheet);
    if (!sheet.ok) throw new Error(sheet.error.detail);
    const printed = await desk.printer.print(sheetLines(sheet.value, language));
    return ok({ to: 'print-sheet', outcome: printed.outcome, detail: printed.outcome === 'printed' ? '' : printed.detail });
  }
}

/** A person's "bad" outweighs the device's word; their "good" counts where the device has no word of its own, and never against its fault. */
function judged(result: BenchResult, saw: 'good' | 'bad', eyes: Run['eyes']): BenchResult {
  const facts = { ...result.facts, seen: saw };
  if (saw === 'bad') return { ...result, outcome: 'fail', detail: 'the person at the machine says that it is not right', facts };
  if (result.outcome !== 'not-done' || eyes === 'not-asked') return { ...result, facts };
  return { ...result, outcome: 'pass', detail: 'the person at the machine says that it is right', facts };
}

/** What only eyes or ears can tell, and nobody told, is not done, whatever the device says. */
function onSheet(result: BenchResult, eyes: Run['eyes']): BenchResult {
  return eyes === 'asked' && result.outcome === 'pass'
    ? { ...result, outcome: 'not-done', detail: 'the device says that it is done; nobody said how it came out' }
    : result;
}
