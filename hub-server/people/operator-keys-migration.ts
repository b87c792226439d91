import type { Migration } from '../store/migrations.js';

/** Security keys that open logins, and the one open challenge of each login. `copied_at`: when an answer's counter last failed to rise. */
const TABLES = `
CREATE TABLE operator_key (
  district TEXT NOT NULL,
  login TEXT NOT NULL,
  id BLOB NOT NULL CHECK (length(id) BETWEEN 1 AND 1023),
  cose BLOB NOT NULL,
  counter INTEGER NOT NULL CHECK (counter >= 0),
  kiosk TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  model TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  added_at INTEGER NOT NULL,
  added_by TEXT NOT NULL,
  copied_at INTEGER,
  PRIMARY KEY (district, login, id),
  FOREIGN KEY (district, login) REFERENCES operator (district, login)
) STRICT, WITHOUT ROWID;

CREATE TABLE key_challenge (
  district TEXT NOT NULL,
  login TEXT NOT NULL,
  nonce BLOB NOT NULL CHECK (length(nonce) = 32),
  issued_at INTEGER NOT NULL,
  PRIMARY KEY (district, login),
  FOREIGN KEY (district, login) REFERENCES operator (district, login)
) STRICT, WITHOUT ROWID;
`;

export const OPERATOR_KEYS_MIGRATION: Migration = { number: 5, name: 'operator-keys', sql: TABLES };
