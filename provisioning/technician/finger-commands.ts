import { join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { CommandFailure, print, printJson } from '#platform/console/command.js';
import { departmentCode, type Language } from '#protocol/identity/identity.js';
import { printedTime } from '#protocol/time/time.js';
import { TECHNICIAN_SOCKET } from '#protocol/technician/messages.js';
import { BenchClient, type Asked } from './doctor/client.js';
import { PROMPT_WORDS } from './doctor/wording.js';

type Flags = { readonly dir: string; readonly reader: string; readonly language: Language; readonly json?: true };

const MOST_NUMBER = 24;

/** `finger enrol`, `list`, `erase`: whose fingers the counter's own reader knows. The agent must run: it owns reader and list. */
export function registerFingers(parent: Command): void {
  const finger = parent.command('finger').description("people whose fingers the counter's own reader knows, for services that ask for one");
  withFlags(finger.command('list').description('whose finger stands on which page of the reader')).action(list);
  withFlags(
    finger
      .command('enrol')
      .description('take the finger of one person, who must be there: it is laid on the reader twice')
      .argument('<department>', 'code of the department that gave the consumer number, such as JVVNL')
      .argument('<consumer>', 'consumer number of the person'),
  ).action(enrol);
  withFlags(finger.command('erase').description('forget a finger, in the reader too').argument('<page>', 'as list shows it')).action(erase);
}

function withFlags(command: Command): Command {
  return command
    .requiredOption('--dir <folder>', "the kiosk's folder; its agent must run")
    .option('--reader <name>', 'as devices.json names it', 'finger-reader')
    .addOption(new Option('--language <language>', 'of the sentences').choices(['en', 'hi']).default('en'))
    .option('--json', 'one line of JSON');
}

async function withBench<T>(flags: Flags, work: (client: BenchClient) => Promise<T>): Promise<T> {
  const client = await BenchClient.connect(join(resolve(flags.dir), TECHNICIAN_SOCKET));
  if (!client.ok) throw new CommandFailure(`${client.error.detail}: start the agent first (${client.error.code})`, 69);
  try {
    return await work(client.value);
  } finally {
    client.value.close();
  }
}

async function answerOf<D extends Parameters<BenchClient['ask']>[0]['do']>(
  asked: Asked<D>,
): Promise<Extract<Awaited<Asked<D>['answer']>, { ok: true }>['value']> {
  const answer = await asked.answer;
  if (!answer.ok) throw new CommandFailure(`${answer.error.detail} (${answer.error.code})`, 75);
  return answer.value;
}

async function list(flags: Flags): Promise<void> {
  const { fingers } = await withBench(flags, (client) => answerOf(client.ask({ do: 'fingers', reader: flags.reader })));
  if (flags.json === true) return printJson(fingers);
  if (fingers.length === 0) print(`${flags.reader} knows nobody yet`);
  for (const { page, department, consumer, at } of fingers)
    print(`${String(page).padStart(4)}  ${department.padEnd(10)}  ${consumer.padEnd(24)}  ${printedTime(at)}`);
}

async function enrol(departmentText: string, consumer: string, flags: Flags): Promise<void> {
  const department = departmentCode.safeParse(departmentText.trim().toUpperCase());
  if (!department.success) throw new CommandFailure(`"${departmentText}" is no code of a department: as the rule book has it, such as JVVNL`, 64);
  const number = consumer.trim();
  if (number === '' || number.length > MOST_NUMBER)
    throw new CommandFailure(`"${consumer}" is no consumer number: 1 to ${MOST_NUMBER} characters`, 64);
  const { page, consumer: kept } = await withBench(flags, (client) =>
    answerOf(
      client.ask({ do: 'enrol-finger', reader: flags.reader, department: department.data, consumer: number }, (prompt) =>
        flags.json === true ? printJson({ event: 'prompt', prompt }) : print(PROMPT_WORDS[prompt][flags.language]),
      ),
    ),
  );
  if (flags.json === true) printJson({ event: 'enrolled', page, department: department.data, consumer: kept });
  else print(`${department.data} ${kept}: enrolled on page ${page} of ${flags.reader}`);
}

async function erase(text: string, flags: Flags): Promise<void> {
  if (!/^\d{1,4}$/u.test(text)) throw new CommandFailure(`"${text}" is no page: a number, as list shows it`, 64);
  await withBench(flags, (client) => answerOf(client.ask({ do: 'erase-finger', reader: flags.reader, page: Number.parseInt(text, 10) })));
  print(`page ${text} of ${flags.reader} is empty`);
}
