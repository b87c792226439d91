import { z } from 'zod';
import { readLogin, type OperatorRole } from '#protocol/identity/grammar.js';
import { kioskCode, operatorLogin, type KioskCode, type OperatorLogin } from '#protocol/identity/identity.js';
import type { PinVerifier } from '#protocol/operator/operator-grant.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { cborBytes } from '#protocol/signing/cbor.js';
import type { UnixMs } from '#protocol/time/time.js';
import type { Hub } from '../hub.js';
import { change, rowOf, rowsOf, smallColumn } from '../store/rows.js';
import { findSlot } from '../kiosks/enrolment/slot.js';
import { newestRuleBook } from '../operations/rule-books.js';
import { checkNewPin, makeVerifier, type NewPinError } from './pin.js';

/** Someone with a login at one kiosk (R16, R120). Funds and counter are always separate logins, even of one person (C10). */
export type HubOperator = {
  readonly login: OperatorLogin;
  readonly kiosk: KioskCode;
  readonly role: OperatorRole;
  readonly name: string;
  readonly wrongTries: number;
  readonly lockedUntil: UnixMs | undefined;
};

const operatorFields = {
  login: operatorLogin,
  kiosk: kioskCode,
  role: z.enum(['counter', 'funds']),
  name: z.string(),
  wrong_tries: smallColumn,
  locked_until: smallColumn.nullable(),
};
const operatorShape = z.object(operatorFields);

function operatorOf(r: z.infer<typeof operatorShape>): HubOperator {
  return { login: r.login, kiosk: r.kiosk, role: r.role, name: r.name, wrongTries: r.wrong_tries, lockedUntil: r.locked_until ?? undefined };
}

const operatorRow = operatorShape.transform(operatorOf);
const verifierRow = z
  .object({ salt: cborBytes(16), memory_kib: smallColumn, passes: smallColumn, hash: cborBytes(32) })
  .transform((r): PinVerifier => ({ salt: r.salt, memoryKib: r.memory_kib, passes: r.passes, hash: r.hash }));
const SELECT = 'SELECT login, kiosk, role, name, wrong_tries, locked_until FROM operator WHERE district = @district';

export type NewOperator = { readonly login: string; readonly name: string; readonly pin: string };
export type AddOperatorError = NewPinError | 'bad-login' | 'kiosk-unknown' | 'operator-exists';

/** The kiosk and the role are read from the login, by the grammar of the network's profile. */
export async function addOperator(hub: Hub, wanted: NewOperator): Promise<Result<HubOperator, Failure<AddOperatorError>>> {
  const read = readLogin(newestRuleBook(hub).book.grammar, wanted.login);
  if (!read.ok) return read;
  const { login, kiosk, role } = read.value;
  if (findSlot(hub, kiosk) === undefined) return failure('kiosk-unknown', `login ${login} is of kiosk ${kiosk}, which is not in the books`);
  const pin = checkNewPin(wanted.pin);
  if (!pin.ok) return pin;
  const verifier = await makeVerifier(pin.value, hub.random(16));
  const added = change(
    hub.db,
    `INSERT INTO operator (district, login, kiosk, role, name, salt, memory_kib, passes, hash, added_at)
     VALUES (@district, @login, @kiosk, @role, @name, @salt, @memoryKib, @passes, @hash, @at) ON CONFLICT (district, login) DO NOTHING`,
    { district: hub.district, login, kiosk, role, name: wanted.name, ...verifier, at: hub.now() },
  );
  if (added === 0) return failure('operator-exists', `operator ${login} is already in the books`);
  return ok({ login, kiosk, role, name: wanted.name, wrongTries: 0, lockedUntil: undefined });
}

/** Gives an operator a new PIN and lifts a lock (R119). A verifier that a kiosk already holds works until it runs out. */
export async function changePin(hub: Hub, login: string, newPin: string): Promise<Result<HubOperator, Failure<NewPinError | 'login-unknown'>>> {
  const operator = findOperator(hub, login);
  if (operator === undefined) return unknownLogin(login);
  const pin = checkNewPin(newPin);
  if (!pin.ok) return pin;
  const verifier = await makeVerifier(pin.value, hub.random(16));
  change(
    hub.db,
    `UPDATE operator SET salt = @salt, memory_kib = @memoryKib, passes = @passes, hash = @hash, wrong_tries = 0, locked_until = NULL
     WHERE district = @district AND login = @login`,
    { district: hub.district, login, ...verifier },
  );
  return ok({ ...operator, wrongTries: 0, lockedUntil: undefined });
}

/** Lifts a lock and forgets the wrong tries. */
export function unlockOperator(hub: Hub, login: string): Result<OperatorLogin, Failure<'login-unknown'>> {
  const operator = findOperator(hub, login);
  if (operator === undefined) return unknownLogin(login);
  const cells = { district: hub.district, login };
  change(hub.db, 'UPDATE operator SET wrong_tries = 0, locked_until = NULL WHERE district = @district AND login = @login', cells);
  return ok(operator.login);
}

export function findOperator(hub: Hub, login: string): HubOperator | undefined {
  return rowOf(hub.db, operatorRow, `${SELECT} AND login = @login`, { district: hub.district, login });
}

export function listOperators(hub: Hub): readonly HubOperator[] {
  return rowsOf(hub.db, operatorRow, `${SELECT} ORDER BY login`, { district: hub.district });
}

/** The stored verifier of a login that is in the books. */
export function verifierOf(hub: Hub, login: OperatorLogin): PinVerifier {
  const sql = 'SELECT salt, memory_kib, passes, hash FROM operator WHERE district = @district AND login = @login';
  const verifier = rowOf(hub.db, verifierRow, sql, { district: hub.district, login });
  if (verifier === undefined) throw new Error(`operator ${login} is in the books`);
  return verifier;
}

function unknownLogin(login: string): Result<never, Failure<'login-unknown'>> {
  return failure('login-unknown', `no operator ${login} is in the books`);
}
