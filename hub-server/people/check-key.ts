import { z } from 'zod';
import type { KioskCode, OperatorLogin } from '#protocol/identity/identity.js';
import { KEY_NONCE_BYTES, verifyKeyLogIn, type KeyAssertion, type KeyLogInError } from '#protocol/operator/key-log-in.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { cborBytes } from '#protocol/signing/cbor.js';
import { MINUTE_MS, type UnixMs } from '#protocol/time/time.js';
import type { Hub } from '../hub.js';
import { alone, change, rowOf, smallColumn } from '../store/rows.js';
import { keysOf } from './operator-keys.js';
import { findOperator, type HubOperator } from './operators.js';

/** A challenge is answered within this time or not at all: two touches of a key fit into it. */
export const KEY_CHALLENGE_MS = 2 * MINUTE_MS;

export type KeyChallenge = {
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly time: UnixMs;
  readonly credentials: readonly Uint8Array<ArrayBuffer>[];
};
type Refusal = Failure<KeyLogInError | 'login-unknown' | 'login-not-counter'>;

/** Asks for a key's signature. A login has one open challenge: the newest. */
export function challengeKey(hub: Hub, kiosk: KioskCode, login: OperatorLogin): Result<KeyChallenge, Refusal> {
  const operator = counterOperator(hub, kiosk, login);
  if (!operator.ok) return operator;
  const keys = keysOf(hub, login);
  if (keys.length === 0) return failure('key-unknown', `no security key is registered for ${login}`);
  const [nonce, time] = [hub.random(KEY_NONCE_BYTES), hub.now()];
  change(
    hub.db,
    `INSERT INTO key_challenge (district, login, nonce, issued_at) VALUES (@district, @login, @nonce, @time)
     ON CONFLICT (district, login) DO UPDATE SET nonce = excluded.nonce, issued_at = excluded.issued_at`,
    { district: hub.district, login, nonce, time },
  );
  return ok({ nonce, time, credentials: keys.map(({ id }) => id) });
}

/** Judges the answer to the open challenge, which is used up by it. The key's counter is remembered before anybody is let in. */
export function checkKey(hub: Hub, kiosk: KioskCode, login: OperatorLogin, assertion: KeyAssertion): Result<HubOperator, Refusal> {
  const operator = counterOperator(hub, kiosk, login);
  if (!operator.ok) return operator;
  return alone(hub.db, () => {
    const cells = { district: hub.district, login };
    const shape = z.object({ nonce: cborBytes(KEY_NONCE_BYTES), issued_at: smallColumn });
    const open = rowOf(hub.db, shape, 'SELECT nonce, issued_at FROM key_challenge WHERE district = @district AND login = @login', cells);
    change(hub.db, 'DELETE FROM key_challenge WHERE district = @district AND login = @login', cells);
    const age = open === undefined ? Number.POSITIVE_INFINITY : hub.now() - open.issued_at;
    if (open === undefined || age < 0 || age > KEY_CHALLENGE_MS) return failure('key-bad', 'no challenge is open for this login, or it is too old');
    const facts = { district: hub.district, kiosk, login, nonce: open.nonce, time: open.issued_at };
    const verified = verifyKeyLogIn(facts, keysOf(hub, login), assertion);
    const key = { ...cells, id: assertion.credential, now: hub.now() };
    if (!verified.ok) {
      if (verified.error.code === 'key-copied')
        change(hub.db, 'UPDATE operator_key SET copied_at = @now WHERE district = @district AND login = @login AND id = @id', key);
      return verified;
    }
    const { counter } = verified.value;
    const sql = 'UPDATE operator_key SET counter = @counter WHERE district = @district AND login = @login AND id = @id';
    change(hub.db, sql, { ...cells, id: assertion.credential, counter });
    return operator;
  });
}

function counterOperator(hub: Hub, kiosk: KioskCode, login: OperatorLogin): Result<HubOperator, Refusal> {
  const operator = findOperator(hub, login);
  if (operator === undefined || operator.kiosk !== kiosk) return failure('login-unknown', `no operator ${login} works at kiosk ${kiosk}`);
  return operator.role === 'counter'
    ? ok(operator)
    : failure('login-not-counter', `${login} is a login for funds; at the counter use a counter login`);
}
