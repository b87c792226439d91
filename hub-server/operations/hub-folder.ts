import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { PRIVATE_MODE, createFileAtomic, isPrivate, readFileIfAny, syncFolder } from '#platform/files/files.js';
import { districtCode, type DistrictCode, type LocalName } from '#protocol/identity/identity.js';
import { signRuleBook, type RuleBook } from '#protocol/rulebook/rulebook.js';
import { assert, failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { issueCertificate, readCertificate } from '#protocol/signing/certificate.js';
import { equalBytes, parsePublicKeyPem, publicKeyPem, signingKey, type SigningKey, type VerifyKey } from '#protocol/signing/keys.js';
import { DAY_MS, type UnixMs } from '#protocol/time/time.js';
import type { Hub } from '../hub.js';
import { change } from '../store/rows.js';
import { openStore } from '../store/open-store.js';
import { DEFAULT_RULE_BOOK_DRAFT } from './default-rule-book.js';
import { DISTRICT_KEY_FILE, DISTRICT_PUBLIC_FILE, HUB_CERTIFICATE_FILE, HUB_FILE, HUB_KEY_FILE, STORE_FILE, TLS_CERTIFICATE_FILE } from './layout.js';
import { readRuleBookDraft } from './rule-books.js';

/** The hub's certificate holds from a day before the folder is made for ten years. */
const HUB_CERTIFICATE = { backMs: DAY_MS, lifeMs: 10 * 365 * DAY_MS } as const;

const hubFile = z.strictObject({ v: z.literal(1), district: districtCode, name: z.string(), createdAt: z.int() });

/** Time and randomness of a hub; the real ones unless a test gives its own. */
export type Edges = { readonly now?: () => UnixMs; readonly random?: (bytes: number) => Uint8Array<ArrayBuffer> };

export type NewHub = {
  readonly district: DistrictCode;
  readonly districtName: LocalName;
  readonly society: LocalName;
  /** Subject of the hub's certificate, such as `jaipur-1`; at most 40 characters. */
  readonly name: string;
  /** `host:port` at which devices reach the hub. */
  readonly address: string;
  /** Host of the address in a receipt's code; the address when absent. */
  readonly receiptHost?: string | undefined;
  /** JSON text of a rule book draft; the built-in one when absent. */
  readonly ruleBook?: string | undefined;
};

export type CreateHubError = 'folder-in-use' | 'bad-address' | 'bad-name' | 'not-json' | 'bad-rule-book';

/**
 * Makes a district: its root key, its hub's key and certificates, its store and first rule book. All of it appears at once or not at all.
 * Never over anything: a folder that holds a file is refused.
 */
export async function createHub(
  folder: string,
  wanted: NewHub,
  edges: Edges = {},
): Promise<Result<{ readonly folder: string }, Failure<CreateHubError>>> {
  const path = resolve(folder);
  const { now, random } = { ...realEdges(), ...edges };
  if (existsSync(path) && readdirSync(path).length > 0)
    return failure('folder-in-use', `${path} already holds files; a hub is made in a new or empty folder and never over another`);
  const host = hostOf(wanted.address);
  if (host === undefined) return failure('bad-address', `"${wanted.address}" is not host:port`);
  if (!/^[\w .-]{1,40}$/u.test(wanted.name)) return failure('bad-name', 'a hub name has 1 to 40 letters, digits, spaces, dots or dashes');
  const home = { code: wanted.district, name: wanted.districtName, society: wanted.society };
  const book = readRuleBookDraft(wanted.ruleBook ?? JSON.stringify(DEFAULT_RULE_BOOK_DRAFT), home, now());
  if (!book.ok) return book;

  mkdirSync(dirname(path), { recursive: true });
  const making = mkdtempSync(join(dirname(path), `.${basename(path)}-`));
  try {
    const district = signingKey(random(32));
    const hubKey = signingKey(random(32));
    writeKeys(making, district, hubKey);
    const certificate = issueCertificate(district, {
      role: 'hub',
      district: wanted.district,
      subject: wanted.name,
      epoch: 1,
      publicKey: hubKey.publicKey,
      notBefore: now() - HUB_CERTIFICATE.backMs,
      notAfter: now() + HUB_CERTIFICATE.lifeMs,
    });
    // Loaded only here: it is heavy, and a running hub never makes a certificate.
    const { selfSignedCertificate } = await import('./tls-certificate.js');
    const hosts = [...new Set([host, 'localhost', '127.0.0.1'])];
    createFileAtomic(join(making, HUB_CERTIFICATE_FILE), certificate.bytes);
    createFileAtomic(join(making, TLS_CERTIFICATE_FILE), await selfSignedCertificate(hubKey, wanted.name, hosts, random(8)));
    writeStore(join(making, STORE_FILE), wanted, book.value, signRuleBook(district, book.value), now());
    const file: z.infer<typeof hubFile> = { v: 1, district: wanted.district, name: wanted.name, createdAt: now() };
    createFileAtomic(join(making, HUB_FILE), `${JSON.stringify(file, null, 2)}\n`);
    renameSync(making, path);
    syncFolder(dirname(path));
    return ok({ folder: path });
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    throw error;
  }
}

function writeKeys(folder: string, district: SigningKey, hubKey: SigningKey): void {
  createFileAtomic(join(folder, DISTRICT_KEY_FILE), seedText(district), PRIVATE_MODE);
  createFileAtomic(join(folder, DISTRICT_PUBLIC_FILE), publicKeyPem(district.publicKey));
  createFileAtomic(join(folder, HUB_KEY_FILE), seedText(hubKey), PRIVATE_MODE);
}

function writeStore(path: string, wanted: NewHub, book: RuleBook, signed: Uint8Array, at: UnixMs): void {
  const opened = openStore(path);
  assert(opened.ok, 'a new store opens');
  const db = opened.value;
  change(
    db,
    `INSERT INTO district (code, name_en, name_hi, society_en, society_hi, hub_name, hub_address, receipt_host, created_at)
     VALUES (@code, @nameEn, @nameHi, @societyEn, @societyHi, @name, @address, @receiptHost, @at)`,
    {
      code: wanted.district,
      nameEn: wanted.districtName.en,
      nameHi: wanted.districtName.hi,
      societyEn: wanted.society.en,
      societyHi: wanted.society.hi,
      name: wanted.name,
      address: wanted.address,
      receiptHost: wanted.receiptHost ?? wanted.address.replace(/:443$/u, ''),
      at,
    },
  );
  const cells = { district: wanted.district, version: book.version, bytes: signed, at };
  change(db, 'INSERT INTO rule_book (district, version, bytes, signed_at) VALUES (@district, @version, @bytes, @at)', cells);
  db.close();
}

export type OpenHubError = 'not-a-hub' | 'bad-key-file' | 'bad-hub-certificate' | 'store-newer' | 'store-foreign' | 'store-altered';

/** Opens a district's hub with its own key, never the district's. The caller closes `hub.db`. */
export function openHub(folder: string, edges: Edges = {}): Result<Hub, Failure<OpenHubError>> {
  const path = resolve(folder);
  const file = readHubFile(path);
  if (!file.ok) return file;
  const hubKey = readSeed(join(path, HUB_KEY_FILE));
  if (!hubKey.ok) return hubKey;
  const districtKey = readDistrictPublic(path);
  if (!districtKey.ok) return districtKey;
  const certificate = readCertificate(districtKey.value, readFileIfAny(join(path, HUB_CERTIFICATE_FILE)) ?? new Uint8Array(), 'hub');
  if (!certificate.ok) return failure('bad-hub-certificate', `${join(path, HUB_CERTIFICATE_FILE)}: ${certificate.error.detail}`);
  if (certificate.value.district !== file.value.district || !equalBytes(certificate.value.key.publicKey, hubKey.value.publicKey))
    return failure('bad-hub-certificate', `${join(path, HUB_CERTIFICATE_FILE)} does not belong to this hub's key and district`);
  const store = openStore(join(path, STORE_FILE));
  if (!store.ok) return store;
  const { now, random } = { ...realEdges(), ...edges };
  return ok({
    folder: path,
    district: file.value.district,
    db: store.value,
    now,
    random,
    hubKey: hubKey.value,
    hubCertificate: certificate.value,
    districtKey: districtKey.value,
  });
}

/** The district's root key, for the commands that certify and sign bundles and rule books. Nothing that answers the network opens it. */
export function openDistrictKey(folder: string): Result<SigningKey, Failure<'bad-key-file'>> {
  return readSeed(join(resolve(folder), DISTRICT_KEY_FILE));
}

function readHubFile(path: string): Result<z.infer<typeof hubFile>, Failure<'not-a-hub'>> {
  const bytes = readFileIfAny(join(path, HUB_FILE));
  if (bytes === undefined) return failure('not-a-hub', `${path} holds no hub; make one with: jharokha hub init --dir ${path}`);
  try {
    return ok(hubFile.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))));
  } catch {
    return failure('not-a-hub', `${join(path, HUB_FILE)} is damaged or of another release`);
  }
}

function readDistrictPublic(path: string): Result<VerifyKey, Failure<'bad-key-file'>> {
  const pem = readFileIfAny(join(path, DISTRICT_PUBLIC_FILE));
  const key = parsePublicKeyPem(Buffer.from(pem ?? []).toString('utf8'));
  return key.ok ? key : failure('bad-key-file', `${join(path, DISTRICT_PUBLIC_FILE)}: ${key.error.detail}`);
}

function readSeed(path: string): Result<SigningKey, Failure<'bad-key-file'>> {
  const bytes = readFileIfAny(path);
  if (bytes === undefined) return failure('bad-key-file', `${path} is not there`);
  if (!isPrivate(path)) return failure('bad-key-file', `${path} may be read by others; set it right with: chmod 600 ${path}`);
  const text = Buffer.from(bytes).toString('utf8').trim();
  if (!/^[0-9a-f]{64}$/u.test(text)) return failure('bad-key-file', `${path} does not hold a key (64 hex digits)`);
  return ok(signingKey(Buffer.from(text, 'hex')));
}

function seedText(key: SigningKey): string {
  return `${Buffer.from(key.seed).toString('hex')}\n`;
}

/** The host of `host:port`. */
function hostOf(address: string): string | undefined {
  const match = /^([A-Za-z0-9.-]+):(\d{1,5})$/u.exec(address);
  return match !== null && Number.parseInt(match[2] ?? '', 10) <= 65_535 ? match[1] : undefined;
}

function realEdges(): Required<Edges> {
  return { now: () => Date.now(), random: (bytes) => Uint8Array.from(randomBytes(bytes)) };
}
