import type { Command } from 'commander';
import { CommandFailure, print, type RegisterCommands } from '#platform/console/command.js';
import { SqliteBooks } from './books/sqlite/sqlite-books.js';
import { bookOutcome } from './kiosks/link/refunds.js';
import { registerSetup } from './operations/hub-commands.js';
import { registerMoney } from './operations/money-commands.js';
import { registerServices } from './services/commands.js';

function readListen(text: string): { readonly host: string; readonly port: number } {
  const match = /^(.+):(\d{1,5})$/u.exec(text);
  if (match?.[1] === undefined || match[2] === undefined || parseInt(match[2], 10) > 65_535)
    throw new CommandFailure(`--listen takes host:port, not "${text}"`);
  return { host: match[1], port: parseInt(match[2], 10) };
}

async function serve(options: { readonly dir: string; readonly listen: string; readonly log?: string }): Promise<void> {
  const { startHub } = await import('./main.js');
  const started = await startHub({
    dir: options.dir,
    listen: readListen(options.listen),
    ...(options.log === undefined ? {} : { logFile: options.log }),
  });
  if (!started.ok) throw new CommandFailure(started.error.detail);
  print(JSON.stringify({ hub: 'ready', port: started.value.port }));
  const stop = (): void => {
    started.value.stop().then(
      () => process.exit(0),
      () => process.exit(70),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

export const register: RegisterCommands = (parent: Command) => {
  registerSetup(parent);
  parent
    .command('serve')
    .description('answer kiosks, departments and receipt checks until told to stop')
    .requiredOption('--dir <folder>', "the hub's folder")
    .option('--listen <host:port>', 'TLS 1.3 only; port 0 takes a free one', '127.0.0.1:8443')
    .option('--log <file>', 'write the log there instead of to stderr')
    .action(serve);
  registerServices(parent, { book: (hub) => bookOutcome(hub, new SqliteBooks(hub.db, hub.district)) });
  registerMoney(parent);
};
