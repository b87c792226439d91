import { z } from 'zod';
import { problem } from '../counter/problem.js';

/** What a person must do while a device is tried, by a stable code; the doctor has a sentence for each in both languages. */
export const BENCH_PROMPTS = [
  'scan-a-code',
  'lay-finger',
  'lift-finger',
  'touch-key',
  'look-at-paper',
  'look-at-picture',
  'look-at-drawer',
  'put-page',
  'listen',
] as const;
export const benchPrompt = z.enum(BENCH_PROMPTS);
export type BenchPrompt = z.infer<typeof benchPrompt>;

/** Prompts whose outcome the device can not know: a person says how it came out, and what nobody judged is not done. */
export const JUDGED_PROMPTS = ['look-at-paper', 'look-at-picture', 'look-at-drawer', 'listen'] as const satisfies readonly BenchPrompt[];
export type JudgedPrompt = (typeof JUDGED_PROMPTS)[number];

export function isJudged(prompt: BenchPrompt): prompt is JudgedPrompt {
  return JUDGED_PROMPTS.some((one) => one === prompt);
}

/**
 * What one try of a device found. `not-done`: nobody was there to do their part, or the device can not do it.
 * `facts` are named readings for the sheet (`model`, `firmware`, `score` ...); `detail` is one plain English sentence.
 */
export const benchResult = z.strictObject({
  outcome: z.enum(['pass', 'fail', 'not-done']),
  detail: z.string().max(300),
  problem: problem.optional(),
  facts: z.record(z.string().max(24), z.string().max(120)),
});
export type BenchResult = z.infer<typeof benchResult>;
