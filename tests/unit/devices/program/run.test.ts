import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram, type ProgramEnd, type ProgramPlan } from '../../../../firmware-agent/devices/program/run.js';
import { soundEnv } from '../../../../firmware-agent/devices/speaker/driver.js';
import { systemTimers, type Timers } from '../../../../firmware-agent/devices/timers.js';
import { tempFolder } from '../world.js';

const DELAYS = { wholeMs: 5_000, silenceMs: 5_000, lastWordsMs: 1_000, interruptMs: 1_000 };

/** Real time, and how many waits are neither over nor cancelled. */
class CountedTimers implements Timers {
  readonly waiting = new Set<object>();
  readonly now = systemTimers.now;

  after(delayMs: number, run: () => void): () => void {
    const one = {};
    this.waiting.add(one);
    const cancel = systemTimers.after(delayMs, () => {
      this.waiting.delete(one);
      run();
    });
    return () => {
      this.waiting.delete(one);
      cancel();
    };
  }
}

function run(timers: Timers, plan: Partial<ProgramPlan>): Promise<ProgramEnd> {
  return runProgram({ program: 'true', words: [], folder: '/', delays: DELAYS, timers, signal: new AbortController().signal, ...plan });
}

describe('a foreign program', () => {
  it('leaves no wait behind, however it ends', async () => {
    const timers = new CountedTimers();
    const stop = new AbortController();
    const ends = [
      await run(timers, {}),
      await run(timers, { program: '/nowhere/at-all' }),
      await run(timers, { program: 'sh', words: ['-c', 'echo told >&2; exit 3'], lastWords: /told/u, objection: () => undefined }),
      await run(timers, { program: 'sleep', words: ['9'], signal: stop.signal, onOut: () => undefined, delays: { ...DELAYS, wholeMs: 50 } }),
    ];
    assert.deepEqual(
      ends.map(({ ended }) => ended),
      ['by-itself', 'not-started', 'by-itself', 'stopped'],
    );
    assert.equal(timers.waiting.size, 0);
  });

  it('is not started where there is no place to work in, and nothing throws', async () => {
    const folder = tempFolder();
    const file = join(folder.path, 'file');
    writeFileSync(file, '');
    for (const place of [join(folder.path, 'nowhere'), file, join(file, 'under-a-file')])
      assert.equal((await run(systemTimers, { folder: place })).ended, 'not-started', place);
    folder.remove();
  });

  it('that speaks is led to the sound of whoever runs the agent, and to nothing more', () => {
    assert.deepEqual(soundEnv({ XDG_RUNTIME_DIR: '/run/user/1000', PULSE_SERVER: 'unix:/run/pulse', PATH: '/bin', JHAROKHA_X: 'secret' }), {
      XDG_RUNTIME_DIR: '/run/user/1000',
      PULSE_SERVER: 'unix:/run/pulse',
    });
    assert.deepEqual(soundEnv({}), {});
  });
});
