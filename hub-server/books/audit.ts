import { paise, type Paise } from '#protocol/money/paise.js';
import { NO_COUNTERS, balanceOf, type Account, type AccountCode, type Counters } from './account.js';
import type { Books } from './books.js';
import { chartRowOf } from './chart.js';
import type { PostedJournal, PostedTransfer } from './journal.js';
import { totalsOf } from './trial-balance.js';

/**
 * L1: debits equal credits, posted and pending. L2: a guarded account is never overdrawn after any transfer. L5: a reversal mirrors its original,
 * once. I1: a wallet is never below zero. I2: a grant spends no more than its reserve. I3: every counter is what its transfers make it.
 */
export type Invariant = 'L1' | 'L2' | 'L5' | 'I1' | 'I2' | 'I3';

export type BookFault = {
  readonly invariant: Invariant;
  /** Account code or journal key. */
  readonly where: string;
  readonly detail: string;
};

/** More faults than this say nothing more: the rest is cut. */
export const FAULTS_MAX = 1_000;
const PAGE = 1_000;

/**
 * Reads the whole history of a district and derives every counter and every kept balance anew, trusting none of them. Walks by pages and holds no
 * lock, so posting may go on meanwhile: journals after the first look are left for the next audit. Empty when the books are sound.
 */
export async function checkBooks(books: Books): Promise<readonly BookFault[]> {
  const { accounts, lastNumber } = await books.position();
  const audit = new Audit(accounts);
  for (let after = 0n; after < lastNumber && audit.faults.length < FAULTS_MAX;) {
    const page = (await books.journalsAfter(after, PAGE)).filter((journal) => journal.number <= lastNumber);
    for (const journal of page) audit.journal(journal, journal.reverses === undefined ? undefined : await books.journal(journal.reverses));
    after = page.at(-1)?.number ?? lastNumber;
  }
  audit.end();
  return audit.faults.slice(0, FAULTS_MAX);
}

type Derived = Counters & Pick<Account, 'code' | 'normal' | 'guard'>;

class Audit {
  readonly faults: BookFault[] = [];
  readonly #accounts: ReadonlyMap<string, Account>;
  readonly #derived = new Map<string, Derived>();
  readonly #pendings = new Map<string, PostedTransfer>();
  readonly #resolved = new Map<string, string>();
  readonly #reversedBy = new Map<string, string>();
  #number = 0n;

  constructor(accounts: readonly Account[]) {
    this.#accounts = new Map(accounts.map((account) => [account.code, account]));
    for (const account of accounts) {
      this.#derived.set(account.code, { ...NO_COUNTERS, code: account.code, normal: account.normal, guard: account.guard });
      const row = chartRowOf(account.code);
      if (row !== undefined && (row.normal !== account.normal || row.guard !== account.guard)) {
        this.#fault('L2', account.code, `open as ${account.normal}, ${account.guard}; the chart says ${row.normal}, ${row.guard}`);
      }
    }
  }

  /** @param original the journal that this one says it reverses, as the books have it */
  journal(journal: PostedJournal, original: PostedJournal | undefined): void {
    this.#number += 1n;
    if (journal.number !== this.#number) {
      this.#fault('I3', journal.key, `journal ${journal.number} stands where ${this.#number} was expected`);
      this.#number = journal.number;
    }
    for (const transfer of journal.transfers) this.#transfer(transfer);
    this.#reversal(journal, original);
  }

  end(): void {
    const totals = totalsOf([...this.#accounts.values()]);
    if (totals.debitsPosted !== totals.creditsPosted) this.#fault('L1', 'posted', `${totals.debitsPosted} debits, ${totals.creditsPosted} credits`);
    if (totals.debitsPending !== totals.creditsPending)
      this.#fault('L1', 'pending', `${totals.debitsPending} debits, ${totals.creditsPending} credits`);
    for (const [code, account] of this.#accounts) {
      const derived = this.#derived.get(code);
      for (const name of ['debitsPending', 'debitsPosted', 'creditsPending', 'creditsPosted'] as const) {
        if (derived?.[name] !== account[name]) this.#fault('I3', code, `${name} is ${account[name]}, its transfers make ${derived?.[name]}`);
      }
    }
  }

  #transfer(t: PostedTransfer): void {
    const [pending, posted] = this.#effect(t);
    this.#move(t, t.debit, 'debit', pending, posted, t.debitBalancePaise);
    this.#move(t, t.credit, 'credit', pending, posted, t.creditBalancePaise);
  }

  /** How far a transfer moves the pending and the posted counters of both its accounts. */
  #effect(t: PostedTransfer): readonly [bigint, bigint] {
    switch (t.kind) {
      case 'posted':
        return [0n, t.amountPaise];
      case 'pending':
        this.#pendings.set(t.id, t);
        return [t.amountPaise, 0n];
      case 'post-pending':
      case 'void-pending': {
        const reserved = this.#reservedBy(t);
        return [-reserved, t.kind === 'post-pending' ? t.amountPaise : 0n];
      }
    }
  }

  #reservedBy(t: PostedTransfer): bigint {
    const name = t.pendingId ?? '';
    const pending = this.#pendings.get(name);
    const already = this.#resolved.get(name);
    this.#resolved.set(name, t.id);
    if (already !== undefined) this.#fault('I3', t.id, `${name} was resolved already by ${already}`);
    if (pending === undefined) {
      this.#fault('I3', t.id, `resolves ${name}, which is not pending before it`);
      return 0n;
    }
    if (pending.debit !== t.debit || pending.credit !== t.credit) this.#fault('I3', t.id, `resolves ${name} between other accounts`);
    const isWhole = t.kind === 'void-pending' ? t.amountPaise === pending.amountPaise : t.amountPaise <= pending.amountPaise;
    if (!isWhole) this.#fault('I3', t.id, `${t.amountPaise} of ${pending.amountPaise} paise pending in ${name}`);
    return pending.amountPaise;
  }

  #move(t: PostedTransfer, code: AccountCode, side: 'debit' | 'credit', pending: bigint, posted: bigint, kept: Paise): void {
    const before = this.#derived.get(code);
    if (before === undefined) return this.#fault('I3', t.id, `${code} is not open`);
    const after: Derived =
      side === 'debit'
        ? { ...before, debitsPending: paise(before.debitsPending + pending), debitsPosted: paise(before.debitsPosted + posted) }
        : { ...before, creditsPending: paise(before.creditsPending + pending), creditsPosted: paise(before.creditsPosted + posted) };
    this.#derived.set(code, after);
    if (balanceOf(after) !== kept) this.#fault('I3', t.id, `${code} kept the balance ${kept}, its transfers make ${balanceOf(after)}`);
    const overdrawn = overdraftOf(after);
    if (overdrawn !== undefined) this.#fault(guardInvariant(code), code, `${overdrawn} after ${t.id}`);
  }

  #reversal(journal: PostedJournal, original: PostedJournal | undefined): void {
    if (journal.reverses === undefined) return;
    const named = journal.reverses;
    if (original === undefined || original.number >= journal.number)
      return this.#fault('L5', journal.key, `reverses ${named}, which is not before it`);
    if (original.reverses !== undefined) this.#fault('L5', journal.key, `reverses ${named}, itself a reversal`);
    const already = this.#reversedBy.get(named);
    if (already !== undefined) this.#fault('L5', journal.key, `${named} was reversed already by ${already}`);
    this.#reversedBy.set(named, journal.key);
    if (!netsToZero([...original.transfers, ...journal.transfers])) this.#fault('L5', journal.key, `does not undo ${named}`);
  }

  #fault(invariant: Invariant, where: string, detail: string): void {
    this.faults.push({ invariant, where, detail });
  }
}

function overdraftOf(a: Derived): string | undefined {
  if (a.guard === 'debits-must-not-exceed-credits' && a.debitsPosted + a.debitsPending > a.creditsPosted) {
    return `debits ${a.debitsPosted} and pending ${a.debitsPending} exceed credits ${a.creditsPosted}`;
  }
  if (a.guard === 'credits-must-not-exceed-debits' && a.creditsPosted + a.creditsPending > a.debitsPosted) {
    return `credits ${a.creditsPosted} and pending ${a.creditsPending} exceed debits ${a.debitsPosted}`;
  }
  return undefined;
}

function guardInvariant(code: AccountCode): Invariant {
  return code.startsWith('2010:') ? 'I1' : code.startsWith('2015:') ? 'I2' : 'L2';
}

function netsToZero(transfers: readonly PostedTransfer[]): boolean {
  const net = new Map<string, bigint>();
  for (const t of transfers) {
    net.set(t.debit, (net.get(t.debit) ?? 0n) + t.amountPaise);
    net.set(t.credit, (net.get(t.credit) ?? 0n) - t.amountPaise);
  }
  return [...net.values()].every((sum) => sum === 0n);
}
