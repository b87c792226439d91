import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyExport } from '#protocol/ledger/export.js';
import type { SignedEntry } from '#protocol/ledger/entry.js';
import { receiptNumber } from '#protocol/receipt/receipt.js';
import type { VerifyKey } from '#protocol/signing/keys.js';
import { DEMO } from '../../provisioning/demo/world.js';
import { paymentsOf, type BooksReader, type DepartmentPayment } from '../support/crash-books.js';
import { PaperReader, type Found } from '../support/crash-papers.js';
import { tellChain, type Told, type Truth } from '../support/crash-truth.js';

export const SOCIETY = { en: 'District e-Governance Society, Jaipur', hi: 'जिला ई-गवर्नेंस सोसायटी, जयपुर' };

/** The kiosk's chain from an export that was verified to its last entry. */
export function readExport(path: string, district: VerifyKey): Truth {
  const signed: SignedEntry[] = [];
  const verdict = verifyExport(district, readFileSync(path), (one) => signed.push(one));
  if (!verdict.ok) assert.fail(`the export does not verify: ${verdict.error.detail}`);
  return tellChain(signed);
}

const soldIn = (truth: Truth): readonly Told[] => truth.transactions.filter((t) => t.state === 'sold');
const sum = (sums: readonly bigint[]): bigint => sums.reduce((a, b) => a + b, 0n);

/** Each sale of the chain is one SALE journal with its exact sums, and no journal stands for anything else. */
export function compareSales(truth: Truth, books: BooksReader): void {
  const sales = soldIn(truth);
  const journals = books.journals('SALE');
  assert.equal(books.count('fork') + books.count('held_entry'), 0n, 'no fork and no entry that could not be posted');
  assert.deepEqual(journals.map((j) => j.transaction).toSorted(), sales.map((s) => s.transaction).toSorted(), 'sales in the books and in the chain');
  for (const { transaction, entry, grant, moves } of journals) {
    const told = sales.find((s) => s.transaction === transaction);
    const sale = told?.sale;
    assert.ok(sale !== undefined && told?.saleHash === entry, `the journal of ${transaction} names its entry`);
    assert.equal(grant, sale.grant.id, `the grant of ${transaction}`);
    const expected = [
      { debit: `2015:reserve:${sale.grant.id}`, credit: `2020:payable:${sale.department}`, amount: sale.billPaise },
      { debit: `1090:receivable:${sale.department}:service-charge`, credit: '2035:fee-accrued-unshared', amount: sale.departmentFeePaise },
    ];
    assert.deepEqual(moves, expected, `the sums of ${transaction}`);
  }
  const undone = books.journals('SALE_REFUSED').map((j) => j.transaction);
  const returned = sales.filter((s) => s.outcome === 'returned').map((s) => s.transaction);
  assert.deepEqual(undone.toSorted(), returned.toSorted(), 'sales undone in the books and cash given back at the counter');
}

/** Wallet, reserves, payables and refunds hold the top-ups, to the paisa; each grant gave what its sales say. */
export function compareMoney(truth: Truth, books: BooksReader, topUpPaise: bigint): void {
  const sales = soldIn(truth);
  const held = ['2010:', '2015:', '2020:', '2060:', '2100:'].map((prefix) => books.balance(prefix));
  assert.equal(-books.balance('1010:'), topUpPaise, 'the bank holds the top-ups');
  assert.equal(books.balance('1080:'), 0n, 'an honest kiosk owes nothing');
  assert.equal(sum(held), topUpPaise, 'wallet, reserves, payables, refunds');
  const standing = sales.filter((s) => s.outcome !== 'returned');
  const openReserves = books.balance('2015:');
  assert.equal(books.balance('2010:'), topUpPaise - sum(standing.map((s) => s.totalPaise)) - openReserves, 'the wallet paid for each sale once');
  for (const department of DEMO.departments) {
    const owed = sum(standing.filter((s) => s.sale?.department === department.code).map((s) => s.sale?.billPaise ?? 0n));
    const refunds = books
      .journals('REFUND_DUE')
      .flatMap((j) => j.moves)
      .filter((m) => m.debit === `2020:payable:${department.code}`);
    assert.equal(books.balance(`2020:payable:${department.code}`), owed - sum(refunds.map((m) => m.amount)), `owed to ${department.code}`);
  }
  for (const grant of books.grants()) {
    const drawn = sales.filter((s) => s.sale?.grant.id === grant.id);
    const sums = sum(drawn.map((s) => s.totalPaise));
    assert.ok(sums <= grant.limit, `${grant.kind} ${grant.id} gave ${sums} of ${grant.limit}`);
    const reserve = books.balance(`2015:reserve:${grant.id}`);
    if (grant.kind === 'lease') assert.equal(reserve, grant.limit - sums, `lease ${grant.id}: what is left of it`);
    else compareHold(truth, grant, drawn.length, reserve);
  }
}

/** The kiosk took each raise that the hub made: else it would run dry while the hub has money set aside for it. */
export function compareLease(truth: Truth, books: BooksReader): void {
  const taken = truth.entries.flatMap((e) => (e.body.kind === 'lease-taken' ? [e.body] : [])).at(-1);
  const lease = books.grants().find((g) => g.kind === 'lease' && g.state === 'open');
  assert.deepEqual({ id: taken?.id, limit: taken?.limitPaise }, { id: lease?.id, limit: lease?.limit }, 'the lease of the kiosk and of the hub');
}

function compareHold(
  truth: Truth,
  grant: { readonly id: string; readonly transaction: string | null; readonly state: string },
  drawn: number,
  reserve: bigint,
): void {
  const told = truth.transactions.find((t) => t.transaction === grant.transaction);
  assert.ok(told !== undefined && drawn <= 1, `hold ${grant.id} is of one transaction of the chain`);
  if (told.state === 'quoted') return;
  assert.equal(grant.state, 'closed', `hold ${grant.id} of ${told.transaction} (${told.state}) has ended with it`);
  assert.equal(reserve, 0n, `hold ${grant.id}: nothing stays reserved`);
}

/** The departments' own ledgers: each request once, no bill paid beyond what it is, nothing that no sale stands behind. */
export async function compareDepartments(truth: Truth, books: BooksReader): Promise<void> {
  const sales = new Map(soldIn(truth).map((s) => [s.transaction as string, s]));
  const postings = new Map(books.postings().map((p) => [p.transaction, p]));
  for (const department of books.departments()) {
    const payments = await paymentsOf(department.url);
    const confirmed = payments.filter((p) => p.status === 'confirmed');
    assert.equal(new Set(payments.map((p) => p.requestId)).size, payments.length, `${department.code}: a request is booked once`);
    for (const p of confirmed) {
      const sale = sales.get(p.requestId);
      assert.equal(sale?.sale?.billPaise.toString(), p.amountPaise, `${department.code}: the payment ${p.requestId} is a sale of the chain`);
      assert.ok(['posted', 'asking', 'due'].includes(postings.get(p.requestId)?.state ?? ''), `${p.requestId} is confirmed and the hub gave it back`);
    }
    compareBills(department.code, confirmed, sales);
    const known = new Set(confirmed.map((p) => p.requestId));
    for (const [transaction, told] of sales) {
      if (told.sale?.department !== department.code || postings.get(transaction)?.state !== 'posted') continue;
      assert.ok(known.has(transaction), `${transaction} is called posted and ${department.code} does not know it`);
    }
  }
}

function compareBills(department: string, confirmed: readonly DepartmentPayment[], sales: ReadonlyMap<string, Told>): void {
  for (const [bill, payments] of Map.groupBy(confirmed, (p) => `${p.consumer} ${p.billNumber}`)) {
    const wholes = payments.filter((p) => sales.get(p.requestId)?.sale?.part === false);
    assert.ok(wholes.length <= 1 && (wholes.length === 0 || payments.length === 1), `${department}: bill ${bill} is paid ${payments.length} times`);
  }
}

export type PaperCount = {
  readonly papers: number;
  readonly originals: number;
  readonly duplicates: number;
  readonly slips: number;
  readonly beginnings: number;
};

/** Everything that left the printer, read from its dots: one unmarked receipt for each sale at most, ever. */
export function comparePapers(truth: Truth, folder: string, district: VerifyKey): PaperCount {
  const sales = new Map(soldIn(truth).map((s) => [receiptNumber(DEMO.kiosk, 1, s.seq), s]));
  const reader = new PaperReader(SOCIETY, [...sales.keys()], district);
  const files = papersIn(folder);
  const found = files.flatMap((file) => reader.read(folder, file));
  for (const one of found) checkCode(one, sales);
  for (const [number, told] of sales) {
    const own = found.filter((f) => f.number === number);
    checkSheets(number, told, own);
  }
  const numbered = found.filter((f) => f.number !== undefined);
  const kinds = (kind: Found['kind'], mark?: Found['mark']): number => numbered.filter((f) => f.kind === kind && (mark ?? f.mark) === f.mark).length;
  return {
    papers: files.length,
    originals: kinds('receipt', 'none'),
    duplicates: kinds('receipt', 'duplicate'),
    slips: kinds('slip'),
    beginnings: found.length - numbered.length,
  };
}

function checkCode(one: Found, sales: ReadonlyMap<string, Told>): void {
  if (one.code === undefined) return;
  const told = sales.get(one.code.number);
  assert.ok(told !== undefined && one.number === one.code.number, `${one.file}: its code is of ${one.code.number}, its text of ${one.number}`);
  assert.equal(one.code.totalPaise, told.totalPaise, `${one.file}: the sum in the code`);
  assert.equal(Buffer.from(one.code.entryHash).toString('hex'), told.saleHash.slice(0, 32), `${one.file}: the entry in the code`);
}

function checkSheets(number: string, told: Told, own: readonly Found[]): void {
  const plain = own.filter((f) => f.mark === 'none');
  assert.ok(plain.length <= 1, `${number} stands without DUPLICATE on ${plain.map((f) => f.file).join(' and ')}`);
  assert.ok(own.length <= told.sheets.length, `${number} stands on ${own.length} papers; ${told.sheets.length} were begun`);
  const confirmed = told.sheets.filter((s) => s.end === 'printed' && s.marked !== 'slip');
  const whole = own.filter((f) => f.code !== undefined);
  assert.ok(whole.length >= confirmed.length, `${number}: ${confirmed.length} receipts are called printed, ${whole.length} whole ones are there`);
}

/** Names of the papers that left the printer, in order. */
export function papersIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => /^\d{3,}\.png$/u.test(name))
    .toSorted();
}

export function pathsOf(root: string): { readonly export: string; readonly paper: string } {
  return { export: join(root, 'ledger.cborseq'), paper: join(root, 'paper') };
}
