import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CommandFailure, print, printJson } from '#platform/console/command.js';
import { errorCode } from '#platform/files/files.js';
import { printedTime } from '#protocol/time/time.js';
import { addKey, listKeys, removeKey, type OperatorKey } from '../people/operator-keys.js';
import { DIR_FLAG, DIR_HELP, orderedBy, orFail, table, withHub, type DirOption } from './command-hub.js';

/** `hub operator key`. */
export function registerOperatorKeys(operators: Command): void {
  const keys = operators.command('key').description('security keys that operators may log in with instead of their PIN');
  keys
    .command('add')
    .description("take a key that was made at the operator's kiosk; compare the digits with those on the technician's screen")
    .requiredOption(DIR_FLAG, DIR_HELP)
    .requiredOption('--login <login>', 'whose key it is')
    .requiredOption('--credential <file>', 'the file that the kiosk wrote')
    .action((options: DirOption & { readonly login: string; readonly credential: string }) =>
      withHub(options.dir, (hub) => {
        const added = orFail(addKey(hub, { login: options.login, file: fileOf(options.credential), by: orderedBy() }));
        print(`Key ${digitsOf(added)} opens the counter for ${added.login} at kiosk ${added.kiosk}.`);
      }),
    );
  keys
    .command('list')
    .description('list the keys; COPIED means that an answer came whose counter did not rise')
    .requiredOption(DIR_FLAG, DIR_HELP)
    .option('--login <login>', 'of this login alone')
    .option('--json', 'as JSON')
    .action((options: DirOption & { readonly login?: string; readonly json?: true }) =>
      withHub(options.dir, (hub) => {
        const found = listKeys(hub, options.login);
        if (options.json === true) return printJson(found.map(jsonOf));
        const rows = found.map((key) => [
          key.login,
          digitsOf(key),
          printedTime(key.addedAt),
          key.copiedAt === undefined ? 'good' : `COPIED ${printedTime(key.copiedAt)}`,
        ]);
        for (const line of table(rows)) print(line);
        return undefined;
      }),
    );
  keys
    .command('remove')
    .description('take a key out of the books: lost, copied, or its owner left')
    .requiredOption(DIR_FLAG, DIR_HELP)
    .requiredOption('--login <login>', 'whose key it is')
    .requiredOption('--key <digits>', 'first digits of the key, as listed')
    .action((options: DirOption & { readonly login: string; readonly key: string }) =>
      withHub(options.dir, (hub) => {
        const gone = orFail(removeKey(hub, options.login, options.key));
        print(`Key ${digitsOf(gone)} no longer opens ${gone.login}. A kiosk without the link may still take it for up to 72 hours.`);
      }),
    );
}

/** Enough to tell keys apart, and to compare by eye. */
function digitsOf({ id }: Pick<OperatorKey, 'id'>): string {
  return Buffer.from(id).toString('hex').slice(0, 16);
}

function jsonOf({ id, cose, ...key }: OperatorKey): Record<string, unknown> {
  return { ...key, id: Buffer.from(id).toString('hex'), publicKey: Buffer.from(cose).toString('hex') };
}

function fileOf(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CommandFailure(`${path} can not be read (${errorCode(error) ?? 'unknown'})`);
  }
}
