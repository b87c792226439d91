import type { Language } from '#protocol/identity/identity.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import type { LiveDriver, Look } from '../life/live-driver.js';
import type { DeviceReport, Unsubscribe } from '../ports.js';
import { runProgram, type ProgramDelays, type ProgramEnd } from '../program/run.js';
import type { Timers } from '../timers.js';

export const SPEAKER_ABSENT: DeviceReport = { state: 'absent', problem: { code: 'speaker-absent' } };
const SPEAKER_ERROR: DeviceReport = { state: 'warning', problem: { code: 'speaker-error' } };

/** espeak-ng 1.51 has no Indian English: its `en` is the British one, which is nearer than the American. */
const VOICES: Readonly<Record<Language, string>> = { en: 'en', hi: 'hi' };
/** Words a minute: slower than its usual 175, since sums are listened to. */
const WORDS_A_MINUTE = '140';
/** Longer than any sum in words. */
const TEXT_MAX = 400;

export type SpeakerOptions = { readonly program: string; readonly delays: ProgramDelays; readonly timers: Timers };

/** The last try as the speaker's state: it is not looked at by itself, since looking would mean speaking. */
export type SpeakerMemory = { last: 'good' | 'bad' };

/** A voice: espeak-ng on the machine's own sound. Speaking is not on the way of anything, so every failure is only told. */
export class SpeakerDriver implements LiveDriver {
  private readonly options: SpeakerOptions;
  private readonly memory: SpeakerMemory;
  private readonly lost = new Set<(why: string) => void>();
  private speaking: AbortController | undefined;

  constructor(options: SpeakerOptions, memory: SpeakerMemory) {
    this.options = options;
    this.memory = memory;
  }

  /** Whether the program is there at all, by its own version. */
  async version(givenUp: AbortSignal): Promise<ProgramEnd> {
    return this.run(['--version'], givenUp);
  }

  async look(): Promise<Look> {
    return { found: 'answer', report: this.memory.last === 'good' ? { state: 'ready' } : SPEAKER_ERROR };
  }

  async say(text: string, language: Language): Promise<Result<void, Failure<'speaker-absent' | 'speaker-error' | 'stopped'>>> {
    this.speaking?.abort();
    const mine = new AbortController();
    this.speaking = mine;
    const end = await this.run(['-v', VOICES[language], '-s', WORDS_A_MINUTE, '--', text.slice(0, TEXT_MAX)], mine.signal);
    if (end.ended === 'stopped' && end.by === 'aborted') return failure('stopped', 'something newer was to be said');
    this.memory.last = end.ended === 'by-itself' && end.code === 0 ? 'good' : 'bad';
    if (this.memory.last === 'good') return ok(undefined);
    if (end.ended !== 'not-started')
      return failure(
        'speaker-error',
        end.ended === 'stopped' ? end.why : `${this.options.program} ended with ${end.code}: ${end.error}`.slice(0, 200),
      );
    for (const listener of this.lost) listener(end.why);
    return failure('speaker-absent', end.why);
  }

  onLost(listener: (why: string) => void): Unsubscribe {
    this.lost.add(listener);
    return () => this.lost.delete(listener);
  }

  async close(): Promise<void> {
    this.speaking?.abort();
    this.lost.clear();
  }

  private async run(words: readonly string[], signal: AbortSignal): Promise<ProgramEnd> {
    const { program, delays, timers } = this.options;
    // It writes no file, so that a full disk does not silence it.
    return runProgram({ program, words, folder: '/', env: soundEnv(process.env), delays, timers, signal });
  }
}

/**
 * What leads a program to the machine's sound: the sockets of PulseAudio and PipeWire lie in XDG_RUNTIME_DIR unless PULSE_SERVER names another
 * (pulseaudio(1)); `.asoundrc`, which chooses ALSA's card, and Pulse's cookie lie in the home folder.
 */
export function soundEnv(own: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(['XDG_RUNTIME_DIR', 'PULSE_SERVER', 'HOME'].flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]])));
}
