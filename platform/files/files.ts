import { chmodSync, chownSync, closeSync, fsyncSync, linkSync, openSync, readFileSync, renameSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';

/** Read and written by the owner alone: keys and what is sealed. */
export const PRIVATE_MODE = 0o600;
export const PUBLIC_MODE = 0o644;

/** Flushes a folder's own entries: a new or renamed file is only sure to be found after a power cut once its folder is flushed. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Puts a whole file in place or leaves the old one as it was: temporary file, flush, rename, flush of the folder. Throws when it can not. */
export function writeFileAtomic(path: string, content: string | Uint8Array, mode: number = PUBLIC_MODE): void {
  const temporary = writeTemporary(path, content, mode);
  try {
    renameSync(temporary, path);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  }
  syncFolder(dirname(path));
}

/** Like `writeFileAtomic` over a file that is there, whose owner and mode stay: a technician works as root, and the agent must read it as before. */
export function replaceFileAtomic(path: string, content: string | Uint8Array): void {
  const { mode, uid, gid } = statSync(path);
  const temporary = writeTemporary(path, content, PRIVATE_MODE);
  try {
    const made = statSync(temporary);
    if (made.uid !== uid || made.gid !== gid) chownSync(temporary, uid, gid);
    chmodSync(temporary, mode & 0o777);
    renameSync(temporary, path);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  }
  syncFolder(dirname(path));
}

/** Like `writeFileAtomic`, but never over a file that is there. Of two writers at once exactly one is told `written`. */
export function createFileAtomic(path: string, content: string | Uint8Array, mode: number = PUBLIC_MODE): 'written' | 'exists' {
  const temporary = writeTemporary(path, content, mode);
  try {
    linkSync(temporary, path);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return 'exists';
    throw error;
  } finally {
    unlinkSync(temporary);
  }
  syncFolder(dirname(path));
  return 'written';
}

/** The file's bytes, or undefined when there is no such file. Throws on every other trouble. */
export function readFileIfAny(path: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(readFileSync(path));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** True when nobody but the owner may read or change the file. */
export function isPrivate(path: string): boolean {
  return (statSync(path).mode & 0o077) === 0;
}

/** The system's name of an error (`ENOENT`), when it has one. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function writeTemporary(path: string, content: string | Uint8Array, mode: number): string {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  const handle = openSync(temporary, 'wx', mode);
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
    for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at);
    fsyncSync(handle);
  } catch (error) {
    closeSync(handle);
    unlinkSync(temporary);
    throw error;
  }
  closeSync(handle);
  return temporary;
}
