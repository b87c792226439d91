import { isJudged, type BenchPrompt, type BenchResult, type JudgedPrompt } from '#protocol/technician/bench.js';
import type { Language } from '#protocol/identity/identity.js';
import type { CheckLine, DeviceLine } from '#protocol/technician/messages.js';
import { peekSheet, undoneOf, verdictOf, type OpenSheet, type SheetVerdict } from '#protocol/technician/sheet.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import type { AskError, BenchClient } from './client.js';

/** The step-by-step course of an examination, for a screen or for a program. */
export type DoctorEvent =
  | { readonly event: 'device'; readonly device: DeviceLine }
  | { readonly event: 'checking'; readonly check: CheckLine }
  | { readonly event: 'prompt'; readonly check: CheckLine; readonly prompt: BenchPrompt }
  | { readonly event: 'checked'; readonly check: CheckLine; readonly result: BenchResult }
  /** Not tried: somebody chose so, or the bench refused. */
  | { readonly event: 'skipped'; readonly check: CheckLine; readonly why: 'unattended' | 'chosen' | AskError; readonly detail: string };

/** Whoever stands before the machine, or the hands of the demonstration. */
export type Person = {
  /** Asked before a check that needs somebody. */
  readonly ready: (check: CheckLine) => Promise<'go' | 'skip'>;
  /** Told what to do while a check runs. */
  readonly act: (check: CheckLine, prompt: BenchPrompt) => void;
  /** What was seen or heard, after a check whose outcome only a person can see. */
  readonly judge: (check: CheckLine, prompt: JudgedPrompt) => Promise<'good' | 'bad' | 'unsure'>;
  /** Asked after a check that failed although somebody was there to do their part. */
  readonly again: (check: CheckLine) => Promise<'again' | 'on'>;
};

export type Examination = {
  readonly client: BenchClient;
  /** `undefined`: nobody is there, and checks that need somebody are left out. */
  readonly person: Person | undefined;
  readonly tell: (event: DoctorEvent) => void;
  /** Told how to end the check that runs; for an impatient Ctrl-C. */
  readonly onRun?: (stop: () => void) => void;
};

/** A check of a device that was not done, and whether it would have needed somebody. */
export type Undone = Pick<CheckLine, 'device' | 'check' | 'needs'>;

export type Examined = {
  readonly sheet: OpenSheet;
  readonly file: Uint8Array<ArrayBuffer>;
  readonly verdict: SheetVerdict;
  readonly undone: readonly Undone[];
};

/** Tries everything on the bench, one after the other, and asks for the sheet. */
export async function examine(examination: Examination): Promise<Result<Examined, Failure<AskError>>> {
  const { client, tell } = examination;
  const devices = await client.ask({ do: 'devices' }).answer;
  if (!devices.ok) return devices;
  const checks = await client.ask({ do: 'checks' }).answer;
  if (!checks.ok) return checks;
  for (const name of new Set(checks.value.checks.map(({ device }) => device))) {
    const device = devices.value.devices.find((line) => line.name === name);
    if (device !== undefined) tell({ event: 'device', device });
    for (const check of checks.value.checks.filter((line) => line.device === name)) {
      if ((await tryUntilOn(examination, check)) === 'lost')
        return failure('lost', 'the agent ended in the middle, and with it what a sheet is made from: start the agent and run this again');
    }
  }
  const answer = await client.ask({ do: 'sheet' }).answer;
  if (!answer.ok) return answer;
  const { file } = answer.value;
  const sheet = peekSheet(file);
  if (!sheet.ok) return failure('lost', sheet.error.detail);
  const { facts } = sheet.value;
  const undone = undoneOf(facts).flatMap((row) => checks.value.checks.filter(({ device, check }) => device === row.device && check === row.check));
  return ok({ sheet: sheet.value, file, verdict: verdictOf(facts), undone: undone.map(({ device, check, needs }) => ({ device, check, needs })) });
}

/** `lost`: whoever tries the devices is gone. */
type Tried = BenchResult['outcome'] | 'lost';

/** A check that needs somebody and fails is offered anew, as often as they want: the newest outcome counts. */
async function tryUntilOn(examination: Examination, check: CheckLine): Promise<Tried> {
  const { person } = examination;
  let outcome = await tryOne(examination, check, 'first');
  while (outcome === 'fail' && check.needs === 'somebody' && person !== undefined && (await person.again(check)) === 'again')
    outcome = await tryOne(examination, check, 'again');
  return outcome;
}

async function tryOne({ client, person, tell, onRun }: Examination, check: CheckLine, which: 'first' | 'again'): Promise<Tried> {
  const skip = (why: Extract<DoctorEvent, { event: 'skipped' }>['why'], detail: string): 'not-done' => {
    tell({ event: 'skipped', check, why, detail });
    return 'not-done';
  };
  if (check.needs === 'somebody') {
    if (person === undefined) return skip('unattended', 'nobody is there');
    if (which === 'first' && (await person.ready(check)) === 'skip') return skip('chosen', 'left out');
  }
  tell({ event: 'checking', check });
  const prompts: BenchPrompt[] = [];
  const run = client.ask({ do: 'run', device: check.device, check: check.check }, (prompt) => {
    prompts.push(prompt);
    tell({ event: 'prompt', check, prompt });
    person?.act(check, prompt);
  });
  onRun?.(() => void client.ask({ do: 'stop', run: run.id }).answer);
  const done = await run.answer;
  onRun?.(() => undefined);
  if (!done.ok) {
    skip(done.error.code, done.error.detail);
    return done.error.code === 'lost' ? 'lost' : 'not-done';
  }
  const seen = prompts.find(isJudged);
  // Where the device can not say that it is done (`not-done`) eyes are all there is.
  const saw = seen === undefined || person === undefined || done.value.result.outcome === 'fail' ? 'unsure' : await person.judge(check, seen);
  const judged = saw === 'unsure' ? done : await client.ask({ do: 'judge', run: run.id, saw }).answer;
  const { result } = judged.ok ? judged.value : done.value;
  tell({ event: 'checked', check, result });
  return result.outcome;
}

/** Puts the sheet of this connection on the receipt printer; the sentence says what became of it. */
export async function printSheet(client: BenchClient, language: Language): Promise<Result<void, Failure<AskError | 'not-printed'>>> {
  const done = await client.ask({ do: 'print-sheet', language }).answer;
  if (!done.ok) return done;
  return done.value.outcome === 'printed' ? ok(undefined) : failure('not-printed', done.value.detail);
}
