import { createHash } from 'node:crypto';
import { unreachable } from '#protocol/result/result.js';
import type { BenchPrompt, BenchResult } from '#protocol/technician/bench.js';
import type { BenchCheck } from '../device.js';
import { isFingerReaderCause, problemOfPress, type FingerReaderHandle, type LibraryFailure, type PressOutcome } from './port.js';

const FINGER_MS = 20_000;

/** Presses on the bench agree to nothing; they are bound to these words. */
const BENCH = createHash('sha256').update('bench: no consent').digest();

/** Problems of the module and of presses have texts; the technician's own mistakes (a taken page) have only their detail. */
const WITH_TEXT = ['finger-none', 'finger-unclear', 'finger-not-enrolled', 'finger-library-full'] as const;

export function fingerReaderBench(handle: FingerReaderHandle): readonly BenchCheck[] {
  return [
    { check: 'status', title: 'reads what the module is and how many fingers it holds', needs: 'nobody', run: () => status(handle) },
    { check: 'light', title: 'switches the light of the glass on and off', needs: 'nobody', run: () => light(handle) },
    {
      check: 'any-finger',
      title: 'takes a print of any finger',
      needs: 'somebody',
      run: (tell, signal) => anyFinger(handle, tell, signal),
    },
    {
      check: 'enrol-and-match',
      title: 'enrols a finger in a free page, matches it, and erases it',
      needs: 'somebody',
      run: (tell, signal) => enrolAndMatch(handle, tell, signal),
    },
  ];
}

async function status(handle: FingerReaderHandle): Promise<BenchResult> {
  const info = await handle.info();
  if (!info.ok) return failed(info.error);
  const { systemId, capacity, templates, securityLevel, packetBytes, baudRate } = info.value;
  return {
    outcome: 'pass',
    detail: `The module answers; ${templates} of ${capacity} pages hold fingers.`,
    facts: {
      systemId: systemId.toString(16).padStart(4, '0'),
      capacity: String(capacity),
      templates: String(templates),
      securityLevel: String(securityLevel),
      packetBytes: String(packetBytes),
      baudRate: String(baudRate),
    },
  };
}

async function light(handle: FingerReaderHandle): Promise<BenchResult> {
  const on = await handle.light('good');
  if (!on.ok) return failed(on.error);
  if (on.value === 'unsupported') return { outcome: 'not-done', detail: 'The module has no light that can be switched.', facts: {} };
  const off = await handle.light('off');
  return off.ok ? { outcome: 'pass', detail: 'The module took the commands for its light.', facts: {} } : failed(off.error);
}

async function anyFinger(handle: FingerReaderHandle, tell: (prompt: BenchPrompt) => void, signal: AbortSignal): Promise<BenchResult> {
  const outcome = await pressed(handle, undefined, tell, signal);
  switch (outcome.outcome) {
    case 'matched':
    case 'no-match':
      return { outcome: 'pass', detail: 'A clear print was taken.', facts: { known: outcome.outcome === 'matched' ? `page ${outcome.page}` : 'no' } };
    case 'unclear':
    case 'no-finger':
    case 'failed':
      return pressFailed(outcome);
    default:
      return unreachable(outcome);
  }
}

async function enrolAndMatch(handle: FingerReaderHandle, tell: (prompt: BenchPrompt) => void, signal: AbortSignal): Promise<BenchResult> {
  const enrolled = await handle.enrol({
    page: 'first-free',
    timeoutMs: FINGER_MS,
    signal,
    onStep: ({ step }) => {
      if (step === 'lay-finger' || step === 'lift-finger') tell(step);
    },
  });
  if (!enrolled.ok) return failed(enrolled.error);
  const { page } = enrolled.value;
  const outcome = await pressed(handle, page, tell, signal);
  const erased = await handle.erase(page);
  if (!erased.ok) return failed({ ...erased.error, detail: `page ${page} was not erased: ${erased.error.detail}` });
  if (outcome.outcome !== 'matched') return pressFailed(outcome);
  return {
    outcome: 'pass',
    detail: 'The finger was enrolled, matched and erased.',
    facts: { page: String(page), score: String(outcome.score) },
  };
}

function pressed(
  handle: FingerReaderHandle,
  page: number | undefined,
  tell: (prompt: BenchPrompt) => void,
  signal: AbortSignal,
): Promise<PressOutcome> {
  return handle.press({
    boundTo: BENCH,
    against: page === undefined ? { kind: 'anyone' } : { kind: 'page', page },
    timeoutMs: FINGER_MS,
    signal,
    onAttempt: () => undefined,
    onPrompt: tell,
  });
}

function pressFailed(outcome: PressOutcome): BenchResult {
  const code = problemOfPress(outcome);
  const why = 'why' in outcome ? `: ${outcome.why}` : 'detail' in outcome ? `: ${outcome.detail}` : '';
  const nobody = outcome.outcome === 'no-finger';
  return {
    outcome: nobody ? 'not-done' : 'fail',
    detail: `The press ended with ${outcome.outcome}${why}.`.slice(0, 300),
    ...(code === undefined ? {} : { problem: { code } }),
    facts: {},
  };
}

function failed({ code, detail }: LibraryFailure): BenchResult {
  const outcome = code === 'finger-none' || code === 'cancelled' ? 'not-done' : 'fail';
  const known = isFingerReaderCause(code) ? code : WITH_TEXT.find((one) => one === code);
  return { outcome, detail: detail.slice(0, 300), ...(known === undefined ? {} : { problem: { code: known } }), facts: {} };
}
