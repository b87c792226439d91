import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '../world.js';

/** A place for temporary files that takes none, and how to bring it about; `needs` says why it can not be had here. */
export type BadPlace = {
  readonly name: string;
  readonly needs?: string;
  readonly make: (folder: string) => { readonly path: string; readonly mend: () => void };
};

function mounted(folder: string, options: string): ReturnType<BadPlace['make']> {
  const done = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  if (done.status !== 0) throw new Error(String(done.stderr));
  return { path: folder, mend: () => void spawnSync('umount', [folder]) };
}

/** Root alone may mount, and not in every container. */
const CAN_MOUNT = ((): boolean => {
  const folder = tempFolder();
  try {
    mounted(folder.path, 'size=4k').mend();
    return true;
  } catch {
    return false;
  } finally {
    folder.remove();
  }
})();
const needs = CAN_MOUNT ? {} : { needs: 'a tmpfs of its own, which only root may mount' };

export const BAD_PLACES: readonly BadPlace[] = [
  { name: 'missing', make: (folder) => ({ path: join(folder, 'nowhere'), mend: () => undefined }) },
  {
    name: 'a file',
    make: (folder) => {
      const path = join(folder, 'file');
      writeFileSync(path, '');
      return { path, mend: () => rmSync(path) };
    },
  },
  { name: 'unwritable', ...needs, make: (folder) => mounted(folder, 'ro') },
  { name: 'full', ...needs, make: (folder) => mounted(folder, 'nr_inodes=1') },
];

/** Does something while this process has such a place for its temporary files. */
export async function inPlace({ make }: BadPlace, work: () => Promise<void>): Promise<void> {
  const own = process.env['TMPDIR'];
  const folder = tempFolder();
  mkdirSync(folder.path, { recursive: true });
  const place = make(folder.path);
  process.env['TMPDIR'] = place.path;
  try {
    await work();
  } finally {
    if (own === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = own;
    place.mend();
    folder.remove();
  }
}
