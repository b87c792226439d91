import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';

/** What is scanned or photographed is a citizen's: readable by this user alone, and gone when it was used. `discard` never throws. */
export type PrivateFolder = { readonly path: string; readonly discard: () => void };

const PREFIX = 'jharokha-private-';
/** Process and the moment it began: a number alone is soon another process's, after a restart even our own. */
const MADE_BY = new RegExp(`^${PREFIX}(?<pid>\\d{1,9})-(?:(?<begun>\\d{1,20})-)?`, 'u');
const ours = new Set<string>();

/** A new folder (mode 0700) among the temporary files; a failure where these have no room, are gone or belong to another. */
export function privateFolder(): Result<PrivateFolder, Failure<'no-folder'>> {
  try {
    const path = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-${begunOf(process.pid) ?? '0'}-`));
    ours.add(path);
    return ok({ path, discard: () => discard(path) });
  } catch (error) {
    return failure('no-folder', `there is no folder for temporary files: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Removes what killed processes left behind, and says how many folders that were. Called before anything new is made. Never throws. */
export function sweepPrivateFolders(): number {
  const left = namesIn(tmpdir()).filter((name) => MADE_BY.test(name) && !isInUse(name));
  return left.filter((name) => isRemoved(join(tmpdir(), name))).length;
}

function discard(path: string): void {
  // What could not be removed is swept at the next start.
  if (isRemoved(path)) ours.delete(path);
}

function isInUse(name: string): boolean {
  const { pid = '', begun } = MADE_BY.exec(name)?.groups ?? {};
  if (Number(pid) === process.pid) return ours.has(join(tmpdir(), name));
  return begun !== undefined && begunOf(Number(pid)) === begun;
}

/** When a process began, in ticks since the machine did: field 22 of /proc/PID/stat (proc_pid_stat(5)). Undefined when there is none. */
function begunOf(pid: number): string | undefined {
  try {
    // The name of the program stands before, in brackets, and may hold anything.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isRemoved(path: string): boolean {
  try {
    rmSync(path, { recursive: true, force: true });
    return true;
  } catch {
    // Another user's, or on a disk that takes no change.
    return false;
  }
}
