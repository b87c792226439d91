import type { Command } from 'commander';
import { print, printJson } from '#platform/console/command.js';
import { printedTime } from '#protocol/time/time.js';
import { addOperator, changePin, listOperators, unlockOperator, type HubOperator } from '../people/operators.js';
import { DIR_FLAG, DIR_HELP, orFail, table, withHub, type DirOption } from './command-hub.js';
import { registerOperatorKeys } from './operator-key-commands.js';
import { askNewPin } from '#platform/console/pin-input.js';

type PinOption = { readonly pinFromStdin?: true };
const PIN_FLAG = '--pin-from-stdin';
const PIN_HELP = 'read the PIN from the first line of standard input, for scripts; otherwise it is typed unseen, twice';

/** `hub operator`. */
export function registerOperators(parent: Command): void {
  const operators = parent.command('operator').description('people who work at the kiosks; their PINs are kept here alone (R16)');
  operators
    .command('add <login>')
    .description('add an operator; kiosk and role are read from the login, such as d35k1111co01')
    .requiredOption(DIR_FLAG, DIR_HELP)
    .requiredOption('--name <name>', 'who it is')
    .option(PIN_FLAG, PIN_HELP)
    .action((login: string, options: DirOption & PinOption & { readonly name: string }) =>
      withHub(options.dir, async (hub) => {
        const pin = await askNewPin(options.pinFromStdin === true ? 'stdin' : 'typed');
        const added = orFail(await addOperator(hub, { login, name: options.name, pin }));
        print(`Operator ${added.login} may work at kiosk ${added.kiosk} (${added.role}).`);
      }),
    );
  operators
    .command('pin <login>')
    .description('give an operator a new PIN, and lift a lock')
    .requiredOption(DIR_FLAG, DIR_HELP)
    .option(PIN_FLAG, PIN_HELP)
    .action((login: string, options: DirOption & PinOption) =>
      withHub(options.dir, async (hub) => {
        const pin = await askNewPin(options.pinFromStdin === true ? 'stdin' : 'typed');
        orFail(await changePin(hub, login, pin));
        print(`Operator ${login} has a new PIN. A kiosk without the link may still take the old one for up to 72 hours.`);
      }),
    );
  operators
    .command('list')
    .description('list the operators')
    .requiredOption(DIR_FLAG, DIR_HELP)
    .option('--json', 'as JSON')
    .action((options: DirOption & { readonly json?: true }) =>
      withHub(options.dir, (hub) => {
        const found = listOperators(hub);
        if (options.json === true) return printJson(found);
        for (const line of table(found.map((o) => [o.login, o.kiosk, o.role, lockText(o, hub.now()), o.name]))) print(line);
        return undefined;
      }),
    );
  registerOperatorKeys(operators);
  operators
    .command('unlock <login>')
    .description('lift the lock after wrong PINs')
    .requiredOption(DIR_FLAG, DIR_HELP)
    .action((login: string, options: DirOption) =>
      withHub(options.dir, (hub) => {
        orFail(unlockOperator(hub, login));
        print(`Operator ${login} is unlocked.`);
      }),
    );
}

function lockText(operator: HubOperator, now: number): string {
  if (operator.lockedUntil !== undefined && operator.lockedUntil > now) return `locked until ${printedTime(operator.lockedUntil)}`;
  return operator.wrongTries > 0 && operator.lockedUntil === undefined ? `${operator.wrongTries} wrong tries` : 'free';
}
