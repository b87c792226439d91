import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite, type Sqlite } from '#platform/sqlite/open.js';
import type { Bill } from '#protocol/bill/bill.js';
import type { LinkView } from '#protocol/counter/view.js';
import { signGrant, type Lease } from '#protocol/grant/grant.js';
import type { TransactionId } from '#protocol/identity/identity.js';
import type { Entry, EntryBody } from '#protocol/ledger/entry.js';
import { openEntry } from '#protocol/ledger/entry.js';
import { signHead } from '#protocol/ledger/head.js';
import { paise } from '#protocol/money/paise.js';
import { receiptPrefix } from '#protocol/receipt/receipt.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { signRuleBook, type RuleBook } from '#protocol/rulebook/rulebook.js';
import { sealingKey } from '#protocol/signing/seal.js';
import type { PaperLine } from '#protocol/receipt/paper.js';
import type { Answer, Ask } from '#protocol/wire/frames.js';
import type { Kiosk } from '../../../firmware-agent/counter/kiosk.js';
import { Devices } from '../../../firmware-agent/devices/devices.js';
import { PrinterPool } from '../../../firmware-agent/devices/printer/pool.js';
import { stockOverlay } from '../../../firmware-agent/counter/forms.js';
import type { DeviceReport, Drawer, Forms, PrinterHandle, PrintOutcome, ScannerHandle } from '../../../firmware-agent/devices/ports.js';
import { Grants } from '../../../firmware-agent/ledger/grants.js';
import { Ledger } from '../../../firmware-agent/ledger/ledger.js';
import { Sales } from '../../../firmware-agent/ledger/sales.js';
import { Stock } from '../../../firmware-agent/ledger/stock.js';
import type { HubLink } from '../../../firmware-agent/link/link.js';
import { Captures } from '../../../firmware-agent/counter/captures.js';
import { Fingers } from '../../../firmware-agent/services/fingers.js';
import { MasterFiles } from '../../../firmware-agent/services/master-files.js';
import { Operators } from '../../../firmware-agent/services/operators.js';
import { StationClock } from '../../../firmware-agent/station/clock.js';
import type { KioskIdentity } from '../../../firmware-agent/station/identity.js';
import { billOf, chance, DAY, DISTRICT, KIOSK, leaseOf, makeWorld, NOW, OPERATOR, ruleBookOf, type World } from '../protocol/samples.js';

/** Who a kiosk of the sample district is, as its folder would say it. */
export function identityOf(world: World = makeWorld(), book: RuleBook = ruleBookOf()): KioskIdentity {
  return {
    key: world.kiosk,
    sealing: sealingKey(chance('sealing', 32)),
    districtKey: world.districtKey,
    bundle: {
      v: 1,
      number: 1,
      district: DISTRICT,
      kiosk: KIOSK,
      epoch: 1,
      site: { en: 'Sanganer', hi: 'सांगानेर' },
      kioskCertificate: world.kioskCertificate.bytes,
      hubCertificate: world.hubCertificate.bytes,
      hub: '127.0.0.1:1',
      receiptPrefix: receiptPrefix('hub.jaipur.example'),
      ruleBook: signRuleBook(world.district, book),
      issuedAt: NOW,
    },
    certificate: world.kioskCertificate,
    hubCertificate: world.hubCertificate,
  };
}

/** The hub as a test plays it: up or down, and one answer for each question. */
export class FakeLink {
  isUp = false;
  isSuspended = false;
  readonly asked: Ask[] = [];
  answer: (question: Ask) => Answer | undefined | Promise<Answer | undefined> = () => undefined;
  nextTryAt: number | null = null;
  lastAnswerAt: number | null = null;
  tries = 0;

  async ask(question: Ask): Promise<Result<Answer, Failure<'down'>>> {
    if (!this.isUp) return failure('down', 'the link is not up');
    this.asked.push(question);
    const answer = await this.answer(question);
    return answer === undefined ? failure('down', 'no answer in time') : ok(answer);
  }

  tryNow(): void {
    this.tries += 1;
  }

  view(): LinkView {
    return this.isUp ? { state: 'online' } : { state: 'offline', since: NOW };
  }
}

/** A printer that does what it is told to have done. */
export class FakePrinter implements PrinterHandle {
  report: DeviceReport = { state: 'ready' };
  away: string | undefined;
  outcome: PrintOutcome = { outcome: 'printed' };
  readonly papers: (readonly PaperLine[])[] = [];

  readonly state = (): DeviceReport => this.report;
  readonly whyAway = (): string | undefined => this.away;
  readonly onChange = (): (() => void) => () => undefined;
  /** How often the drawer was to be opened, and what comes of it. */
  kicks = 0;
  kick: () => Promise<Result<void, Failure<'printer-absent'>>> = async () => ok(undefined);
  readonly openDrawer = async (): Promise<Result<void, Failure<'printer-absent'>>> => {
    this.kicks += 1;
    return this.kick();
  };
  readonly clear = async (): Promise<Result<void, Failure<'printer-absent'>>> => ok(undefined);
  readonly nudge = (): void => undefined;
  readonly close = async (): Promise<void> => undefined;
  readonly print = async (lines: readonly PaperLine[]): Promise<PrintOutcome> => {
    this.papers.push(lines);
    return this.outcome;
  };
}

const QUIET_SCANNER: ScannerHandle = {
  state: () => ({ state: 'ready' }),
  whyAway: () => undefined,
  onChange: () => () => undefined,
  nudge: () => undefined,
  onScan: () => () => undefined,
  close: async () => undefined,
};

export type BenchOptions = {
  readonly identity?: KioskIdentity;
  readonly world?: World;
  readonly book?: RuleBook;
  /** A file when the database must be opened twice or filled up; in memory otherwise. */
  readonly disk?: 'memory' | 'file';
  readonly at?: number;
  readonly forms?: Forms;
  readonly drawer?: Drawer;
};

/** One kiosk on a bench: real ledger, read models, grants and clock; the hub and the printer are played. */
export class Bench {
  readonly world: World;
  readonly identity: KioskIdentity;
  readonly book: RuleBook;
  readonly link = new FakeLink();
  readonly printer = new FakePrinter();
  readonly forms: Forms;
  readonly drawer: Drawer;
  readonly path: string;
  /** The wall clock and the monotonic one, moved by hand. */
  at: number;
  db: Sqlite;
  ledger: Ledger;
  kiosk: Kiosk;
  readonly #root: string | undefined;
  #chance = 0;

  constructor(options: BenchOptions = {}) {
    this.world = options.world ?? makeWorld();
    this.book = options.book ?? ruleBookOf();
    this.identity = options.identity ?? identityOf(this.world, this.book);
    this.at = options.at ?? NOW;
    this.forms = options.forms ?? { kind: 'plain' };
    this.drawer = options.drawer ?? 'none';
    this.#root = options.disk === 'file' ? mkdtempSync(join(tmpdir(), 'jharokha-bench-')) : undefined;
    this.path = this.#root === undefined ? ':memory:' : join(this.#root, 'ledger.sqlite');
    this.db = openSqlite(this.path);
    this.ledger = Ledger.open(this.db, this.identity);
    this.kiosk = this.#wire();
  }

  /** The agent starts again on what is on disk. */
  restart(): void {
    if (this.#root !== undefined) {
      this.db.close();
      this.db = openSqlite(this.path);
    }
    this.ledger = Ledger.open(this.db, this.identity);
    this.kiosk = this.#wire();
  }

  #wire(): Kiosk {
    const { ledger, db, identity } = this;
    const clock = new StationClock({ wall: () => this.at, monotonic: () => this.at }, ledger.tip.at);
    ledger.onChange(() => clock.wrote(ledger.tip.at));
    ledger.ruleBookVersion = this.book.version;
    return {
      identity,
      ledger,
      sales: new Sales(db),
      grants: new Grants(ledger, identity),
      masters: new MasterFiles(db),
      fingers: new Fingers(db),
      captures: new Captures(),
      operators: new Operators(db, identity),
      clock,
      // Only its public face is used by the counter.
      link: this.link as unknown as HubLink,
      devices: new Devices([
        { kind: 'printer', name: 'printer', where: 'bench', handle: this.printer, forms: this.forms, drawer: this.drawer, bench: [] },
        { kind: 'scanner', name: 'scanner', where: 'bench', handle: QUIET_SCANNER, bench: [] },
      ]),
      printer: new PrinterPool([{ name: 'printer', forms: this.forms, drawer: this.drawer, handle: this.printer }], stockOverlay(new Stock(db))),
      stock: new Stock(db),
      ruleBook: () => this.book,
      random: (bytes) => chance(`${identity.bundle.kiosk} ${this.#chance++}`, bytes),
    };
  }

  append(body: EntryBody, at: number = this.kiosk.clock.now()): ReturnType<Ledger['append']> {
    return this.ledger.append(body, OPERATOR, at);
  }

  entries(): readonly Entry[] {
    return this.ledger.entriesAfter(0, 100_000).map((bytes) => {
      const opened = openEntry(this.identity.certificate.key, bytes);
      if (!opened.ok) throw new Error(opened.error.detail);
      return opened.value.entry;
    });
  }

  bodies<K extends EntryBody['kind']>(kind: K): readonly Extract<EntryBody, { readonly kind: K }>[] {
    return this.entries().flatMap(({ body }) => (body.kind === kind ? [body as Extract<EntryBody, { readonly kind: K }>] : []));
  }

  /** How many good entries of a kind stand before a place. */
  bodiesBefore(seq: number, kind: EntryBody['kind']): number {
    const rows = this.db.prepare<[number], { bytes: Buffer }>('SELECT bytes FROM entry WHERE seq < ? ORDER BY seq').all(seq);
    return rows.filter((row) => {
      const opened = openEntry(this.identity.certificate.key, row.bytes);
      return opened.ok && opened.value.entry.body.kind === kind;
    }).length;
  }

  /** The hub's acknowledgement of the first `count` entries. */
  hubHead(count: number = this.ledger.tip.seq, more: Partial<Parameters<typeof signHead>[1]> = {}): Uint8Array<ArrayBuffer> {
    const hash = this.ledger.hashAt(count);
    if (hash === undefined) throw new Error(`there is no entry ${count}`);
    const facts = { v: 1, by: 'hub', district: DISTRICT, kiosk: KIOSK, epoch: 1, count, hash: Uint8Array.from(hash), at: this.at } as const;
    return signHead(this.world.hub, { ...facts, ...more });
  }

  lease(more: Partial<Lease> = {}): Uint8Array<ArrayBuffer> {
    const base = { seq: 0, hash: Uint8Array.from(this.ledger.hashAt(0) ?? []) };
    return signGrant(this.world.hub, leaseOf({ notAfter: this.at + DAY, base, ...more }));
  }

  /** Ready to sell without the link: a till, a master file with this bill, and a lease. */
  ready(bills: readonly Bill[] = [billOf()], lease: Partial<Lease> = {}): void {
    this.append({ kind: 'till-opened', floatPaise: paise(50_000n) });
    for (const one of bills) this.kiosk.masters.storePart(one.department, 1, [one]);
    for (const department of new Set(bills.map((one) => one.department))) this.kiosk.masters.finish(department, 1, this.at);
    const taken = this.kiosk.grants.takeLease(this.lease(lease), this.kiosk.clock.now(), null);
    if (!taken.ok) throw new Error(taken.error.detail);
  }

  drawn(id: string): { readonly sum: bigint; readonly sales: bigint; readonly closed: bigint } | undefined {
    return this.db
      .prepare<[string], { sum: bigint; sales: bigint; closed: bigint }>('SELECT sum, sales, closed FROM drawn WHERE grant_id = ?')
      .get(id);
  }

  close(): void {
    this.db.close();
    if (this.#root !== undefined) rmSync(this.#root, { recursive: true, force: true });
  }
}

export function valueOf<T, E>(result: Result<T, E>): T {
  if (!result.ok) throw new Error(`failed: ${JSON.stringify(result.error, (_k, v: unknown) => (typeof v === 'bigint' ? v.toString() : v))}`);
  return result.value;
}

/** The code of a failure; throws when there was none. */
export function codeOf(result: Result<unknown, { readonly code: string }>): string {
  if (result.ok) throw new Error('it was expected to fail');
  return result.error.code;
}

/** Everything that is derived from the chain, as plain rows. */
export function projectionsOf(db: Sqlite): Readonly<Record<string, readonly unknown[]>> {
  const rows = (table: string, order: string): readonly unknown[] => db.prepare(`SELECT * FROM ${table} ORDER BY ${order}`).all();
  return {
    sale: rows('sale', 'txn'),
    paper: rows('paper', 'txn, copy'),
    drawn: rows('drawn', 'grant_id'),
    till: rows('till', 'opened_seq'),
    form: rows('form', 'printer, serial'),
  };
}

export type { TransactionId };
