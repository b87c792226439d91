import { createWriteStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { Option, type Command } from 'commander';
import { CommandFailure, print, printJson, type RegisterCommands } from '#platform/console/command.js';
import { openSqlite } from '#platform/sqlite/open.js';
import { formatRupees } from '#protocol/money/paise.js';
import { printedTime } from '#protocol/time/time.js';

import { registerSimulators } from './devices/simulation/commands.js';
import { registerKeyCommands } from './key-commands.js';
import { registerReaderCommands } from './reader-commands.js';

const DIR_HELP = 'the kiosk folder that enrolment made';

async function run(options: { readonly dir: string; readonly log?: string }): Promise<void> {
  if (!existsSync(options.dir)) throw new CommandFailure(`there is no folder ${options.dir}`, 73);
  const { startAgent } = await import('./main.js');
  const started = await startAgent(options.dir, options.log);
  if (!started.ok) throw new CommandFailure(started.error.detail, started.error.code === 'already-running' ? 75 : 78);
  print(JSON.stringify({ agent: 'ready', socket: join(options.dir, 'counter.sock') }));
  untilStopped(started.value);
}

function untilStopped(running: { readonly stop: () => Promise<void> }): void {
  const stop = (): void => {
    running.stop().then(
      () => process.exit(0),
      () => process.exit(70),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

async function bench(options: { readonly dir: string; readonly log?: string }): Promise<void> {
  if (!existsSync(options.dir)) throw new CommandFailure(`there is no folder ${options.dir}`, 73);
  const [{ startBench }, { TECHNICIAN_SOCKET }] = await Promise.all([import('./still.js'), import('#protocol/technician/messages.js')]);
  const started = await startBench(options.dir, options.log);
  if (!started.ok) throw new CommandFailure(started.error.detail, 75);
  print(JSON.stringify({ bench: 'ready', socket: join(options.dir, TECHNICIAN_SOCKET) }));
  untilStopped(started.value);
}

async function listPlugged(options: { readonly sysfs?: string; readonly dev?: string }): Promise<void> {
  const [{ discover }, { systemRoots }] = await Promise.all([import('./devices/discovery/discover.js'), import('./devices/discovery/sysfs.js')]);
  const { sys, dev } = systemRoots();
  for (const found of discover({ sys: options.sysfs ?? sys, dev: options.dev ?? dev })) printJson(found);
}

async function openForReading(
  dir: string,
): Promise<{ readonly ledger: import('./ledger/ledger.js').Ledger; readonly identity: import('./station/identity.js').KioskIdentity }> {
  const [{ Ledger }, { formatFault }, { readIdentity }] = await Promise.all([
    import('./ledger/ledger.js'),
    import('./ledger/schema.js'),
    import('./station/identity.js'),
  ]);
  const identity = readIdentity(dir);
  if (!identity.ok) throw new CommandFailure(identity.error.detail);
  const path = join(dir, 'ledger.sqlite');
  if (!existsSync(path)) throw new CommandFailure(`${dir} holds no ledger yet: its agent has never run`);
  const db = openSqlite(path);
  const fault = formatFault(db);
  if (fault !== undefined) throw new CommandFailure(fault);
  return { ledger: Ledger.read(db, identity.value), identity: identity.value };
}

async function exportLedger(options: { readonly dir: string; readonly out: string }): Promise<void> {
  const { ledger } = await openForReading(options.dir);
  const file = createWriteStream(options.out);
  for (const piece of ledger.export(Date.now())) if (!file.write(piece)) await once(file, 'drain');
  file.end();
  await once(file, 'finish');
  const { health } = ledger;
  if (health.state === 'whole') print(`${options.out}: ${ledger.tip.seq} entries, ${ledger.acked?.count ?? 0} of them acknowledged by the hub`);
  else
    throw new CommandFailure(`the ledger is broken at entry ${health.seq}: ${health.detail}. Everything in it was written to the file as it stands`);
}

type ReceiptsOptions = { readonly dir: string; readonly json?: boolean; readonly text?: boolean; readonly language: 'en' | 'hi' };

async function listReceipts(options: ReceiptsOptions): Promise<void> {
  const { ledger, identity } = await openForReading(options.dir);
  const [{ Sales }, { paperLines, receiptOf }, { heldRuleBook }, { paperText }] = await Promise.all([
    import('./ledger/sales.js'),
    import('./counter/paper.js'),
    import('./services/caretaker.js'),
    import('#protocol/receipt/text.js'),
  ]);
  const sales = new Sales(ledger.db);
  const book = heldRuleBook({ identity, ledger });
  for (const row of sales.newest(1000).toReversed()) {
    const receipt = receiptOf(identity, sales, row, sales.firstPaperShows(row.transaction));
    if (options.json === true) printJson({ ...row, receipt: receipt.number, code: receipt.code, qr: receipt.qr });
    else if (options.text === true)
      print(
        `${paperText(paperLines({ identity, sales, ruleBook: () => book }, row, options.language, 1, sales.firstPaperShows(row.transaction))).join('\n')}\n`,
      );
    else
      print(
        `${receipt.number}  ${printedTime(row.at)}  ${row.department.padEnd(6)} ${formatRupees(row.totalPaise).padStart(14)}  ${row.outcome ?? ''}  ${row.reference ?? ''}`,
      );
  }
}

export const register: RegisterCommands = (parent: Command) => {
  registerSimulators(parent);
  registerKeyCommands(parent);
  registerReaderCommands(parent);
  parent
    .command('run')
    .description('serve the counter of one enrolled kiosk until told to stop')
    .requiredOption('--dir <folder>', DIR_HELP)
    .option('--log <file>', 'write the log there instead of to stderr')
    .action(run);
  parent
    .command('bench')
    .description("open the kiosk's devices for the technician alone: no ledger, no counter, enrolled or not; ends when the agent runs already")
    .requiredOption('--dir <folder>', 'the kiosk folder, with its devices.json')
    .option('--log <file>', 'write the log there instead of to stderr')
    .action(bench);
  parent
    .command('plugged')
    .description('list what is plugged into this machine, one JSON object a line, with the ids that stay the same')
    .option('--sysfs <folder>', "the kernel's device tree, or a copy of it; /sys when left out")
    .option('--dev <folder>', 'the device nodes; /dev when left out')
    .action(listPlugged);
  parent
    .command('export')
    .description(
      "write the whole signed ledger to a file that anyone with the district's key can verify; works while the agent runs and when the ledger is broken",
    )
    .requiredOption('--dir <folder>', DIR_HELP)
    .requiredOption('--out <file>', 'the file to write, by custom *.cborseq')
    .action(exportLedger);
  parent
    .command('receipts')
    .description("list the sales with the text of each receipt's code, as its first paper has it")
    .requiredOption('--dir <folder>', DIR_HELP)
    .option('--json', 'one JSON object a line')
    .option('--text', 'each receipt as plain text, as it would be printed now')
    .addOption(new Option('--language <language>', 'of the plain text').choices(['en', 'hi']).default('en'))
    .action(listReceipts);
};
