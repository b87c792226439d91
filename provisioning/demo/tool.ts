import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { nodeFlags } from '#platform/process/node-flags.js';

/** The compiled command table, run by the Node that runs this. The demo uses the product as a person would: by its commands. */
const MAIN = fileURLToPath(new URL('../../bin/main.js', import.meta.url));

export function commandLine(...words: readonly string[]): readonly [string, readonly string[]] {
  return [process.execPath, [...nodeFlags(words[0]), MAIN, ...words]];
}

export type Ran = { readonly code: number; readonly out: string; readonly err: string };

/** Runs one command to its end. */
export function run(words: readonly string[], input = ''): Promise<Ran> {
  const [node, args] = commandLine(...words);
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, out, err }));
    child.stdin.end(input);
  });
}

export type Followed = {
  readonly ended: Promise<number>;
  /** Resolves with the first thing that `find` finds in the output; rejects when the command ends before. */
  readonly until: (find: () => string | undefined) => Promise<string>;
};

/** Runs one command and hears its output while it goes on. */
export function follow(words: readonly string[], heard: (text: string) => void): Followed {
  const [node, args] = commandLine(...words);
  const child = spawn(node, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? 1)));
  child.stdout.setEncoding('utf8').on('data', heard);
  child.stderr.setEncoding('utf8').on('data', heard);
  const until = (find: () => string | undefined): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = find();
        if (found !== undefined) resolve(found);
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      ended.then((code) => reject(new Error(`jharokha ${words.join(' ')} ended with ${code} too soon`)), reject);
    });
  return { ended, until };
}

/** Runs one command that must succeed; its output. */
export async function must(words: readonly string[], input = ''): Promise<string> {
  const done = await run(words, input);
  if (done.code !== 0) throw new Error(`jharokha ${words.join(' ')} ended with ${done.code}: ${done.err}${done.out}`);
  return done.out;
}

export type Service = {
  readonly name: string;
  readonly child: ChildProcess;
  /** The first line it printed, when it was ready. */
  readonly ready: string;
  readonly exited: Promise<number | null>;
};

const READY_MS = 20_000;
const STOP_MS = 5_000;

/** Starts a program that serves, and waits until it says so in one line. Its errors go to a log file. */
export function startService(name: string, words: readonly string[], logFolder: string): Promise<Service> {
  const [node, args] = commandLine(...words);
  const child = spawn(node, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stderr.pipe(createWriteStream(join(logFolder, `${name}.log`), { flags: 'a' }));
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${name} was not ready within ${READY_MS} ms; see ${logFolder}/${name}.log`)), READY_MS);
    const lines = createInterface({ input: child.stdout });
    lines.once('line', (line) => {
      clearTimeout(timer);
      lines.on('line', () => undefined);
      resolve({ name, child, ready: line, exited });
    });
    exited.then((code) => {
      clearTimeout(timer);
      reject(new Error(`${name} ended with ${code} before it was ready; see ${logFolder}/${name}.log`));
    }, reject);
  });
}

/** Asks a service to end and waits; one that does not is killed, by its own pid. */
export async function stopService(service: Service, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (service.child.exitCode !== null || service.child.signalCode !== null) return;
  service.child.kill(signal);
  const timer = setTimeout(() => service.child.kill('SIGKILL'), STOP_MS);
  await service.exited;
  clearTimeout(timer);
}
