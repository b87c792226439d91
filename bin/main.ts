import { Command } from 'commander';
import { CommandFailure, type RegisterCommands } from '#platform/console/command.js';

type Word = { readonly word: string; readonly summary: string; readonly load: () => Promise<RegisterCommands> };

/** The words of `jharokha`, each with the program that answers it. Nothing is loaded before its word is called. */
const WORDS: readonly Word[] = [];

async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('jharokha');
  program.description('Counter appliance and district hub of a citizen-service kiosk network').version('0.1.0').enablePositionalOptions();
  const called = argv[2];
  for (const { word, summary, load } of WORDS) {
    const command = program.command(word).description(summary);
    if (called === word) (await load())(command);
    else command.allowUnknownOption().helpOption(false);
  }
  await program.parseAsync([...argv]);
}

main(process.argv).catch((error: unknown) => {
  if (error instanceof CommandFailure) {
    process.stderr.write(`jharokha: ${error.message}\n`);
    process.exit(error.exitCode);
  }
  process.stderr.write(`jharokha: unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(70);
});
