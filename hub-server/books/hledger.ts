import { plainRupees, subtractPaise, ZERO } from '#protocol/money/paise.js';
import type { Books } from './books.js';
import { isPostedMovement, type PostedJournal, type PostedTransfer } from './journal.js';

const PAGE = 1_000;

/**
 * The whole books as an hledger journal (hledger 1.25, `hledger.journal(5)`), chunk by chunk: every journal is one transaction with its day, its
 * key as code, its kind as description and its references as tags; debits are positive. Pending movements change no balance and are left out.
 * Accounts and the commodity are declared first, so `hledger check --strict` holds.
 */
export async function* hledgerJournal(books: Books): AsyncGenerator<string> {
  const { accounts, lastNumber } = await books.position();
  yield `; district ${books.district}, ${lastNumber} journals\ncommodity 1000.00 INR\n\n`;
  for (let i = 0; i < accounts.length; i += PAGE) {
    yield accounts
      .slice(i, i + PAGE)
      .map((account) => `account ${account.code}\n`)
      .join('');
  }
  for (let after = 0n; after < lastNumber;) {
    const page = await books.journalsAfter(after, PAGE);
    const seen = page.filter((journal) => journal.number <= lastNumber);
    yield seen.map(transactionText).join('');
    after = seen.at(-1)?.number ?? lastNumber;
  }
}

function transactionText(journal: PostedJournal): string {
  const postings = journal.transfers.filter(isPostedMovement).map(postingsText).join('');
  return `\n${journal.businessDate} (${journal.key}) ${journal.kind}  ; ${tags(journal)}\n${postings}`;
}

function tags(journal: PostedJournal): string {
  const { transaction, grant, entry, batch, reference } = journal.refs;
  const given = Object.entries({ transaction, grant, entry, batch, reference });
  const refs = given.flatMap(([name, value]) => (value === undefined ? [] : [`${name}:${tagValue(value)}`]));
  return [`number:${journal.number}`, ...refs, ...(journal.reverses === undefined ? [] : [`reverses:${journal.reverses}`])].join(', ');
}

/** A reference may be written by others: a comma would end it, and `date:` or `[…]` in a comment would move the posting to another day. */
function tagValue(text: string): string {
  return text.replace(/[,:;[\]]/gu, '_');
}

function postingsText(t: PostedTransfer): string {
  const item = t.item === undefined ? '' : `  ; item:${tagValue(t.item)}`;
  const credit = subtractPaise(ZERO, t.amountPaise);
  return `    ${t.debit}  ${plainRupees(t.amountPaise)} INR${item}\n    ${t.credit}  ${plainRupees(credit)} INR${item}\n`;
}
