import { chmodSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { listen } from '../../simulation/control.js';
import { privateFolder } from '../private-folder.js';

/** One start of the stand-in, as its simulator sees it. */
export type Call = {
  /** The words behind the program's name. */
  readonly words: readonly string[];
  /** Where it was started; files that it "writes" are written there. */
  readonly folder: string;
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  readonly exit: (code: number) => void;
  /** Aborts when it was asked to stop, or was killed. */
  readonly signal: AbortSignal;
};

export type StandIn = {
  /** The program to be named instead of the real one. */
  readonly program: string;
  /** A folder of its own, for what else the simulator shows the world. */
  readonly folder: string;
  readonly close: () => Promise<void>;
};

const message = z.union([
  z.strictObject({ words: z.array(z.string()), folder: z.string() }),
  z.strictObject({ signal: z.enum(['SIGINT', 'SIGTERM']) }),
]);

/**
 * A program that can be started in place of a real one and does what `perform` says: a device that is only reached through a command line is
 * simulated at that command line. Each start calls `perform` once.
 */
export async function startStandIn(name: string, perform: (call: Call) => void): Promise<StandIn> {
  const made = privateFolder();
  if (!made.ok) throw new Error(made.error.detail);
  const folder = made.value;
  const socketPath = join(folder.path, 'stand-in.sock');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const stop = new AbortController();
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      stop.abort();
    });
    const tell = (told: object): void => {
      if (!socket.destroyed) socket.write(`${JSON.stringify(told)}\n`);
    };
    createInterface({ input: socket }).on('line', (line) => {
      const heard = message.parse(JSON.parse(line));
      if ('signal' in heard) return stop.abort();
      perform({
        ...heard,
        out: (out) => tell({ out }),
        error: (error) => tell({ error }),
        exit: (exit) => tell({ exit }),
        signal: stop.signal,
      });
    });
  });
  await listen(server, { path: socketPath });
  const program = join(folder.path, name);
  const inside = fileURLToPath(new URL('stand-in-program.js', import.meta.url));
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${inside}' '${socketPath}' "$@"\n`);
  chmodSync(program, 0o755);
  return {
    program,
    folder: folder.path,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      folder.discard();
    },
  };
}
