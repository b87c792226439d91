import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { privateFolder, sweepPrivateFolders } from '../../../../firmware-agent/devices/program/private-folder.js';
import { tempFolder } from '../world.js';
import { BAD_PLACES, inPlace } from './temporary-places.js';

/** Alone among temporary files: other suites' folders are not to be counted. */
async function inOwnPlace(work: (path: string) => void): Promise<void> {
  const folder = tempFolder();
  try {
    await inPlace({ name: 'own', make: () => ({ path: folder.path, mend: () => undefined }) }, async () => work(folder.path));
  } finally {
    folder.remove();
  }
}

const begun = (pid: number): string => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19] ?? '';

function leave(place: string, name: string): string {
  mkdirSync(join(place, name));
  writeFileSync(join(place, name, 'p0001.jpeg'), 'a scanned page');
  return name;
}

describe('private folder', () => {
  it('is for this user alone, and goes with its content', () =>
    inOwnPlace((place) => {
      const made = privateFolder();
      assert.ok(made.ok);
      assert.equal(statSync(made.value.path).mode & 0o777, 0o700);
      writeFileSync(join(made.value.path, 'x'), 'x');
      made.value.discard();
      made.value.discard();
      assert.deepEqual(readdirSync(place), []);
    }));

  it('a sweep takes what killed processes left, whoever has their number now, and nothing else', () =>
    inOwnPlace((place) => {
      const dead = spawnSync('true').pid;
      leave(place, `jharokha-private-${dead}-77-aaaaaa`);
      // After a restart the agent often has the number that it had before.
      leave(place, `jharokha-private-${process.pid}-${begun(process.pid)}-bbbbbb`);
      leave(place, `jharokha-private-${process.pid}-cccccc`);
      // Another program has the number of the one that left it.
      leave(place, `jharokha-private-${process.ppid}-1-dddddd`);
      const others = [leave(place, `jharokha-private-${process.ppid}-${begun(process.ppid)}-eeeeee`), leave(place, 'somebody-else')];
      const made = privateFolder();
      assert.ok(made.ok);
      assert.equal(sweepPrivateFolders(), 4);
      const kept = [...others.map((name) => join(place, name)), made.value.path];
      assert.deepEqual(
        readdirSync(place)
          .map((name) => join(place, name))
          .toSorted(),
        kept.toSorted(),
      );
      made.value.discard();
    }));

  for (const place of BAD_PLACES) {
    const title = `says that there is none where the place is ${place.name}, and sweeps nothing`;
    if (place.needs === undefined)
      it(title, () =>
        inPlace(place, async () => {
          assert.equal(privateFolder().ok, false);
          assert.equal(sweepPrivateFolders(), 0);
        }),
      );
    else it.skip(`${title}: needs ${place.needs}`);
  }
});
