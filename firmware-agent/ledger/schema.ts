import type { Sqlite } from '#platform/sqlite/open.js';
import { FORM_TABLE } from './stock.js';

const VERSION = 4n;

/** The hub's acknowledgements, each by the number of entries it covers. */
const HUB_HEADS = `
CREATE TABLE hub_head (count INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
`;

/** Who pressed for which transaction, and which finger is whose: the latter is known to this counter's reader alone. */
const PRESENCE = `
CREATE TABLE presence (txn TEXT PRIMARY KEY, attempts INTEGER NOT NULL, presses INTEGER NOT NULL, in_vain INTEGER NOT NULL, given TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE finger (reader TEXT NOT NULL, page INTEGER NOT NULL, department TEXT NOT NULL, consumer TEXT NOT NULL, template BLOB NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (reader, page)) STRICT, WITHOUT ROWID;
`;

/** `outcome` is the last word on a paper, an operator's too; `remains` is what its printer knows: whether part of it may hang out, or wait in a buffer. */
const PAPER = `
CREATE TABLE paper (txn TEXT NOT NULL, copy INTEGER NOT NULL, marked TEXT NOT NULL, shows TEXT NOT NULL, outcome TEXT, cause TEXT,
  printer TEXT NOT NULL, seq INTEGER NOT NULL, remains TEXT NOT NULL, PRIMARY KEY (txn, copy)) STRICT, WITHOUT ROWID;
CREATE INDEX paper_by_printer ON paper (printer, seq);
`;

/**
 * The chain (`entry`) is the truth. Tables under "projections" are read models of it, made anew from the verified chain at every start; the rest is what
 * others gave us and can give again.
 */
const SCHEMA = `
CREATE TABLE entry (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, at INTEGER NOT NULL, hash BLOB NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE TRIGGER entry_stays BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;
CREATE TRIGGER entry_remains BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;
CREATE TABLE kept (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE grant_held (id TEXT PRIMARY KEY, kind TEXT NOT NULL, number INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID;
-- Every online sale leaves its hold there, and the lease is asked for with every view.
CREATE INDEX lease_held ON grant_held (number) WHERE kind = 'lease';
CREATE TABLE bill_seen (txn TEXT PRIMARY KEY, bill BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE operator_held (login TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE master (department TEXT PRIMARY KEY, version INTEGER NOT NULL, held_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE master_bill (department TEXT NOT NULL, service TEXT NOT NULL, consumer TEXT NOT NULL, version INTEGER NOT NULL, bill BLOB NOT NULL,
  PRIMARY KEY (service, consumer, version)) STRICT, WITHOUT ROWID;
${HUB_HEADS}
-- projections
CREATE TABLE sale (
  txn TEXT PRIMARY KEY, seq INTEGER NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL, service TEXT NOT NULL, department TEXT NOT NULL,
  consumer TEXT NOT NULL, bill_number TEXT NOT NULL, total INTEGER NOT NULL, outcome TEXT, reference TEXT, reason TEXT, part INTEGER NOT NULL DEFAULT 0, operator TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX sale_by_bill ON sale (department, consumer, bill_number);
CREATE INDEX sale_by_seq ON sale (seq);
${PAPER}CREATE TABLE drawn (grant_id TEXT PRIMARY KEY, sum INTEGER NOT NULL, sales INTEGER NOT NULL, closed INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE till (opened_seq INTEGER PRIMARY KEY, operator TEXT, float INTEGER NOT NULL, takings INTEGER NOT NULL, sales INTEGER NOT NULL, sales_sum INTEGER NOT NULL, closed INTEGER NOT NULL) STRICT;
${PRESENCE}
${FORM_TABLE}
`;

export const PROJECTIONS = ['sale', 'paper', 'drawn', 'till', 'presence', 'form'] as const;

/** Why a ledger file can not be read by this program; undefined when it can. */
export function formatFault(db: Sqlite): string | undefined {
  const version: unknown = db.pragma('user_version', { simple: true });
  return version === VERSION
    ? undefined
    : `the ledger has format ${String(version)} and this program reads ${VERSION}: start the agent once, then try again`;
}

export function prepareSchema(db: Sqlite): void {
  const version = db.pragma('user_version', { simple: true });
  if (version === 0n) {
    db.transaction(() => {
      db.exec(SCHEMA);
      db.pragma(`user_version = ${VERSION}`);
    })();
  } else if (version === 1n || version === 2n || version === 3n) {
    db.transaction(() => {
      // Format 1 kept one acknowledgement; the hub says its newest again at the next welcome. Format 2 counted neither presses nor forms.
      // Format 3 knew a finger by its page alone, so nobody can say whose it is: those people are enrolled anew.
      // None of them knew on which printer a paper was; the table is filled again from the chain.
      if (version === 1n) db.exec(HUB_HEADS);
      if (version === 3n) db.exec('DROP TABLE presence; DROP TABLE finger;');
      db.exec(`${PRESENCE} DROP TABLE paper; ${PAPER}`);
      if (version !== 3n) db.exec(FORM_TABLE);
      db.pragma(`user_version = ${VERSION}`);
    })();
  } else if (version !== VERSION) {
    throw new Error(`the ledger has format ${String(version)}; this program knows ${VERSION}. Nothing was changed`);
  }
}
