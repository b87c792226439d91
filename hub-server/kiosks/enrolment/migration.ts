import type { Migration } from '../../store/migrations.js';

/**
 * Who belongs to the district: operating companies (LSP), kiosk slots, claims, devices and operators. The unique indexes hold by themselves what must
 * never be: two working devices in one slot, two waiting ones, one key in two slots. Times are Unix milliseconds, places are micro-degrees.
 */
const TABLES = `
CREATE TABLE district (
  code TEXT PRIMARY KEY,
  name_en TEXT NOT NULL,
  name_hi TEXT NOT NULL,
  society_en TEXT NOT NULL,
  society_hi TEXT NOT NULL,
  hub_name TEXT NOT NULL,
  hub_address TEXT NOT NULL,
  receipt_host TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE rule_book (
  district TEXT NOT NULL REFERENCES district (code),
  version INTEGER NOT NULL CHECK (version >= 1),
  bytes BLOB NOT NULL,
  signed_at INTEGER NOT NULL,
  PRIMARY KEY (district, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE lsp (
  district TEXT NOT NULL REFERENCES district (code),
  code TEXT NOT NULL,
  name_en TEXT NOT NULL,
  name_hi TEXT NOT NULL,
  added_at INTEGER NOT NULL,
  PRIMARY KEY (district, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE kiosk_slot (
  district TEXT NOT NULL,
  code TEXT NOT NULL,
  lsp TEXT NOT NULL,
  site_en TEXT NOT NULL,
  site_hi TEXT NOT NULL,
  latitude_e6 INTEGER CHECK (latitude_e6 BETWEEN -90000000 AND 90000000),
  longitude_e6 INTEGER CHECK (longitude_e6 BETWEEN -180000000 AND 180000000),
  radius_m INTEGER CHECK (radius_m > 0),
  added_at INTEGER NOT NULL,
  PRIMARY KEY (district, code),
  FOREIGN KEY (district, lsp) REFERENCES lsp (district, code),
  CHECK ((latitude_e6 IS NULL) = (longitude_e6 IS NULL) AND (latitude_e6 IS NULL) = (radius_m IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE claim (
  district TEXT NOT NULL,
  id INTEGER NOT NULL CHECK (id >= 1),
  kiosk TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('first', 'replace')),
  selector TEXT NOT NULL CHECK (length(selector) = 4),
  code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),
  hub_address TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'used', 'withdrawn')),
  tries INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
  issued_at INTEGER NOT NULL,
  issued_by TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER CHECK ((used_at IS NOT NULL) = (state = 'used')),
  PRIMARY KEY (district, id),
  UNIQUE (district, selector),
  FOREIGN KEY (district, kiosk) REFERENCES kiosk_slot (district, code)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX claim_open_once ON claim (district, kiosk) WHERE state = 'open';

CREATE TABLE kiosk_device (
  district TEXT NOT NULL,
  id INTEGER NOT NULL CHECK (id >= 1),
  kiosk TEXT NOT NULL,
  claim INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'suspended', 'refused', 'retired')),
  public_key BLOB NOT NULL CHECK (length(public_key) = 32),
  sealing_key BLOB NOT NULL CHECK (length(sealing_key) = 32),
  machine TEXT NOT NULL,
  host TEXT NOT NULL,
  system TEXT NOT NULL,
  address TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  decided_at INTEGER,
  decided_by TEXT,
  reason TEXT,
  epoch INTEGER CHECK (epoch >= 1),
  certificate BLOB,
  bundle_number INTEGER CHECK (bundle_number >= 1),
  bundle BLOB,
  PRIMARY KEY (district, id),
  FOREIGN KEY (district, kiosk) REFERENCES kiosk_slot (district, code),
  FOREIGN KEY (district, claim) REFERENCES claim (district, id),
  CHECK ((state IN ('active', 'suspended', 'retired')) = (epoch IS NOT NULL)),
  CHECK ((epoch IS NULL) = (certificate IS NULL) AND (epoch IS NULL) = (bundle IS NULL) AND (epoch IS NULL) = (bundle_number IS NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX kiosk_device_works_once ON kiosk_device (district, kiosk) WHERE state IN ('active', 'suspended');
CREATE UNIQUE INDEX kiosk_device_waits_once ON kiosk_device (district, kiosk) WHERE state = 'pending';
CREATE UNIQUE INDEX kiosk_device_epoch ON kiosk_device (district, kiosk, epoch) WHERE epoch IS NOT NULL;
CREATE UNIQUE INDEX kiosk_device_key ON kiosk_device (district, public_key) WHERE state <> 'refused';
CREATE TRIGGER kiosk_device_is_never_removed BEFORE DELETE ON kiosk_device BEGIN SELECT RAISE(ABORT, 'a device is never removed: retire it'); END;

CREATE TABLE operator (
  district TEXT NOT NULL,
  login TEXT NOT NULL,
  kiosk TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('counter', 'funds')),
  name TEXT NOT NULL,
  salt BLOB NOT NULL CHECK (length(salt) = 16),
  memory_kib INTEGER NOT NULL CHECK (memory_kib > 0),
  passes INTEGER NOT NULL CHECK (passes > 0),
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  wrong_tries INTEGER NOT NULL DEFAULT 0 CHECK (wrong_tries >= 0),
  locked_until INTEGER,
  added_at INTEGER NOT NULL,
  PRIMARY KEY (district, login),
  FOREIGN KEY (district, kiosk) REFERENCES kiosk_slot (district, code)
) STRICT, WITHOUT ROWID;
`;

export const PEOPLE_AND_KIOSKS_MIGRATION: Migration = { number: 2, name: 'people-and-kiosks', sql: TABLES };
