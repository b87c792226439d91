import type { Language } from '#protocol/identity/identity.js';
import type { Failure, Result } from '#protocol/result/result.js';
import type { DeviceFace } from '../ports.js';

export type SpeakerHandle = DeviceFace & {
  /**
   * Says a text aloud. The newest wins: what is being said is stopped, and its caller is told `stopped`. `ok` means that the program said all of it
   * without an error; whether it was heard, only ears can tell.
   */
  readonly say: (text: string, language: Language) => Promise<Result<void, Failure<'speaker-absent' | 'speaker-error' | 'stopped'>>>;
};
