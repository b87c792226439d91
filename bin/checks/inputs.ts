import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CommandFailure } from '#platform/console/command.js';
import { parsePublicKeyPem, type VerifyKey } from '#protocol/signing/keys.js';

/** Exit codes of the checks: 0 good, 1 checked and bad, 2 nothing could be checked. */
export const EXIT_BAD = 1;
export const EXIT_UNUSABLE = 2;

/** Reads what the person named, or says in one line why it can not be read. */
export function readInput(path: string, what: string): Uint8Array {
  try {
    return readFileSync(path === '-' ? 0 : path);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CommandFailure(`cannot read ${what} ${path === '-' ? 'from standard input' : path}: ${reason}`, EXIT_UNUSABLE);
  }
}

/** The district's public key (SPKI PEM, Ed25519): the only thing a checker has to trust. */
export function readDistrictKey(path: string): VerifyKey {
  const key = parsePublicKeyPem(Buffer.from(readInput(path, 'the district key')).toString('utf8'));
  if (!key.ok) throw new CommandFailure(`${path}: ${key.error.detail}`, EXIT_UNUSABLE);
  return key.value;
}

/** Arguments that commander refuses end with 2, so that 1 always means "checked, and bad". Call before subcommands are added. */
export function unusableArgumentsEndWithTwo(command: Command): void {
  command.exitOverride((refusal) => process.exit(refusal.exitCode === 0 ? 0 : EXIT_UNUSABLE));
}
