import { Command } from 'commander';
import { register as registerLedger } from '../../../bin/checks/ledger-commands.js';
import { register as registerReceipt } from '../../../bin/checks/receipt-commands.js';
import { register as registerAgent } from '../../../firmware-agent/commands.js';
import { register as registerHub } from '../../../hub-server/commands.js';
import { register as registerProvision } from '../../../provisioning/commands.js';
import { register as registerDemo } from '../../../provisioning/demo/commands.js';
import { register as registerDock } from '../../../provisioning/dock/commands.js';
import { register as registerTerminal } from '../../../terminal-ui/commands.js';
import { register as registerBench } from '../../bench/commands.js';

/** The programs' own commands, under the words that `bin/main.ts` gives them. */
export function commandTree(): Command {
  const program = new Command('jharokha');
  registerHub(program.command('hub'));
  registerAgent(program.command('agent'));
  registerTerminal(program.command('terminal'));
  registerProvision(program.command('provision'));
  registerDemo(program.command('demo'));
  registerDock(program.command('dock'));
  registerBench(program.command('bench'));
  registerLedger(program.command('ledger'));
  registerReceipt(program.command('receipt'));
  return program;
}

/** `complete`: a line to be typed as it stands, so what must be given is there. `named`: a command spoken of in a sentence. */
export type Strictness = 'complete' | 'named';

/** What is wrong with a call; undefined when the command takes it. */
export function faultOf(program: Command, words: readonly string[], strictness: Strictness): string | undefined {
  let command = program;
  let at = 0;
  for (; at < words.length; at++) {
    const next = command.commands.find((c) => c.name() === words[at]);
    if (next === undefined) break;
    command = next;
  }
  const path = words.slice(0, at).join(' ');
  const beyond = words[at];
  if (beyond !== undefined && !beyond.startsWith('--') && command.commands.length > 0 && command.registeredArguments.length === 0)
    return `"${path}" has no command "${beyond}"`;
  const given = new Set<string>();
  const plain: string[] = [];
  for (; at < words.length; at++) {
    const word = words[at] ?? '';
    const [flag = '', value] = word.split('=');
    if (!flag.startsWith('--') || flag === '--') {
      plain.push(word);
      continue;
    }
    if (flag === '--help') return undefined;
    const option = command.options.find((o) => o.long === flag);
    if (option === undefined) return `"${path}" has no ${flag}`;
    given.add(flag);
    if (value !== undefined || !(option.required || option.optional)) continue;
    at += 1;
    if (words[at] === undefined || words[at]?.startsWith('--') === true) return `${flag} of "${path}" wants a value`;
  }
  if (plain.length > command.registeredArguments.length) return `"${path}" takes ${command.registeredArguments.length} words, not ${plain.join(' ')}`;
  return strictness === 'complete' ? missingIn(command, path, plain.length, given) : undefined;
}

function missingIn(command: Command, path: string, words: number, given: ReadonlySet<string>): string | undefined {
  const wanted = command.registeredArguments.filter((a) => a.required);
  if (words < wanted.length) return `"${path}" wants <${wanted[words]?.name()}>`;
  const option = command.options.find((o) => o.mandatory && o.long !== undefined && !given.has(o.long));
  return option === undefined ? undefined : `"${path}" wants ${option.long}`;
}
