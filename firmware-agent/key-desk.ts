import type { Command } from 'commander';
import { CommandFailure } from '#platform/console/command.js';
import { askPin } from '#platform/console/pin-input.js';
import type { Failure, Result } from '#protocol/result/result.js';
import type { KeyOwner, SecurityKeyHandle } from './devices/security-key/port.js';
import type { KioskIdentity } from './station/identity.js';

export type KeyOptions = { readonly dir: string; readonly device?: string };

/** Opens the key that `devices.json` names, for as long as the work takes. Refused while an agent has it. */
export async function withKey(options: KeyOptions, work: (key: SecurityKeyHandle, identity: KioskIdentity) => Promise<void>): Promise<void> {
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
export function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

export const touchNow = { onTouch: () => tell('Lay the finger on the key now.') };

export function must<T>(result: Result<T, Failure<string>>): T {
  if (!result.ok) throw new CommandFailure(`${result.error.detail} (${result.error.code})`);
  return result.value;
}

export type OwnerOptions = { readonly byPin?: boolean; readonly pinFromStdin?: boolean };

/** By what the owner shows that the fingers on the key are theirs to change. */
export async function askOwner({ byPin, pinFromStdin }: OwnerOptions): Promise<KeyOwner> {
  if (pinFromStdin === true) return { by: 'pin', pin: await askPin('stdin', '') };
  return byPin === true ? { by: 'pin', pin: await askPin('typed', 'PIN of the key: ') } : { by: 'finger' };
}

/** With the options that every command on a key has. */
export function onKey(command: Command): Command {
  return command
    .requiredOption('--dir <folder>', 'the kiosk folder that enrolment made')
    .option('--device <name>', 'as devices.json names it; else the first security key');
}

/** With those of the commands that its owner must allow. */
export function byOwner(command: Command): Command {
  return onKey(command)
    .option('--by-pin', 'the PIN of the key itself is asked for, and typed unseen')
    .option('--pin-from-stdin', 'that PIN comes by standard input');
}
