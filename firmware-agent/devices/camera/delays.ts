import { LIFE_DELAYS, type LifeDelays } from '../life/live-driver.js';

/** Every wait of the camera, in milliseconds. */
export type CameraDelays = LifeDelays & {
  /** Opening, letting the exposure settle, and the picture. */
  readonly pictureMs: number;
  readonly interruptMs: number;
};

export const CAMERA_DELAYS: CameraDelays = { ...LIFE_DELAYS, pictureMs: 20_000, interruptMs: 2_000 };
