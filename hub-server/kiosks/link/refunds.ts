import { departmentCode, type TransactionId } from '#protocol/identity/identity.js';
import { addPaise, type Paise } from '#protocol/money/paise.js';
import { assert } from '#protocol/result/result.js';
import { businessDate } from '#protocol/time/time.js';
import type { PostedJournal, PostedTransfer } from '../../books/journal.js';
import { refundDue } from '../../books/journals.js';
import { isPosted } from '../../books/post-result.js';
import type { SqliteBooks } from '../../books/sqlite/sqlite-books.js';
import type { Hub } from '../../hub.js';
import { findPosting } from '../../services/postings.js';
import type { BookOutcome } from '../../services/settle.js';

/** The journal of a sale; undefined when none of this transaction was posted. */
export function saleJournalOf(books: SqliteBooks, transaction: TransactionId): PostedJournal | undefined {
  return books.journalsOfTransaction(transaction).find((journal) => journal.kind === 'SALE');
}

/** The citizen of a posted sale has a right to the money back: moves it to what the society owes citizens. Inside the caller's transaction; once for each sale. */
export function bookRefund(hub: Hub, books: SqliteBooks, transaction: TransactionId): void {
  const original = saleJournalOf(books, transaction);
  const posting = findPosting(hub, transaction);
  assert(original?.refs.entry !== undefined && posting !== undefined, `sale ${transaction} is in the books`);
  const sum = (test: (t: PostedTransfer) => boolean): Paise => addPaise(...original.transfers.filter(test).map((t) => t.amountPaise));
  const at = hub.now();
  const [posted] = books.postJournalsWithin([
    refundDue({
      entry: original.refs.entry,
      transaction,
      department: departmentCode.parse(posting.department),
      moneyIsWith: 'society',
      billPaise: sum((t) => t.credit.startsWith('2020:')),
      citizenFeePaise: sum((t) => t.credit.startsWith('2035:') && !t.debit.startsWith('1090:')),
      departmentFeePaise: sum((t) => t.debit.startsWith('1090:')),
      when: { businessDate: businessDate(at), at },
    }),
  ]);
  assert(posted !== undefined && isPosted(posted), `refund of ${transaction}: ${posted !== undefined && 'detail' in posted ? posted.detail : ''}`);
}

/** Books what a department's answer changes: a refusal that comes when nobody stands at the counter any more. */
export function bookOutcome(hub: Hub, books: SqliteBooks): BookOutcome {
  return (ended) => {
    if (ended.state === 'refund-due') bookRefund(hub, books, ended.transaction);
  };
}
