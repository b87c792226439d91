import assert from 'node:assert/strict';
import { checksOf } from '../../../../firmware-agent/bench/checks.js';
import { systemTimers } from '../../../../firmware-agent/devices/timers.js';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { z } from 'zod';
import { CAMERA_DELAYS, type CameraDelays } from '../../../../firmware-agent/devices/camera/delays.js';
import { cameraConfig, openCamera, type CameraDevice } from '../../../../firmware-agent/devices/camera/device.js';
import { judgePhotograph } from '../../../../firmware-agent/devices/camera/picture-check.js';
import { startCameraSimulator, type CameraOrder, type CameraSimulator } from '../../../../firmware-agent/devices/camera/simulator/simulator.js';
import { contextOf } from '../../../../firmware-agent/devices/device.js';
import { mosaicJpeg, mosaicPng, type Mosaic } from '../../../../firmware-agent/devices/picture/mosaic.js';
import { privateFolders } from '../document-scanner/contract.js';
import { until } from '../world.js';

const QUICK: CameraDelays = { ...CAMERA_DELAYS, pollMs: 40, backoffFirstMs: 20, backoffLongestMs: 100, interruptMs: 300 };

function open(config: Partial<z.input<typeof cameraConfig>>, delays = QUICK): CameraDevice {
  return openCamera(cameraConfig.parse({ kind: 'camera', transport: 'v4l2', ...config }), contextOf('face', {}), delays);
}

type World = { readonly config: Partial<z.input<typeof cameraConfig>>; readonly close: () => Promise<void> };

/** What every camera must keep, whether fswebcam's own picture or the virtual one. */
function cameraContract(name: string, make: () => Promise<World>): void {
  describe(`camera: ${name}`, function () {
    this.timeout(60_000);
    it('gives a JPEG of the size asked, with its fingerprint, and removes it', async () => {
      const world = await make();
      const before = privateFolders();
      const device = open({ ...world.config, resolution: '640x480' });
      const { handle } = device;
      await until(handle, ({ state }) => state === 'ready');
      const taken = await handle.photograph();
      assert.ok(taken.ok, JSON.stringify(taken));
      const { file, sha256, widthPx, heightPx, discard } = taken.value;
      assert.deepEqual([widthPx, heightPx], [640, 480]);
      assert.equal(sha256, createHash('sha256').update(readFileSync(file)).digest('hex'));
      discard();
      assert.equal(existsSync(file), false);
      for (const { run } of checksOf(device, systemTimers, systemTimers.now()))
        assert.equal((await run(() => undefined, new AbortController().signal)).outcome, 'pass');
      assert.deepEqual(privateFolders(), before);
      await handle.close();
      await world.close();
    });
  });
}

cameraContract('the simulator', async () => {
  const { program, device, close } = await startCameraSimulator();
  return { config: { program, device }, close };
});
if (spawnSync('fswebcam', ['--version']).error === undefined) {
  cameraContract("fswebcam's own test picture", async () => ({ config: { device: 'TEST:' }, close: async () => undefined }));
} else it.skip("camera: fswebcam's own test picture (fswebcam is not installed: Debian fswebcam)");

describe('camera: faults', function () {
  this.timeout(60_000);
  const fails = async (order: CameraOrder, code: string, words: RegExp, delays = QUICK): Promise<void> => {
    const sim = await startCameraSimulator();
    const before = privateFolders();
    const { handle } = open({ program: sim.program, device: sim.device }, delays);
    await until(handle, ({ state }) => state === 'ready');
    await sim.order(order);
    const taken = await handle.photograph();
    assert.ok(!taken.ok, 'it must not be taken for a photograph');
    assert.equal(taken.error.code, code, taken.error.detail);
    assert.match(taken.error.detail, words);
    if (code === 'camera-error') await until(handle, ({ problem }) => problem?.code === code);
    assert.deepEqual(privateFolders(), before);
    await sim.order({ do: 'normal' });
    const again = await photographed(handle);
    assert.ok(again.ok, JSON.stringify(again));
    again.value.discard();
    await until(handle, ({ state }) => state === 'ready');
    await handle.close();
    await sim.close();
  };
  const photographed = async (handle: CameraDevice['handle']): ReturnType<CameraDevice['handle']['photograph']> => {
    await until(handle, ({ state }) => state !== 'absent');
    return handle.photograph();
  };

  it('another program has it', () => fails({ do: 'busy' }, 'camera-busy', /busy/u));
  it('it can not give a picture', () => fails({ do: 'error' }, 'camera-error', /palette/u));
  it('its lens is covered', () => fails({ do: 'see', what: 'black' }, 'camera-error', /black/u));
  it('it sees light only', () => fails({ do: 'see', what: 'white' }, 'camera-error', /one colour/u));
  it('its file is cut short', () => fails({ do: 'truncate' }, 'camera-error', /no end|in the middle/u));
  it('its file is no picture', () => fails({ do: 'garbage' }, 'camera-error', /no PNG/u));
  it('it hangs', () => fails({ do: 'hang' }, 'camera-error', /did not end|said nothing/u, { ...QUICK, pictureMs: 1_500 }));

  it('is absent when unplugged, also in mid picture, and found again', async () => {
    const sim = await startCameraSimulator();
    const { handle } = open({ program: sim.program, device: sim.device }, { ...QUICK, pictureMs: 1_500 });
    await until(handle, ({ state }) => state === 'ready');
    await sim.order({ do: 'hang' });
    const taking = handle.photograph();
    await sim.order({ do: 'unplug' });
    const taken = await taking;
    assert.ok(!taken.ok && taken.error.code === 'camera-absent', JSON.stringify(taken));
    await until(handle, ({ state }) => state === 'absent');
    await sim.order({ do: 'normal' });
    await until(handle, ({ state }) => state === 'ready');
    await handle.close();
    await sim.close();
  });

  it('ends when it is told to', async () => {
    const sim: CameraSimulator = await startCameraSimulator();
    const { handle } = open({ program: sim.program, device: sim.device });
    await until(handle, ({ state }) => state === 'ready');
    await sim.order({ do: 'slow', delayMs: 5_000 });
    const stop = new AbortController();
    const taking = handle.photograph({ signal: stop.signal });
    stop.abort();
    const taken = await taking;
    assert.ok(!taken.ok && taken.error.code === 'cancelled', JSON.stringify(taken));
    await handle.close();
    await sim.close();
  });
});

describe('judging a photograph', () => {
  const mosaic = (shade: Mosaic['shade']): Mosaic => ({ widthPx: 64, heightPx: 48, shade });
  const good = mosaic((column) => column * 30);

  it('takes a picture of something', () =>
    assert.deepEqual(judgePhotograph(mosaicJpeg(good), mosaicPng(good)), { ok: true, value: { widthPx: 64, heightPx: 48 } }));
  it('refuses twins of two sizes', () => assert.equal(judgePhotograph(mosaicJpeg(good), mosaicPng({ ...good, widthPx: 72 })).ok, false));
  it('any bytes end in an answer', () => {
    const png = mosaicPng(good);
    const jpeg = mosaicJpeg(good);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(png.length - 1), fc.nat(255)), { maxLength: 6 }), (changes) => {
        const bytes = Uint8Array.from(png);
        for (const [at, byte] of changes) bytes[at] = byte;
        assert.equal(typeof judgePhotograph(jpeg, bytes).ok, 'boolean');
      }),
    );
  });
});
