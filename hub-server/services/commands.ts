import { closeSync, openSync, writeSync } from 'node:fs';
import type { Command } from 'commander';
import { CommandFailure, print, printJson } from '#platform/console/command.js';
import { formatRupees } from '#protocol/money/paise.js';
import type { Hub } from '../hub.js';
import { openHub } from '../operations/hub-folder.js';
import { importBillFile, type ImportReport } from './bill-import.js';
import type { RejectedRow } from './bill-csv.js';
import { findBill } from './bills.js';
import { registeredConnectors, type Connectors } from './connector.js';
import { registerDepartmentServer } from './department-command.js';
import { listDepartments, putDepartment } from './departments.js';
import { GENERATED_DEPARTMENTS, billCode, billsCsv, generateBills } from './generate-bills.js';
import { isPaid } from './postings.js';
import { remit, type RemitReport, type RemittedReceipt } from './remit.js';
import type { BookOutcome } from './settle.js';

/** What these commands need from the other rooms of the hub. */
export type ServicePorts = {
  /** Posts the journal of a payment that was posted or became owed back, inside its transaction. Nothing when the books need none. */
  readonly book?: (hub: Hub) => BookOutcome;
  readonly open?: (folder: string) => Hub;
  readonly connectors?: (hub: Hub) => Connectors;
};

type Opening = Required<ServicePorts>;

/** Adds `department`, `bills`, `remit` and `department-server` to `jharokha hub`. */
export function registerServices(parent: Command, ports: ServicePorts = {}): void {
  const opening: Opening = { book: () => () => undefined, open: openOrFail, connectors: (hub) => registeredConnectors(hub), ...ports };
  registerDepartments(parent, opening);
  registerBills(parent, opening);
  registerRemit(parent, opening);
  registerDepartmentServer(parent);
}

function openOrFail(folder: string): Hub {
  const opened = openHub(folder);
  if (!opened.ok) throw new CommandFailure(opened.error.detail);
  return opened.value;
}

/** Opens the hub for one command and closes it after, however the command ends. */
async function withHub<T>(opening: Opening, folder: string, act: (hub: Hub) => T | Promise<T>): Promise<T> {
  const hub = opening.open(folder);
  try {
    return await act(hub);
  } finally {
    hub.db.close();
  }
}

type DirOption = { readonly dir: string };
type JsonOption = { readonly json?: true };
const DIR = ['--dir <folder>', 'folder of the hub'] as const;
const JSON_FLAG = ['--json', 'print one line of JSON; sums are strings of paise'] as const;

function registerDepartments(parent: Command, opening: Opening): void {
  const department = parent.command('department').description('Departments: who takes payments, and where');
  type Add = DirOption & { readonly code: string; readonly en: string; readonly hi: string; readonly url: string; readonly token: string };
  department
    .command('add')
    .description('Adds a department, or changes the names, address and token of one that is there')
    .requiredOption(...DIR)
    .requiredOption('--code <code>', 'such as JVVNL')
    .requiredOption('--en <name>', 'name in English')
    .requiredOption('--hi <name>', 'name in Hindi')
    .requiredOption('--url <url>', 'address of its HTTP door, such as http://127.0.0.1:7101')
    .requiredOption('--token <token>', 'secret that the hub shows to the department')
    .action((options: Add) =>
      withHub(opening, options.dir, (hub) => {
        const put = putDepartment(hub, { ...options, baseUrl: options.url });
        if (!put.ok) throw new CommandFailure(put.error.detail);
        print(`department ${options.code} ${put.value}`);
      }),
    );
  department
    .command('list')
    .description('Lists the departments; tokens are not shown')
    .requiredOption(...DIR)
    .option(...JSON_FLAG)
    .action((options: DirOption & JsonOption) =>
      withHub(opening, options.dir, (hub) => {
        const all = listDepartments(hub).map(({ code, name, baseUrl }) => ({ code, name, baseUrl }));
        if (options.json) return printJson(all);
        for (const one of all) print(`${one.code.padEnd(12)} ${one.baseUrl}  ${one.name.en} / ${one.name.hi}`);
      }),
    );
}

function registerBills(parent: Command, opening: Opening): void {
  const bills = parent.command('bills').description('Bill master files of the departments');
  type Import = DirOption & JsonOption & { readonly department: string; readonly service: string };
  bills
    .command('import <file>')
    .description(
      'Imports a CSV file of bills in place of the service’s earlier ones. Ends with 0 when every row was taken, 2 when some were refused, 1 when nothing was loaded',
    )
    .requiredOption(...DIR)
    .requiredOption('--department <code>', 'such as JVVNL')
    .requiredOption('--service <code>', 'such as 101')
    .option(...JSON_FLAG)
    .action((file: string, options: Import) => withHub(opening, options.dir, (hub) => importFile(hub, file, options)));
  type Generate = {
    readonly department: string;
    readonly service: string;
    readonly count: string;
    readonly seed: string;
    readonly on: string;
    readonly out: string;
  };
  bills
    .command('generate')
    .description(`Writes a CSV file of made-up bills (${GENERATED_DEPARTMENTS.join(', ')}); the same seed gives the same file`)
    .requiredOption('--department <code>', 'such as JVVNL')
    .requiredOption('--service <code>', 'such as 101')
    .requiredOption('--count <n>', 'how many')
    .requiredOption('--seed <n>', 'where the chances begin')
    .requiredOption('--on <date>', 'the day on which they are looked at, such as 2026-11-22')
    .requiredOption('--out <file>', 'file to write')
    .action((options: Generate) => generateFile(options));
  type Find = DirOption & JsonOption & { readonly service: string; readonly consumer: string };
  bills
    .command('find')
    .description('Shows a consumer’s bill in the master file in force, and whether a counter has taken it')
    .requiredOption(...DIR)
    .requiredOption('--service <code>', 'such as 101')
    .requiredOption('--consumer <number>', 'consumer number')
    .option(...JSON_FLAG)
    .action((options: Find) => withHub(opening, options.dir, (hub) => showBill(hub, options)));
}

async function importFile(hub: Hub, file: string, options: JsonOption & { readonly department: string; readonly service: string }): Promise<void> {
  const done = await importBillFile(hub, options, file);
  if (!done.ok) {
    const { rejected = [], ...error } = done.error;
    if (options.json) printJson({ kind: 'failed', ...error, rejected });
    else for (const row of rejected) print(rejectedText(row));
    throw new CommandFailure(`${file}: nothing was loaded: ${error.detail}`, 1);
  }
  if (options.json) printJson(done.value);
  else printReport(done.value);
  if (done.value.rejectedCount > 0) throw new CommandFailure(`${file}: ${done.value.rejectedCount} rows were refused`, 2);
}

function printReport(report: ImportReport): void {
  for (const row of report.rejected) print(rejectedText(row));
  if (report.rejectedCount > report.rejected.length) print(`… and ${report.rejectedCount - report.rejected.length} more`);
  const face = `${report.department} ${report.service}, version ${report.version}`;
  if (report.kind === 'unchanged') print(`${face}: this very file is in force already; nothing was changed`);
  else print(`${face}: ${report.loaded} bills loaded, ${report.rejectedCount} rows refused`);
  print(`sha256 ${report.sha256}`);
}

function rejectedText(row: RejectedRow): string {
  return `line ${row.line}: ${row.column === '' ? 'row' : row.column} ${row.reason}`;
}

function generateFile(options: { readonly [K in 'department' | 'service' | 'count' | 'seed' | 'on' | 'out']: string }): void {
  const { department, service, on } = options;
  const made = generateBills({ department, service, on, count: wholeNumber('--count', options.count), seed: wholeNumber('--seed', options.seed) });
  if (!made.ok) throw new CommandFailure(made.error.detail);
  const file = openSync(options.out, 'w');
  try {
    for (const line of billsCsv(made.value)) writeSync(file, line);
  } finally {
    closeSync(file);
  }
  print(`${made.value.length} bills of ${department} written to ${options.out}`);
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,9}$/u.test(text)) throw new CommandFailure(`${option} "${text}" is not a whole number`);
  return Number.parseInt(text, 10);
}

function showBill(hub: Hub, options: JsonOption & { readonly service: string; readonly consumer: string }): void {
  const found = findBill(hub, options.service, options.consumer.toUpperCase());
  if (found === undefined) throw new CommandFailure(`no bill of ${options.consumer} for service ${options.service} is loaded`);
  const facts = { ...found, code: billCode(found), state: isPaid(hub, found.department, found.consumer, found.number) ? 'paid' : 'open' };
  if (options.json) return printJson(facts);
  print(`${found.department} ${found.service}  ${found.consumer}  bill ${found.number}  ${facts.state}`);
  print(`${found.name}, ${found.office}, ${found.period}, issued ${found.issuedOn}`);
  print(
    `Rs ${formatRupees(found.amountPaise)} until ${found.dueOn}, then Rs ${formatRupees(found.lateAmountPaise)}; arrears Rs ${formatRupees(found.arrearsPaise)}`,
  );
  print(`bar code ${facts.code}`);
}

function registerRemit(parent: Command, opening: Opening): void {
  type Remit = DirOption & JsonOption & { readonly department?: string };
  parent
    .command('remit')
    .description('Posts to the departments what counters have received. Safe to run again. Ends with 2 when some receipts are still due')
    .requiredOption(...DIR)
    .option('--department <code>', 'only this department')
    .option(...JSON_FLAG)
    .action((options: Remit) =>
      withHub(opening, options.dir, async (hub) => {
        const narrow = options.department === undefined ? {} : { department: options.department };
        const report = await remit(hub, { connectors: opening.connectors(hub), book: opening.book(hub), ...narrow });
        if (options.json) printJson(report);
        else printRemit(report);
        if (report.left > 0) throw new CommandFailure(`${report.left} receipts are still due: run it again`, 2);
      }),
    );
}

function printRemit(report: RemitReport): void {
  for (const { department, batch, receipts } of report.batches) {
    print(`${department} batch ${batch}`);
    for (const one of receipts) print(`  ${one.receipt}  Rs ${formatRupees(one.amountPaise).padStart(12)}  ${one.result}  ${word(one)}`);
  }
  print(`${report.posted} posted (Rs ${formatRupees(report.postedPaise)}), ${report.refundDue} to refund, ${report.left} still due`);
}

function word(one: RemittedReceipt): string {
  return one.result === 'posted' ? one.reference : one.reason;
}
