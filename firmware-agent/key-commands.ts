import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { CommandFailure, print } from '#platform/console/command.js';
import { askPinChange } from '#platform/console/pin-input.js';
import { writeFileAtomic } from '#platform/files/files.js';
import { operatorLogin } from '#protocol/identity/identity.js';
import { must, onKey, tell, touchNow, withKey, type KeyOptions } from './key-desk.js';
import { registerFingerCommands } from './key-finger-commands.js';

type RegisterOptions = KeyOptions & { readonly login: string; readonly out: string; readonly again?: true };

async function register(options: RegisterOptions): Promise<void> {
  const [{ registerKey }, { credentialsOf, noteRegistered }] = await Promise.all([
    import('./services/key-registration.js'),
    import('./services/registered-keys.js'),
  ]);
  const login = operatorLogin.safeParse(options.login);
  if (!login.success) throw new CommandFailure(`"${options.login}" is no login`);
  await withKey(options, async (key, identity) => {
    const random = (bytes: number): Uint8Array<ArrayBuffer> => Uint8Array.from(randomBytes(bytes));
    const known = must(credentialsOf(options.dir, identity, login.data));
    const exclude = options.again === true ? [] : known;
    const made = must(await registerKey({ identity, key, login: login.data, exclude, now: Date.now, random }, touchNow));
    writeFileAtomic(options.out, made.file);
    must(noteRegistered(options.dir, login.data, made.credential, made.madeAt));
    print(`${options.out}: key ${made.digits} for ${login.data}. Take it to the administrator: jharokha hub operator key add`);
  });
}

/** A key pressed by mistake, an arrow for one, would become part of a PIN that is typed unseen, and nobody could type it again at the maker's tool. */
function isTypable(pin: string): boolean {
  return !/\p{Cc}/u.test(pin);
}

async function pin(options: KeyOptions & { readonly pinFromStdin?: boolean }): Promise<void> {
  await withKey(options, async (key) => {
    const info = must(await key.info());
    if (info.pin === 'not-known') throw new CommandFailure('this key takes no PIN');
    const isFirst = info.pin === 'not-set';
    const { old, next } = await askPinChange(options.pinFromStdin === true ? 'stdin' : 'typed', {
      ...(isFirst ? {} : { old: 'PIN that the key has: ' }),
      next: `New PIN of the key (${info.pinCodePointsMin} characters or more): `,
      again: 'The same PIN again: ',
    });
    if (!isTypable(next)) throw new CommandFailure('a key that is no letter, digit or sign was pressed; nothing was changed', 64);
    must(await key.setPin(next, old));
    print(isFirst ? 'The key has its first PIN.' : 'The key has another PIN now.');
    tell('Nobody can read it out of the key: forgotten, only a reset helps, which takes fingers and credentials with it.');
  });
}

/** `agent key`: a security key at the bench, while no agent runs. */
export function registerKeyCommands(parent: Command): void {
  const key = parent.command('key').description('prepare an operator’s security key; stop the agent first');
  onKey(key.command('pin').description('give a new key its first PIN, typed unseen, twice; or change the PIN that it has, which is asked for first'))
    .option('--pin-from-stdin', 'by standard input, a line each: the PIN that the key has, if any, and the new one')
    .action(pin);
  onKey(
    key
      .command('register')
      .description('make a credential for a login on the plugged-in key (two touches) and write it to a file for the administrator'),
  )
    .requiredOption('--login <login>', 'whose key it is, such as d35k1111co01')
    .requiredOption('--out <file>', 'the file to write')
    .option('--again', 'also on a key that was registered for this login before, when its file was lost or the hub removed it')
    .action(register);
  registerFingerCommands(key);
}
