import type { Books } from '../../../../hub-server/books/books.js';
import { JAIPUR, draft, posted, spec, type BooksFactory } from '../fixtures.js';

export const BANK = spec('1010:bank:main', 'debit');
export const WALLET = spec('2010:wallet:d35k1111', 'credit', 'debits-must-not-exceed-credits');
export const OTHER = spec('2010:wallet:d35k2222', 'credit', 'debits-must-not-exceed-credits');
export const OWED = spec('1080:receivable:kiosk:d35k1111', 'debit');
export const CASH = spec('1030:cash-in-transit:c1', 'debit', 'credits-must-not-exceed-debits');
export const CLOSED = spec('2090:bank-suspense:credits', 'credit');
export const PAYABLE = spec('2020:payable:JVVNL', 'credit', 'debits-must-not-exceed-credits');
export const NOWHERE = spec('2010:wallet:nobody', 'credit', 'debits-must-not-exceed-credits');

/** Runs a test on fresh books with the accounts above open (`NOWHERE` is not, `CLOSED` is closed) and 1,000 paise in `WALLET`. */
export async function withBooks(factory: BooksFactory, test: (books: Books) => Promise<void>): Promise<void> {
  const world = await factory();
  try {
    const books = world.of(JAIPUR);
    await books.openAccounts([BANK, WALLET, OTHER, OWED, CASH, CLOSED, PAYABLE], 1);
    await books.closeAccount(CLOSED.code);
    await books.postJournal(draft('topup:first', [posted(BANK, WALLET, 1_000n)]));
    await test(books);
  } finally {
    await world.end();
  }
}

export async function counters(books: Books, account: typeof BANK): Promise<readonly bigint[]> {
  const found = await books.account(account.code);
  return found === undefined ? [] : [found.debitsPending, found.debitsPosted, found.creditsPending, found.creditsPosted];
}
