import type { Command } from 'commander';
import { CommandFailure, printJson } from '#platform/console/command.js';
import type { ControlPlace } from './control.js';

/** A simulator that runs: the line that tells where it is, and its end. */
export type RunningSimulator = { readonly ready: object; readonly close: () => Promise<void> };

/** A simulator's command: takes `--control`, starts it, prints one JSON line when it is ready, and runs until SIGTERM or Ctrl-C. */
export function runSimulator(command: Command, start: (control: ControlPlace | undefined, options: object) => Promise<RunningSimulator>): void {
  command
    .option('--control <place>', 'where to take orders as JSON lines: a unix socket path, or host:port')
    .action(async (options: { readonly control?: string }) => {
      const control = options.control === undefined ? undefined : placeOf(options.control);
      const running = await start(control, options).catch((error: unknown) => {
        throw new CommandFailure(`cannot start: ${error instanceof Error ? error.message : String(error)}`);
      });
      const ended = new Promise<void>((resolve) => {
        process.once('SIGTERM', () => resolve());
        process.once('SIGINT', () => resolve());
      });
      printJson(running.ready);
      await ended;
      await running.close();
    });
}

function placeOf(text: string): ControlPlace {
  if (text.includes('/')) return { path: text };
  const [, host, digits] = /^(.+):(\d{1,5})$/u.exec(text) ?? [];
  const port = Number.parseInt(digits ?? '', 10);
  if (host === undefined || Number.isNaN(port) || port > 65_535) throw new CommandFailure(`"${text}" is not host:port`);
  return { host, port };
}
