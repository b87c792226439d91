import type { Command } from 'commander';
import type { z } from 'zod';
import { CommandFailure, printJson } from '#platform/console/command.js';
import type { ControlPlace } from './control.js';
import { describeOrders, orderLine } from './describe-orders.js';

/** A simulator that runs: what its one JSON line tells when it is ready, and its end. */
export type RunningSimulator = { readonly ready: Readonly<Record<string, unknown>>; readonly close: () => Promise<void> };

export type SimulatorPlan<Options> = {
  /** What it does on order; the help lists them. Several where the command has several devices. */
  readonly orders: z.ZodType | Readonly<Record<string, z.ZodType>>;
  /** `control`: to be spread into the simulator's own options; empty where nobody is to give orders. */
  readonly start: (options: Options, control: { readonly control?: ControlPlace }) => Promise<RunningSimulator>;
};

/**
 * Makes `command` run a simulator: takes `--control`, prints one JSON line `{"ready": <its name>, …}` when it is ready, and runs until SIGTERM or Ctrl-C.
 * Refuses what it can not start with one line and exit 1.
 */
export function runSimulator<Options extends object>(command: Command, { orders, start }: SimulatorPlan<Options>): void {
  command
    .option('--control <place>', 'where to take orders as JSON lines: a unix socket path, or host:port')
    .addHelpText('after', `\n${ordersText(orders)}`)
    .action(async (options: Options & { readonly control?: string }) => {
      const control = options.control === undefined ? {} : { control: placeOf(options.control) };
      const running = await start(options, control).catch(cannotStart);
      const ended = untilEnded();
      printJson({ ready: command.name(), ...running.ready });
      await ended;
      await running.close();
    });
}

/** `--listen`, for what stands at a port of its own. */
export function listening(command: Command, what: string): Command {
  return command.option('--listen <host:port>', `where ${what} listens; port 0 takes a free one`, '127.0.0.1:0');
}

export type Listening = { readonly listen: string };

export function addressOf(text: string): { readonly host: string; readonly port: number } {
  const [, host, digits] = /^(.+):(\d{1,5})$/u.exec(text) ?? [];
  const port = Number.parseInt(digits ?? '', 10);
  if (host === undefined || Number.isNaN(port) || port > 65_535) throw new CommandFailure(`"${text}" is not host:port`);
  return { host, port };
}

function placeOf(text: string): ControlPlace {
  return text.includes('/') ? { path: text } : addressOf(text);
}

function cannotStart(error: unknown): never {
  if (error instanceof CommandFailure) throw error;
  throw new CommandFailure(`cannot start: ${error instanceof Error ? error.message : String(error)}`);
}

function untilEnded(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
}

function ordersText(orders: SimulatorPlan<object>['orders']): string {
  const lists = isSchema(orders) ? { '': orders } : orders;
  const texts = Object.entries(lists).map(([title, schema]) =>
    [`Orders${title}:`, ...describeOrders(schema).map((one) => `  ${orderLine(one)}`)].join('\n'),
  );
  return [
    'One JSON object a line on the control socket; each is answered by {"ok":true,"state":{…}} or {"ok":false,"error":"…"}. In brackets what may be left out.',
    ...texts,
  ].join('\n');
}

function isSchema(orders: SimulatorPlan<object>['orders']): orders is z.ZodType {
  return 'safeParse' in orders;
}
