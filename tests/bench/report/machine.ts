import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

/** What the figures were measured on, as far as it changes them. */
export type Machine = {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGib: number;
  readonly system: string;
  readonly node: string;
  /** Of the folder in which ledgers and books were written. */
  readonly disk: string;
  readonly loadBefore: number;
  readonly loadAfter: number;
};

/** Load average of the last minute: above about a half, other work was measured too. */
export function load(): number {
  return loadavg()[0] ?? 0;
}

/** Kind of file system under a folder, by the longest mount point that leads to it. */
export function diskOf(folder: string): string {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').trim().split('\n');
  const fitting = mounts
    .map((line) => line.split(' '))
    .filter(([, at]) => at !== undefined && (folder === at || folder.startsWith(at === '/' ? '/' : `${at}/`)));
  const longest = fitting.sort((a, b) => (a[1] ?? '').length - (b[1] ?? '').length).at(-1);
  return longest?.[2] ?? 'unknown';
}

/** Kept in memory: a flush to it costs nothing, so every figure about durable writes would be a lie. */
export function isOnDisk(folder: string): boolean {
  return !['tmpfs', 'ramfs'].includes(diskOf(folder));
}

export function describeMachine(folder: string, loadBefore: number): Machine {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `Linux ${release()}`,
    node: process.version,
    disk: diskOf(folder),
    loadBefore,
    loadAfter: load(),
  };
}
