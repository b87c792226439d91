import type { Command } from 'commander';
import { Option } from 'commander';
import { CommandFailure, print, printJson, type RegisterCommands } from '#platform/console/command.js';
import { BENCHES, type BenchName } from './report/figure.js';

type Given = { readonly json?: true; readonly only?: readonly BenchName[]; readonly short?: true; readonly dir?: string };

async function bench(given: Given): Promise<void> {
  const [{ runBenches }, { tableOf }] = await Promise.all([import('./run.js'), import('./report/table.js')]);
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  const run = await runBenches({ plan: given.short === true ? 'short' : 'full', only: given.only ?? BENCHES, dir: given.dir, tell });
  if (given.json === true) printJson(run);
  else for (const line of tableOf(run.figures, run.skipped, run.machine)) print(line);
  if (run.failed.length > 0) throw new CommandFailure(`not measured: ${run.failed.map((one) => `${one.bench}: ${one.why}`).join('; ')}`);
}

/** `jharokha bench`: exit 0 when everything was measured, whether or not a target was met; a figure is for people to judge, on a quiet machine. */
export const register: RegisterCommands = (parent: Command): void => {
  parent
    .description('Measures the product on this machine, each figure beside a baseline of the same run; about two minutes')
    .option('--json', 'one JSON object: figures, what was skipped, the machine')
    .option('--short', 'few samples, under 40 seconds: shows that everything runs; its figures are rough')
    .addOption(new Option('--only <name...>', 'these alone').choices([...BENCHES]))
    .option('--dir <folder>', 'a folder on the disk to measure; what is made in it is removed (default: the folder for temporary files)')
    .action(bench);
};
