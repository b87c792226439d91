import { CommandFailure } from '#platform/console/command.js';
import type { ControlPlace } from './control.js';

/** What the commands of all simulators have in common: reading places, and running until they are ended. */
export const CONTROL_HELP = 'where to take orders as JSON lines: a unix socket path, or host:port';
export const ORDERS_HELP =
  'Orders on the control socket, one JSON object a line; each is answered by {"ok":true,"state":{…}} or {"ok":false,"error":"…"}:';

export function addressOf(text: string): { readonly host: string; readonly port: number } {
  const [, host, digits] = /^(.+):(\d{1,5})$/u.exec(text) ?? [];
  const port = Number.parseInt(digits ?? '', 10);
  if (host === undefined || Number.isNaN(port) || port > 65_535) throw new CommandFailure(`"${text}" is not host:port`);
  return { host, port };
}

export function placeOf(text: string): ControlPlace {
  return text.includes('/') ? { path: text } : addressOf(text);
}

export function cannotStart(error: unknown): never {
  throw new CommandFailure(`cannot start: ${error instanceof Error ? error.message : String(error)}`);
}

/** Until SIGTERM or Ctrl-C. */
export function untilEnded(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
}
