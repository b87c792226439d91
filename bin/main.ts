import { Command } from 'commander';
import { CommandFailure, type RegisterCommands } from '#platform/console/command.js';

type Word = { readonly word: string; readonly summary: string; readonly load: () => Promise<RegisterCommands> };

/** The words of `jharokha`, each with the program that answers it. Nothing is loaded before its word is called. */
const WORDS: readonly Word[] = [
  {
    word: 'hub',
    summary: 'The district hub: set-up, service, wallets, departments, books',
    load: async () => (await import('../hub-server/commands.js')).register,
  },
  {
    word: 'agent',
    summary: "The counter's daemon, its ledger and its virtual devices",
    load: async () => (await import('../firmware-agent/commands.js')).register,
  },
  { word: 'terminal', summary: "The operator's screen", load: async () => (await import('../terminal-ui/commands.js')).register },
  { word: 'provision', summary: "The field technician's commands", load: async () => (await import('../provisioning/commands.js')).register },
  {
    word: 'demo',
    summary: 'A whole district on this machine: hub, departments, one kiosk',
    load: async () => (await import('../provisioning/demo/commands.js')).register,
  },
  {
    word: 'dock',
    summary: "The demonstration's virtual devices: pull the paper, hold a code, lay a finger",
    load: async () => (await import('../provisioning/dock/commands.js')).register,
  },
  {
    word: 'ledger',
    summary: 'Check and read an exported ledger',
    load: async () => (await import('./checks/ledger-commands.js')).register,
  },
  {
    word: 'receipt',
    summary: "Check a citizen's receipt, and ask what became of the money",
    load: async () => (await import('./checks/receipt-commands.js')).register,
  },
  {
    word: 'bench',
    summary: 'Measure the product on this machine, against baselines of the same run',
    load: async () => (await import('../tests/bench/commands.js')).register,
  },
];

async function main(given: readonly string[]): Promise<void> {
  const program = new Command('jharokha');
  program.description('Counter appliance and district hub of a citizen-service kiosk network').version('0.1.0').enablePositionalOptions();
  // `jharokha help hub` is `jharokha hub --help`.
  const argv = given[2] === 'help' && given[3] !== undefined ? [...given.slice(0, 2), ...given.slice(3), '--help'] : given;
  const called = argv[2];
  for (const { word, summary, load } of WORDS) {
    const command = program.command(word).description(summary);
    if (called === word) (await load())(command);
    else command.allowUnknownOption().helpOption(false);
  }
  await program.parseAsync([...argv]);
}

// A reader such as `head` may have had enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

main(process.argv).catch((error: unknown) => {
  if (error instanceof CommandFailure) {
    process.stderr.write(`jharokha: ${error.message}\n`);
    process.exit(error.exitCode);
  }
  process.stderr.write(`jharokha: unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(70);
});
