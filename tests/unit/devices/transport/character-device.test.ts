import assert from 'node:assert/strict';
import { existsSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { SimulatedClock } from 'xstate';
import { systemTimers, type Timers } from '../../../../firmware-agent/devices/timers.js';
import { characterDeviceTransport } from '../../../../firmware-agent/devices/transport/character-device.js';
import { eventually } from '../../../support/world-value.js';
import { tempFolder } from '../world.js';

/** A character device of every Linux that has nothing to say and takes everything. */
const QUIET = '/dev/null';

/** A clock that goes on when it is told to, and the waits that were asked of it. */
function countedClock(): { readonly timers: Timers; readonly clock: SimulatedClock; readonly waitsMs: number[] } {
  const clock = new SimulatedClock();
  const waitsMs: number[] = [];
  const timers: Timers = {
    now: () => clock.now(),
    after(delayMs, run) {
      waitsMs.push(delayMs);
      const id = clock.setTimeout(run, delayMs);
      return () => clock.clearTimeout(id);
    },
  };
  return { timers, clock, waitsMs };
}

/** Millisecond by millisecond, as a clock does. */
function passes(clock: SimulatedClock, ms: number): void {
  for (let i = 0; i < ms; i += 1) clock.increment(1);
}

const openFiles = (path: string): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    const link = join('/proc/self/fd', fd);
    return existsSync(link) && readlinkSync(link) === path;
  }).length;

describe('a character device', () => {
  it('is left at rest while nothing is said, and asked soon after each word to it', async () => {
    const { timers, clock, waitsMs } = countedClock();
    const opened = await characterDeviceTransport(QUIET, timers).open();
    assert.ok(opened.ok);
    passes(clock, 1_000);
    waitsMs.length = 0;
    passes(clock, 6_400);
    assert.equal(waitsMs.length, 100, 'sixteen looks a second at rest');
    await opened.value.write(Buffer.from('status?'));
    assert.equal(waitsMs.at(-1), 8);
    waitsMs.length = 0;
    passes(clock, 60);
    assert.deepEqual(waitsMs, [8, 16, 32]);
    await opened.value.close();
  });

  it('is heard also by one who writes without a pause', async () => {
    const { timers, clock, waitsMs } = countedClock();
    const opened = await characterDeviceTransport(QUIET, timers).open();
    assert.ok(opened.ok);
    passes(clock, 1_000);
    for (let i = 0; i < 100; i += 1) {
      await opened.value.write(Buffer.from('line'));
      passes(clock, 4);
    }
    waitsMs.length = 0;
    for (let i = 0; i < 100; i += 1) {
      await opened.value.write(Buffer.from('line'));
      passes(clock, 4);
    }
    assert.ok(waitsMs.length >= 25, `looked ${waitsMs.length} times in 400 ms`);
    await opened.value.close();
  });

  it('that was given up while the kernel opened it is closed again', async () => {
    const before = openFiles(QUIET);
    const giving = new AbortController();
    const opening = characterDeviceTransport(QUIET, systemTimers).open(giving.signal);
    giving.abort();
    assert.equal((await opening).ok, false);
    assert.equal(openFiles(QUIET), before);
  });

  const ONE_WAY = '/dev/loop-control';
  it('without a way back is gone when its name is', async function () {
    const folder = tempFolder();
    const name = join(folder.path, 'lp0');
    try {
      symlinkSync(ONE_WAY, name);
      const { timers, clock } = countedClock();
      const opened = await characterDeviceTransport(name, timers).open();
      if (!opened.ok) {
        process.stdout.write(`      skipped: ${opened.error.detail}\n`);
        return this.skip();
      }
      const ended: string[] = [];
      opened.value.onClose((why) => ended.push(why));
      clock.increment(1);
      rmSync(name);
      await eventually('it is gone', () => {
        clock.increment(1_000);
        return ended.length > 0;
      });
      assert.match(ended[0] ?? '', /gone$/u);
      return await opened.value.close();
    } finally {
      folder.remove();
    }
  });
});
