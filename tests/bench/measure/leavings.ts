import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Clear = () => void | Promise<void>;

const open = new Set<Clear>();

/** Stops something if the run is interrupted. Call what it returns once it is stopped in the ordinary way. */
export function stoppedOnInterrupt(clear: Clear): () => void {
  open.add(clear);
  return () => open.delete(clear);
}

async function clearAll(): Promise<void> {
  for (const clear of [...open].toReversed()) await clear();
}

/**
 * Does work with one folder for every file that it and what it starts will make: `TMPDIR` leads there, and it is removed in the end. An interrupt (Ctrl-C,
 * SIGTERM) stops what was started, removes the folder and ends the process with 130.
 */
export async function inOwnFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const before = process.env['TMPDIR'];
  const folder = mkdtempSync(join(tmpdir(), 'jharokha-measure-'));
  // The database server for comparison runs as another user and has its own folder inside.
  chmodSync(folder, 0o711);
  process.env['TMPDIR'] = folder;
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const interrupted = (): void => {
    void clearAll().finally(() => {
      remove();
      process.exit(130);
    });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, interrupted);
  try {
    return await work(folder);
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, interrupted);
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    remove();
  }
}
