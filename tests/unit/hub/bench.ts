import Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBundle } from '#protocol/bundle/bundle.js';
import { parseClaim } from '#protocol/identity/claim.js';
import { districtCode, kioskCode, operatorLogin, type KioskCode, type GrantId } from '#protocol/identity/identity.js';
import type { Entry, EntryBody, SaleBody, SignedEntry } from '#protocol/ledger/entry.js';
import { signEntry } from '#protocol/ledger/entry.js';
import { chainStart } from '#protocol/ledger/chain.js';
import { openGrant, type Grant } from '#protocol/grant/grant.js';
import { paise, type Paise } from '#protocol/money/paise.js';
import { readCertificate } from '#protocol/signing/certificate.js';
import { signingKey, spokenFingerprint, type SigningKey } from '#protocol/signing/keys.js';
import { sealingKey } from '#protocol/signing/seal.js';
import { businessDate } from '#protocol/time/time.js';
import type { KioskIdentity } from '../../../firmware-agent/station/identity.js';
import { balanceOf, type AccountCode } from '../../../hub-server/books/account.js';
import { checkBooks } from '../../../hub-server/books/audit.js';
import { kioskReceivable, payable, reserve, wallet } from '../../../hub-server/books/chart.js';
import { topup } from '../../../hub-server/books/journals.js';
import { SqliteBooks } from '../../../hub-server/books/sqlite/sqlite-books.js';
import { trialBalanceOf } from '../../../hub-server/books/trial-balance.js';
import type { Hub } from '../../../hub-server/hub.js';
import { askToEnrol } from '../../../hub-server/kiosks/enrolment/ask.js';
import { issueClaim } from '../../../hub-server/kiosks/enrolment/claim.js';
import { approveKiosk } from '../../../hub-server/kiosks/enrolment/decide.js';
import { addLsp } from '../../../hub-server/kiosks/enrolment/lsp.js';
import { addSlot } from '../../../hub-server/kiosks/enrolment/slot.js';
import { linkDevice, type LinkDevice } from '../../../hub-server/kiosks/link/device.js';
import { HubGrants } from '../../../hub-server/kiosks/link/grants.js';
import { Ingest, type Pushed } from '../../../hub-server/kiosks/link/ingest.js';
import { createHub, openDistrictKey, openHub } from '../../../hub-server/operations/hub-folder.js';
import { newestRuleBook } from '../../../hub-server/operations/rule-books.js';
import { chance, NOW, saleBody } from '../protocol/samples.js';
import { valueOf } from '../agent/bench.js';

export const KIOSKS: readonly KioskCode[] = ['d35k1111', 'd35k2222', 'd35k3333'].map((code) => kioskCode.parse(code));
export const TOPUP = paise(2_000_000n);

type Clock = { at: number };

/** One hub with its books on a bench, three kiosks enrolled and topped up. A fork of it is a hub of its own, in memory. */
export class HubBench {
  readonly hub: Hub;
  readonly books: SqliteBooks;
  readonly grants: HubGrants;
  readonly ingest: Ingest;
  readonly clock: Clock;
  readonly #identities: ReadonlyMap<KioskCode, KioskIdentity>;
  readonly #root: string | undefined;

  private constructor(hub: Hub, clock: Clock, identities: ReadonlyMap<KioskCode, KioskIdentity>, root: string | undefined) {
    this.hub = hub;
    this.clock = clock;
    this.books = new SqliteBooks(hub.db, hub.district);
    this.grants = new HubGrants(hub, this.books);
    this.ingest = new Ingest(hub, this.books, this.grants);
    this.#identities = identities;
    this.#root = root;
  }

  /** `ruleBook`: a draft as JSON; the usual one when left out. */
  static async open(ruleBook?: string): Promise<HubBench> {
    const root = mkdtempSync(join(tmpdir(), 'jharokha-hub-bench-'));
    const clock = { at: NOW };
    let drawn = 0;
    const edges = { now: () => clock.at, random: (bytes: number) => chance(`hub ${drawn++}`, bytes) };
    const folder = join(root, 'hub');
    valueOf(
      await createHub(
        folder,
        {
          district: districtCode.parse('lgd:102'),
          districtName: { en: 'Jaipur', hi: 'जयपुर' },
          society: { en: 'Jaipur e-Mitra Society', hi: 'जयपुर ई-मित्र सोसायटी' },
          name: 'jaipur-1',
          address: '127.0.0.1:443',
          ...(ruleBook === undefined ? {} : { ruleBook }),
        },
        edges,
      ),
    );
    const hub = valueOf(openHub(folder, edges));
    valueOf(addLsp(hub, { code: 'AKSH', name: { en: 'Aksh', hi: 'अक्ष' } }));
    const identities = new Map(KIOSKS.map((code) => [code, enrolled(hub, folder, code)]));
    const bench = new HubBench(hub, clock, identities, root);
    for (const code of KIOSKS) bench.topUp(code, TOPUP, `FIRST-${code}`);
    return bench;
  }

  /** A copy in memory as it stands now, with a clock of its own. */
  fork(): HubBench {
    const image = this.hub.db.serialize();
    // Marks the copy as not written ahead: there is no second file beside it.
    image[18] = 1;
    image[19] = 1;
    const db = new Database(image);
    db.pragma('foreign_keys = ON');
    db.defaultSafeIntegers(true);
    const clock = { at: this.clock.at };
    let drawn = 0;
    const hub: Hub = { ...this.hub, db, now: () => clock.at, random: (bytes) => chance(`fork ${drawn++}`, bytes) };
    return new HubBench(hub, clock, this.#identities, undefined);
  }

  identity(code: KioskCode = KIOSKS[0] as KioskCode): KioskIdentity {
    const found = this.#identities.get(code);
    if (found === undefined) throw new Error(`no kiosk ${code}`);
    return found;
  }

  device(code: KioskCode = KIOSKS[0] as KioskCode, epoch = 1): LinkDevice {
    const found = linkDevice(this.hub, code, epoch);
    if (found === undefined) throw new Error(`no kiosk ${code}`);
    return found;
  }

  topUp(kiosk: KioskCode, amountPaise: Paise, reference: string): void {
    const at = this.hub.now();
    this.books.postJournal(topup({ reference, kiosk, amountPaise, when: { businessDate: businessDate(at), at } }));
  }

  push(chain: Chain, from: number, to: number = chain.entries.length): Pushed {
    return this.ingest.push(this.device(chain.kiosk), from, chain.bytes(from, to));
  }

  balance(code: AccountCode): Paise {
    const account = this.books.account(code);
    return account === undefined ? paise(0n) : balanceOf(account);
  }

  wallet(code: KioskCode = KIOSKS[0] as KioskCode): Paise {
    return this.balance(wallet(code).code);
  }

  reserve(grant: GrantId | string): Paise {
    return this.balance(reserve(grant as GrantId).code);
  }

  owedBy(code: KioskCode = KIOSKS[0] as KioskCode): Paise {
    return this.balance(kioskReceivable(code).code);
  }

  payable(department: SaleBody['department'] | string): Paise {
    return this.balance(payable(department as SaleBody['department']).code);
  }

  grant(bytes: Uint8Array): Grant {
    return valueOf(openGrant(this.hub.hubCertificate.key, bytes));
  }

  held(): readonly unknown[] {
    return this.hub.db.prepare('SELECT kiosk, seq, reason FROM held_entry ORDER BY kiosk, seq').all();
  }

  forks(): readonly unknown[] {
    return this.hub.db.prepare('SELECT kiosk, seq FROM fork ORDER BY kiosk, seq, hash').all();
  }

  /** Every account with its balance, and where each chain stands: what must be the same however entries came. */
  standing(): unknown {
    const chains = this.hub.db.prepare('SELECT kiosk, epoch, seq, hash FROM chain ORDER BY kiosk, epoch').all();
    const postings = this.hub.db.prepare('SELECT transaction_id, receipt, amount_paise, state FROM posting ORDER BY transaction_id').all();
    return { balance: trialBalanceOf(this.books.liveAccounts()), chains, postings, held: this.held() };
  }

  async faults(): Promise<readonly unknown[]> {
    const { balanced } = trialBalanceOf(this.books.liveAccounts());
    return [...(await checkBooks(this.books)), ...(balanced === 'balanced' ? [] : ['the trial balance does not balance'])];
  }

  close(): void {
    this.hub.db.close();
    if (this.#root !== undefined) rmSync(this.#root, { recursive: true, force: true });
  }
}

function enrolled(hub: Hub, folder: string, code: KioskCode): KioskIdentity {
  const grammar = newestRuleBook(hub).book.grammar;
  valueOf(addSlot(hub, grammar, { code, lsp: 'AKSH', site: { en: 'Sanganer', hi: 'सांगानेर' } }));
  return enrol(hub, folder, code, 'first');
}

/** Enrols one more device in a slot; with `replace` the one before is retired. */
export function enrol(hub: Hub, folder: string, code: KioskCode, kind: 'first' | 'replace'): KioskIdentity {
  const key = signingKey(hub.random(32));
  const sealing = sealingKey(hub.random(32));
  const claim = valueOf(parseClaim(valueOf(issueClaim(hub, { kiosk: code, kind, hubAddress: '127.0.0.1:443', by: 'test' })).text));
  const hints = { machine: 'unknown', host: 'box', system: 'linux' };
  askToEnrol(hub, { v: 1, code: claim.code, key: key.publicKey, sealingKey: sealing.publicKey, hints, signature: new Uint8Array(64) }, '127.0.0.1');
  const district = valueOf(openDistrictKey(folder));
  const { epoch } = valueOf(approveKiosk(hub, district, { kiosk: code, by: 'test', fingerprint: spokenFingerprint(key.publicKey) }));
  const stored = hub.db
    .prepare<[string, number], { bundle: Buffer }>('SELECT bundle FROM kiosk_device WHERE kiosk = ? AND epoch = ?')
    .get(code, epoch);
  const bundle = valueOf(openBundle(hub.districtKey, stored?.bundle ?? new Uint8Array()));
  const certificate = valueOf(readCertificate(hub.districtKey, bundle.kioskCertificate, 'kiosk'));
  return { key, sealing, districtKey: hub.districtKey, bundle, certificate, hubCertificate: hub.hubCertificate };
}

/** A kiosk's chain as its own software, or a thief with its key, would sign it. */
export class Chain {
  readonly kiosk: KioskCode;
  readonly entries: SignedEntry[] = [];
  readonly #identity: KioskIdentity;
  readonly #key: SigningKey;

  constructor(identity: KioskIdentity, upTo: readonly SignedEntry[] = []) {
    this.kiosk = identity.bundle.kiosk;
    this.#identity = identity;
    this.#key = identity.key;
    this.entries.push(...upTo);
  }

  /** The same key and the same first entries, and then another future: a copied disk. */
  copy(upTo: number): Chain {
    return new Chain(this.#identity, this.entries.slice(0, upTo));
  }

  get hash(): Uint8Array<ArrayBuffer> {
    return this.entries.at(-1)?.hash ?? Uint8Array.from(chainStart(this.#identity.certificate).hash);
  }

  add(body: EntryBody, more: Partial<Entry> = {}): SignedEntry {
    const { certificate, bundle } = this.#identity;
    const seq = this.entries.length + 1;
    const facts: Entry = {
      v: 1,
      district: bundle.district,
      kiosk: bundle.kiosk,
      epoch: certificate.epoch,
      seq,
      prev: this.hash,
      at: NOW + seq * 1_000,
      operator: operatorLogin.parse(`${bundle.kiosk}co01`),
      ruleBook: 1,
      body,
      ...more,
    };
    const signed = signEntry(this.#key, facts);
    this.entries.push(signed);
    return signed;
  }

  /** A quoted and sold bill, paid from a grant. */
  sell(n: number, grant: SaleBody['grant'], more: Partial<SaleBody> = {}): SaleBody {
    const body = saleBody(n, { grant, ...more });
    const { transaction, service, department, consumer, billNumber, totalPaise, mode } = body;
    this.add({ kind: 'quoted', transaction, service, department, consumer, billNumber, totalPaise, mode });
    this.add(body);
    return body;
  }

  bytes(from: number, to: number = this.entries.length): readonly Uint8Array<ArrayBuffer>[] {
    return this.entries.slice(from - 1, to).map((one) => one.bytes);
  }
}
