import type { DistrictCode } from '#protocol/identity/identity.js';
import type { Paise } from '#protocol/money/paise.js';
import type { BusinessDate, UnixMs } from '#protocol/time/time.js';
import type { Account, AccountCode, AccountSpec, Side } from './account.js';
import type { JournalDraft, JournalKey, JournalKind, JournalRefs, PostedJournal } from './journal.js';
import type { PostResult } from './post-result.js';

/** An adapter over a synchronous engine answers at once, one over a network later; callers that `await` serve both. */
export type Answer<T> = T | Promise<T>;

export type OpenResult = {
  readonly result: 'created' | 'exists' | 'exists-with-different-normal' | 'exists-with-different-guard';
  readonly account: Account;
};
export type CloseResult = 'closed' | 'already-closed' | 'account-not-found';

/** One movement of an account. `balancePaise` is the posted balance on its normal side, after the movement. */
export type StatementLine = {
  readonly number: bigint;
  readonly leg: number;
  readonly transferId: string;
  readonly key: JournalKey;
  readonly kind: JournalKind;
  readonly businessDate: BusinessDate;
  readonly at: UnixMs;
  readonly refs: JournalRefs;
  readonly item?: string;
  readonly side: Side;
  readonly counterAccount: AccountCode;
  readonly amountPaise: Paise;
  readonly balancePaise: Paise;
};

/** Place of a line in the order of posting; give it back as `after` to read on. */
export type StatementCursor = { readonly number: bigint; readonly leg: number; readonly part: number };

/** Days are inclusive, of the books (`businessDate`). Lines come in the order of posting, so a late one stands where it was posted. */
export type StatementQuery = {
  readonly account: AccountCode;
  readonly from?: BusinessDate;
  readonly to?: BusinessDate;
  readonly after?: StatementCursor;
  readonly limit: number;
};

export type Statement = {
  readonly account: Account;
  /** Balance before the first line; undefined when there is no line. */
  readonly openingPaise: Paise | undefined;
  readonly lines: readonly StatementLine[];
  /** Where to read on; undefined when these are all. */
  readonly next: StatementCursor | undefined;
};

/** All accounts and the last journal, seen at one moment. */
export type Position = { readonly lastNumber: bigint; readonly accounts: readonly Account[] };

/**
 * The books of one district: the narrow door behind which an engine stands. Every refusal that a caller can meet is a value; what throws is a
 * defect or a failed disk. Results come in the order of what was asked.
 */
export type Books = {
  readonly district: DistrictCode;

  /** Opens accounts that are not open yet; the rest are told apart. Joins the caller's transaction when one is open. */
  openAccounts(specs: readonly AccountSpec[], at: UnixMs): Answer<readonly OpenResult[]>;
  /** No further posting to or from it, for ever; pending transfers of it can still be voided. Joins likewise. */
  closeAccount(code: AccountCode): Answer<CloseResult>;

  postJournal(draft: JournalDraft): Answer<PostResult>;
  /** Many journals in one durable transaction; each is posted or refused by itself, in order. */
  postJournals(drafts: readonly JournalDraft[]): Answer<readonly PostResult[]>;
  /** The same within the caller's open transaction: durable when the caller commits, gone when it does not. */
  postJournalsWithin(drafts: readonly JournalDraft[]): Answer<readonly PostResult[]>;

  account(code: AccountCode): Answer<Account | undefined>;
  journal(key: JournalKey): Answer<PostedJournal | undefined>;
  /** Every journal whose `refs.transaction` is this one, in the order of posting. */
  journalsOfTransaction(transaction: string): Answer<readonly PostedJournal[]>;
  /** Undefined when the account is not open. */
  statement(query: StatementQuery): Answer<Statement | undefined>;

  /** Accounts as they stand, without those kept for one event that are empty again. Sorted by code. */
  liveAccounts(): Answer<readonly Account[]>;
  position(): Answer<Position>;
  /** The next journals by number, at most `limit`: to walk the whole history without holding it, or the engine. */
  journalsAfter(number: bigint, limit: number): Answer<readonly PostedJournal[]>;
};
