import type { DeviceProblemCode } from '#protocol/counter/device.js';
import { unreachable, type Failure, type Result } from '#protocol/result/result.js';
import { PORT_CAUSES, type DeviceFace } from '../ports.js';
import type { ModuleParameters } from './codec/answers.js';
import type { Light } from './codec/commands.js';

export type { Light, ModuleParameters };

/** Why the reader itself can not be used. */
export const FINGER_READER_CAUSES = [
  ...PORT_CAUSES,
  'finger-reader-absent',
  'finger-reader-silent',
  'finger-reader-locked',
  'finger-reader-error',
] as const;
export type FingerReaderCause = (typeof FINGER_READER_CAUSES)[number];

export function isFingerReaderCause(code: string): code is FingerReaderCause {
  return FINGER_READER_CAUSES.some((cause) => cause === code);
}

/** What a person must do now. */
export type FingerPrompt = 'lay-finger' | 'lift-finger';

/** Why a finger that lay on the glass gave nothing to compare. */
export type Unclear = 'image-failed' | 'image-messy' | 'too-few-features';

/**
 * What a press is compared with: the finger of one page, one template from elsewhere, or every page. `templateSha256`: what the page must hold, or the
 * press is refused before anybody is asked; pages change hands when a module is emptied or exchanged.
 */
export type Against =
  | { readonly kind: 'page'; readonly page: number; readonly templateSha256?: Uint8Array }
  | { readonly kind: 'template'; readonly bytes: Uint8Array }
  | { readonly kind: 'anyone' };

/**
 * What became of one press. `score` is the module's own, comparable only between presses on the same make.
 * - `matched`: the module says so. `page` is left out when a template was compared.
 * - `no-finger`: nothing was pressed; `not-lifted`: a finger (or its trace) lay there from before, and was not taken for a new press.
 */
export type PressOutcome =
  | { readonly outcome: 'matched'; readonly page?: number; readonly score: number }
  | { readonly outcome: 'no-match' }
  | { readonly outcome: 'unclear'; readonly why: Unclear }
  | { readonly outcome: 'no-finger'; readonly why: 'time-out' | 'not-lifted' | 'cancelled' }
  | { readonly outcome: 'failed'; readonly problem: FingerReaderCause | 'finger-not-enrolled'; readonly detail: string };

/**
 * One asking for a finger, told before its outcome is acted upon. `attempt` counts from 1 the presses that are bound to the same thing since
 * the handle was opened; an asking in which no finger came (`no-finger`, or `failed` before one lay there) leaves its number to the next.
 * `atMs` is monotonic: only differences mean something.
 */
export type PressAttempt = {
  readonly attempt: number;
  readonly boundTo: Uint8Array;
  readonly outcome: PressOutcome['outcome'];
  readonly score?: number;
  readonly atMs: number;
};

export type PressRequest = {
  /** SHA-256 of what the person agrees to by this press: one consent, one debit. */
  readonly boundTo: Uint8Array;
  readonly against: Against;
  /** For the glass to be free and then a finger on it. The comparison has the driver's own limits. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Told exactly once for each call, before its result. When it rejects (the ledger can not be written), so does the press: no result. */
  readonly onAttempt: (attempt: PressAttempt) => void | Promise<void>;
  readonly onPrompt?: (prompt: FingerPrompt) => void;
};

export type EnrolStep =
  | { readonly step: FingerPrompt; readonly sample: number; readonly of: number }
  | { readonly step: 'taken'; readonly sample: number; readonly of: number }
  /** This sample is asked for again. */
  | { readonly step: 'unclear'; readonly sample: number; readonly of: number; readonly why: Unclear }
  | { readonly step: 'merged' };

export type EnrolRequest = {
  readonly page: number | 'first-free';
  /** 2 (when left out) to 5; only R503 and its like have more than two buffers. */
  readonly samples?: number;
  /** For each laying and each lifting of the finger. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly onStep?: (step: EnrolStep) => void;
};

export type Enrolled = { readonly page: number; readonly samples: number };

/**
 * Why work on the library ended without success.
 * - `page-taken`: a page is never overwritten; erase it first. `page-unknown`: beyond the module's capacity.
 * - `template-refused`: the module did not take the template as it is (another make's, or cut).
 * - `cancelled`: the signal was aborted; nothing was stored.
 */
export type LibraryCause =
  | FingerReaderCause
  | 'finger-none'
  | 'finger-unclear'
  | 'finger-not-enrolled'
  | 'finger-library-full'
  | 'page-taken'
  | 'page-unknown'
  | 'template-refused'
  | 'cancelled';
export type LibraryFailure = Failure<LibraryCause>;

export type FingerReaderInfo = ModuleParameters & { readonly templates: number };

/** A serial fingerprint module. It is a convenience factor: it answers a bare "yes", so money is never moved on its word alone. */
export type FingerReaderHandle = DeviceFace & {
  readonly info: () => Promise<Result<FingerReaderInfo, LibraryFailure>>;
  /** One press, one answer. It never asks for a second press by itself, and a finger that lies there already is no press. */
  readonly press: (request: PressRequest) => Promise<PressOutcome>;
  /** `ok` when the index of the module shows the page. */
  readonly enrol: (request: EnrolRequest) => Promise<Result<Enrolled, LibraryFailure>>;
  /** `ok` when the index of the module no longer shows the page, or any page for `all`. */
  readonly erase: (page: number | 'all') => Promise<Result<void, LibraryFailure>>;
  /** Pages in use, in order. */
  readonly list: () => Promise<Result<readonly number[], LibraryFailure>>;
  /** The template of a page, in the module's own form; its length differs between makes and is to be kept with it. */
  readonly templateUp: (page: number) => Promise<Result<Uint8Array, LibraryFailure>>;
  /** Stores a template in a free page; it was read back from the module and is the same. */
  readonly templateDown: (page: number, template: Uint8Array) => Promise<Result<void, LibraryFailure>>;
  /** `unsupported` by modules without a lamp: no failure. */
  readonly light: (light: Light) => Promise<Result<'lit' | 'unsupported', LibraryFailure>>;
  /** Sets another password (0: none), checks it and uses it from now on. Forgotten, it locks the module for ever: see `changePassword`. */
  readonly setPassword: (password: number) => Promise<Result<void, LibraryFailure>>;
};

/** What to say of a press on the screen; undefined for a match. */
export function problemOfPress(outcome: PressOutcome): DeviceProblemCode | undefined {
  switch (outcome.outcome) {
    case 'matched':
      return undefined;
    case 'no-match':
      return 'finger-no-match';
    case 'unclear':
      return 'finger-unclear';
    case 'no-finger':
      return 'finger-none';
    case 'failed':
      return outcome.problem;
    default:
      return unreachable(outcome);
  }
}
