import Database from 'better-sqlite3';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TransactionId } from '#protocol/identity/identity.js';
import { openEntry, type Entry, type SaleBody, type SignedEntry } from '#protocol/ledger/entry.js';
import type { Paise } from '#protocol/money/paise.js';
import type { VerifyKey } from '#protocol/signing/keys.js';

export type Sheet = { readonly copy: number; readonly marked: 'original' | 'duplicate' | 'slip'; end: 'open' | 'printed' | 'unknown' };

/** One transaction as its entries tell it, read here a second time and by other code than the agent's read models. */
export type Told = {
  readonly transaction: TransactionId;
  readonly totalPaise: Paise;
  state: 'quoted' | 'sold' | 'abandoned';
  why: string;
  sale: SaleBody | undefined;
  saleHash: string;
  seq: number;
  outcome: 'none' | 'asking' | 'received' | 'posted' | 'refused' | 'returned' | 'refund-due';
  sheets: Sheet[];
};

export type Truth = {
  readonly entries: readonly Entry[];
  readonly transactions: readonly Told[];
  /** Cash that must lie in the open till, its float with it. */
  readonly tillPaise: bigint;
  readonly tillSales: number;
};

/** What the chain says, entry by entry. Throws where entries contradict each other: no agent may ever write that. */
export function tellChain(signed: readonly SignedEntry[]): Truth {
  const all = new Map<string, Told>();
  let tillPaise = 0n;
  let tillSales = 0;
  for (const { entry, hash } of signed) {
    const { body, seq } = entry;
    if (body.kind === 'quoted') {
      if (all.has(body.transaction)) throw new Error(`entry ${seq}: ${body.transaction} is quoted twice`);
      const { transaction, totalPaise } = body;
      all.set(transaction, { transaction, totalPaise, state: 'quoted', why: '', sale: undefined, saleHash: '', seq, outcome: 'none', sheets: [] });
    } else if ('transaction' in body) {
      const told = all.get(body.transaction);
      if (told === undefined) throw new Error(`entry ${seq}: ${body.kind} of ${body.transaction}, which has no quote on disk`);
      follow(told, entry, Buffer.from(hash).toString('hex'));
    }
    if (body.kind === 'till-opened') [tillPaise, tillSales] = [body.floatPaise, 0];
    if (body.kind === 'sale') [tillPaise, tillSales] = [tillPaise + body.totalPaise, tillSales + 1];
    if (body.kind === 'returned') [tillPaise, tillSales] = [tillPaise - body.totalPaise, tillSales - 1];
  }
  return { entries: signed.map((s) => s.entry), transactions: [...all.values()], tillPaise, tillSales };
}

function follow(told: Told, { body, seq }: Entry, hash: string): void {
  const must = (holds: boolean, what: string): void => {
    if (!holds) throw new Error(`entry ${seq}: ${body.kind} of ${told.transaction} ${what} (${told.state}, ${told.outcome})`);
  };
  switch (body.kind) {
    case 'abandoned':
      must(told.state === 'quoted', 'follows no open quote');
      Object.assign(told, { state: 'abandoned', why: body.reason });
      return;
    case 'sale':
      must(told.state === 'quoted' && body.totalPaise === told.totalPaise, 'follows no open quote of its sum');
      Object.assign(told, { state: 'sold', sale: body, saleHash: hash, seq, outcome: body.mode === 'online' ? 'asking' : 'received' });
      return;
    case 'confirmed':
      must(told.outcome === 'asking' || told.outcome === 'received', 'has its last word already');
      told.outcome = 'posted';
      return;
    case 'refused':
      must(told.outcome === 'asking' || told.outcome === 'received', 'has its last word already');
      told.outcome = body.cash === 'to-return' ? 'refused' : 'refund-due';
      return;
    case 'returned':
      must(told.outcome === 'refused' && body.totalPaise === told.totalPaise, 'gives back what was not refused');
      told.outcome = 'returned';
      return;
    case 'print-started':
      must(told.state === 'sold' && !told.sheets.some((s) => s.copy === body.copy || s.end === 'open'), 'begins a copy that was begun before');
      must((body.copy === 1) === (body.marked === 'original') || body.marked === 'slip', 'does not say what it is');
      must(body.marked !== 'slip' || told.outcome === 'returned', 'says on paper that the cash is back, and it is not');
      told.sheets.push({ copy: body.copy, marked: body.marked, end: 'open' });
      return;
    case 'print-ended':
      return endSheet(told, body.copy, body.outcome, must);
    default:
  }
}

function endSheet(told: Told, copy: number, outcome: 'printed' | 'not-started' | 'unknown', must: (holds: boolean, what: string) => void): void {
  const sheet = told.sheets.find((s) => s.copy === copy);
  must(sheet !== undefined, 'ends a copy that was not begun');
  if (sheet === undefined) return;
  must(sheet.end === 'open' || outcome === 'printed', 'ends a copy twice');
  if (outcome === 'not-started') told.sheets = told.sheets.filter((s) => s !== sheet);
  else sheet.end = outcome;
}

function readEntries(path: string, key: VerifyKey): readonly SignedEntry[] {
  const db = new Database(path, { readonly: true });
  try {
    return db
      .prepare<[], { bytes: Buffer }>('SELECT bytes FROM entry ORDER BY seq')
      .all()
      .map(({ bytes }) => {
        const opened = openEntry(key, bytes);
        if (!opened.ok) throw new Error(opened.error.detail);
        return opened.value;
      });
  } finally {
    db.close();
  }
}

/** The chain of a running agent, read beside it. */
export function readLiveChain(kioskDir: string, key: VerifyKey): Truth {
  return tellChain(readEntries(join(kioskDir, 'ledger.sqlite'), key));
}

/** The chain that a kill left. Read from a copy: opening the files themselves would repair them before the agent has to. */
export function readDeadChain(kioskDir: string, key: VerifyKey): Truth {
  const folder = mkdtempSync(join(tmpdir(), 'jharokha-dead-'));
  try {
    for (const name of ['ledger.sqlite', 'ledger.sqlite-wal']) {
      if (existsSync(join(kioskDir, name))) copyFileSync(join(kioskDir, name), join(folder, name));
    }
    // The copy needs its write-ahead log taken in, which a reader alone may not do.
    new Database(join(folder, 'ledger.sqlite')).close();
    return tellChain(readEntries(join(folder, 'ledger.sqlite'), key));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How many departments' bills the kiosk keeps whole, for the time without the link. */
export function countMasterFiles(kioskDir: string): bigint {
  const db = new Database(join(kioskDir, 'ledger.sqlite'), { readonly: true });
  try {
    db.defaultSafeIntegers(true);
    return db.prepare<[], { n: bigint }>('SELECT count(*) AS n FROM master').get()?.n ?? 0n;
  } finally {
    db.close();
  }
}

export function newestSale(truth: Truth): Told | undefined {
  return truth.transactions
    .filter((t) => t.state === 'sold')
    .toSorted((a, b) => a.seq - b.seq)
    .at(-1);
}

/** What must stand on the screen first after a restart, for this chain. */
export type Expected =
  | { readonly screen: 'refused'; readonly sale: Told }
  | { readonly screen: 'print-trouble'; readonly ask: 'fix' | 'did-it-print'; readonly sale: Told }
  | { readonly screen: 'menu'; readonly abandoned: Told | undefined };

/** Cash first, then the newest receipt, then what became of the sale that never was. */
export function expectedScreen(truth: Truth): Expected {
  const owed = truth.transactions.filter((t) => t.outcome === 'refused').toSorted((a, b) => a.seq - b.seq)[0];
  if (owed !== undefined) return { screen: 'refused', sale: owed };
  const newest = newestSale(truth);
  const sheet = newest?.sheets.at(-1);
  if (newest !== undefined && sheet === undefined && newest.outcome !== 'returned') return { screen: 'print-trouble', ask: 'fix', sale: newest };
  if (newest !== undefined && sheet !== undefined && sheet.end !== 'printed') return { screen: 'print-trouble', ask: 'did-it-print', sale: newest };
  return { screen: 'menu', abandoned: abandonedByRestart(truth) };
}

/** The newest transaction, when a restart and nobody else ended it. */
export function abandonedByRestart(truth: Truth): Told | undefined {
  const last = truth.transactions.at(-1);
  return last?.state === 'abandoned' && last.why === 'restart' ? last : undefined;
}
