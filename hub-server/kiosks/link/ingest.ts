import { asNumber } from '#platform/sqlite/open.js';
import { followChain, tipAtStart, type ChainFault, type Tip } from '#protocol/ledger/chain.js';
import { openEntry, type EntryBody, type SaleBody, type SignedEntry } from '#protocol/ledger/entry.js';
import { signHead } from '#protocol/ledger/head.js';
import { paise } from '#protocol/money/paise.js';
import { receiptNumber } from '#protocol/receipt/receipt.js';
import { assert, unreachable } from '#protocol/result/result.js';
import { peekCose } from '#protocol/signing/cose.js';
import { equalBytes, sha256 } from '#protocol/signing/keys.js';
import { businessDate } from '#protocol/time/time.js';
import type { JournalDraft } from '../../books/journal.js';
import { fundingOf, refundDue, sale as saleJournal, saleRefused } from '../../books/journals.js';
import { isPosted } from '../../books/post-result.js';
import type { SqliteBooks } from '../../books/sqlite/sqlite-books.js';
import type { Hub } from '../../hub.js';
import { findPosting, markRefundDue, markReturned, recordSale } from '../../services/postings.js';
import type { LinkDevice } from './device.js';
import type { HubGrants } from './grants.js';
import { bookRefund, saleJournalOf } from './refunds.js';

export type Pushed =
  /** Committed: the books hold everything up to the head. */
  | { readonly kind: 'taken'; readonly head: Uint8Array<ArrayBuffer>; readonly tip: Tip; readonly hasOnlineSale: boolean }
  /** Nothing was taken: the kiosk goes on from `expected`. */
  | { readonly kind: 'gap'; readonly expected: number }
  /** Another entry stands in this place already: two histories. Both are kept; the kiosk must stop. */
  | { readonly kind: 'fork'; readonly seq: number }
  /** The entry is not what it must be. Entries before it were taken. */
  | { readonly kind: 'bad-entry'; readonly fault: ChainFault };

/** Rs 1,000 crore: no bill is near it. A larger sum in an entry is damage or malice, and a person looks at it before it may fill an account. */
const SUM_BOOKED_MAX = paise(1_000_000_000_000n);

type ChainRow = { seq: bigint; hash: Buffer; at: bigint };

/** Takes kiosks' entries in: verifies each, posts the books, and answers only after its own commit. */
export class Ingest {
  readonly #hub: Hub;
  readonly #books: SqliteBooks;
  readonly #grants: HubGrants;

  constructor(hub: Hub, books: SqliteBooks, grants: HubGrants) {
    this.#hub = hub;
    this.#books = books;
    this.#grants = grants;
  }

  /** The newest entry that the hub holds of a kiosk's epoch. */
  tip(device: LinkDevice): Tip {
    const row = this.#hub.db
      .prepare<[string, string, number], ChainRow>('SELECT seq, hash, at FROM chain WHERE district = ? AND kiosk = ? AND epoch = ?')
      .get(this.#hub.district, device.kiosk, device.epoch);
    if (row === undefined) return tipAtStart(device.certificate);
    return { seq: asNumber(row.seq), hash: Uint8Array.from(row.hash), at: asNumber(row.at) };
  }

  /** Hash of an entry that the hub holds; undefined for one that it does not. */
  hashAt(device: LinkDevice, seq: number): Uint8Array | undefined {
    if (seq === 0) return tipAtStart(device.certificate).hash;
    return this.#hub.db
      .prepare<[string, string, number, number], { hash: Buffer }>(
        'SELECT hash FROM entry WHERE district = ? AND kiosk = ? AND epoch = ? AND seq = ?',
      )
      .get(this.#hub.district, device.kiosk, device.epoch, seq)?.hash;
  }

  /** The hub's signed word on a tip: its acknowledgement, and the countersignature of an export. */
  headOf(device: LinkDevice, tip: Tip): Uint8Array<ArrayBuffer> {
    return signHead(this.#hub.hubKey, {
      v: 1,
      by: 'hub',
      district: this.#hub.district,
      kiosk: device.kiosk,
      epoch: device.epoch,
      count: tip.seq,
      hash: Uint8Array.from(tip.hash),
      at: this.#hub.now(),
    });
  }

  /** One push in one transaction. Entries known already are checked to be the same and passed over. */
  push(device: LinkDevice, from: number, entries: readonly Uint8Array[]): Pushed {
    return this.#hub.db.transaction(() => this.#take(device, from, entries)).immediate();
  }

  #take(device: LinkDevice, from: number, entries: readonly Uint8Array[]): Pushed {
    let tip = this.tip(device);
    if (from > tip.seq + 1) return { kind: 'gap', expected: tip.seq + 1 };
    const known = entries.slice(0, tip.seq + 1 - from);
    for (const [i, bytes] of known.entries()) {
      if (!this.#isKnown(device, from + i, bytes)) return this.#keepFork(device, from + i, bytes);
    }
    const drafts: JournalDraft[] = [];
    let hasOnlineSale = false;
    for (const bytes of entries.slice(known.length)) {
      const next = followChain(device.certificate, tip, bytes);
      if (!next.ok) {
        this.#finish(device, tip, drafts);
        // Signed by the right key, in the right place, after another entry than ours: that too is a second history.
        return next.error.code === 'wrong-prev' ? this.#keepFork(device, next.error.seq, bytes) : { kind: 'bad-entry', fault: next.error };
      }
      tip = next.value.tip;
      this.#store(device, next.value.signed);
      this.#effects(device, next.value.signed, drafts);
      hasOnlineSale ||= next.value.signed.entry.body.kind === 'sale' && next.value.signed.entry.body.mode === 'online';
    }
    this.#finish(device, tip, drafts);
    return { kind: 'taken', head: this.headOf(device, tip), tip, hasOnlineSale };
  }

  #isKnown(device: LinkDevice, seq: number, bytes: Uint8Array): boolean {
    const row = this.#hub.db
      .prepare<[string, string, number, number], { hash: Buffer }>(
        'SELECT hash FROM entry WHERE district = ? AND kiosk = ? AND epoch = ? AND seq = ?',
      )
      .get(this.#hub.district, device.kiosk, device.epoch, seq);
    const payload = peekCose(bytes);
    return row !== undefined && payload.ok && equalBytes(row.hash, sha256(payload.value));
  }

  /** Evidence only counts when it is signed by the kiosk's own key, for this very place; anything else is mere noise on the line. */
  #keepFork(device: LinkDevice, seq: number, bytes: Uint8Array): Pushed {
    const opened = openEntry(device.certificate.key, bytes);
    if (!opened.ok) return { kind: 'bad-entry', fault: { code: 'bad-entry', detail: opened.error.detail, seq } };
    const { entry, hash } = opened.value;
    if (entry.seq !== seq || entry.kiosk !== device.kiosk || entry.epoch !== device.epoch || entry.district !== device.district)
      return { kind: 'bad-entry', fault: { code: 'wrong-seq', detail: `entry ${entry.seq} was sent as entry ${seq}`, seq } };
    this.#hub.db
      .prepare('INSERT OR IGNORE INTO fork VALUES (?, ?, ?, ?, ?, ?, ?)')
      .run(this.#hub.district, device.kiosk, device.epoch, seq, hash, bytes, this.#hub.now());
    return { kind: 'fork', seq };
  }

  #store(device: LinkDevice, signed: SignedEntry): void {
    const { seq, at, body } = signed.entry;
    this.#hub.db
      .prepare('INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(this.#hub.district, device.kiosk, device.epoch, seq, body.kind, at, this.#hub.now(), signed.hash, signed.bytes);
  }

  #hold(device: LinkDevice, signed: SignedEntry, reason: string): void {
    this.#hub.db
      .prepare('INSERT INTO held_entry VALUES (?, ?, ?, ?, ?)')
      .run(this.#hub.district, device.kiosk, device.epoch, signed.entry.seq, reason);
  }

  #finish(device: LinkDevice, tip: Tip, drafts: JournalDraft[]): void {
    this.#flush(drafts);
    this.#hub.db
      .prepare(
        'INSERT INTO chain VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq, hash = excluded.hash, at = excluded.at, heard_at = excluded.heard_at',
      )
      .run(this.#hub.district, device.kiosk, device.epoch, tip.seq, tip.hash, tip.at, this.#hub.now());
  }

  /** Posts what has been gathered. Journals of sales are posted in batches; what must read the books flushes first. */
  #flush(drafts: JournalDraft[]): void {
    const results = this.#books.postJournalsWithin(drafts.splice(0));
    for (const result of results) assert(isPosted(result), `a verified entry posts: ${'detail' in result ? result.detail : ''}`);
  }

  #effects(device: LinkDevice, signed: SignedEntry, drafts: JournalDraft[]): void {
    const { body } = signed.entry;
    switch (body.kind) {
      case 'sale':
        return this.#sale(device, signed, body, drafts);
      case 'abandoned':
        return this.#endHold(device, body.transaction, drafts);
      case 'refused':
        return body.cash === 'citizen-gone' ? this.#refundByHub(device, signed, body.transaction, drafts) : undefined;
      case 'returned':
        return this.#returned(device, signed, body.transaction, drafts);
      case 'lease-closed':
        return this.#closeLease(device, signed, body, drafts);
      case 'started':
      case 'operator-on':
      case 'operator-off':
      case 'till-opened':
      case 'till-closed':
      case 'quoted':
      case 'confirmed':
      case 'presence':
      case 'print-started':
      case 'print-ended':
      case 'lease-taken':
      case 'stock-loaded':
      case 'form-used':
      case 'forms-spoilt':
        return;
      default:
        unreachable(body);
    }
  }

  #sale(device: LinkDevice, signed: SignedEntry, body: SaleBody, drafts: JournalDraft[]): void {
    const { seq, at } = signed.entry;
    const entry = hex(signed.hash);
    const sums = { billPaise: body.billPaise, citizenFeePaise: body.citizenFeePaise, departmentFeePaise: body.departmentFeePaise };
    if (body.totalPaise === 0n || Object.values(sums).some((sum) => sum > SUM_BOOKED_MAX))
      return this.#hold(device, signed, 'the sale moves no money, or more than any bill can be');
    const recorded = recordSale(this.#hub, { kiosk: device.kiosk, receipt: receiptNumber(device.kiosk, device.epoch, seq), sale: body, at });
    if (recorded === 'not-its-own') return this.#hold(device, signed, 'the transaction id or receipt number belongs to another sale');
    const grant = this.#grants.find(body.grant.id);
    const funds = grant !== undefined && grant.kiosk === device.kiosk ? { grant: grant.id } : {};
    const when = { businessDate: businessDate(at), at: this.#hub.now() };
    drafts.push(saleJournal({ entry, transaction: body.transaction, kiosk: device.kiosk, department: body.department, ...sums, when, ...funds }));
    if (recorded === 'paid-before')
      drafts.push(refundDue({ entry, transaction: body.transaction, department: body.department, moneyIsWith: 'society', ...sums, when }));
    this.#endHold(device, body.transaction, drafts);
  }

  /** A hold ends with its transaction, however that ended: drawn, funded by the lease after all, or abandoned. */
  #endHold(device: LinkDevice, transaction: SaleBody['transaction'], drafts: JournalDraft[]): void {
    const hold = this.#grants.holdOf(device.kiosk, transaction);
    if (hold === undefined || hold.state === 'closed') return;
    this.#flush(drafts);
    this.#grants.close(hold);
  }

  #refundByHub(device: LinkDevice, signed: SignedEntry, transaction: SaleBody['transaction'], drafts: JournalDraft[]): void {
    this.#flush(drafts);
    const posting = findPosting(this.#hub, transaction);
    if (posting === undefined) return this.#hold(device, signed, 'refused: no such sale');
    if (posting.state === 'refund-due') return;
    if (markRefundDue(this.#hub, transaction) === 'not-refused')
      return this.#hold(device, signed, 'refused: the department has not refused this sale');
    bookRefund(this.#hub, this.#books, transaction);
  }

  /** The cash went back over the counter: the sale is undone in the books and its money is the wallet's again. */
  #returned(device: LinkDevice, signed: SignedEntry, transaction: SaleBody['transaction'], drafts: JournalDraft[]): void {
    this.#flush(drafts);
    const original = saleJournalOf(this.#books, transaction);
    if (original === undefined || markReturned(this.#hub, transaction) === 'not-refused') {
      return this.#hold(device, signed, 'returned: the department has not refused this sale');
    }
    const when = { businessDate: businessDate(signed.entry.at), at: this.#hub.now() };
    this.#flush([saleRefused({ original, transaction, entry: hex(signed.hash), when })]);
    const grant = original.refs.grant === undefined ? undefined : this.#grants.find(original.refs.grant);
    const { fundedPaise } = fundingOf(original);
    if (grant !== undefined && fundedPaise > 0n) this.#grants.giveBack(grant, fundedPaise, hex(signed.hash));
  }

  /** The kiosk has named base and head, and the hub holds every entry between them: only now is the rest of the reserve free (I7). */
  #closeLease(device: LinkDevice, signed: SignedEntry, body: Extract<EntryBody, { kind: 'lease-closed' }>, drafts: JournalDraft[]): void {
    this.#flush(drafts);
    const lease = this.#grants.openLease(device);
    const { seq, prev } = signed.entry;
    if (lease === undefined || lease.id !== body.id) return this.#hold(device, signed, 'lease-closed: no such open lease');
    if (body.head.seq !== seq - 1 || !equalBytes(body.head.hash, prev))
      return this.#hold(device, signed, 'lease-closed: the head is not the entry before');
    this.#grants.close(lease);
  }
}

function hex(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex');
}
