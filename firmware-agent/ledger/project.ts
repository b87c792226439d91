import type { Sqlite } from '#platform/sqlite/open.js';
import type { EntryBody, SaleBody, SignedEntry } from '#protocol/ledger/entry.js';
import type { Paise } from '#protocol/money/paise.js';
import { isInVain, isPress } from '#protocol/presence/presence.js';
import { unreachable } from '#protocol/result/result.js';
import { PROJECTIONS } from './schema.js';
import { projectForms, projectFormsOfPaper } from './stock.js';

export function clearProjections(db: Sqlite): void {
  for (const table of PROJECTIONS) db.exec(`DELETE FROM ${table}`);
}

/** Brings the read models up to one more entry. Runs inside the transaction that writes the entry. */
export function project(db: Sqlite, signed: SignedEntry): void {
  const { seq, at, operator, body } = signed.entry;
  switch (body.kind) {
    case 'started':
    case 'operator-on':
    case 'operator-off':
      return;
    case 'lease-taken':
      // The count cap starts anew with each raise; what was drawn does not.
      db.prepare('UPDATE drawn SET sales = 0 WHERE grant_id = ?').run(body.id);
      return;
    case 'till-opened':
      db.prepare('INSERT INTO till VALUES (?, ?, ?, 0, 0, 0, 0)').run(seq, operator, body.floatPaise);
      return;
    case 'till-closed':
      db.prepare('UPDATE till SET closed = 1 WHERE closed = 0').run();
      return;
    case 'quoted':
      db.prepare(
        "INSERT INTO sale (txn, seq, at, state, service, department, consumer, bill_number, total, operator) VALUES (?, ?, ?, 'quoted', ?, ?, ?, ?, ?, ?)",
      ).run(body.transaction, seq, at, body.service, body.department, body.consumer, body.billNumber, body.totalPaise, operator);
      return;
    case 'abandoned':
      db.prepare("UPDATE sale SET state = 'abandoned', reason = ? WHERE txn = ?").run(body.reason, body.transaction);
      return;
    case 'sale':
      return projectSale(db, seq, at, body);
    case 'confirmed':
      db.prepare("UPDATE sale SET outcome = 'posted', reference = ? WHERE txn = ?").run(body.reference, body.transaction);
      return;
    case 'refused':
      db.prepare('UPDATE sale SET outcome = ?, reason = ? WHERE txn = ?').run(
        body.cash === 'to-return' ? 'refused' : 'refund-due',
        body.reason,
        body.transaction,
      );
      return;
    case 'returned':
      return projectReturned(db, body.transaction, body.totalPaise);
    case 'presence':
      return projectPresence(db, body);
    case 'print-started':
      return beginPaper(db, seq, body);
    case 'print-ended':
      endPaper(db, body);
      projectFormsOfPaper(db, body);
      return;
    case 'stock-loaded':
    case 'form-used':
    case 'forms-spoilt':
      return projectForms(db, seq, body);
    case 'lease-closed':
      db.prepare('INSERT INTO drawn VALUES (?, 0, 0, 1) ON CONFLICT (grant_id) DO UPDATE SET closed = 1').run(body.id);
      return;
    default:
      unreachable(body);
  }
}

function projectSale(db: Sqlite, seq: number, at: number, body: SaleBody): void {
  const outcome = body.mode === 'online' ? 'asking' : 'received';
  db.prepare("UPDATE sale SET state = 'sold', seq = ?, at = ?, outcome = ?, part = ? WHERE txn = ?").run(
    seq,
    at,
    outcome,
    body.part ? 1 : 0,
    body.transaction,
  );
  db.prepare('INSERT INTO drawn VALUES (?, ?, 1, 0) ON CONFLICT (grant_id) DO UPDATE SET sum = sum + excluded.sum, sales = sales + 1').run(
    body.grant.id,
    body.totalPaise,
  );
  db.prepare('UPDATE till SET takings = takings + ?, sales = sales + 1, sales_sum = sales_sum + ? WHERE closed = 0').run(
    body.totalPaise,
    body.totalPaise,
  );
}

function projectReturned(db: Sqlite, transaction: string, totalPaise: Paise): void {
  db.prepare("UPDATE sale SET outcome = 'returned' WHERE txn = ?").run(transaction);
  // The cash comes out of the drawer that is open now; only a sale of this drawer is one sale less in it.
  db.prepare('UPDATE till SET takings = takings - ? WHERE closed = 0').run(totalPaise);
  db.prepare(
    'UPDATE till SET sales = sales - 1, sales_sum = sales_sum - ? WHERE closed = 0 AND opened_seq < (SELECT seq FROM sale WHERE txn = ?)',
  ).run(totalPaise, transaction);
}

function projectPresence(db: Sqlite, { transaction, outcome, by }: Extract<EntryBody, { kind: 'presence' }>): void {
  db.prepare(
    `INSERT INTO presence VALUES (?, 1, ?, ?, ?) ON CONFLICT (txn) DO UPDATE SET attempts = attempts + 1,
     presses = presses + excluded.presses, in_vain = in_vain + excluded.in_vain, given = coalesce(excluded.given, given)`,
  ).run(transaction, by !== 'witness' && isPress(outcome) ? 1 : 0, isInVain(outcome) ? 1 : 0, outcome === 'given' ? by : null);
}

function beginPaper(db: Sqlite, seq: number, { transaction, copy, marked, shows, printer }: Extract<EntryBody, { kind: 'print-started' }>): void {
  db.prepare("INSERT INTO paper VALUES (?, ?, ?, ?, NULL, NULL, ?, ?, 'perhaps')").run(transaction, copy, marked, shows, printer, seq);
}

/** A print that never started leaves no copy behind: the next attempt is still the same copy. */
function endPaper(db: Sqlite, body: Extract<EntryBody, { kind: 'print-ended' }>): void {
  if (body.outcome === 'not-started') db.prepare('DELETE FROM paper WHERE txn = ? AND copy = ?').run(body.transaction, body.copy);
  else db.prepare('UPDATE paper SET outcome = ?, cause = ? WHERE txn = ? AND copy = ?').run(body.outcome, body.cause, body.transaction, body.copy);
  // `not-told`: a printer that can not confirm took every byte, up to the end of its form.
  if (body.by === 'printer' && (body.outcome === 'printed' || body.cause === 'not-told'))
    db.prepare("UPDATE paper SET remains = 'nothing' WHERE txn = ? AND copy = ?").run(body.transaction, body.copy);
}
