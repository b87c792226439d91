import { LIFE_DELAYS, type LifeDelays } from '../life/live-driver.js';

/** Every wait of a security key, in milliseconds. */
export type KeyDelays = LifeDelays & {
  /** One report taken by the kernel. */
  readonly writeMs: number;
  /** Between two words of the key: while it works it says so every 100 ms (CTAP 2.1 §11.2.9.2.1). */
  readonly quietMs: number;
  /** A command that needs no person, all of it. */
  readonly answerMs: number;
  /** A command that waits for a finger; then it is called off. Keys themselves give up after 30 s. */
  readonly touchMs: number;
  /** After calling off, until the key has said so. */
  readonly cancelMs: number;
  /** Another program may hold the key: asked again so often, for so long. */
  readonly busyRetryMs: number;
  readonly busyMs: number;
};

export const KEY_DELAYS: KeyDelays = {
  ...LIFE_DELAYS,
  pollMs: 5_000,
  writeMs: 1_000,
  quietMs: 2_000,
  answerMs: 4_000,
  touchMs: 32_000,
  cancelMs: 800,
  busyRetryMs: 150,
  busyMs: 2_000,
};
