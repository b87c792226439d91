import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { commandLine } from '../../provisioning/demo/tool.js';
import { AgentGone } from './crash-counter.js';

const READY_MS = 30_000;

export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** One life of `jharokha agent run`: a process of its own, ended by SIGKILL. */
export class AgentProcess {
  readonly #child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly ready: Promise<void>;
  #killed = false;

  constructor(kioskDir: string, logFolder: string) {
    const [node, args] = commandLine('agent', 'run', '--dir', kioskDir);
    const child = spawn(node, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    child.stderr.pipe(createWriteStream(join(logFolder, 'agent.log'), { flags: 'a' }));
    this.ended = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
    this.ready = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the agent was not ready within ${READY_MS} ms; see ${logFolder}/agent.log`)), READY_MS);
      createInterface({ input: child.stdout }).once('line', () => {
        clearTimeout(timer);
        resolve();
      });
      void this.ended.then(({ code, signal }) => {
        clearTimeout(timer);
        reject(new AgentGone(`the agent ended with ${code ?? signal} before it was ready`));
      });
    });
    this.ready.catch(() => undefined);
  }

  /** Whether this test has killed it; an agent that ends in another way has a defect. */
  get isKilled(): boolean {
    return this.#killed;
  }

  kill(): void {
    this.#killed = true;
    this.#child.kill('SIGKILL');
  }

  async end(): Promise<Ended> {
    this.kill();
    return this.ended;
  }
}
