import type { Sqlite } from '#platform/sqlite/open.js';
import type { OperatorLogin } from '#protocol/identity/identity.js';
import { followChain, tipAtStart, type Tip } from '#protocol/ledger/chain.js';
import { entry as entryShape, signEntry, type Entry, type EntryBody, type Position, type SignedEntry } from '#protocol/ledger/entry.js';
import { writeExport } from '#protocol/ledger/export.js';
import { openHead, signHead, type Head } from '#protocol/ledger/head.js';
import { assert, failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { certifiedAt } from '#protocol/signing/certificate.js';
import { equalBytes } from '#protocol/signing/keys.js';
import type { KioskIdentity } from '../station/identity.js';
import { HubHeads } from './hub-heads.js';
import { clearProjections, project } from './project.js';
import { prepareSchema } from './schema.js';

/** How the chain stood when it was checked whole, at start. A broken one takes no entry; reading and export go on. */
export type LedgerHealth = { readonly state: 'whole' } | { readonly state: 'broken'; readonly seq: number; readonly detail: string };

/** `clock-set-back`: the clock stands outside the time of the kiosk's certificate, so an entry made now would not verify. */
export type AppendError = 'disk-full' | 'ledger-broken' | 'clock-set-back';

/** SQLite's smallest integer: a row put in by another hand may have any number. */
const BEFORE_ALL = -(2n ** 63n);

type EntryRow = { readonly seq: bigint; readonly bytes: Buffer; readonly hash: Buffer };

/** The kiosk's signed chain in SQLite. Its unacknowledged tail is the outbox: there is no second copy that could disagree. */
export class Ledger {
  readonly db: Sqlite;
  readonly #identity: KioskIdentity;
  readonly #heads: HubHeads;
  #tip: Tip;
  #health: LedgerHealth;
  #acked: Head | undefined;
  #ruleBookVersion = 0;
  readonly #listeners = new Set<() => void>();

  private constructor(db: Sqlite, identity: KioskIdentity) {
    this.db = db;
    this.#identity = identity;
    this.#heads = new HubHeads(db);
    this.#tip = tipAtStart(identity.certificate);
    this.#health = { state: 'whole' };
  }

  /** Opens the ledger, verifies every entry from the first, and makes the read models anew from what was verified. */
  static open(db: Sqlite, identity: KioskIdentity): Ledger {
    prepareSchema(db);
    const ledger = new Ledger(db, identity);
    ledger.#verifyAll();
    return ledger;
  }

  /** For export and lists beside a running agent: checks the chain and changes nothing, the read models included. */
  static read(db: Sqlite, identity: KioskIdentity): Ledger {
    const ledger = new Ledger(db, identity);
    ledger.#verify(() => undefined);
    ledger.#checkAgainstHub();
    return ledger;
  }

  get health(): LedgerHealth {
    return this.#health;
  }

  get tip(): Tip {
    return this.#tip;
  }

  /** The hub's newest acknowledgement: everything up to its count is in the district's books. */
  get acked(): Head | undefined {
    return this.#acked;
  }

  get ruleBookVersion(): number {
    return this.#ruleBookVersion;
  }

  set ruleBookVersion(version: number) {
    this.#ruleBookVersion = version;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #verifyAll(): void {
    this.db.transaction(() => {
      clearProjections(this.db);
      this.#verify((signed) => project(this.db, signed));
    })();
    this.#checkAgainstHub();
  }

  /** Every row in its order, some at a time: the ledger of years is never in memory whole. */
  *#rows(): Generator<EntryRow> {
    const page = this.db.prepare<[bigint], EntryRow>('SELECT seq, bytes, hash FROM entry WHERE seq > ? ORDER BY seq LIMIT 1000');
    for (let rows = page.all(BEFORE_ALL); rows.length > 0; rows = page.all(rows.at(-1)?.seq ?? BEFORE_ALL)) yield* rows;
  }

  /** Follows the chain from its start; stops at the first entry that does not fit. */
  #verify(seen: (signed: SignedEntry) => void): void {
    for (const row of this.#rows()) {
      const next = followChain(this.#identity.certificate, this.#tip, row.bytes);
      if (!next.ok || row.seq !== BigInt(next.value.tip.seq) || !equalBytes(next.value.tip.hash, row.hash)) {
        this.#health = {
          state: 'broken',
          seq: this.#tip.seq + 1,
          detail: next.ok ? 'number or hash column does not fit the entry' : next.error.detail,
        };
        return;
      }
      this.#tip = next.value.tip;
      seen(next.value.signed);
    }
  }

  /** A ledger shorter than what the hub acknowledged, or another one, was put back or rewritten. */
  #checkAgainstHub(): void {
    const newest = this.#openHead(this.#heads.newest());
    if (newest === undefined || this.#health.state === 'broken') return;
    this.#acked = newest;
    // A chain that fits the newest head fits all the earlier ones.
    if (this.#fits(newest)) return;
    for (const bytes of this.#heads.all()) {
      const head = this.#openHead(bytes);
      if (head === undefined || this.#fits(head)) continue;
      this.#health =
        head.count > this.#tip.seq
          ? { state: 'broken', seq: this.#tip.seq + 1, detail: `the hub acknowledged ${head.count} entries; here are ${this.#tip.seq}` }
          : { state: 'broken', seq: head.count, detail: 'the hub acknowledged another entry in this place' };
      return;
    }
  }

  #openHead(bytes: Uint8Array | undefined): Head | undefined {
    const read = bytes === undefined ? undefined : openHead(this.#identity.hubCertificate.key, 'hub', bytes);
    return read?.ok === true ? read.value : undefined;
  }

  #isOurs({ kiosk, epoch, district }: Head): boolean {
    const { bundle, certificate } = this.#identity;
    return kiosk === bundle.kiosk && epoch === certificate.epoch && district === bundle.district;
  }

  #fits(head: Head): boolean {
    const own = this.hashAt(head.count);
    return own !== undefined && equalBytes(own, head.hash);
  }

  /**
   * Told by the hub that it holds another entry in one of our places: two histories were signed with this key. What the hub signed for is kept, so that
   * the next start finds the same by itself.
   */
  markForked(seq: number, hubHead?: Uint8Array): void {
    const head = this.#openHead(hubHead);
    if (hubHead !== undefined && head !== undefined && this.#isOurs(head)) roomFor(() => this.#heads.keep(head.count, hubHead));
    if (this.#health.state === 'whole') this.#health = { state: 'broken', seq, detail: 'the hub holds another entry in this place' };
    this.#changed();
  }

  /** Hash of the entry in a place; of the certificate for place 0; undefined when there is none. */
  hashAt(seq: number): Uint8Array | undefined {
    if (seq === 0) return tipAtStart(this.#identity.certificate).hash;
    return this.db.prepare<[number], { hash: Buffer }>('SELECT hash FROM entry WHERE seq = ?').get(seq)?.hash;
  }

  /**
   * Signs and commits one entry: one SQLite transaction, flushed to disk before this returns.
   * @param at from the station clock; never below the newest entry's
   * @param together what must be stored with it or not at all (a bill seen, a grant taken)
   */
  append(
    body: EntryBody,
    operator: OperatorLogin | null,
    at: number,
    together: () => void = () => undefined,
  ): Result<SignedEntry, Failure<AppendError>> {
    if (this.#health.state === 'broken') return failure('ledger-broken', this.#health.detail);
    assert(at >= this.#tip.at, 'time along the chain never falls');
    if (!certifiedAt(this.#identity.certificate, at))
      return failure('clock-set-back', "the clock stands outside the time of this kiosk's certificate");
    const { district, subject, epoch } = this.#identity.certificate;
    const facts: Entry = {
      v: 1,
      district,
      kiosk: this.#identity.bundle.kiosk,
      epoch,
      seq: this.#tip.seq + 1,
      prev: this.#tip.hash,
      at,
      operator,
      ruleBook: this.#ruleBookVersion,
      body,
    };
    assert(subject === this.#identity.bundle.kiosk, 'certificate and bundle name one kiosk');
    assert(entryShape.safeParse(facts).success, `an entry "${body.kind}" is signed only when it can be read again`);
    const signed = signEntry(this.#identity.key, facts);
    try {
      this.db.transaction(() => {
        this.db.prepare('INSERT INTO entry VALUES (?, ?, ?, ?, ?)').run(signed.entry.seq, body.kind, at, signed.hash, signed.bytes);
        project(this.db, signed);
        together();
      })();
    } catch (error) {
      if (isDiskFull(error)) return failure('disk-full', 'no room on the disk for one more entry');
      throw error;
    }
    this.#tip = { seq: signed.entry.seq, hash: signed.hash, at };
    this.#changed();
    return ok(signed);
  }

  /** Signed entries after `seq`, oldest first. */
  entriesAfter(seq: number, limit: number): readonly Uint8Array[] {
    return this.db
      .prepare<[number, number], { bytes: Buffer }>('SELECT bytes FROM entry WHERE seq > ? ORDER BY seq LIMIT ?')
      .all(seq, limit)
      .map((row) => Uint8Array.from(row.bytes));
  }

  entryBytes(seq: number): Uint8Array | undefined {
    const row = this.db.prepare<[number], { bytes: Buffer }>('SELECT bytes FROM entry WHERE seq = ?').get(seq);
    return row === undefined ? undefined : Uint8Array.from(row.bytes);
  }

  /** Stores the hub's acknowledgement. Refused when it names an entry that is not ours: nothing the hub says can shorten our outbox wrongly. */
  acknowledge(bytes: Uint8Array): Result<Head, Failure<'bad-head'>> {
    const read = openHead(this.#identity.hubCertificate.key, 'hub', bytes);
    if (!read.ok) return read;
    if (!this.#isOurs(read.value) || !this.#fits(read.value)) return failure('bad-head', 'the acknowledgement is not for our chain');
    if (this.#acked !== undefined && read.value.count <= this.#acked.count) return ok(this.#acked);
    try {
      this.#heads.keep(read.value.count, bytes);
    } catch (error) {
      // The hub holds these entries whether or not there is room to note it; it says so again at the next welcome.
      if (!isDiskFull(error)) throw error;
    }
    this.#acked = read.value;
    this.#changed();
    return ok(read.value);
  }

  /** The whole chain as a file that anyone with the district's key can check. */
  *export(now: number): Generator<Uint8Array> {
    const { certificate, bundle, key } = this.#identity;
    const head: Position = { seq: this.#tip.seq, hash: this.#tip.hash };
    yield* writeExport({
      kioskCertificate: certificate.bytes,
      entries: this.#allBytes(),
      kioskHead: signHead(key, {
        v: 1,
        by: 'kiosk',
        district: bundle.district,
        kiosk: bundle.kiosk,
        epoch: certificate.epoch,
        count: head.seq,
        hash: Uint8Array.from(head.hash),
        at: now,
      }),
      hubCertificate: bundle.hubCertificate,
      earlierHubHeads: this.#heads.earlier(),
      hubHead: this.#heads.newest(),
    });
  }

  *#allBytes(): Generator<Uint8Array> {
    for (const row of this.db.prepare<[], { bytes: Buffer }>('SELECT bytes FROM entry ORDER BY seq').iterate()) yield row.bytes;
  }

  kept(name: string): Uint8Array | undefined {
    const row = this.db.prepare<[string], { value: Buffer }>('SELECT value FROM kept WHERE name = ?').get(name);
    return row === undefined ? undefined : Uint8Array.from(row.value);
  }

  keep(name: string, value: Uint8Array): void {
    this.db.prepare('INSERT INTO kept VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value').run(name, value);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'SQLITE_FULL';
}

/** Writes what the counter can do without: on a full disk it is left. Anything else that goes wrong is thrown. */
export function roomFor<T>(write: () => T): T | 'no-room' {
  try {
    return write();
  } catch (error) {
    if (isDiskFull(error)) return 'no-room';
    throw error;
  }
}
