import type { PostedJournal } from './journal.js';

export type DifferentField =
  | 'kind'
  | 'refs'
  | 'reverses'
  | 'transfers'
  | 'transfer-kind'
  | 'transfer-id'
  | 'debit'
  | 'credit'
  | 'amount'
  | 'pending-id'
  | 'item'
  | 'shortfall';

/**
 * Why a journal was not posted, in the order in which they are looked for: where several hold, the first is told. From `transfer-id-exists`
 * on, legs are tried in their order and the first leg that fails decides.
 */
export const REFUSALS = [
  'journal-malformed',
  'id-already-failed',
  // `exists-with-different-<field>` and `exists` stand here.
  'original-not-found',
  'original-is-a-reversal',
  'already-reversed',
  'reversal-not-a-mirror',
  'account-differs',
  'transfer-id-exists',
  'amount-must-be-positive',
  'accounts-must-differ',
  'account-not-found',
  'pending-transfer-not-found',
  'pending-transfer-not-pending',
  'exceeds-pending-amount',
  'already-posted',
  'already-voided',
  'account-closed',
  'overflows',
  'exceeds-credits',
  'exceeds-debits',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/**
 * Refusals that could turn out otherwise if the same request came again later. Such a refusal burns the journal's key and the failing transfer's
 * own id: a retry hears `id-already-failed` for ever, so a request whose answer was lost can never take effect behind its caller's back.
 */
export const TRANSIENT_REFUSALS: ReadonlySet<Refusal> = new Set<Refusal>([
  'original-not-found',
  'account-not-found',
  'pending-transfer-not-found',
  'account-closed',
  'exceeds-credits',
  'exceeds-debits',
]);

export type PostedResult = { readonly result: 'created' | 'exists'; readonly journal: PostedJournal };
export type RefusedResult = {
  readonly result: Refusal | `exists-with-different-${DifferentField}`;
  /** The leg that decided, from 1; undefined when the journal as a whole did. */
  readonly leg: number | undefined;
  /** For people: which account, how much is there, what was refused before. */
  readonly detail: string;
};
export type PostResult = PostedResult | RefusedResult;

/** True when the journal stands in the books, now or already. */
export function isPosted(result: PostResult): result is PostedResult {
  return result.result === 'created' || result.result === 'exists';
}

/** What a refusal means to the person who looks after the hub. */
export const REFUSAL_TEXT: Readonly<Record<Refusal, string>> = {
  'journal-malformed': 'the journal is not well formed; nothing was posted',
  'id-already-failed': 'this journal was refused before; a new attempt needs a new key',
  'original-not-found': 'the journal to be reversed is not in the books',
  'original-is-a-reversal': 'a reversal is not itself reversed; post the event again under a new key',
  'already-reversed': 'the journal has been reversed already',
  'reversal-not-a-mirror': 'a reversal must undo every transfer of its original, and nothing else',
  'account-differs': 'the account is open with another normal side or guard',
  'transfer-id-exists': 'another journal holds a transfer with this id',
  'amount-must-be-positive': 'a transfer moves at least one paisa',
  'accounts-must-differ': 'an account can not pay itself',
  'account-not-found': 'the account is not open',
  'pending-transfer-not-found': 'the pending transfer is not in the books',
  'pending-transfer-not-pending': 'the transfer named is not a pending one',
  'exceeds-pending-amount': 'more than the pending sum can not be posted',
  'already-posted': 'the pending transfer has been posted already',
  'already-voided': 'the pending transfer has been voided already',
  'account-closed': 'the account is closed',
  overflows: 'the sum is larger than the books can hold',
  'exceeds-credits': 'the account does not hold enough',
  'exceeds-debits': 'the account would be credited beyond its debits',
};
