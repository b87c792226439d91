import type { Command } from 'commander';

/** Every program's `commands.ts` exports one of these; `bin/` loads it only when its word is called. */
export type RegisterCommands = (parent: Command) => void;

/** An end that the person at the keyboard can act on: told in one line on stderr, with its exit code, without a stack. */
export class CommandFailure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** For `--json`: one line, sums as strings of paise. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? item.toString() : item)));
}
