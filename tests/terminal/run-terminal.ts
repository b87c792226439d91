import { Command } from 'commander';
import { register } from '../../terminal-ui/commands.js';

/** `jharokha terminal …` alone, for the tests of the screen. */
const program = new Command('jharokha');
register(program.command('terminal'));
await program.parseAsync(process.argv);
