import type { BenchCheck } from '../device.js';
import { failedCheck } from '../failed-check.js';
import type { CameraHandle } from './face.js';

/** What a technician can try on a camera. */
export function cameraBench(camera: CameraHandle): readonly BenchCheck[] {
  return [
    {
      check: 'photograph',
      title: 'takes a photograph and tells its size',
      needs: 'nobody',
      async run(_tell, signal) {
        const taken = await camera.photograph({ signal });
        if (!taken.ok) return failedCheck(taken.error);
        const { widthPx, heightPx, bytes, discard } = taken.value;
        discard();
        const pixels = `${widthPx} × ${heightPx}`;
        return { outcome: 'pass', detail: `a photograph of ${pixels} pixels, ${bytes} bytes`, facts: { pixels, bytes: String(bytes) } };
      },
    },
  ];
}
