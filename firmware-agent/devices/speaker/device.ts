import { z } from 'zod';
import type { Device, DeviceContext } from '../device.js';
import { commonFields } from '../transport/config.js';
import { speakerBench } from './bench.js';
import { startSpeaker } from './handle.js';
import type { SpeakerHandle } from './port.js';

/** A voice on the machine's own sound, by espeak-ng. */
export const speakerConfig = z.strictObject({
  ...commonFields,
  kind: z.literal('speaker'),
  transport: z.literal('espeak').default('espeak'),
  /** A name to be found in PATH, or a path. */
  program: z.string().min(1).max(300).default('espeak-ng'),
});
export type SpeakerConfig = z.infer<typeof speakerConfig>;

export type SpeakerDevice = Device<'speaker', SpeakerHandle>;

/** Finds the voice. It need not be there: its handle says `absent` until it is. */
export function openSpeaker(config: SpeakerConfig, { name, timers, log }: DeviceContext): SpeakerDevice {
  const handle = startSpeaker({ program: config.program, timers, log });
  return { kind: 'speaker', name, where: `voice ${config.program}`, handle, bench: speakerBench(handle) };
}
