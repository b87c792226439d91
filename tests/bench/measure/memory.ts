import { readFileSync } from 'node:fs';

const KIB_PER_MB = 1_024;

/** Proportional set size of a process in MB (2^20 bytes), as the kernel reckons it. */
export function pssOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number.parseInt(/^Pss:\s+(\d+) kB/mu.exec(text)?.[1] ?? '0', 10) / KIB_PER_MB;
}

type Kept = { anonymousKib: number; readonly files: Map<string, number> };

function kept(pid: number): Kept {
  const found: Kept = { anonymousKib: 0, files: new Map() };
  let file = '';
  let residentKib = 0;
  for (const line of readFileSync(`/proc/${pid}/smaps`, 'utf8').split('\n')) {
    const head = /^[0-9a-f]+-[0-9a-f]+ \S+ [0-9a-f]+ \S+ (\d+)\s*(.*)$/u.exec(line);
    if (head !== null) {
      file = head[1] === '0' ? '' : (head[2] ?? '');
      continue;
    }
    const [, name, digits] = /^(Rss|Anonymous):\s+(\d+) kB/u.exec(line) ?? [];
    const kib = Number.parseInt(digits ?? '0', 10);
    if (name === 'Rss') residentKib = kib;
    if (name === 'Anonymous') {
      found.anonymousKib += kib;
      if (file !== '') found.files.set(file, (found.files.get(file) ?? 0) + residentKib - kib);
    }
  }
  return found;
}

/**
 * What these processes would take on a machine of their own, in MB: their own pages, and each shared file once. PSS says less whenever other
 * programs on the machine run the same Node.
 */
export function aloneOf(pids: readonly number[]): number {
  const files = new Map<string, number>();
  let kib = 0;
  for (const one of pids.map(kept)) {
    kib += one.anonymousKib;
    for (const [file, size] of one.files) files.set(file, Math.max(files.get(file) ?? 0, size));
  }
  for (const size of files.values()) kib += size;
  return kib / KIB_PER_MB;
}
