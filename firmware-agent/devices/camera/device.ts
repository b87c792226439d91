import { z } from 'zod';
import type { Device, DeviceContext } from '../device.js';
import { commonFields } from '../transport/config.js';
import { cameraBench } from './bench.js';
import { CAMERA_DELAYS, type CameraDelays } from './delays.js';
import type { CameraHandle } from './face.js';
import { startCamera } from './handle.js';

export const cameraConfig = z.strictObject({
  ...commonFields,
  kind: z.literal('camera'),
  transport: z.literal('v4l2'),
  /** Better /dev/v4l/by-id/…: `video` numbers change with each plugging. `TEST:` is a picture of fswebcam's own, for trying without a camera. */
  device: z.string().regex(/^(?:\/\S{1,200}|TEST:)$/u),
  resolution: z
    .string()
    .regex(/^\d{3,4}x\d{3,4}$/u, 'width x height, such as 1280x720')
    .default('1280x720'),
  skipFrames: z.int().min(0).max(100).default(10),
  /** A program that speaks fswebcam's command line; the simulator is one. */
  program: z.string().startsWith('/').optional(),
});
export type CameraConfig = z.infer<typeof cameraConfig>;

export type CameraDevice = Device<'camera', CameraHandle>;

/** Opens a camera. It need not be there: its handle says `absent` until it is. */
export function openCamera(config: CameraConfig, { name, timers, log }: DeviceContext, delays: CameraDelays = CAMERA_DELAYS): CameraDevice {
  const { device, resolution, skipFrames, program = 'fswebcam' } = config;
  const [widthPx = 1280, heightPx = 720] = resolution.split('x').map(Number);
  const handle = startCamera({ program, device, widthPx, heightPx, skipFrames, delays, timers }, log);
  return { kind: 'camera', name, where: `camera ${device}`, handle, bench: cameraBench(handle) };
}
