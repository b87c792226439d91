import assert from 'node:assert/strict';
import type { SaleBody } from '#protocol/ledger/entry.js';
import { verifyExport } from '#protocol/ledger/export.js';
import { openTill } from '../../firmware-agent/ledger/till.js';
import { balanceOf } from '../../hub-server/books/account.js';
import { checkBooks } from '../../hub-server/books/audit.js';
import type { BookedPayment } from '../../hub-server/services/department-payments.js';
import type { World } from './world.js';
import type { TestKiosk } from './world-kiosk.js';

/**
 * Where all the money is, in paise. `funds`: wallets and what is reserved from them; `held`: the part of it in holds of one sale; `owed`: what
 * kiosks owe beyond their funds; `refunds`: owed to citizens; `cash`: in the open tills; `payable` and `confirmed`, a department each: owed to it
 * by the hub's books, and booked by its own computer.
 */
export type Figures = Readonly<Record<string, bigint>>;

type Told = { readonly kiosk: TestKiosk; readonly sales: readonly SaleBody[]; readonly returned: ReadonlySet<string>; readonly cash: bigint };

/**
 * Adds everything up from three sides that do not know each other: the kiosks' signed chains, the hub's books, and the departments' own payments.
 * Fails where they disagree. Every kiosk must have sent what it has.
 */
export async function audit(world: World): Promise<Figures> {
  assert.deepEqual(await checkBooks(world.books), [], 'the books are whole');
  assert.deepEqual(world.defects(), [], 'nothing threw at the hub');
  const told = world.kiosks.map((kiosk) => readChain(world, kiosk));
  // What people paid at a department's own window is no business of the counters.
  const atCounters = new Set<string>(world.kiosks.map((kiosk) => kiosk.code));
  const payments = world.departments.flatMap((d) => d.server.ledger()).filter((p) => atCounters.has(p.counter));
  const sales = told.flatMap((t) => t.sales);
  const returned = new Set(told.flatMap((t) => [...t.returned]));
  for (const sale of sales) checkSale(world, sale, returned, payments);
  const known = new Set<string>(sales.map((s) => s.transaction));
  assert.ok(
    payments.every((p) => known.has(p.requestId)),
    'a department was asked only for sales that a counter made',
  );
  const figures = add(world, told, payments);
  const standing = sales.filter((s) => !returned.has(s.transaction));
  const topUps = balances(world, '1010:');
  assert.equal(figures['funds'], topUps - sum(standing.map((s) => s.totalPaise)), 'what left the wallets is what citizens hold receipts for');
  assert.equal(figures['owed'], 0n, 'no kiosk sold beyond its funds');
  return figures;
}

function readChain(world: World, kiosk: TestKiosk): Told {
  const [file, cash] = kiosk.readLedger(
    (ledger) => [Buffer.concat([...ledger.export(Date.now())]), openTill(ledger.db)?.expectedPaise ?? 0n] as const,
  );
  const sales: SaleBody[] = [];
  const returned = new Set<string>();
  const verdict = verifyExport(
    world.hub.districtKey,
    file,
    ({ entry: { body } }) => {
      if (body.kind === 'sale') sales.push(body);
      if (body.kind === 'returned') returned.add(body.transaction);
    },
    'allow',
  );
  assert.ok(verdict.ok, verdict.ok ? '' : `chain of ${kiosk.code}: ${verdict.error.detail}`);
  return { kiosk, sales, returned, cash };
}

/** One sale: once in the books, at most once at its department, and the three agree on what became of it. */
function checkSale(world: World, sale: SaleBody, returned: ReadonlySet<string>, payments: readonly BookedPayment[]): void {
  const { transaction } = sale;
  const journals = world.books.journalsOfTransaction(transaction).filter((j) => j.kind === 'SALE');
  const posting = world.posting(transaction);
  assert.ok(posting !== undefined, `the hub knows sale ${transaction}`);
  assert.equal(journals.length, 1, `sale ${transaction} is in the books once`);
  assert.equal(posting.amountPaise, sale.billPaise);
  const own = payments.filter((p) => p.requestId === transaction);
  assert.ok(own.length <= 1, 'a department books one request once');
  const [payment] = own;
  if (payment !== undefined) assert.equal(payment.amountPaise, sale.billPaise);
  if (posting.state === 'posted') assert.deepEqual([payment?.status, payment?.word], ['confirmed', posting.reference]);
  if (posting.state === 'refused' || posting.state === 'refund-due') assert.notEqual(payment?.status, 'confirmed');
  assert.equal(returned.has(transaction), posting.returnedAt !== undefined, 'cash that went back is known to the hub, and no other');
}

function add(world: World, told: readonly Told[], payments: readonly BookedPayment[]): Figures {
  const open = world.hub.db
    .prepare<[], { readonly id: string }>("SELECT id FROM grant_issued WHERE kind = 'hold'")
    .all()
    .map((row) => `2015:reserve:${row.id}`);
  const departments = world.departments.flatMap(({ facts: { code }, server }): [string, bigint][] => {
    const consumers = new Set(server.ledger().map((p) => p.requestId));
    const confirmed = payments.filter((p) => consumers.has(p.requestId) && p.status === 'confirmed').map((p) => p.amountPaise);
    return [
      [`${code} payable`, balances(world, `2020:payable:${code}`)],
      [`${code} confirmed`, sum(confirmed)],
    ];
  });
  return {
    sales: BigInt(told.reduce((n, t) => n + t.sales.length, 0)),
    funds: balances(world, '2010:') + balances(world, '2015:'),
    held: sum(open.map((code) => balances(world, code))),
    owed: balances(world, '1080:'),
    refunds: balances(world, '2060:'),
    cash: sum(told.map((t) => t.cash)),
    ...Object.fromEntries(departments),
  };
}

function balances(world: World, head: string): bigint {
  return sum(
    world.books
      .position()
      .accounts.filter((account) => account.code.startsWith(head))
      .map(balanceOf),
  );
}

const sum = (sums: readonly bigint[]): bigint => sums.reduce((a, b) => a + b, 0n);

/** What changed between two audits, without what did not. */
export function moved(before: Figures, after: Figures): Figures {
  const names = Object.keys(after);
  return Object.fromEntries(names.map((name) => [name, (after[name] ?? 0n) - (before[name] ?? 0n)] as const).filter(([, by]) => by !== 0n));
}

/** Sends everything, then audits. */
export async function auditSettled(world: World): Promise<Figures> {
  for (const kiosk of world.kiosks) await kiosk.settled();
  return audit(world);
}

/** A sale that went its whole way: paid in cash, funded, and booked by the department. */
export function paid(department: string, totalPaise: bigint): Figures {
  return { sales: 1n, funds: -totalPaise, cash: totalPaise, [`${department} payable`]: totalPaise, [`${department} confirmed`]: totalPaise };
}

/** A sale that waits for its posting. */
export function received(department: string, totalPaise: bigint): Figures {
  return { sales: 1n, funds: -totalPaise, cash: totalPaise, [`${department} payable`]: totalPaise };
}
