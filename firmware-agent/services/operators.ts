import { argon2Sync, timingSafeEqual } from 'node:crypto';
import { asNumber, type Sqlite } from '#platform/sqlite/open.js';
import type { OperatorLogin } from '#protocol/identity/identity.js';
import { verifyKeyLogIn, type KeyAssertion, type KeyCredential, type KeyLogInError, type KeyLogInFacts } from '#protocol/operator/key-log-in.js';
import { openOperatorGrant, pinVerifier, type OperatorGrant } from '#protocol/operator/operator-grant.js';
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
    this.#db.prepare('DELETE FROM kept WHERE name = ?').run(`no-keys:${login}`);
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
    const grant = this.#grant(login, now);
    if (!grant.ok) return grant;
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

  /** Security keys that may open this login without the link, each with the highest counter seen from it here or at the hub. */
  keysOf(login: OperatorLogin, now: number): Result<readonly KeyCredential[], Failure<'login-needs-hub'>> {
    const grant = this.#grant(login, now);
    if (!grant.ok) return grant;
    if (this.#kept(`no-keys:${login}`) !== undefined) return ok([]);
    return ok(grant.value.keys.map((key) => ({ ...key, counter: Math.max(key.counter, this.counterOf(key.id)) })));
  }

  /** Ids of all keys that the hub named for this login, however long ago: what a key holds it holds for ever. */
  credentialsOf(login: OperatorLogin): readonly Uint8Array[] {
    const grant = this.#grant(login, 0);
    return grant.ok ? grant.value.keys.map(({ id }) => id) : [];
  }

  /** Judges a key's answer here, without the link, and remembers its counter. */
  checkKey(facts: KeyLogInFacts, assertion: KeyAssertion, now: number): Result<void, Failure<KeyLogInError | 'login-needs-hub'>> {
    const keys = this.keysOf(facts.login, now);
    if (!keys.ok) return keys;
    const verified = verifyKeyLogIn(facts, keys.value, assertion);
    if (!verified.ok) return verified;
    this.noteCounter(verified.value.credential, verified.value.counter);
    return ok(undefined);
  }

  /** The hub knows no key of this login any more. Its PIN still counts. */
  withdrawKeys(login: OperatorLogin): void {
    this.#keepBytes(`no-keys:${login}`, Buffer.of(1));
  }

  /** The highest counter that a key has shown here; 0 for one never seen. Outlives a restart. */
  counterOf(credential: Uint8Array): number {
    return this.#kept(counterName(credential))?.readUInt32BE() ?? 0;
  }

  noteCounter(credential: Uint8Array, counter: number): void {
    const value = Buffer.alloc(4);
    value.writeUInt32BE(Math.max(counter, this.counterOf(credential)));
    this.#keepBytes(counterName(credential), value);
  }

  #grant(login: OperatorLogin, now: number): Result<OperatorGrant, Failure<'login-needs-hub'>> {
    const row = this.#db.prepare<[string], { bytes: Buffer }>('SELECT bytes FROM operator_held WHERE login = ?').get(login);
    const grant = row === undefined ? undefined : openOperatorGrant(this.#identity.hubCertificate.key, row.bytes);
    if (grant?.ok !== true || now > grant.value.notAfter) return failure('login-needs-hub', 'the hub has not let this login in here lately');
    return grant;
  }

  #kept(name: string): Buffer | undefined {
    return this.#db.prepare<[string], { value: Buffer }>('SELECT value FROM kept WHERE name = ?').get(name)?.value;
  }

  #keepBytes(name: string, value: Buffer): void {
    this.#db.prepare('INSERT INTO kept VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value').run(name, value);
  }

  #countWrong(login: OperatorLogin, tries: Tries, now: number): PinRefusal {
    const wrong = tries.wrong + 1;
    const locked = wrong >= PIN_TRIES_MAX;
    this.#keep(login, locked ? { wrong: 0, lockedUntil: now + LOCK_OUT_MS } : { wrong, lockedUntil: 0 });
    if (locked) return { code: 'login-locked', detail: 'too many wrong tries', lockedUntil: now + LOCK_OUT_MS };
    return { code: 'pin-wrong', detail: 'the PIN is wrong', triesLeft: PIN_TRIES_MAX - wrong };
  }

  #tries(login: OperatorLogin): Tries {
    const value = this.#kept(`tries:${login}`);
    if (value === undefined) return { wrong: 0, lockedUntil: 0 };
    return { wrong: value.readUInt8(0), lockedUntil: asNumber(value.readBigUInt64BE(1)) };
  }

  #keep(login: OperatorLogin, tries: Tries): void {
    const value = Buffer.alloc(9);
    value.writeUInt8(tries.wrong, 0);
    value.writeBigUInt64BE(BigInt(tries.lockedUntil), 1);
    this.#keepBytes(`tries:${login}`, value);
  }

  #clear(login: OperatorLogin): void {
    this.#db.prepare('DELETE FROM kept WHERE name = ?').run(`tries:${login}`);
  }
}

function counterName(credential: Uint8Array): string {
  return `key-counter:${Buffer.from(credential).toString('hex')}`;
}
