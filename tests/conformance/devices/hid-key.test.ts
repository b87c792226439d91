import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pause, systemTimers } from '../../../firmware-agent/devices/timers.js';
import { hidOver } from '../../../firmware-agent/devices/transport/hid-socket.js';
import { connectionOf } from '../../../firmware-agent/devices/transport/tcp.js';
import { KEY_DESCRIPTOR, startKeySimulator } from '../../../firmware-agent/devices/security-key/simulator/simulator.js';
import { startHidBed, UMOCKDEV_MISSING } from '../../support/umockdev.js';
import { tempFolder } from '../../unit/devices/world.js';

const INTERVAL_MS = 25;
const HOST = join(import.meta.dirname, 'hid-key-host.js');
const KEY = { vendorId: 0x1050, productId: 0x0402, serialNumber: 'K1', product: 'Key', descriptor: KEY_DESCRIPTOR, outputBytes: 65 };

describe(`a security key by node-hid's own addon${UMOCKDEV_MISSING === undefined ? '' : ` (skipped: ${UMOCKDEV_MISSING})`}`, function () {
  this.timeout(60_000);
  before(function () {
    if (UMOCKDEV_MISSING !== undefined) this.skip();
  });

  it('registers and signs, reports going both ways through /dev/hidraw', async () => {
    const folder = tempFolder();
    const bed = await startHidBed(folder.path);
    const simulator = await startKeySimulator({ host: '127.0.0.1', port: 0 });
    const socket = connect({ host: simulator.host, port: simulator.port });
    let isOver = false;
    let said: Promise<void> = Promise.resolve();
    const wire = hidOver(connectionOf(socket, 'simulator'));
    try {
      await simulator.order({ do: 'habit', habit: 'right' });
      // A USB endpoint gives one report in its interval. The mock's pseudo terminal knows no reports: two at once would be read as one.
      wire.onReport((report) => {
        said = said.then(async () => {
          if (isOver) return;
          await bed.say(0, report);
          await pause(systemTimers, INTERVAL_MS);
        });
      });
      bed.onReport((_, report) => void wire.write(report));
      await bed.plug(0, KEY);
      const { stdout } = await promisify(execFile)(process.execPath, [HOST], { env: { ...process.env, ...bed.env }, timeout: 40_000 });
      assert.deepEqual(JSON.parse(stdout), { fits: true, counter: 2, touches: 2 });
    } finally {
      // What the key still says of its own accord finds nobody, and must not find a bed that was put away.
      isOver = true;
      await wire.close();
      await said;
      await bed.close();
      await simulator.close();
      folder.remove();
    }
  });
});
