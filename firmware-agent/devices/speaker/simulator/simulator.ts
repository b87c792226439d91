import { z } from 'zod';
import { unreachable } from '#protocol/result/result.js';
import { startStandIn, type Call } from '../../program/simulator/stand-in.js';
import { startControl, type ControlAnswer, type ControlPlace } from '../../simulation/control.js';

/** What another process or a test may do with the virtual voice. One JSON object a line on its control socket. */
export const speakerOrder = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('slow'), eachMs: z.int().min(1).max(60_000) }).describe('takes this long for each text'),
  z.strictObject({ do: z.literal('fail') }).describe('no sound device: ends with an error'),
  z.strictObject({ do: z.literal('hang') }).describe('begins to speak and never ends'),
  z.strictObject({ do: z.literal('normal') }).describe('every fault is mended'),
  z.strictObject({ do: z.literal('state') }).describe('how it stands, and what it said'),
]);
export type SpeakerOrder = z.infer<typeof speakerOrder>;

export type Spoken = { readonly voice: string; readonly text: string; readonly end: 'whole' | 'stopped' };

export type SpeakerSimulator = {
  /** To be named as `program` in the device's configuration. */
  readonly program: string;
  readonly control: ControlPlace | undefined;
  readonly spoken: () => readonly Spoken[];
  readonly order: (order: SpeakerOrder) => Promise<ControlAnswer>;
  readonly close: () => Promise<void>;
};

type Condition = { fault: 'none' | 'fail' | 'hang'; eachMs: number };

/** A stand-in for espeak-ng: its command line and exit codes; what it was to say is kept instead of heard. */
export async function startSpeakerSimulator(controlPlace?: ControlPlace): Promise<SpeakerSimulator> {
  const condition: Condition = { fault: 'none', eachMs: 1 };
  const spoken: Spoken[] = [];
  const standIn = await startStandIn('espeak-ng', (call) => perform(call, condition, spoken));
  const order = async (wanted: SpeakerOrder): Promise<ControlAnswer> => {
    switch (wanted.do) {
      case 'slow':
        condition.eachMs = wanted.eachMs;
        break;
      case 'fail':
      case 'hang':
        condition.fault = wanted.do;
        break;
      case 'normal':
        Object.assign(condition, { fault: 'none', eachMs: 1 });
        break;
      case 'state':
        break;
      default:
        return unreachable(wanted);
    }
    return { ok: true, state: { ...condition, spoken } };
  };
  const control = controlPlace === undefined ? undefined : await startControl(controlPlace, speakerOrder, order);
  return {
    program: standIn.program,
    control: control?.place,
    spoken: () => spoken,
    order,
    async close() {
      await control?.close();
      await standIn.close();
    },
  };
}

function perform({ words, out, error, exit, signal }: Call, { fault, eachMs }: Condition, spoken: Spoken[]): void {
  if (words[0] === '--version') {
    out('eSpeak NG text-to-speech: 1.51 (simulated)\n');
    return exit(0);
  }
  if (fault === 'fail') {
    error('ALSA lib: cannot find card 0\n');
    return exit(1);
  }
  const voice = words[words.indexOf('-v') + 1] ?? '';
  const text = words[words.indexOf('--') + 1] ?? '';
  const stopped = (): void => {
    clearTimeout(timer);
    spoken.push({ voice, text, end: 'stopped' });
    exit(130);
  };
  const timer = setTimeout(
    () => {
      signal.removeEventListener('abort', stopped);
      spoken.push({ voice, text, end: 'whole' });
      exit(0);
    },
    fault === 'hang' ? 2 ** 30 : eachMs,
  );
  signal.addEventListener('abort', stopped, { once: true });
}
