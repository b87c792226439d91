import { resolve } from 'node:path';
import type { Command } from 'commander';
import { CommandFailure, print, printJson, type RegisterCommands } from '#platform/console/command.js';
import { order } from '../demo/orders.js';
import type { DockDevice } from '../demo/simulators.js';
import { deeds, orderFrom, readDock, stateText } from './devices.js';
import { callOf } from './screen.js';

type Flags = { readonly dir: string; readonly json?: true };

const DIR = ['--dir <folder>', 'where the demonstration lives', 'var/demo'] as const;

/** `jharokha dock`: what happens to the demonstration's virtual devices, by keys on a second terminal or by one command. */
export const register: RegisterCommands = (parent: Command) => {
  parent
    .description('move the virtual devices of the running demonstration; alone on a terminal: all of them, live')
    .argument('[device]', 'as "jharokha dock list" names it')
    .argument('[order]', 'what happens to it; without it, all that can')
    .argument('[values...]', 'what the order wants, by place or as name=value')
    .option(...DIR)
    .option('--json', "the device's answer as JSON")
    .addHelpText('after', '\nSuch as: jharokha dock printer paper-out; jharokha dock scanner scan "JVVNL|210108603354|E26110000002"')
    .action(dock);
  parent
    .command('list')
    .description('every virtual device, how it stands, and what can happen to it')
    .option(...DIR)
    .option('--json', 'one JSON object a line')
    .action(list);
};

async function dock(name: string | undefined, wanted: string | undefined, words: readonly string[], flags: Flags): Promise<void> {
  const devices = readDock(resolve(flags.dir));
  if (name === undefined) {
    if (!process.stdin.isTTY || !process.stdout.isTTY) return list(flags);
    return new (await import('./live.js')).LiveDock(flags.dir, devices).run();
  }
  const device = devices.find((one) => one.name === name);
  if (device === undefined) throw new CommandFailure(`there is no ${name}; there are: ${devices.map((one) => one.name).join(', ')}`);
  if (wanted === undefined) return tellOrders(device);
  const found = device.orders.find((one) => one.do === wanted);
  if (found === undefined) throw new CommandFailure(`${name} knows no "${wanted}"; it knows: ${device.orders.map((one) => one.do).join(', ')}`);
  const made = orderFrom(found, words);
  if (!made.ok) throw new CommandFailure(made.error.detail);
  const answer = await order(device.control, made.value).catch((error: unknown) => {
    throw new CommandFailure(`${name} did not take it: ${error instanceof Error ? error.message : String(error)}`);
  });
  if (flags.json === true) printJson(answer);
  else print(`${name}: ${stateText(answer.state)}`);
}

async function list(flags: Flags): Promise<void> {
  for (const device of readDock(resolve(flags.dir))) {
    const state = await order(device.control, { do: 'state' }).then(
      (answer) => answer.state,
      () => undefined,
    );
    if (flags.json === true) {
      printJson({ ...device, state: state ?? null });
      continue;
    }
    print(`${device.name.padEnd(18)} ${state === undefined ? 'does not answer' : stateText(state)}`);
    tellOrders(device);
    print();
  }
}

function tellOrders(device: DockDevice): void {
  const columns = Math.max(...deeds(device).map((one) => callOf(one).length)) + 2;
  for (const one of deeds(device)) print(`  ${callOf(one).padEnd(columns)} ${one.about}`);
}
