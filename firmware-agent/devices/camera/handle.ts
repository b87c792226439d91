import { failure, ok } from '#protocol/result/result.js';
import { Life } from '../life/life.js';
import type { LifeLogEvent } from '../life/live-driver.js';
import { ABSENT, CameraDriver, isCameraThere, type CameraOptions } from './driver.js';
import type { CameraHandle } from './face.js';

/** Starts the life of a camera and gives the narrow face of it that the counter sees. */
export function startCamera(options: CameraOptions, log: (event: LifeLogEvent) => void): CameraHandle {
  const { device, delays, timers } = options;
  const life = new Life<CameraDriver>({
    name: `camera ${device}`,
    connect: async () => (isCameraThere(device) ? ok(new CameraDriver(options)) : failure('absent', `${device} is not there`)),
    absent: ABSENT,
    delays,
    timers,
    log,
  });
  return {
    ...life.face(),
    photograph: ({ signal } = {}) =>
      life.take(
        (camera) => camera.photograph(signal),
        (_, detail) => failure('camera-absent', detail),
      ),
  };
}
