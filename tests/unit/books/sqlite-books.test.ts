import { booksContract } from './books-contract.js';
import { sqliteFactory } from './fixtures.js';

booksContract('SQLite', sqliteFactory);
