import type { Migration } from './migrations.js';

/**
 * Tables of the books. The database refuses by itself what the engine should never ask: a changed journal, an unbalanced guard, a second
 * reversal, a pending transfer resolved twice. Sums are paise. `part` is 0 for what the named account gave, 1 for what its stand-in gave.
 */
const TABLES = `
CREATE TABLE account (
  district TEXT NOT NULL,
  code TEXT NOT NULL,
  normal TEXT NOT NULL CHECK (normal IN ('debit', 'credit')),
  guard TEXT NOT NULL CHECK (guard IN ('none', 'debits-must-not-exceed-credits', 'credits-must-not-exceed-debits')),
  closed INTEGER NOT NULL DEFAULT 0 CHECK (closed IN (0, 1)),
  debits_pending INTEGER NOT NULL DEFAULT 0 CHECK (debits_pending >= 0),
  debits_posted INTEGER NOT NULL DEFAULT 0 CHECK (debits_posted >= 0),
  credits_pending INTEGER NOT NULL DEFAULT 0 CHECK (credits_pending >= 0),
  credits_posted INTEGER NOT NULL DEFAULT 0 CHECK (credits_posted >= 0),
  opened_at INTEGER NOT NULL,
  PRIMARY KEY (district, code),
  CHECK (guard <> 'debits-must-not-exceed-credits' OR debits_pending + debits_posted <= credits_posted),
  CHECK (guard <> 'credits-must-not-exceed-debits' OR credits_pending + credits_posted <= debits_posted)
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
  district TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number >= 1),
  key TEXT NOT NULL,
  kind TEXT NOT NULL,
  business_date TEXT NOT NULL,
  at INTEGER NOT NULL,
  content BLOB NOT NULL CHECK (length(content) = 32),
  transaction_id TEXT,
  grant_id TEXT,
  entry_hash TEXT,
  batch TEXT,
  reference TEXT,
  reverses TEXT,
  PRIMARY KEY (district, number),
  UNIQUE (district, key),
  FOREIGN KEY (district, reverses) REFERENCES journal (district, key)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX journal_reversed_once ON journal (district, reverses) WHERE reverses IS NOT NULL;
CREATE INDEX journal_transaction ON journal (district, transaction_id) WHERE transaction_id IS NOT NULL;

CREATE TABLE transfer (
  district TEXT NOT NULL,
  journal INTEGER NOT NULL,
  leg INTEGER NOT NULL CHECK (leg >= 1),
  part INTEGER NOT NULL CHECK (part IN (0, 1)),
  id TEXT,
  kind TEXT NOT NULL CHECK (kind IN ('posted', 'pending', 'post-pending', 'void-pending')),
  debit TEXT NOT NULL,
  credit TEXT NOT NULL CHECK (credit <> debit),
  amount INTEGER NOT NULL CHECK (amount > 0),
  pending TEXT CHECK ((pending IS NOT NULL) = (kind IN ('post-pending', 'void-pending'))),
  item TEXT,
  debit_balance INTEGER NOT NULL,
  credit_balance INTEGER NOT NULL,
  PRIMARY KEY (district, journal, leg, part),
  FOREIGN KEY (district, journal) REFERENCES journal (district, number),
  FOREIGN KEY (district, debit) REFERENCES account (district, code),
  FOREIGN KEY (district, credit) REFERENCES account (district, code)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX transfer_id ON transfer (district, id) WHERE id IS NOT NULL;
CREATE UNIQUE INDEX transfer_resolved_once ON transfer (district, pending) WHERE pending IS NOT NULL;
CREATE INDEX transfer_debit ON transfer (district, debit, journal, leg, part);
CREATE INDEX transfer_credit ON transfer (district, credit, journal, leg, part);

CREATE TABLE refused_id (
  district TEXT NOT NULL,
  id TEXT NOT NULL,
  code TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (district, id)
) STRICT, WITHOUT ROWID;
`;

const appendOnly = (table: string): string => `
CREATE TRIGGER ${table}_is_never_changed BEFORE UPDATE ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only: post a correction'); END;
CREATE TRIGGER ${table}_is_never_removed BEFORE DELETE ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only: post a correction'); END;
`;

const ACCOUNT_TRIGGERS = `
CREATE TRIGGER account_is_never_removed BEFORE DELETE ON account BEGIN SELECT RAISE(ABORT, 'an account is never removed: close it'); END;
CREATE TRIGGER account_identity_is_never_changed BEFORE UPDATE OF district, code, normal, guard, opened_at ON account
BEGIN SELECT RAISE(ABORT, 'an account keeps its identity for ever'); END;
CREATE TRIGGER account_counters_only_rise BEFORE UPDATE ON account
WHEN NEW.debits_posted < OLD.debits_posted OR NEW.credits_posted < OLD.credits_posted OR NEW.closed < OLD.closed
BEGIN SELECT RAISE(ABORT, 'posted counters never fall and a closed account stays closed'); END;
`;

export const BOOKS_MIGRATION: Migration = {
  number: 1,
  name: 'books',
  sql: [TABLES, appendOnly('journal'), appendOnly('transfer'), appendOnly('refused_id'), ACCOUNT_TRIGGERS].join(''),
};
