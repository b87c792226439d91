import { failure, ok } from '#protocol/result/result.js';
import { Life } from '../life/life.js';
import { LIFE_DELAYS, type LifeDelays, type LifeLogEvent } from '../life/live-driver.js';
import type { ProgramDelays } from '../program/run.js';
import { systemTimers, type Timers } from '../timers.js';
import { SPEAKER_ABSENT, SpeakerDriver, type SpeakerMemory } from './driver.js';
import type { SpeakerHandle } from './port.js';

/** Whether the program is there is found out seldom: it does not come and go with a plug. */
export const SPEAKER_DELAYS: LifeDelays & { readonly program: ProgramDelays } = {
  ...LIFE_DELAYS,
  connectMs: 8_000,
  pollMs: 5_000,
  backoffFirstMs: 2_000,
  backoffLongestMs: 60_000,
  program: { wholeMs: 30_000, silenceMs: 30_000, lastWordsMs: 2_000, interruptMs: 500 },
};

export type SpeakerPlan = {
  readonly program: string;
  readonly delays?: typeof SPEAKER_DELAYS;
  readonly timers?: Timers;
  readonly log?: (event: LifeLogEvent) => void;
};

/** Finds the voice and gives the narrow face of it that the counter sees. */
export function startSpeaker({ program, delays = SPEAKER_DELAYS, timers = systemTimers, log = () => undefined }: SpeakerPlan): SpeakerHandle {
  const memory: SpeakerMemory = { last: 'good' };
  let voice: SpeakerDriver | undefined;
  const life = new Life<SpeakerDriver>({
    name: `voice ${program}`,
    connect: async (givenUp) => {
      const driver = new SpeakerDriver({ program, delays: delays.program, timers }, memory);
      const version = await driver.version(givenUp);
      if (version.ended !== 'by-itself' || version.code !== 0) return { ok: false, error: { detail: `${program} does not start` } };
      voice = driver;
      return ok(driver);
    },
    absent: SPEAKER_ABSENT,
    delays,
    timers,
    log,
  });
  return {
    ...life.face(),
    // Not through the life's turns: the newest must be able to stop what is being said.
    say: async (text, language) =>
      life.state().state === 'absent' || voice === undefined ? failure('speaker-absent', `${program} is not there`) : voice.say(text, language),
  };
}
