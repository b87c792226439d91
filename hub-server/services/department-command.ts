import { createReadStream } from 'node:fs';
import type { Command } from 'commander';
import { CommandFailure, print } from '#platform/console/command.js';
import type { Bill } from '#protocol/bill/bill.js';
import { departmentCode, serviceCode } from '#protocol/identity/identity.js';
import { readBillCsv } from './bill-csv.js';
import { startDepartmentServer } from './department-server.js';

type Options = {
  readonly department: string;
  readonly service: string;
  readonly listen: string;
  readonly bills: string;
  readonly token: string;
  readonly state?: string;
  readonly part?: true;
};

/** `department-server`: a department's computer for demos and tests, as a process of its own. */
export function registerDepartmentServer(parent: Command): void {
  parent
    .command('department-server')
    .description('Runs a simulated department: real HTTP, its own payments, and it can be told to fail (POST /control from this machine)')
    .requiredOption('--department <code>', 'such as JVVNL')
    .requiredOption('--service <code>', 'such as 101')
    .requiredOption('--listen <host:port>', 'where to listen; port 0 takes a free one, which is then told')
    .requiredOption('--bills <file>', 'CSV file of its bills')
    .requiredOption('--token <token>', 'secret that the hub must show')
    .option('--state <file>', 'SQLite file that keeps its payments over a restart')
    .option('--part', 'takes a part of a bill')
    .action((options: Options) => runDepartmentServer(options));
}

async function runDepartmentServer(options: Options): Promise<void> {
  const listen = /^(?<host>[^:]+|\[[0-9a-f:]+\]):(?<port>\d{1,5})$/iu.exec(options.listen)?.groups;
  if (listen === undefined) throw new CommandFailure(`--listen "${options.listen}" is not host:port`);
  const bills = await readBills(options);
  const server = await startDepartmentServer({
    host: (listen['host'] ?? '').replaceAll(/[[\]]/gu, ''),
    port: Number.parseInt(listen['port'] ?? '0', 10),
    department: options.department,
    bills,
    token: options.token,
    part: options.part === true ? 'allowed' : 'refused',
    now: () => Date.now(),
    ...(options.state === undefined ? {} : { statePath: options.state }),
  }).catch((error: unknown) => {
    throw new CommandFailure(`can not listen on ${options.listen}: ${error instanceof Error ? error.message : String(error)}`);
  });
  print(`${options.department} listens on ${server.url} with ${bills.length} bills`);
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  await server.close();
}

async function readBills(options: Options): Promise<readonly Bill[]> {
  const department = departmentCode.safeParse(options.department);
  const service = serviceCode.safeParse(options.service);
  if (!department.success || !service.success) throw new CommandFailure('--department or --service is not a code');
  const bills: Bill[] = [];
  const read = await readBillCsv(createReadStream(options.bills), { department: department.data, service: service.data }, (row) => {
    if (row.kind === 'rejected') throw new CommandFailure(`${options.bills} line ${row.line}: ${row.column} ${row.reason}`);
    bills.push(row.bill);
  }).catch((error: unknown) => {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure(`${options.bills}: ${error instanceof Error ? error.message : String(error)}`);
  });
  if (!read.ok) throw new CommandFailure(`${options.bills}: ${read.error.detail}`);
  return bills;
}
