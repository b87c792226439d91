import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../../..');

/** The guest's test on a machine without QEMU: nothing is found on this path. */
function withoutTools(demand: string | undefined): { readonly status: number | null; readonly said: string } {
  const nothing = mkdtempSync(join(tmpdir(), 'jharokha-no-tools-'));
  try {
    const { JHAROKHA_GUEST: _, ...env } = process.env;
    const done = spawnSync(process.execPath, [join(ROOT, 'bin', 'devices-guest.js'), '--short'], {
      encoding: 'utf8',
      env: { ...env, PATH: nothing, ...(demand === undefined ? {} : { JHAROKHA_GUEST: demand }) },
    });
    return { status: done.status, said: done.stdout + done.stderr };
  } finally {
    rmSync(nothing, { recursive: true, force: true });
  }
}

describe('devices in a guest that can not run', () => {
  for (const demand of [undefined, 'optional'])
    it(`${demand ?? 'without a word'}: are skipped aloud, with a status that is no pass`, () => {
      const { status, said } = withoutTools(demand);
      assert.equal(status, 77);
      assert.match(said, /SKIPPED, nothing was tested: /u);
      assert.doesNotMatch(said, /passed|FAILED/u);
    });

  it('required: fail, and say what is missing', () => {
    const { status, said } = withoutTools('required');
    assert.equal(status, 1);
    assert.match(said, /FAILED, nothing was tested and JHAROKHA_GUEST wants it tested: (?:no qemu-system-x86_64 here|it is a PC)/u);
    assert.doesNotMatch(said, /SKIPPED|passed/u);
  });

  it('wanted in another word: fail, since a slip of the pen would pass them over', () => {
    const { status, said } = withoutTools('Required');
    assert.notEqual(status, 0);
    assert.notEqual(status, 77);
    assert.doesNotMatch(said, /SKIPPED|passed/u);
  });
});
