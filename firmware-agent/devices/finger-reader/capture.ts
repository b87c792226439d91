import { failure, ok, type Result } from '#protocol/result/result.js';
import { pause, type Timers } from '../timers.js';
import * as say from './codec/commands.js';
import type { FingerModule } from './module.js';
import { refused } from './module.js';
import type { FingerPrompt, LibraryFailure, Unclear } from './port.js';

/** One wait for a person. */
export type Patience = { readonly timers: Timers; readonly timeoutMs: number; readonly signal: AbortSignal | undefined };

/** `none`: nothing was laid on the glass, or what lay there was not lifted. */
export type Captured =
  | { readonly found: 'features' }
  | { readonly found: 'unclear'; readonly why: Unclear }
  | { readonly found: 'none'; readonly why: 'time-out' | 'not-lifted' | 'cancelled' };

type Glass = 'free' | 'finger' | 'image-failed';

/**
 * Waits until the glass is free and then for a finger, and makes its features into a buffer. A finger that lies there before it is asked for
 * is no answer to the asking, and the trace that a finger leaves on the glass would else answer for it.
 */
export async function capture(
  module: FingerModule,
  buffer: number,
  patience: Patience,
  prompt: (what: FingerPrompt) => void,
): Promise<Result<Captured, LibraryFailure>> {
  const until = patience.timers.now() + patience.timeoutMs;
  const freed = await waitFor(module, patience, until, ['free'], () => prompt('lift-finger'));
  if (!freed.ok) return freed;
  if (freed.value !== 'free') return ok({ found: 'none', why: freed.value === 'cancelled' ? 'cancelled' : 'not-lifted' });
  prompt('lay-finger');
  const laid = await waitFor(module, patience, until, ['finger', 'image-failed']);
  if (!laid.ok) return laid;
  if (laid.value === 'time-out' || laid.value === 'cancelled') return ok({ found: 'none', why: laid.value });
  return laid.value === 'image-failed' ? ok({ found: 'unclear', why: 'image-failed' }) : features(module, buffer);
}

/** Looks at the glass until it is as wanted. Looks at least once, however short the time. `waiting` is told once, when the first look was in vain. */
async function waitFor(
  module: FingerModule,
  { timers, signal }: Patience,
  untilMs: number,
  wanted: readonly Glass[],
  waiting: () => void = () => undefined,
): Promise<Result<Glass | 'time-out' | 'cancelled', LibraryFailure>> {
  for (let looks = 0; ; looks += 1) {
    if (signal?.aborted === true) return ok('cancelled');
    const glass = await lookAtGlass(module);
    if (!glass.ok) return glass;
    if (wanted.includes(glass.value)) return glass;
    if (looks === 0) waiting();
    const leftMs = untilMs - timers.now();
    if (leftMs <= 0) return ok('time-out');
    await pause(timers, Math.min(module.delays.fingerPollMs, leftMs));
  }
}

async function lookAtGlass(module: FingerModule): Promise<Result<Glass, LibraryFailure>> {
  const command = say.getImage();
  const answer = await module.ask(command);
  if (!answer.ok) return answer;
  switch (answer.value.confirmation) {
    case 'ok':
      return ok('finger');
    case 'no-finger':
      return ok('free');
    case 'image-failed':
      return ok('image-failed');
    default:
      return refused(command, answer.value);
  }
}

async function features(module: FingerModule, buffer: number): Promise<Result<Captured, LibraryFailure>> {
  const command = say.extract(buffer);
  const answer = await module.ask(command);
  if (!answer.ok) return answer;
  switch (answer.value.confirmation) {
    case 'ok':
      return ok({ found: 'features' });
    case 'image-messy':
    case 'too-few-features':
      return ok({ found: 'unclear', why: answer.value.confirmation });
    case 'no-image':
      return ok({ found: 'unclear', why: 'image-failed' });
    default:
      return refused(command, answer.value);
  }
}

/** Why a capture gave nothing, for work on the library. */
export function noFinger(why: 'time-out' | 'not-lifted' | 'cancelled'): Result<never, LibraryFailure> {
  if (why === 'cancelled') return failure('cancelled', 'not waited for any longer');
  return failure('finger-none', why === 'time-out' ? 'no finger was laid on the glass in time' : 'the finger was not lifted in time');
}
