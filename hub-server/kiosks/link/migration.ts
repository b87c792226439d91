import type { Migration } from '../../store/migrations.js';

/** What kiosks sent and what they were granted. An entry stays as the exact bytes that were signed; sums are paise, times Unix milliseconds. */
const TABLES = `
CREATE TABLE chain (
  district TEXT NOT NULL, kiosk TEXT NOT NULL, epoch INTEGER NOT NULL CHECK (epoch >= 1),
  seq INTEGER NOT NULL CHECK (seq >= 0), hash BLOB NOT NULL CHECK (length(hash) = 32), at INTEGER NOT NULL, heard_at INTEGER NOT NULL,
  PRIMARY KEY (district, kiosk, epoch)
) STRICT, WITHOUT ROWID;

CREATE TABLE entry (
  district TEXT NOT NULL, kiosk TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL CHECK (seq >= 1),
  kind TEXT NOT NULL, at INTEGER NOT NULL, taken_at INTEGER NOT NULL, hash BLOB NOT NULL CHECK (length(hash) = 32), bytes BLOB NOT NULL,
  PRIMARY KEY (district, kiosk, epoch, seq)
) STRICT;
CREATE TRIGGER entry_stays BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'a kiosk entry is never changed'); END;
CREATE TRIGGER entry_remains BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'a kiosk entry is never deleted'); END;

-- Proof of two histories under one key: both signed entries are kept.
CREATE TABLE fork (
  district TEXT NOT NULL, kiosk TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL, bytes BLOB NOT NULL, seen_at INTEGER NOT NULL,
  PRIMARY KEY (district, kiosk, epoch, seq, hash)
) STRICT, WITHOUT ROWID;

-- Entries that are in the chain and could not be posted: for a person to look at. Nothing waits behind them.
CREATE TABLE held_entry (
  district TEXT NOT NULL, kiosk TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (district, kiosk, epoch, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE grant_issued (
  district TEXT NOT NULL, id TEXT NOT NULL, kiosk TEXT NOT NULL, epoch INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('hold', 'lease')), number INTEGER NOT NULL CHECK (number >= 1), limit_paise INTEGER NOT NULL CHECK (limit_paise >= 0),
  transaction_id TEXT CHECK ((transaction_id IS NOT NULL) = (kind = 'hold')),
  state TEXT NOT NULL CHECK (state IN ('open', 'closed')), not_after INTEGER NOT NULL, bytes BLOB NOT NULL,
  PRIMARY KEY (district, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX hold_of_transaction ON grant_issued (district, kiosk, transaction_id) WHERE kind = 'hold';
CREATE UNIQUE INDEX one_open_lease ON grant_issued (district, kiosk, epoch) WHERE kind = 'lease' AND state = 'open';

-- How much a kiosk may take without the link. The most specific row counts: the kiosk's, or the district's (kiosk = '').
CREATE TABLE lease_policy (
  district TEXT NOT NULL, kiosk TEXT NOT NULL, target_paise INTEGER NOT NULL CHECK (target_paise > 0), wallet_percent INTEGER NOT NULL CHECK (wallet_percent BETWEEN 1 AND 100),
  sale_paise_max INTEGER NOT NULL CHECK (sale_paise_max > 0), sales_max INTEGER NOT NULL CHECK (sales_max > 0), life_hours INTEGER NOT NULL CHECK (life_hours BETWEEN 1 AND 720),
  authority TEXT NOT NULL, set_at INTEGER NOT NULL,
  PRIMARY KEY (district, kiosk)
) STRICT, WITHOUT ROWID;
`;

export const LINK_MIGRATION: Migration = { number: 4, name: 'kiosk-link', sql: TABLES };
