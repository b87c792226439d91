import { randomInt } from 'node:crypto';
import type { Command } from 'commander';
import { CommandFailure, print } from '#platform/console/command.js';
import { askPinChange } from '#platform/console/pin-input.js';
import type { Secret } from './devices/finger-reader/module.js';

type Flags = {
  readonly dir: string;
  readonly device?: string;
  readonly typed?: true;
  readonly passwordFromStdin?: true;
  readonly none?: true;
  readonly settle?: true;
};

const NONE = 0;

async function password(flags: Flags): Promise<void> {
  const { lockFolder } = await import('./station/lock.js');
  const next = await nextPassword(flags);
  const lock = lockFolder(flags.dir);
  if (!lock.ok) throw new CommandFailure(lock.error.detail, 75);
  try {
    await change(flags, next);
  } finally {
    lock.value();
  }
}

async function change({ dir, device }: Flags, next: number | undefined): Promise<void> {
  const [{ readDevices, changeLine }, { namesOf }, { moduleOpener, secretIn, writtenAs }, { changePassword }] = await Promise.all([
    import('./devices/configuration.js'),
    import('./devices/devices.js'),
    import('./devices/finger-reader/device.js'),
    import('./devices/finger-reader/password-change.js'),
  ]);
  const configs = readDevices(dir);
  if (!configs.ok) throw new CommandFailure(configs.error.detail);
  const names = namesOf(configs.value);
  const isMeant = (at: number): boolean => device === undefined || (names.ok && names.value[at] === device);
  const at = configs.value.findIndex(({ kind }, i) => kind === 'finger-reader' && isMeant(i));
  const config = configs.value[at];
  if (config?.kind !== 'finger-reader') throw new CommandFailure('devices.json names no such fingerprint reader (docs/devices.md)');
  const book = {
    read: () => secretIn(config),
    write: (secret: Secret) => changeLine(dir, at, writtenAs(secret)),
  };
  const digits = next === undefined ? undefined : writtenAs({ password: next }).password;
  if (digits !== undefined)
    process.stderr.write(
      `The new password of the module is ${digits}. Write it down, apart from the kiosk: a module whose password is lost is scrap.\n`,
    );
  const done = await changePassword(book, moduleOpener(config), next);
  if (!done.ok) throw new CommandFailure(`${done.error.detail} (${done.error.code}); devices.json holds every password that the module may have`, 75);
  if (next === undefined) print('devices.json holds the one password that the module has.');
  else print(digits === undefined ? 'The module has no password now.' : 'The module has its new password, and devices.json holds it.');
}

async function nextPassword({ typed, passwordFromStdin, none, settle }: Flags): Promise<number | undefined> {
  if ([typed, passwordFromStdin, none, settle].filter((flag) => flag === true).length > 1)
    throw new CommandFailure('give one of --typed, --password-from-stdin, --none and --settle', 64);
  if (settle === true) return undefined;
  if (none === true) return NONE;
  if (typed !== true && passwordFromStdin !== true) return randomInt(1, 2 ** 32);
  const questions = { next: 'New password (8 hex digits): ', again: 'The same password again: ' };
  const { next } = await askPinChange(passwordFromStdin === true ? 'stdin' : 'typed', questions);
  if (!/^[0-9a-f]{8}$/iu.test(next.trim())) throw new CommandFailure('a password has 8 hex digits', 64);
  return Number.parseInt(next.trim(), 16);
}

/** `agent finger-reader`: the fingerprint module at the bench, while no agent runs. */
export function registerReaderCommands(parent: Command): void {
  const reader = parent.command('finger-reader').description("the counter's own fingerprint module; stop the agent first");
  reader
    .command('password')
    .description('give the module another password and write it into devices.json: a random one, when nothing else is said')
    .requiredOption('--dir <folder>', 'the kiosk folder, with its devices.json')
    .option('--typed', 'the new one is typed unseen, twice: 8 hex digits')
    .option('--password-from-stdin', 'the new one comes by standard input')
    .option('--none', 'take the password away, before the module goes elsewhere')
    .option('--settle', 'only end a change that was broken off')
    .option('--device <name>', 'as devices.json names it; else the first fingerprint reader')
    .action(password);
}
