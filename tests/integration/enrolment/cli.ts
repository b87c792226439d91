// The commands of these rooms as a program, for tests that start real processes.
import { Command } from 'commander';
import { CommandFailure } from '#platform/console/command.js';
import { registerSetup } from '../../../hub-server/operations/hub-commands.js';
import { register as registerProvision } from '../../../provisioning/commands.js';

const program = new Command('jharokha');
registerSetup(program.command('hub'));
registerProvision(program.command('provision'));
program.parseAsync(process.argv).catch((error: unknown) => {
  if (!(error instanceof CommandFailure)) throw error;
  process.stderr.write(`jharokha: ${error.message}\n`);
  process.exitCode = error.exitCode;
});
