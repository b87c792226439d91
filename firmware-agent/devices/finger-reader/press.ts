import { failure, ok, unreachable, type Result } from '#protocol/result/result.js';
import { equalBytes, sha256 } from '#protocol/signing/keys.js';
import type { Timers } from '../timers.js';
import { capture, type Captured } from './capture.js';
import { u16In } from './codec/answers.js';
import * as say from './codec/commands.js';
import { refused, type FingerModule } from './module.js';
import { isFingerReaderCause, type Against, type LibraryFailure, type PressOutcome, type PressRequest } from './port.js';

/** What a press came to, and whether a finger lay on the glass: that is what counts as a press. */
export type Pressed = { readonly outcome: PressOutcome; readonly finger: 'seen' | 'none' };

export type Asked = Pick<PressRequest, 'against' | 'timeoutMs' | 'signal' | 'onPrompt'>;

type Compared = Result<Extract<PressOutcome, { outcome: 'matched' | 'no-match' }>, LibraryFailure>;

/** Buffer 1 takes the finger, buffer 2 the template that it is compared with. */
const FINGER = 1;
const TEMPLATE = 2;

/** One press, once: only looking for a finger and making its features are repeated on a bad line, never the comparison. */
export async function press(module: FingerModule, timers: Timers, { against, timeoutMs, signal, onPrompt }: Asked): Promise<Pressed> {
  const ready = await prepareFor(module, against);
  if (!ready.ok) return failed(ready.error, 'none');
  await module.light('ready');
  const captured = await capture(module, FINGER, { timers, timeoutMs, signal }, onPrompt ?? (() => undefined));
  if (!captured.ok) return lightOut(module, failed(captured.error, 'none'));
  const nothing = withoutFeatures(captured.value);
  if (nothing !== undefined) return lightOut(module, nothing);
  // Left while the image was made: it is compared with nothing.
  if (signal?.aborted === true) return lightOut(module, { outcome: { outcome: 'no-finger', why: 'cancelled' }, finger: 'seen' });
  const compared = await compare(module, against);
  return lightOut(module, compared.ok ? { outcome: compared.value, finger: 'seen' } : failed(compared.error, 'seen'));
}

/** What could fail without a finger fails before a person is asked for one. */
async function prepareFor(module: FingerModule, against: Against): Promise<Result<void, LibraryFailure>> {
  const prepared = await module.prepare();
  if (!prepared.ok || against.kind === 'anyone') return prepared;
  if (against.kind === 'template') return module.writeBuffer(TEMPLATE, against.bytes);
  const held = await module.holds(against.page);
  if (!held.ok) return held;
  if (held.value === 'no') return failure('finger-not-enrolled', `page ${against.page} holds no finger`);
  return against.templateSha256 === undefined ? ok(undefined) : holdsThis(module, against.page, against.templateSha256);
}

/** A byte lost on the line looks like another template: only a second reading that is wrong too says so. */
async function holdsThis(module: FingerModule, page: number, wanted: Uint8Array): Promise<Result<void, LibraryFailure>> {
  for (let tries = 0; tries < 2; tries += 1) {
    const loaded = await module.demand(say.load(FINGER, page));
    if (!loaded.ok) return loaded;
    const template = await module.readBuffer(FINGER);
    if (!template.ok) return template;
    if (equalBytes(templateHash(template.value), wanted)) return ok(undefined);
  }
  return failure('finger-not-enrolled', `page ${page} holds another finger than the one that was enrolled there; enrol the person anew`);
}

/** What stands for a template where the template itself must not be kept. */
export function templateHash(template: Uint8Array): Uint8Array<ArrayBuffer> {
  return sha256(template);
}

function withoutFeatures(captured: Captured): Pressed | undefined {
  switch (captured.found) {
    case 'features':
      return undefined;
    case 'unclear':
      return { outcome: { outcome: 'unclear', why: captured.why }, finger: 'seen' };
    case 'none':
      return { outcome: { outcome: 'no-finger', why: captured.why }, finger: 'none' };
    default:
      return unreachable(captured);
  }
}

async function compare(module: FingerModule, against: Against): Promise<Compared> {
  switch (against.kind) {
    case 'page':
      return searchIn(module, against.page, 1);
    case 'anyone':
      return searchIn(module, 0, module.parameters.capacity);
    case 'template':
      return matchBuffers(module);
    default:
      return unreachable(against);
  }
}

async function searchIn(module: FingerModule, page: number, count: number): Promise<Compared> {
  const command = say.search(page, count);
  const answer = await module.ask(command);
  if (!answer.ok) return answer;
  if (answer.value.confirmation === 'not-found' || answer.value.confirmation === 'no-match') return ok({ outcome: 'no-match' });
  if (answer.value.confirmation !== 'ok') return refused(command, answer.value);
  const found = u16In(answer.value.args);
  if (found < page || found >= page + count)
    return failure('finger-reader-error', `asked for pages ${page} to ${page + count - 1}, it found ${found}`);
  return ok({ outcome: 'matched', page: found, score: u16In(answer.value.args, 2) });
}

async function matchBuffers(module: FingerModule): Promise<Compared> {
  const command = say.match();
  const answer = await module.ask(command);
  if (!answer.ok) return answer;
  if (answer.value.confirmation === 'no-match') return ok({ outcome: 'no-match' });
  return answer.value.confirmation === 'ok' ? ok({ outcome: 'matched', score: u16In(answer.value.args) }) : refused(command, answer.value);
}

async function lightOut(module: FingerModule, pressed: Pressed): Promise<Pressed> {
  const { outcome } = pressed.outcome;
  await module.light(outcome === 'matched' ? 'good' : outcome === 'no-finger' ? 'off' : 'bad');
  return pressed;
}

function failed({ code, detail }: LibraryFailure, finger: Pressed['finger']): Pressed {
  const problem = isFingerReaderCause(code) || code === 'finger-not-enrolled' ? code : 'finger-reader-error';
  return { outcome: { outcome: 'failed', problem, detail }, finger };
}
