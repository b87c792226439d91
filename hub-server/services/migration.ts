import type { Migration } from '../store/migrations.js';

const DEPARTMENTS_AND_BILLS = `
CREATE TABLE department (
  district TEXT NOT NULL,
  code TEXT NOT NULL,
  name_en TEXT NOT NULL,
  name_hi TEXT NOT NULL,
  base_url TEXT NOT NULL,
  token TEXT NOT NULL,
  added_at INTEGER NOT NULL,
  master_version INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (district, code)
) STRICT, WITHOUT ROWID;

-- Numbers of loads are never used again: one that was swept away must not be taken for another.
CREATE TABLE bill_load_count (district TEXT NOT NULL PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- One reading of one file. Its rows are put in beside the ones in force and take their place in one step.
CREATE TABLE bill_load (
  district TEXT NOT NULL,
  number INTEGER NOT NULL,
  department TEXT NOT NULL,
  service TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('loading', 'current')),
  version INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  loaded INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (district, number),
  FOREIGN KEY (district, department) REFERENCES department (district, code)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX bill_load_current ON bill_load (district, service) WHERE state = 'current';

-- A consumer has one bill for a service: arrears carry what earlier bills left unpaid.
CREATE TABLE master_bill (
  district TEXT NOT NULL,
  load INTEGER NOT NULL,
  place INTEGER NOT NULL,
  line INTEGER NOT NULL,
  consumer TEXT NOT NULL,
  number TEXT NOT NULL,
  name TEXT NOT NULL,
  office TEXT NOT NULL,
  period TEXT NOT NULL,
  issued_on TEXT NOT NULL,
  due_on TEXT NOT NULL,
  amount_paise INTEGER NOT NULL CHECK (amount_paise >= 0),
  late_amount_paise INTEGER NOT NULL CHECK (late_amount_paise >= 0),
  arrears_paise INTEGER NOT NULL CHECK (arrears_paise >= 0),
  PRIMARY KEY (district, load, place),
  UNIQUE (district, load, consumer),
  FOREIGN KEY (district, load) REFERENCES bill_load (district, number)
) STRICT, WITHOUT ROWID;
`;

const POSTINGS = `
CREATE TABLE posting (
  district TEXT NOT NULL,
  transaction_id TEXT NOT NULL,
  kiosk TEXT NOT NULL,
  receipt TEXT NOT NULL,
  department TEXT NOT NULL,
  service TEXT NOT NULL,
  consumer TEXT NOT NULL,
  bill_number TEXT NOT NULL,
  bill_key TEXT NOT NULL,
  amount_paise INTEGER NOT NULL CHECK (amount_paise >= 0),
  part INTEGER NOT NULL CHECK (part IN (0, 1)),
  mode TEXT NOT NULL,
  sold_at INTEGER NOT NULL,
  post_by INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('due', 'asking', 'posted', 'refused', 'refund-due')),
  reference TEXT CHECK ((reference IS NOT NULL) = (state = 'posted')),
  posted_at INTEGER CHECK ((posted_at IS NOT NULL) = (state = 'posted')),
  returned_at INTEGER CHECK (returned_at IS NULL OR state = 'refused'),
  -- Why it was refused or is owed back; while it is due or asked, what went wrong last.
  reason TEXT,
  -- Raised before the department is asked: above 0 it may hold the payment already, so it is looked up before it is sent again.
  attempts INTEGER NOT NULL DEFAULT 0,
  next_try_at INTEGER NOT NULL,
  batch TEXT,
  PRIMARY KEY (district, transaction_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX posting_receipt ON posting (district, receipt);
CREATE INDEX posting_asking ON posting (district, next_try_at) WHERE state = 'asking';
CREATE INDEX posting_posted ON posting (district, posted_at) WHERE posted_at IS NOT NULL;
CREATE INDEX posting_refund ON posting (district) WHERE state = 'refund-due';
CREATE INDEX posting_due ON posting (district, department, transaction_id) WHERE state = 'due';

-- Who has paid a bill whole. The first entry owns it; a second finds the key taken.
CREATE TABLE bill_owner (
  district TEXT NOT NULL,
  bill_key TEXT NOT NULL,
  transaction_id TEXT NOT NULL,
  PRIMARY KEY (district, bill_key),
  FOREIGN KEY (district, transaction_id) REFERENCES posting (district, transaction_id)
) STRICT, WITHOUT ROWID;
`;

/** Departments, their bill master files, and what became of each payment after the counter. */
export const DEPARTMENTS_MIGRATION: Migration = { number: 3, name: 'departments', sql: DEPARTMENTS_AND_BILLS + POSTINGS };
