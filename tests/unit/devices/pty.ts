import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from './world.js';

export const HAS_SOCAT = spawnSync('socat', ['-V']).status === 0;

export type Pty = { readonly path: string; readonly end: () => Promise<void> };

/** A pseudo terminal that leads to a TCP port: to the program that opens it, a serial line or a character device like any other. */
export async function ptyTo(host: string, port: number): Promise<Pty> {
  const folder = tempFolder();
  const path = join(folder.path, 'tty');
  const socat = spawn('socat', [`pty,raw,echo=0,link=${path},wait-slave,pty-interval=0.02`, `tcp:${host}:${port},nodelay`], { stdio: 'ignore' });
  await appears(path, socat);
  return {
    path,
    async end() {
      await ended(socat);
      folder.remove();
    },
  };
}

function appears(path: string, socat: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (existsSync(path)) resolve();
      else if (socat.exitCode !== null) reject(new Error(`socat ended with ${socat.exitCode}`));
      else setTimeout(look, 5);
    };
    look();
  });
}

function ended(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    process.once('exit', () => resolve());
    process.kill();
  });
}
