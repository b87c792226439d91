import { accountContract } from './contract/accounts.js';
import { historyContract } from './contract/histories.js';
import { idempotencyContract } from './contract/idempotency.js';
import { journalContract } from './contract/journals.js';
import { precedenceContract } from './contract/precedence.js';
import { statementContract } from './contract/statements.js';
import { twoPhaseContract } from './contract/two-phase.js';
import type { BooksFactory } from './fixtures.js';

/** What any engine behind the `Books` port must do. One suite for all adapters: none may copy it. */
export function booksContract(engine: string, factory: BooksFactory): void {
  describe(`books on ${engine}`, () => {
    accountContract(factory);
    precedenceContract(factory);
    idempotencyContract(factory);
    twoPhaseContract(factory);
    journalContract(factory);
    statementContract(factory);
    historyContract(factory);
  });
}
