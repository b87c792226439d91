import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What is scanned or photographed is a citizen's: readable by this user alone, and gone when it was used. */
export type PrivateFolder = { readonly path: string; readonly discard: () => void };

const PREFIX = 'jharokha-private-';
let swept: 'no' | 'yes' = 'no';

/** A new folder (mode 0700) among the temporary files. The first call in a process removes those that killed processes left behind. */
export function privateFolder(): PrivateFolder {
  if (swept === 'no') sweep();
  swept = 'yes';
  const path = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  return { path, discard: () => rmSync(path, { recursive: true, force: true }) };
}

function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(new RegExp(`^${PREFIX}(\\d{1,9})-`, 'u').exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(pid) || isAlive(pid)) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // Another user's: not ours to remove.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
