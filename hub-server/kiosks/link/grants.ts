import { asNumber } from '#platform/sqlite/open.js';
import { ID_RANDOM_BYTES, newGrantId } from '#protocol/identity/ids.js';
import { grantId, type GrantId, type TransactionId } from '#protocol/identity/identity.js';
import { openGrant, signGrant, type Lease } from '#protocol/grant/grant.js';
import type { Position } from '#protocol/ledger/entry.js';
import { addPaise, minPaise, paise, subtractPaise, type Paise } from '#protocol/money/paise.js';
import { assert, failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { verifyKey } from '#protocol/signing/keys.js';
import { businessDate, DAY_MS, HOUR_MS } from '#protocol/time/time.js';
import { balanceOf, type AccountCode } from '../../books/account.js';
import { reserve, wallet } from '../../books/chart.js';
import { grantRelease, grantReserve, type When } from '../../books/journals.js';
import { isPosted } from '../../books/post-result.js';
import type { SqliteBooks } from '../../books/sqlite/sqlite-books.js';
import type { Hub } from '../../hub.js';
import type { LinkDevice } from './device.js';
import { leasePolicy } from './lease-policy.js';

export type GrantRow = {
  readonly id: GrantId;
  readonly kiosk: string;
  readonly kind: 'hold' | 'lease';
  readonly number: number;
  readonly limitPaise: Paise;
  readonly state: 'open' | 'closed';
  readonly notAfter: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
};
type Row = {
  id: string;
  kiosk: string;
  kind: 'hold' | 'lease';
  number: bigint;
  limit_paise: bigint;
  state: 'open' | 'closed';
  not_after: bigint;
  bytes: Buffer;
};

function toGrant(row: Row): GrantRow {
  return {
    id: grantId.parse(row.id),
    kiosk: row.kiosk,
    kind: row.kind,
    number: asNumber(row.number),
    limitPaise: paise(row.limit_paise),
    state: row.state,
    notAfter: asNumber(row.not_after),
    bytes: Uint8Array.from(row.bytes),
  };
}

const SELECT = 'SELECT id, kiosk, kind, number, limit_paise, state, not_after, bytes FROM grant_issued WHERE district = ?';

export type HoldRequest = { readonly transaction: TransactionId; readonly totalPaise: Paise };
/** A hold is answered or not within seconds; a sale that it paid for may reach the hub much later, and still draws it. */
const HOLD_LIFE_MS = DAY_MS;

/** Grants of one hub: reserve first, sign after, both in one transaction. */
export class HubGrants {
  readonly #hub: Hub;
  readonly #books: SqliteBooks;

  constructor(hub: Hub, books: SqliteBooks) {
    this.#hub = hub;
    this.#books = books;
  }

  find(id: string): GrantRow | undefined {
    const row = this.#hub.db.prepare<[string, string], Row>(`${SELECT} AND id = ?`).get(this.#hub.district, id);
    return row === undefined ? undefined : toGrant(row);
  }

  holdOf(kiosk: string, transaction: TransactionId): GrantRow | undefined {
    const row = this.#hub.db
      .prepare<[string, string, string], Row>(`${SELECT} AND kiosk = ? AND transaction_id = ?`)
      .get(this.#hub.district, kiosk, transaction);
    return row === undefined ? undefined : toGrant(row);
  }

  openLease(device: Pick<LinkDevice, 'kiosk' | 'epoch'>): GrantRow | undefined {
    const row = this.#hub.db
      .prepare<[string, string, number], Row>(`${SELECT} AND kiosk = ? AND epoch = ? AND kind = 'lease' AND state = 'open'`)
      .get(this.#hub.district, device.kiosk, device.epoch);
    return row === undefined ? undefined : toGrant(row);
  }

  #when(): When {
    const at = this.#hub.now();
    return { businessDate: businessDate(at), at };
  }

  /** Issues the hold that a transaction asks for. Asked again, it is the same hold; asked for another sum, it is refused. */
  issueHold(device: LinkDevice, request: HoldRequest): Result<Uint8Array<ArrayBuffer>, Failure<'wallet-too-small' | 'hold-differs'>> {
    const issue = this.#hub.db.transaction((): Result<Uint8Array<ArrayBuffer>, Failure<'wallet-too-small' | 'hold-differs'>> => {
      if (request.totalPaise <= 0n) return failure('hold-differs', 'a hold is for a sale that moves money');
      const before = this.holdOf(device.kiosk, request.transaction);
      if (before !== undefined) {
        const same = before.state === 'open' && before.limitPaise === request.totalPaise;
        return same ? ok(before.bytes) : failure('hold-differs', 'this transaction was already held for another sum, or is ended');
      }
      const at = this.#hub.now();
      const id = newGrantId(at, this.#hub.random(ID_RANDOM_BYTES));
      const reserved = this.#reserve(device, id, 1, request.totalPaise, request.transaction);
      if (!reserved) return failure('wallet-too-small', 'the wallet does not cover this sale');
      const notAfter = at + HOLD_LIFE_MS;
      const bytes = signGrant(this.#hub.hubKey, {
        v: 1,
        kind: 'hold',
        id,
        district: this.#hub.district,
        kiosk: device.kiosk,
        epoch: device.epoch,
        number: 1,
        limitPaise: request.totalPaise,
        issuedAt: at,
        notAfter,
        transaction: request.transaction,
      });
      this.#insert(device, id, 'hold', 1, request.totalPaise, request.transaction, notAfter, bytes);
      return ok(bytes);
    });
    return issue.immediate();
  }

  #reserve(device: LinkDevice, id: GrantId, number: number, addPaiseSum: Paise, transaction?: TransactionId): boolean {
    if (addPaiseSum === 0n) return true;
    const draft = grantReserve({
      grant: id,
      number,
      kiosk: device.kiosk,
      addPaise: addPaiseSum,
      when: this.#when(),
      ...(transaction === undefined ? {} : { transaction }),
    });
    const [posted] = this.#books.postJournalsWithin([draft]);
    assert(posted !== undefined, 'one result for one draft');
    return isPosted(posted);
  }

  #insert(
    device: LinkDevice,
    id: GrantId,
    kind: 'hold' | 'lease',
    number: number,
    limit: Paise,
    transaction: TransactionId | null,
    notAfter: number,
    bytes: Uint8Array,
  ): void {
    this.#hub.db
      .prepare("INSERT INTO grant_issued VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'open', ?, ?)")
      .run(this.#hub.district, id, device.kiosk, device.epoch, kind, number, limit, transaction, notAfter, bytes);
  }

  /**
   * The kiosk's lease, issued or raised to the policy's target as far as the wallet goes. A lease is raised, not replaced: the same id, the number rising, the limit
   * never falling, the reserve taken before signing. What the kiosk has drawn and not yet sent is still in the reserve, so it is never lent twice.
   */
  keepLease(device: LinkDevice, base: Position): Result<Uint8Array<ArrayBuffer>, Failure<'wallet-too-small' | 'lease-refused'>> {
    const keep = this.#hub.db.transaction((): Result<Uint8Array<ArrayBuffer>, Failure<'wallet-too-small' | 'lease-refused'>> => {
      const policy = leasePolicy(this.#hub, device.kiosk);
      const open = this.openLease(device);
      const reserved = open === undefined ? paise(0n) : this.balance(reserve(open.id).code);
      const share = paise(((this.balance(wallet(device.kiosk).code) + reserved) * policy.walletPercent) / 100n);
      const wanted = minPaise(policy.targetPaise, share);
      const add = wanted > reserved ? subtractPaise(wanted, reserved) : paise(0n);
      const at = this.#hub.now();
      const notAfter = at + policy.lifeHours * HOUR_MS;
      if (open === undefined && add === 0n) return failure('wallet-too-small', 'the wallet is empty: nothing can be lent');
      if (open !== undefined && add === 0n && open.notAfter - at > (policy.lifeHours * HOUR_MS) / 2) return ok(open.bytes);
      return ok(this.#signLease(device, open, add, at, notAfter, base));
    });
    return keep.immediate();
  }

  #signLease(device: LinkDevice, open: GrantRow | undefined, add: Paise, at: number, notAfter: number, base: Position): Uint8Array<ArrayBuffer> {
    const policy = leasePolicy(this.#hub, device.kiosk);
    const id = open?.id ?? newGrantId(at, this.#hub.random(ID_RANDOM_BYTES));
    const number = this.#lastLeaseNumber(device) + 1;
    assert(this.#reserve(device, id, number, add), 'the share of the wallet is in the wallet');
    const limitPaise = addPaise(open?.limitPaise ?? paise(0n), add);
    const bytes = signGrant(this.#hub.hubKey, {
      v: 1,
      kind: 'lease',
      id,
      district: this.#hub.district,
      kiosk: device.kiosk,
      epoch: device.epoch,
      number,
      limitPaise,
      issuedAt: at,
      notAfter,
      salePaiseMax: policy.salePaiseMax,
      salesMax: policy.salesMax,
      base: open === undefined ? { seq: base.seq, hash: Uint8Array.from(base.hash) } : this.#baseOf(open),
    });
    if (open === undefined) this.#insert(device, id, 'lease', number, limitPaise, null, notAfter, bytes);
    else
      this.#hub.db
        .prepare('UPDATE grant_issued SET number = ?, limit_paise = ?, not_after = ?, bytes = ? WHERE district = ? AND id = ?')
        .run(number, limitPaise, notAfter, bytes, this.#hub.district, id);
    return bytes;
  }

  /** A raise keeps the entry that its lease starts from: the kiosk refuses one that moves it. */
  #baseOf(lease: GrantRow): Lease['base'] {
    const opened = openGrant(verifyKey(this.#hub.hubKey.publicKey), lease.bytes);
    assert(opened.ok && opened.value.kind === 'lease', `${lease.id} is a lease of this hub`);
    return opened.value.base;
  }

  #lastLeaseNumber(device: LinkDevice): number {
    const row = this.#hub.db
      .prepare<[string, string, number], { n: bigint | null }>(
        "SELECT max(number) AS n FROM grant_issued WHERE district = ? AND kiosk = ? AND epoch = ? AND kind = 'lease'",
      )
      .get(this.#hub.district, device.kiosk, device.epoch);
    return asNumber(row?.n ?? 0n);
  }

  balance(code: AccountCode): Paise {
    const account = this.#books.account(code);
    return account === undefined ? paise(0n) : balanceOf(account);
  }

  /** Ends a grant and gives what is left of its reserve back to the wallet. Runs inside the caller's transaction; safe to call again. */
  close(grant: GrantRow): void {
    const changed = this.#hub.db
      .prepare("UPDATE grant_issued SET state = 'closed' WHERE district = ? AND id = ? AND state = 'open'")
      .run(this.#hub.district, grant.id);
    if (changed.changes === 0) return;
    this.giveBack(grant, grant.limitPaise, 'close');
  }

  /** Moves up to a sum from a grant's reserve to the wallet. */
  giveBack(grant: GrantRow, sum: Paise, cause: string): void {
    const kiosk = grant.kiosk as LinkDevice['kiosk'];
    const [posted] = this.#books.postJournalsWithin([grantRelease({ grant: grant.id, kiosk, limitPaise: sum, cause, when: this.#when() })]);
    assert(posted !== undefined && isPosted(posted), `release of ${grant.id}`);
  }
}
