import { Option, type Command } from 'commander';
import { CommandFailure, type RegisterCommands } from '#platform/console/command.js';
import type { Language } from '#protocol/identity/identity.js';
import { WIDTH_MODELS, type WidthModel } from './script/width.js';

type Given = {
  readonly socket: string;
  readonly language?: Language;
  readonly widthModel: WidthModel | 'ask';
  readonly leaveKey?: true;
  readonly note: Readonly<Record<string, string>>;
};

function addNote(text: string, notes: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [screen, ...rest] = text.split('=');
  return screen === undefined || rest.length === 0 ? notes : { ...notes, [screen]: rest.join('=') };
}

/** `jharokha terminal`: the operator's screen. Exit 0 when the operator leaves, 69 when there is no terminal to draw on. */
export const register: RegisterCommands = (parent: Command): void => {
  parent
    .description("The operator's screen: shows what the counter program says, and sends keys. Needs a terminal of 80 x 25.")
    .requiredOption('--socket <path>', "the counter program's unix socket for screens")
    .addOption(new Option('--language <language>', 'start in English or Hindi; F2 changes it').choices(['en', 'hi']))
    .addOption(
      new Option('--width-model <model>', 'how wide the terminal draws Hindi: ask the terminal, or one of three')
        .choices(['ask', ...WIDTH_MODELS])
        .default('ask'),
    )
    .option('--leave-key', 'F12 then Y leaves the screen (for demonstrations; an appliance has no way out)')
    .option('--note <screen=text>', 'a line of your own in row 2 of one screen, such as login=...; may be given again', addNote, {})
    .addHelpText(
      'after',
      '\nThe screen owns nothing: it can be stopped at any moment, the counter program keeps the money.\nIt connects again by itself when the counter program restarts.',
    )
    .action(async (given: Given) => {
      const { stdin, stdout } = process;
      if (!stdin.isTTY || !stdout.isTTY) throw new CommandFailure('the screen needs a terminal on standard input and output', 69);
      const { Terminal } = await import('./main.js');
      const widthModel = given.widthModel === 'ask' ? undefined : given.widthModel;
      const leaveKey = given.leaveKey === true ? 'on' : 'off';
      await new Terminal({
        socket: given.socket,
        language: given.language,
        widthModel,
        leaveKey,
        notes: given.note,
        input: stdin,
        output: stdout,
      }).run();
    });
};
