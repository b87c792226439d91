import assert from 'node:assert/strict';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { systemTimers } from '../../../../firmware-agent/devices/timers.js';
import { characterDeviceTransport } from '../../../../firmware-agent/devices/transport/character-device.js';

/** A character device of every Linux that, like a one-way printer, says EINVAL when it is read. Nothing is written to it here. */
const ONE_WAY = '/dev/loop-control';

function refusesToBeRead(): boolean {
  let file: number | undefined;
  try {
    file = openSync(ONE_WAY, constants.O_RDWR | constants.O_NONBLOCK);
    readSync(file, Buffer.alloc(1), 0, 1, null);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EINVAL';
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

describe('a character device without a way back', () => {
  if (refusesToBeRead()) {
    it('stays open: that it can not be read is no reason to call it gone', async () => {
      const opened = await characterDeviceTransport(ONE_WAY, systemTimers).open();
      assert.ok(opened.ok);
      const ended: string[] = [];
      opened.value.onClose((why) => ended.push(why));
      await new Promise((resolve) => {
        setTimeout(resolve, 40);
      });
      assert.deepEqual(ended, []);
      await opened.value.close();
      assert.equal(ended.length, 1);
    });
  } else it.skip(`stays open: ${ONE_WAY} is not there, not ours to open, or can be read here`);
});
