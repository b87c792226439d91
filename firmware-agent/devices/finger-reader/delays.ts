import { LIFE_DELAYS, type LifeDelays } from '../life/live-driver.js';

/** Every wait of the fingerprint reader, in milliseconds. */
export type FingerDelays = LifeDelays & {
  /** A module that gets its power with the opened line needs this long; it says 55 when it is ready sooner. */
  readonly settleMs: number;
  /** How long the line must be quiet before older words are taken to be over; never waited for more than ten times as long. */
  readonly quietMs: number;
  /** One answer: below 100 ms is usual, up to a second for images, features and searches. */
  readonly answerMs: number;
  /** One data packet behind another. */
  readonly packetMs: number;
  /** One write of up to a packet. */
  readonly writeMs: number;
  /** An answer to a lamp command: modules that do not know it may stay silent. */
  readonly lampMs: number;
  /** Between two looks for a finger. */
  readonly fingerPollMs: number;
};

export const FINGER_DELAYS: FingerDelays = {
  ...LIFE_DELAYS,
  connectMs: 12_000,
  settleMs: 250,
  quietMs: 60,
  answerMs: 1_500,
  packetMs: 800,
  writeMs: 2_000,
  lampMs: 500,
  fingerPollMs: 100,
};
