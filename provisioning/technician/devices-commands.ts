import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { CommandFailure, print, printJson } from '#platform/console/command.js';
import { errorCode, PRIVATE_MODE, readFileIfAny, writeFileAtomic } from '#platform/files/files.js';
import { parseJsonText } from '#protocol/json/json-text.js';
import { candidate, type Candidate } from '#protocol/technician/discovery.js';
import { must } from '../demo/tool.js';
import { matchProfile, transportFields, type DeviceLine, type Matched } from '../profiles/match.js';
import { changeLines, planDevices, type Change } from '../profiles/plan.js';
import { profileNames, readProfile } from '../profiles/profile.js';

type Flags = {
  readonly dir: string;
  readonly profile?: string;
  readonly write?: true;
  readonly json?: true;
  readonly sysfs?: string;
  readonly dev?: string;
};

const DEVICES_FILE = 'devices.json';
/** A required device is missing: for scripts that set machines up. */
const EXIT_MISSING = 1;

export function registerDevices(parent: Command): void {
  parent
    .command('devices')
    .description('list what is plugged in; with --profile, match it to a kiosk model and write devices.json')
    .requiredOption('--dir <folder>', "the kiosk's folder")
    .option('--profile <name>', `the kiosk model: ${profileNames().join(', ')}`)
    .option('--write', 'write over a devices.json that says something else')
    .option('--json', 'as JSON')
    .option('--sysfs <folder>', "the kernel's device tree, or a copy of it; /sys when left out")
    .option('--dev <folder>', 'the device nodes; /dev when left out')
    .addHelpText(
      'after',
      '\nA devices.json that is there is only compared, unless --write is given. Exit codes: 0, or 1 when a required device is missing.',
    )
    .action(devices);
}

async function devices(flags: Flags): Promise<void> {
  const folder = resolve(flags.dir);
  if (!existsSync(folder)) throw new CommandFailure(`there is no folder ${flags.dir}`, 73);
  if (flags.write === true && flags.profile === undefined)
    throw new CommandFailure('--write wants --profile: without one there is nothing to write', 64);
  if (flags.sysfs !== undefined && !existsSync(flags.sysfs)) throw new CommandFailure(`there is no folder ${flags.sysfs}`, 73);
  const plugged = await listPlugged(flags);
  if (flags.profile === undefined) return tellPlugged(plugged, flags);
  const profile = readProfile(flags.profile);
  if (!profile.ok) throw new CommandFailure(profile.error.detail, 64);
  const path = join(folder, DEVICES_FILE);
  const present = presentLines(path);
  const matched = matchProfile(profile.value, plugged);
  const plan = planDevices(present ?? [], matched);
  const differs = plan.some(({ change }) => change === 'added' || change === 'changed');
  const written = differs && (present === undefined || flags.write === true);
  if (written) put(path, plan);
  if (flags.json === true) printJson({ profile: profile.value.name, plan, missing: missingOf(matched), written });
  else tellPlan({ plan, matched, written, differs }, profile.value.description, path);
  if (missingOf(matched).some(({ need }) => need === 'required')) process.exitCode = EXIT_MISSING;
}

/** The agent knows the kernel's device tree; it is asked by its own command, so that it need not run. */
async function listPlugged({ sysfs, dev }: Flags): Promise<readonly Candidate[]> {
  const words = ['agent', 'plugged', ...(sysfs === undefined ? [] : ['--sysfs', sysfs]), ...(dev === undefined ? [] : ['--dev', dev])];
  const lines = (await must(words)).split('\n').filter((line) => line !== '');
  return lines.map((line) => candidate.parse(JSON.parse(line)));
}

function presentLines(path: string): readonly DeviceLine[] | undefined {
  const bytes = readFileIfAny(path);
  if (bytes === undefined) return undefined;
  const parsed = parseJsonText(Buffer.from(bytes).toString('utf8'));
  const read = parsed.ok ? z.array(z.record(z.string(), z.unknown())).safeParse(parsed.value) : undefined;
  if (read?.success === true) return read.data;
  throw new CommandFailure(
    `${path} ${parsed.ok ? 'is not a list of devices' : parsed.error.detail}; mend it or take it away, and run this again`,
    73,
  );
}

function put(path: string, plan: readonly Change[]): void {
  try {
    writeFileAtomic(
      path,
      `${JSON.stringify(
        plan.map(({ line }) => line),
        null,
        2,
      )}\n`,
      // The log-in of a UPS and the password of a finger module may stand in it.
      PRIVATE_MODE,
    );
  } catch (error) {
    throw new CommandFailure(`${path} can not be written (${errorCode(error) ?? 'unknown'})`, 73);
  }
}

function missingOf(matched: readonly Matched[]): readonly { readonly kind: string; readonly need: 'required' | 'optional' }[] {
  return matched.flatMap(({ found, wanted }) => (found === 'no' ? [{ kind: wanted.name ?? wanted.kind, need: wanted.need }] : []));
}

function tellPlugged(plugged: readonly Candidate[], { json }: Flags): void {
  if (json === true) return plugged.forEach((one) => printJson({ ...one, line: one.what === 'usb' ? null : transportFields(one, plugged) }));
  if (plugged.length === 0) print('Nothing is plugged in that could be a device of the kiosk.');
  for (const { what, ids, path, port, stablePath } of plugged) {
    const named = [ids.manufacturer, ids.product].filter((part) => part !== undefined).join(' ');
    const numbers = ids.vendorId === undefined ? '' : `${ids.vendorId}:${ids.productId ?? ''}${ids.serial === undefined ? '' : ` ${ids.serial}`}`;
    print(`${what.padEnd(12)} ${path.padEnd(16)} ${numbers.padEnd(24)} ${named}`.trimEnd());
    const more = [
      ids.ieee1284,
      ids.usagePage === undefined
        ? undefined
        : `usage ${ids.usagePage}:${ids.usage ?? ''}${ids.usagePage === '0001' ? ' (types like a keyboard or mouse)' : ''}`,
      port === undefined || what === 'usb' ? undefined : `socket ${port}`,
      stablePath,
    ];
    for (const line of more) if (line !== undefined) print(`             ${line}`);
  }
}

type Told = { readonly plan: readonly Change[]; readonly matched: readonly Matched[]; readonly written: boolean; readonly differs: boolean };

function tellPlan({ plan, matched, written, differs }: Told, description: { readonly en: string; readonly hi: string }, path: string): void {
  print(`${description.en} / ${description.hi}`);
  for (const change of plan) for (const line of changeLines(change)) print(`  ${line}`);
  for (const { kind, need } of missingOf(matched)) print(need === 'required' ? `MISSING: ${kind}` : `not there, and not needed: ${kind}`);
  if (written) print(`Written to ${path}. Start the agent anew, then: jharokha provision doctor --dir ${path.slice(0, -DEVICES_FILE.length - 1)}`);
  else if (differs) print(`${path} was left as it is; --write puts the above in its place.`);
  else print(`${path} says this already.`);
}
