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
  'put-page',
  'listen',
] as const;
export const benchPrompt = z.enum(BENCH_PROMPTS);
export type BenchPrompt = z.infer<typeof benchPrompt>;

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
