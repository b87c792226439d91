import { asNumber } from '#platform/sqlite/open.js';

import { takeHold, takeLease, type HeldGrant } from '#protocol/grant/draw.js';
import { openGrant, type Grant, type Lease } from '#protocol/grant/grant.js';
import type { OperatorLogin, TransactionId } from '#protocol/identity/identity.js';
import { paise, type Paise } from '#protocol/money/paise.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { equalBytes } from '#protocol/signing/keys.js';
import type { KioskIdentity } from '../station/identity.js';
import { isDiskFull, type AppendError, type Ledger } from './ledger.js';

type Row = { bytes: Buffer; sum: bigint | null; sales: bigint | null; closed: bigint | null };

/** The hub's grants kept here, and what the chain drew from them. */
export class Grants {
  readonly #ledger: Ledger;
  readonly #identity: KioskIdentity;
  /** The grant read last, with the very bytes that were checked: a screen asks for the lease with every service it lists. */
  #newest: { readonly bytes: Uint8Array; readonly grant: Grant } | undefined;

  constructor(ledger: Ledger, identity: KioskIdentity) {
    this.#ledger = ledger;
    this.#identity = identity;
  }

  #owner(): { readonly district: Grant['district']; readonly kiosk: Grant['kiosk']; readonly epoch: number } {
    return { district: this.#identity.bundle.district, kiosk: this.#identity.bundle.kiosk, epoch: this.#identity.certificate.epoch };
  }

  #held(row: Row): HeldGrant | undefined {
    const grant = this.#open(row.bytes);
    if (grant === undefined) return undefined;
    return { grant, drawnPaise: paise(row.sum ?? 0n), sales: asNumber(row.sales ?? 0n), closed: (row.closed ?? 0n) === 1n };
  }

  #open(bytes: Uint8Array): Grant | undefined {
    if (this.#newest !== undefined && equalBytes(this.#newest.bytes, bytes)) return this.#newest.grant;
    const opened = openGrant(this.#identity.hubCertificate.key, bytes);
    if (!opened.ok) return undefined;
    this.#newest = { bytes, grant: opened.value };
    return opened.value;
  }

  find(id: string): HeldGrant | undefined {
    const row = this.#ledger.db
      .prepare<[string], Row>('SELECT bytes, sum, sales, closed FROM grant_held LEFT JOIN drawn ON grant_id = id WHERE id = ?')
      .get(id);
    return row === undefined ? undefined : this.#held(row);
  }

  /** The lease with the highest number; it may be closed or run out. */
  lease(): HeldGrant<Lease> | undefined {
    const row = this.#ledger.db
      .prepare<[], Row>(
        "SELECT bytes, sum, sales, closed FROM grant_held LEFT JOIN drawn ON grant_id = id WHERE kind = 'lease' ORDER BY number DESC LIMIT 1",
      )
      .get();
    const held = row === undefined ? undefined : this.#held(row);
    return held?.grant.kind === 'lease' ? { ...held, grant: held.grant } : undefined;
  }

  /** Takes a lease or a raise from the hub: stored in the transaction of the entry that records it. */
  takeLease(bytes: Uint8Array, at: number, operator: OperatorLogin | null): Result<HeldGrant<Lease>, Failure<string> | Failure<AppendError>> {
    const opened = openGrant(this.#identity.hubCertificate.key, bytes);
    if (!opened.ok) return opened;
    const offered = opened.value;
    if (offered.kind !== 'lease') return failure('bad-grant', 'a hold came where a lease was asked for');
    const current = this.lease();
    if (current !== undefined && current.grant.id === offered.id && current.grant.number === offered.number) return ok(current);
    const taken = takeLease(current, offered, this.#owner(), current?.grant.number ?? 0, (base) => this.#inChain(base));
    if (!taken.ok) return taken;
    const body = { kind: 'lease-taken', id: offered.id, number: offered.number, limitPaise: offered.limitPaise, notAfter: offered.notAfter } as const;
    const written = this.#ledger.append(body, operator, at, () => this.#store(offered, bytes));
    return written.ok ? taken : written;
  }

  /** Takes the hold that was asked for one transaction and its exact sum. Its record is the sale entry that draws it. */
  takeHold(bytes: Uint8Array, transaction: TransactionId, total: Paise): Result<HeldGrant, Failure<string>> {
    const opened = openGrant(this.#identity.hubCertificate.key, bytes);
    if (!opened.ok) return opened;
    const taken = takeHold(opened.value, this.#owner(), transaction, total);
    try {
      if (taken.ok) this.#store(opened.value, bytes);
    } catch (error) {
      if (isDiskFull(error)) return failure('disk-full', 'no room on the disk for the hold');
      throw error;
    }
    return taken;
  }

  #store(grant: Grant, bytes: Uint8Array): void {
    this.#ledger.db
      .prepare('INSERT INTO grant_held VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET number = excluded.number, bytes = excluded.bytes')
      .run(grant.id, grant.kind, grant.number, bytes);
  }

  #inChain(base: Lease['base']): boolean {
    const own = this.#ledger.hashAt(base.seq);
    return own !== undefined && equalBytes(own, base.hash);
  }

  /** Closes the open lease by a signed entry that names its base and the head before this entry. */
  closeLease(at: number): Result<'closed' | 'none', Failure<AppendError>> {
    const held = this.lease();
    if (held === undefined || held.closed) return ok('none');
    const { seq, hash } = this.#ledger.tip;
    const written = this.#ledger.append(
      { kind: 'lease-closed', id: held.grant.id, base: held.grant.base, head: { seq, hash: Uint8Array.from(hash) }, drawnPaise: held.drawnPaise },
      null,
      at,
    );
    return written.ok ? ok('closed') : written;
  }
}
