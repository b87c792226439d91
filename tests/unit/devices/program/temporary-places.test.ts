import assert from 'node:assert/strict';
import { cameraConfig, openCamera } from '../../../../firmware-agent/devices/camera/device.js';
import { CAMERA_DELAYS } from '../../../../firmware-agent/devices/camera/delays.js';
import { startCameraSimulator } from '../../../../firmware-agent/devices/camera/simulator/simulator.js';
import { contextOf } from '../../../../firmware-agent/devices/device.js';
import { startDocumentScannerSimulator } from '../../../../firmware-agent/devices/document-scanner/simulator/simulator.js';
import { startSpeaker, SPEAKER_DELAYS } from '../../../../firmware-agent/devices/speaker/handle.js';
import { startSpeakerSimulator } from '../../../../firmware-agent/devices/speaker/simulator/simulator.js';
import { openScanner } from '../document-scanner/contract.js';
import { until } from '../world.js';
import { BAD_PLACES, inPlace } from './temporary-places.js';

describe('a place for temporary files that takes none', function () {
  this.timeout(20_000);
  for (const place of BAD_PLACES) {
    const title = (what: string): string => `${place.name}: ${what}`;
    if (place.needs !== undefined) {
      it.skip(title(`needs ${place.needs}`));
      continue;
    }

    it(title('the voice speaks all the same, and is found'), async () => {
      const sim = await startSpeakerSimulator();
      await inPlace(place, async () => {
        const speaker = startSpeaker({ program: sim.program, delays: { ...SPEAKER_DELAYS, pollMs: 20 } });
        await until(speaker, ({ state }) => state === 'ready');
        assert.deepEqual(await speaker.say('one', 'en'), { ok: true, value: undefined });
        await speaker.close();
      });
      await sim.close();
    });

    it(title('a photograph fails as a camera fails, and the next one is good'), async () => {
      const sim = await startCameraSimulator();
      const config = cameraConfig.parse({ kind: 'camera', transport: 'v4l2', program: sim.program, device: sim.device });
      const { handle } = openCamera(config, contextOf('face', {}), { ...CAMERA_DELAYS, pollMs: 20 });
      await until(handle, ({ state }) => state === 'ready');
      await inPlace(place, async () => {
        const taken = await handle.photograph();
        assert.ok(!taken.ok && taken.error.code === 'camera-error', JSON.stringify(taken));
        assert.match(taken.error.detail, /no folder for temporary files/u);
        await until(handle, ({ problem }) => problem?.code === 'camera-error');
      });
      const taken = await handle.photograph();
      assert.ok(taken.ok, JSON.stringify(taken));
      taken.value.discard();
      await handle.close();
      await sim.close();
    });

    it(title('a scan fails as a document scanner fails, and the next one is good'), async () => {
      const sim = await startDocumentScannerSimulator();
      await inPlace(place, async () => {
        const { handle } = openScanner({ program: sim.program, device: sim.device, flatbed: 'Flatbed' });
        await until(handle, ({ state }) => state === 'ready');
        const scanned = await handle.scan({ source: 'flatbed' });
        assert.ok(!scanned.ok && scanned.error.code === 'document-scanner-error', JSON.stringify(scanned));
        assert.match(scanned.error.detail, /no folder for temporary files/u);
        await handle.close();
      });
      const { handle } = openScanner({ program: sim.program, device: sim.device, flatbed: 'Flatbed' });
      await until(handle, ({ state }) => state === 'ready');
      const scanned = await handle.scan({ source: 'flatbed', resolutionDpi: 50 });
      assert.ok(scanned.ok, JSON.stringify(scanned));
      scanned.value.discard();
      await handle.close();
      await sim.close();
    });
  }
});
