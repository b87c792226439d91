import { argon2Sync, timingSafeEqual } from 'node:crypto';
import { asNumber, type Sqlite } from '#platform/sqlite/open.js';
import type { OperatorLogin } from '#protocol/identity/identity.js';
import { openOperatorGrant, pinVerifier } from '#protocol/operator/operator-grant.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { readCbor } from '#protocol/signing/cbor.js';
import { unseal } from '#protocol/signing/seal.js';
import { MINUTE_MS } from '#protocol/time/time.js';
import type { KioskIdentity } from '../station/identity.js';

export const PIN_TRIES_MAX = 5;
export const LOCK_OUT_MS = 15 * MINUTE_MS;

export type PinError = 'pin-wrong' | 'login-locked' | 'login-needs-hub';
export type PinRefusal = Failure<PinError> & { readonly triesLeft?: number; readonly lockedUntil?: number };

type Tries = { wrong: number; lockedUntil: number };

/** Operators that the hub let in here lately, each with a sealed verifier and an end (R16, C10). Wrong tries outlive a restart. */
export class Operators {
  readonly #db: Sqlite;
  readonly #identity: KioskIdentity;

  constructor(db: Sqlite, identity: KioskIdentity) {
    this.#db = db;
    this.#identity = identity;
  }

  /** Keeps the hub's grant for later log-ins without the link. */
  take(login: OperatorLogin, bytes: Uint8Array): Result<void, Failure<'bad-operator-grant'>> {
    const read = openOperatorGrant(this.#identity.hubCertificate.key, bytes);
    if (!read.ok) return read;
    if (read.value.login !== login || read.value.kiosk !== this.#identity.bundle.kiosk)
      return failure('bad-operator-grant', 'the grant is for another login or kiosk');
    this.#db.prepare('INSERT INTO operator_held VALUES (?, ?) ON CONFLICT (login) DO UPDATE SET bytes = excluded.bytes').run(login, bytes);
    this.#clear(login);
    return ok(undefined);
  }

  /** The hub said no to this login: what was kept for it no longer counts. */
  forget(login: OperatorLogin): void {
    this.#db.prepare('DELETE FROM operator_held WHERE login = ?').run(login);
  }

  /** Checks a PIN here, without the link. */
  check(login: OperatorLogin, pin: string, now: number): Result<void, PinRefusal> {
    const tries = this.#tries(login);
    if (tries.lockedUntil > now)
      return { ok: false, error: { code: 'login-locked', detail: 'too many wrong tries', lockedUntil: tries.lockedUntil } };
    const row = this.#db.prepare<[string], { bytes: Buffer }>('SELECT bytes FROM operator_held WHERE login = ?').get(login);
    const grant = row === undefined ? undefined : openOperatorGrant(this.#identity.hubCertificate.key, row.bytes);
    if (grant?.ok !== true || now > grant.value.notAfter) return failure('login-needs-hub', 'the hub has not let this login in here lately');
    const opened = unseal(this.#identity.sealing, grant.value.sealedVerifier);
    const verifier = opened.ok ? readCbor(pinVerifier, opened.value) : undefined;
    if (verifier?.ok !== true) return failure('login-needs-hub', 'the kept verifier can not be opened');
    const { salt, memoryKib, passes, hash } = verifier.value;
    const tried = argon2Sync('argon2id', {
      message: Buffer.from(pin, 'utf8'),
      nonce: salt,
      parallelism: 1,
      tagLength: 32,
      memory: memoryKib,
      passes,
    });
    if (timingSafeEqual(tried, hash)) {
      this.#clear(login);
      return ok(undefined);
    }
    return { ok: false, error: this.#countWrong(login, tries, now) };
  }

  #countWrong(login: OperatorLogin, tries: Tries, now: number): PinRefusal {
    const wrong = tries.wrong + 1;
    const locked = wrong >= PIN_TRIES_MAX;
    this.#keep(login, locked ? { wrong: 0, lockedUntil: now + LOCK_OUT_MS } : { wrong, lockedUntil: 0 });
    if (locked) return { code: 'login-locked', detail: 'too many wrong tries', lockedUntil: now + LOCK_OUT_MS };
    return { code: 'pin-wrong', detail: 'the PIN is wrong', triesLeft: PIN_TRIES_MAX - wrong };
  }

  #tries(login: OperatorLogin): Tries {
    const row = this.#db.prepare<[string], { value: Buffer }>('SELECT value FROM kept WHERE name = ?').get(`tries:${login}`);
    if (row === undefined) return { wrong: 0, lockedUntil: 0 };
    return { wrong: row.value.readUInt8(0), lockedUntil: asNumber(row.value.readBigUInt64BE(1)) };
  }

  #keep(login: OperatorLogin, tries: Tries): void {
    const value = Buffer.alloc(9);
    value.writeUInt8(tries.wrong, 0);
    value.writeBigUInt64BE(BigInt(tries.lockedUntil), 1);
    this.#db.prepare('INSERT INTO kept VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value').run(`tries:${login}`, value);
  }

  #clear(login: OperatorLogin): void {
    this.#db.prepare('DELETE FROM kept WHERE name = ?').run(`tries:${login}`);
  }
}
