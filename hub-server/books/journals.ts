import type { DepartmentCode, GrantId, KioskCode, TransactionId } from '#protocol/identity/identity.js';
import { addPaise, type Paise } from '#protocol/money/paise.js';
import { assert } from '#protocol/result/result.js';
import type { BusinessDate, UnixMs } from '#protocol/time/time.js';
import type { AccountSpec } from './account.js';
import {
  bankMain,
  citizenRefund,
  feeAccruedUnshared,
  kioskReceivable,
  payable,
  refundReceivable,
  reserve,
  serviceChargeReceivable,
  wallet,
} from './chart.js';
import type { JournalDraft, JournalKey, PostedJournal, TransferDraft } from './journal.js';

/** When a journal is posted: the books' day and the hub's clock. */
export type When = { readonly businessDate: BusinessDate; readonly at: UnixMs };

/** SHA-256 of a kiosk's signed entry, in lower-case hex: the identity of what a kiosk did. */
export type EntryHash = string;

/** Enough of an entry's hash to tell any two entries apart; the whole stands in the journal's references. */
const entryPart = (entry: EntryHash): string => entry.slice(0, 32);

/**
 * All names come from one place, so that a retry builds the same key. What one entry did is told apart by its hash, since a copied disk can sign
 * two sales under one transaction id (I6); the transaction id stands before it because ids sort by time, and an index that grows at its end
 * stays fast however long it gets.
 */
export const JOURNAL_KEYS = {
  topup: (reference: string): JournalKey => `topup:${reference}`,
  grantReserve: (grant: GrantId, number: number): JournalKey => `grant:${grant}:${number}`,
  grantRelease: (grant: GrantId, cause: string): JournalKey => `grant-release:${grant}:${cause}`,
  sale: (transaction: TransactionId, entry: EntryHash): JournalKey => `sale:${transaction}:${entryPart(entry)}`,
  saleRefused: (transaction: TransactionId, entry: EntryHash): JournalKey => `sale-refused:${transaction}:${entryPart(entry)}`,
  refundDue: (transaction: TransactionId, entry: EntryHash): JournalKey => `refund-due:${transaction}:${entryPart(entry)}`,
  remit: (batch: string): JournalKey => `remit:${batch}`,
  remitOutcome: (batch: string, transaction: TransactionId): JournalKey => `remit-outcome:${batch}:${transaction}`,
};

/** Moves a sum; nothing when it is zero, since a transfer moves at least one paisa. */
export function move(debit: AccountSpec, credit: AccountSpec, amountPaise: Paise, more: { readonly item?: string } = {}): readonly TransferDraft[] {
  assert(amountPaise >= 0n, 'a journal is built from sums that are not negative');
  return amountPaise === 0n ? [] : [{ kind: 'posted', debit: debit.code, credit: credit.code, amountPaise, ...more }];
}

/** TOPUP: money that the bank has shown goes to a kiosk's wallet. Dr 1010, Cr 2010. `reference` is the bank's, and is posted once. */
export function topup(t: { readonly reference: string; readonly kiosk: KioskCode; readonly amountPaise: Paise; readonly when: When }): JournalDraft {
  return {
    key: JOURNAL_KEYS.topup(t.reference),
    kind: 'TOPUP',
    ...t.when,
    refs: { reference: t.reference },
    opens: [bankMain(), wallet(t.kiosk)],
    transfers: move(bankMain(), wallet(t.kiosk), t.amountPaise),
  };
}

/**
 * GRANT_RESERVE: sets money of the wallet apart for a grant, before the grant is signed. Dr 2010, Cr 2015. Number 1 issues; a higher number
 * raises a lease by `addPaise`, the difference of its limits. Refused with `exceeds-credits` when the wallet is too small: take a new grant id.
 */
export function grantReserve(g: {
  readonly grant: GrantId;
  readonly number: number;
  readonly kiosk: KioskCode;
  readonly addPaise: Paise;
  readonly transaction?: TransactionId;
  readonly when: When;
}): JournalDraft {
  return {
    key: JOURNAL_KEYS.grantReserve(g.grant, g.number),
    kind: 'GRANT_RESERVE',
    ...g.when,
    refs: { grant: g.grant, ...(g.transaction === undefined ? {} : { transaction: g.transaction }) },
    opens: [reserve(g.grant)],
    transfers: move(wallet(g.kiosk), reserve(g.grant), g.addPaise),
  };
}

/**
 * GRANT_RELEASE: gives what is left of a reserve back to the wallet. Dr 2015, Cr 2010. `limitPaise` is the grant's whole limit: the engine moves
 * what is there, none if all was spent. `cause` tells releases of one grant apart: `close`, or the entry that gave something back later.
 */
export function grantRelease(g: {
  readonly grant: GrantId;
  readonly kiosk: KioskCode;
  readonly limitPaise: Paise;
  readonly cause: string;
  readonly when: When;
}): JournalDraft {
  return {
    key: JOURNAL_KEYS.grantRelease(g.grant, g.cause),
    kind: 'GRANT_RELEASE',
    ...g.when,
    refs: { grant: g.grant },
    opens: [],
    transfers: [
      { kind: 'posted', debit: reserve(g.grant).code, credit: wallet(g.kiosk).code, amountPaise: g.limitPaise, shortfall: { kind: 'drop' } },
    ],
  };
}

export type Sale = {
  readonly entry: EntryHash;
  readonly transaction: TransactionId;
  readonly kiosk: KioskCode;
  readonly department: DepartmentCode;
  /** Absent when the entry names no grant that the hub has issued to this kiosk: the kiosk then owes the whole. */
  readonly grant?: GrantId;
  readonly billPaise: Paise;
  readonly citizenFeePaise: Paise;
  readonly departmentFeePaise: Paise;
  readonly when: When;
};

/**
 * SALE: the citizen holds a receipt, so the department is credited in full. Dr 2015 as far as the reserve goes and Dr 1080 for the rest, Cr 2020
 * (bill) and Cr 2035 (citizen's fee); the department's fee accrues Dr 1090, Cr 2035.
 */
export function sale(s: Sale): JournalDraft {
  const owed = kioskReceivable(s.kiosk);
  const pay = (credit: AccountSpec, amountPaise: Paise): readonly TransferDraft[] => {
    if (s.grant === undefined || amountPaise === 0n) return move(owed, credit, amountPaise);
    return [{ kind: 'posted', debit: reserve(s.grant).code, credit: credit.code, amountPaise, shortfall: { kind: 'from', debit: owed.code } }];
  };
  const fee = addPaise(s.citizenFeePaise, s.departmentFeePaise) === 0n ? [] : [feeAccruedUnshared()];
  const charge = s.departmentFeePaise === 0n ? [] : [serviceChargeReceivable(s.department)];
  return {
    key: JOURNAL_KEYS.sale(s.transaction, s.entry),
    kind: 'SALE',
    ...s.when,
    refs: { transaction: s.transaction, entry: s.entry, ...(s.grant === undefined ? {} : { grant: s.grant }) },
    opens: [owed, payable(s.department), ...fee, ...charge],
    transfers: [
      ...pay(payable(s.department), s.billPaise),
      ...pay(feeAccruedUnshared(), s.citizenFeePaise),
      ...move(serviceChargeReceivable(s.department), feeAccruedUnshared(), s.departmentFeePaise),
    ],
  };
}

/** What a sale took from the grant's reserve and what the kiosk is left owing for it: the second is an exception to be looked into (I8). */
export function fundingOf(posted: PostedJournal): { readonly fundedPaise: Paise; readonly unfundedPaise: Paise } {
  const debited = (number: string): Paise =>
    addPaise(...posted.transfers.filter((t) => t.kind === 'posted' && t.debit.startsWith(number)).map((t) => t.amountPaise));
  return { fundedPaise: debited('2015:'), unfundedPaise: debited('1080:') };
}

/** Undoes every movement of a posted journal, last first, which is the only form of correction that the engine takes. */
export function mirrorOf(original: PostedJournal): readonly TransferDraft[] {
  return original.transfers
    .toReversed()
    .map((t): TransferDraft => ({ kind: 'posted', debit: t.credit, credit: t.debit, amountPaise: t.amountPaise }));
}

/**
 * SALE_REFUSED: the department refused and the cash went back to the citizen. Reverses the sale; its reserve is whole again, so follow it, in the
 * same transaction, by `grantRelease` with this entry as cause. `entry` is the kiosk's entry that records the refusal.
 */
export function saleRefused(r: {
  readonly original: PostedJournal;
  readonly transaction: TransactionId;
  readonly entry: EntryHash;
  readonly when: When;
}): JournalDraft {
  const { transaction, grant } = r.original.refs;
  assert(r.original.kind === 'SALE' && transaction === r.transaction, `${r.original.key} is the sale of ${r.transaction}`);
  return {
    key: JOURNAL_KEYS.saleRefused(r.transaction, r.entry),
    kind: 'SALE_REFUSED',
    ...r.when,
    refs: { entry: r.entry, transaction, ...(grant === undefined ? {} : { grant }) },
    reverses: r.original.key,
    opens: [],
    transfers: mirrorOf(r.original),
  };
}

/**
 * REFUND_DUE: the money stays with the society until its citizen fetches it: a refusal that came after the citizen had left, or a bill paid at
 * two counters. Dr 2020 where the department has not had it yet, Dr 1095 where it has; Cr 2060. Fees are given back too.
 */
export function refundDue(r: {
  /** The sale entry whose payment is given back. */
  readonly entry: EntryHash;
  readonly transaction: TransactionId;
  readonly department: DepartmentCode;
  readonly moneyIsWith: 'society' | 'department';
  readonly billPaise: Paise;
  readonly citizenFeePaise: Paise;
  readonly departmentFeePaise: Paise;
  readonly when: When;
}): JournalDraft {
  const from = r.moneyIsWith === 'society' ? payable(r.department) : refundReceivable(r.department);
  return {
    key: JOURNAL_KEYS.refundDue(r.transaction, r.entry),
    kind: 'REFUND_DUE',
    ...r.when,
    refs: { transaction: r.transaction, entry: r.entry },
    opens: [citizenRefund(), ...(r.moneyIsWith === 'department' ? [from] : [])],
    transfers: [
      ...move(from, citizenRefund(), r.billPaise),
      ...move(feeAccruedUnshared(), citizenRefund(), r.citizenFeePaise),
      ...move(feeAccruedUnshared(), serviceChargeReceivable(r.department), r.departmentFeePaise),
    ],
  };
}
