import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { CommandFailure, print, printJson } from '#platform/console/command.js';
import { formatRupees, parseRupees } from '#protocol/money/paise.js';
import { businessDate, printedTime } from '#protocol/time/time.js';
import { balanceOf, readAccountCode } from '../books/account.js';
import { checkBooks } from '../books/audit.js';
import { wallet } from '../books/chart.js';
import { hledgerJournal } from '../books/hledger.js';
import { topup } from '../books/journals.js';
import { isPosted } from '../books/post-result.js';
import { SqliteBooks } from '../books/sqlite/sqlite-books.js';
import { trialBalance, trialBalanceText } from '../books/trial-balance.js';
import { findSlot } from '../kiosks/enrolment/slot.js';
import { FIRST_LEASE_POLICY, leasePolicy, setLeasePolicy } from '../kiosks/link/lease-policy.js';
import { DIR_FLAG, DIR_HELP, orFail, table, withHub, type DirOption } from './command-hub.js';

type Json = { readonly json?: boolean };

async function topUp(options: DirOption & { readonly kiosk: string; readonly amount: string; readonly reference: string }): Promise<void> {
  await withHub(options.dir, (hub) => {
    const slot = findSlot(hub, options.kiosk);
    if (slot === undefined) throw new CommandFailure(`there is no kiosk ${options.kiosk}`);
    const amountPaise = orFail(parseRupees(options.amount));
    if (amountPaise === 0n) throw new CommandFailure('a top-up is more than nothing');
    const at = hub.now();
    const result = new SqliteBooks(hub.db, hub.district).postJournal(
      topup({ reference: options.reference, kiosk: slot.code, amountPaise, when: { businessDate: businessDate(at), at } }),
    );
    if (!isPosted(result)) throw new CommandFailure(`not posted: ${result.result}: ${result.detail}`);
    const already = result.result === 'exists' ? ' (was posted before; nothing changed)' : '';
    print(`Rs ${formatRupees(amountPaise)} to the wallet of ${slot.code}, reference ${options.reference}${already}`);
  });
}

async function statement(options: DirOption & Json & { readonly account?: string; readonly kiosk?: string }): Promise<void> {
  await withHub(options.dir, (hub) => {
    const code = options.account ?? (options.kiosk === undefined ? undefined : wallet(orFail(slotCode(hub, options.kiosk))).code);
    if (code === undefined) throw new CommandFailure('name an account with --account or a kiosk with --kiosk');
    const books = new SqliteBooks(hub.db, hub.district);
    const read = books.statement({ account: orFail(readAccountCode(code)), limit: 1000 });
    if (read === undefined) throw new CommandFailure(`account ${code} is not open`);
    if (options.json === true) return printJson({ account: code, balancePaise: balanceOf(read.account), lines: read.lines });
    const rows = read.lines.map((l) => [
      printedTime(l.at),
      l.kind,
      l.side === 'debit' ? 'Dr' : 'Cr',
      formatRupees(l.amountPaise),
      formatRupees(l.balancePaise),
      l.refs.transaction ?? l.refs.reference ?? '',
    ]);
    for (const line of table([['time', 'journal', 'side', 'amount', 'balance', 'reference'], ...rows])) print(line);
    print(`${code}: balance Rs ${formatRupees(balanceOf(read.account))}`);
  });
}

function slotCode(
  hub: Parameters<typeof findSlot>[0],
  kiosk: string,
): import('#protocol/result/result.js').Result<
  NonNullable<ReturnType<typeof findSlot>>['code'],
  { readonly code: 'kiosk-unknown'; readonly detail: string }
> {
  const slot = findSlot(hub, kiosk);
  return slot === undefined ? { ok: false, error: { code: 'kiosk-unknown', detail: `there is no kiosk ${kiosk}` } } : { ok: true, value: slot.code };
}

async function trial(options: DirOption & Json): Promise<void> {
  await withHub(options.dir, async (hub) => {
    const balance = await trialBalance(new SqliteBooks(hub.db, hub.district));
    if (options.json === true) printJson(balance);
    else print(trialBalanceText(balance));
  });
}

async function exportBooks(options: DirOption & { readonly out: string }): Promise<void> {
  await withHub(options.dir, async (hub) => {
    const file = createWriteStream(options.out);
    Readable.from(hledgerJournal(new SqliteBooks(hub.db, hub.district))).pipe(file);
    await finished(file);
    print(`${options.out}: the books as an hledger journal`);
  });
}

async function check(options: DirOption & Json): Promise<void> {
  await withHub(options.dir, async (hub) => {
    const faults = await checkBooks(new SqliteBooks(hub.db, hub.district));
    if (options.json === true) printJson({ faults });
    else for (const fault of faults) print(JSON.stringify(fault));
    if (faults.length > 0) throw new CommandFailure(`${faults.length} faults in the books`);
    if (options.json !== true) print('the books are whole: every counter follows from its transfers');
  });
}

type PolicyOptions = DirOption & {
  readonly kiosk?: string;
  readonly target?: string;
  readonly percent?: string;
  readonly saleMax?: string;
  readonly salesMax?: string;
  readonly hours?: string;
  readonly authority?: string;
};

async function policy(options: PolicyOptions): Promise<void> {
  await withHub(options.dir, (hub) => {
    const kiosk = options.kiosk ?? '';
    const now = leasePolicy(hub, kiosk);
    const changes = [options.target, options.percent, options.saleMax, options.salesMax, options.hours].some((o) => o !== undefined);
    if (changes) {
      if (options.authority === undefined) throw new CommandFailure('a change names the order it rests on: --authority');
      const count = (text: string | undefined, old: number): number => (text === undefined ? old : Math.trunc(Number(text)));
      setLeasePolicy(hub, kiosk, {
        targetPaise: options.target === undefined ? now.targetPaise : orFail(parseRupees(options.target)),
        walletPercent: options.percent === undefined ? now.walletPercent : BigInt(options.percent),
        salePaiseMax: options.saleMax === undefined ? now.salePaiseMax : orFail(parseRupees(options.saleMax)),
        salesMax: count(options.salesMax, now.salesMax),
        lifeHours: count(options.hours, now.lifeHours),
        authority: options.authority,
      });
    }
    const p = leasePolicy(hub, kiosk);
    print(
      `${kiosk === '' ? 'district' : kiosk}: up to Rs ${formatRupees(p.targetPaise)} (${p.walletPercent} % of the wallet), one sale up to Rs ${formatRupees(p.salePaiseMax)}, ${p.salesMax} sales, ${p.lifeHours} hours; ${p.authority}${p === FIRST_LEASE_POLICY ? ' (never changed)' : ''}`,
    );
  });
}

/** `hub wallet …`, `hub statement`, `hub trial-balance`, `hub journal`, `hub check`, `hub lease-policy`. */
export function registerMoney(parent: Command): void {
  const walletWord = parent.command('wallet').description("kiosks' prepaid wallets");
  walletWord
    .command('topup')
    .description("post money that the society's bank account has received for a kiosk; one bank reference is posted once")
    .requiredOption(DIR_FLAG, DIR_HELP)
    .requiredOption('--kiosk <code>', 'kiosk code')
    .requiredOption('--amount <rupees>', 'such as 20000 or 20,000.00')
    .requiredOption('--reference <text>', "the bank's reference of the credit")
    .action(topUp);
  parent
    .command('statement')
    .description("an account's movements with running balance; a kiosk's wallet by --kiosk")
    .requiredOption(DIR_FLAG, DIR_HELP)
    .option('--kiosk <code>', 'the wallet of this kiosk')
    .option('--account <code>', 'any account, such as 2020:payable:JVVNL')
    .option('--json', 'for programs; sums in paise')
    .action(statement);
  parent
    .command('trial-balance')
    .description('every account with its debit or credit balance')
    .requiredOption(DIR_FLAG, DIR_HELP)
    .option('--json', 'for programs; sums in paise')
    .action(trial);
  parent
    .command('journal')
    .description('write the whole books as a journal that hledger reads')
    .requiredOption(DIR_FLAG, DIR_HELP)
    .requiredOption('--out <file>', 'the file to write')
    .action(exportBooks);
  parent
    .command('check')
    .description('derive every counter anew from the transfers and name what does not fit')
    .requiredOption(DIR_FLAG, DIR_HELP)
    .option('--json', 'for programs')
    .action(check);
  parent
    .command('lease-policy')
    .description('how much kiosks may take without the link; shows it, and sets what is given')
    .requiredOption(DIR_FLAG, DIR_HELP)
    .option('--kiosk <code>', 'for this kiosk instead of the whole district')
    .option('--target <rupees>', 'most that is lent at a time')
    .option('--percent <n>', 'share of the wallet that may be lent')
    .option('--sale-max <rupees>', 'one sale without the link')
    .option('--sales-max <n>', 'sales without the link')
    .option('--hours <n>', 'life of a lease')
    .option('--authority <text>', 'the order that the change rests on')
    .action(policy);
}
