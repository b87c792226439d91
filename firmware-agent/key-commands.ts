import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { CommandFailure, print } from '#platform/console/command.js';
import { askPin, askPinChange } from '#platform/console/pin-input.js';
import { writeFileAtomic } from '#platform/files/files.js';
import { operatorLogin } from '#protocol/identity/identity.js';
import type { KeyFailure, SecurityKeyHandle } from './devices/security-key/port.js';
import type { Result } from '#protocol/result/result.js';
import type { KioskIdentity } from './station/identity.js';

type KeyOptions = { readonly dir: string; readonly device?: string };

/** Opens the key that `devices.json` names, for as long as the work takes. Refused while an agent has it. */
async function withKey(options: KeyOptions, work: (key: SecurityKeyHandle, identity: KioskIdentity) => Promise<void>): Promise<void> {
  const [{ readDevices }, { namesOf, openDevice }, { readIdentity }, { lockFolder }] = await Promise.all([
    import('./devices/configuration.js'),
    import('./devices/devices.js'),
    import('./station/identity.js'),
    import('./station/lock.js'),
  ]);
  const identity = readIdentity(options.dir);
  if (!identity.ok) throw new CommandFailure(identity.error.detail);
  const configs = readDevices(options.dir);
  if (!configs.ok) throw new CommandFailure(configs.error.detail);
  const names = namesOf(configs.value);
  const at = configs.value.findIndex(
    ({ kind }, i) => kind === 'security-key' && (options.device ?? (names.ok ? names.value[i] : '')) === (names.ok ? names.value[i] : ''),
  );
  const config = configs.value[at];
  if (config === undefined) throw new CommandFailure('devices.json names no such security key (docs/technician.md)');
  const lock = lockFolder(options.dir);
  if (!lock.ok) throw new CommandFailure(lock.error.detail, 75);
  const device = openDevice(config);
  try {
    if (device.kind === 'security-key') await work(device.handle, identity.value);
  } finally {
    await device.handle.close();
    lock.value();
  }
}

/** To the person at the bench; what the command made goes to standard output. */
function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

const touchNow = { onTouch: () => tell('Lay the finger on the key now.') };

function must<T>(result: Result<T, KeyFailure>): T {
  if (!result.ok) throw new CommandFailure(`${result.error.detail} (${result.error.code})`);
  return result.value;
}

async function register(options: KeyOptions & { readonly login: string; readonly out: string }): Promise<void> {
  const { registerKey } = await import('./services/key-registration.js');
  const login = operatorLogin.safeParse(options.login);
  if (!login.success) throw new CommandFailure(`"${options.login}" is no login`);
  await withKey(options, async (key, identity) => {
    const random = (bytes: number): Uint8Array<ArrayBuffer> => Uint8Array.from(randomBytes(bytes));
    const made = must(await registerKey({ identity, key, login: login.data, now: Date.now, random }, touchNow));
    writeFileAtomic(options.out, made.file);
    print(`${options.out}: key ${made.digits} for ${login.data}. Take it to the administrator: jharokha hub operator key add`);
  });
}

async function finger(options: KeyOptions & { readonly name: string; readonly byPin?: boolean; readonly pinFromStdin?: boolean }): Promise<void> {
  const asked = options.byPin === true || options.pinFromStdin === true;
  const pin = asked ? await askPin(options.pinFromStdin === true ? 'stdin' : 'typed', 'PIN of the key: ') : undefined;
  await withKey(options, async (key) => {
    const owner = pin === undefined ? ({ by: 'finger' } as const) : ({ by: 'pin', pin } as const);
    const onSample = (sample: { readonly quality: string; readonly remaining: number }): void => tell(`${sample.quality}; ${sample.remaining} more`);
    must(await key.enrolFinger({ owner, name: options.name, onSample }, touchNow));
    print(`Finger ${options.name} is on the key.`);
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
  key
    .command('pin')
    .description('give a new key its first PIN, typed unseen, twice; or change the PIN that it has, which is asked for first')
    .requiredOption('--dir <folder>', 'the kiosk folder that enrolment made')
    .option('--pin-from-stdin', 'by standard input, a line each: the PIN that the key has, if any, and the new one')
    .option('--device <name>', 'as devices.json names it; else the first security key')
    .action(pin);
  key
    .command('register')
    .description('make a credential for a login on the plugged-in key (two touches) and write it to a file for the administrator')
    .requiredOption('--dir <folder>', 'the kiosk folder that enrolment made')
    .requiredOption('--login <login>', 'whose key it is, such as d35k1111co01')
    .requiredOption('--out <file>', 'the file to write')
    .option('--device <name>', 'as devices.json names it; else the first security key')
    .action(register);
  key
    .command('finger')
    .description('enrol a finger on the plugged-in key; its owner shows an enrolled finger, or gives the key’s PIN')
    .requiredOption('--dir <folder>', 'the kiosk folder that enrolment made')
    .requiredOption('--name <name>', 'which finger it is')
    .option('--by-pin', 'the PIN of the key itself is asked for, and typed unseen')
    .option('--pin-from-stdin', 'that PIN comes by standard input')
    .option('--device <name>', 'as devices.json names it; else the first security key')
    .action(finger);
}
