import { spawn, type ChildProcess } from 'node:child_process';
import type { Timers } from '../timers.js';

/** Every wait for a program, in milliseconds. */
export type ProgramDelays = {
  /** The whole run. */
  readonly wholeMs: number;
  /** Without a byte of output. */
  readonly silenceMs: number;
  /** From its last words (see `lastWords`) to its end: some programs hang while they tidy up. */
  readonly lastWordsMs: number;
  /** From the request to stop (SIGINT) to the order (SIGKILL). */
  readonly interruptMs: number;
};

export type ProgramPlan = {
  /** A name to be found in PATH, or a path. */
  readonly program: string;
  /** Handed over as they are: no shell reads them. */
  readonly words: readonly string[];
  /** Where it works, and where relative file names lead. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly delays: ProgramDelays;
  readonly timers: Timers;
  readonly signal: AbortSignal;
  /** What it says on standard error after which nothing good follows. */
  readonly lastWords?: RegExp;
  readonly onOut?: (text: string) => void;
  readonly onError?: (text: string) => void;
  /** Asked once a second: why it must stop now. */
  readonly objection?: () => string | undefined;
};

export type Said = { readonly out: string; readonly error: string };

/** How a run ended. `code` is undefined when a signal ended it. */
export type ProgramEnd =
  | ({ readonly ended: 'by-itself'; readonly code: number | undefined } & Said)
  /** We stopped it. `why`: a sentence for the log; `aborted` when whoever asked for the run wanted it no more. */
  | ({ readonly ended: 'stopped'; readonly by: 'aborted' | 'objection' | 'late' | 'last-words'; readonly why: string } & Said)
  | { readonly ended: 'not-started'; readonly why: string };

const KEPT_CHARACTERS = 64 * 1024;
const TICK_MS = 1_000;
/** For what a child of the program still holds open, and for a program that not even SIGKILL ends (a dead USB transfer). */
const LAST_MS = 1_000;

/**
 * Runs a foreign program with every wait bounded: it is asked to stop by SIGINT and ended by SIGKILL, together with its own children. Its
 * messages are asked for in plain English (LC_ALL=C). Never rejects.
 */
export async function runProgram(plan: ProgramPlan): Promise<ProgramEnd> {
  if (plan.signal.aborted) return { ended: 'stopped', by: 'aborted', why: 'no longer wanted', out: '', error: '' };
  const ending = new Promise<ProgramEnd>((resolve) => {
    new Run(plan, resolve);
  });
  // Some faults (ENOTDIR, ENOMEM, E2BIG) `spawn` throws rather than tells.
  return ending.catch((error: unknown) => ({ ended: 'not-started', why: error instanceof Error ? error.message : String(error) }));
}

type Stop = { readonly by: 'aborted' | 'objection' | 'late' | 'last-words'; readonly why: string };

class Run {
  private readonly plan: ProgramPlan;
  private readonly child: ChildProcess;
  private readonly answer: (end: ProgramEnd) => void;
  private readonly cancels: (() => void)[] = [];
  private out = '';
  private error = '';
  private stop: Stop | undefined;
  private code: number | undefined;
  private cancelSilence: () => void = () => undefined;
  private over: 'no' | 'yes' = 'no';

  constructor(plan: ProgramPlan, answer: (end: ProgramEnd) => void) {
    this.plan = plan;
    this.answer = answer;
    const { program, words, folder, env = {}, delays, signal } = plan;
    this.child = spawn(program, [...words], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', HOME: folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that what it starts ends with it.
      detached: true,
    });
    this.child.once('error', (error) => this.finish({ ended: 'not-started', why: error.message }));
    this.child.once('exit', (code) => {
      this.code = code ?? undefined;
      this.after(LAST_MS, () => this.close());
    });
    this.child.once('close', () => this.close());
    this.listen();
    const abort = (): void => this.end({ by: 'aborted', why: 'no longer wanted' });
    signal.addEventListener('abort', abort, { once: true });
    this.cancels.push(() => signal.removeEventListener('abort', abort));
    this.after(delays.wholeMs, () => this.end({ by: 'late', why: `${program} did not end within ${delays.wholeMs} ms` }));
    this.heard();
    this.tick();
  }

  private listen(): void {
    const { lastWords, delays, onOut, onError, program } = this.plan;
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.out = (this.out + text).slice(0, KEPT_CHARACTERS);
      this.heard();
      onOut?.(text);
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      const before = this.error;
      this.error = (before + text).slice(-KEPT_CHARACTERS);
      this.heard();
      onError?.(text);
      if (lastWords === undefined || lastWords.test(before) || !lastWords.test(this.error)) return;
      this.after(delays.lastWordsMs, () => this.end({ by: 'last-words', why: `${program} hung after an error` }));
    });
  }

  private after(delayMs: number, run: () => void): void {
    if (this.over === 'yes') return;
    this.cancels.push(this.plan.timers.after(delayMs, run));
  }

  private heard(): void {
    const { timers, delays, program } = this.plan;
    this.cancelSilence();
    if (this.over === 'yes') return;
    this.cancelSilence = timers.after(delays.silenceMs, () => this.end({ by: 'late', why: `${program} said nothing for ${delays.silenceMs} ms` }));
  }

  private tick(): void {
    if (this.plan.objection === undefined) return;
    this.after(TICK_MS, () => {
      const why = this.plan.objection?.();
      if (why === undefined) this.tick();
      else this.end({ by: 'objection', why });
    });
  }

  private end(stop: Stop): void {
    if (this.stop !== undefined || this.over === 'yes') return;
    this.stop = stop;
    this.kill('SIGINT');
    this.after(this.plan.delays.interruptMs, () => {
      this.kill('SIGKILL');
      this.after(LAST_MS, () => this.close());
    });
  }

  /** To the whole group; one that is gone already needs no signal. */
  private kill(signal: NodeJS.Signals): void {
    const { pid } = this.child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // Gone.
    }
  }

  private close(): void {
    if (this.over === 'yes') return;
    // What it left running in its group. A group that is empty is not there.
    this.kill('SIGKILL');
    const { out, error, code, stop } = this;
    this.finish(stop === undefined ? { ended: 'by-itself', code, out, error } : { ended: 'stopped', ...stop, out, error });
  }

  private finish(end: ProgramEnd): void {
    if (this.over === 'yes') return;
    this.over = 'yes';
    this.cancelSilence();
    for (const cancel of this.cancels) cancel();
    this.child.stdout?.destroy();
    this.child.stderr?.destroy();
    this.answer(end);
  }
}
