import { z } from 'zod';
import type { OperatorLogin } from '#protocol/identity/identity.js';
import { openKeyFile, peekKeyFile } from '#protocol/operator/key-file.js';
import { KEYS_PER_LOGIN_MAX, type KeyCredential } from '#protocol/operator/key-log-in.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import type { UnixMs } from '#protocol/time/time.js';
import type { Hub } from '../hub.js';
import { linkDevice } from '../kiosks/link/device.js';
import { alone, bytesColumn, change, rowsOf, smallColumn } from '../store/rows.js';
import { findOperator } from './operators.js';

/** A security key in the books. */
export type OperatorKey = KeyCredential & {
  readonly login: string;
  readonly kiosk: string;
  readonly model: string;
  readonly addedAt: UnixMs;
  /** When it last answered with a counter that did not rise: somebody may have a copy. */
  readonly copiedAt: UnixMs | undefined;
};

const keyRow = z
  .object({
    id: bytesColumn,
    cose: bytesColumn,
    counter: smallColumn,
    login: z.string(),
    kiosk: z.string(),
    model: z.string(),
    added_at: smallColumn,
    copied_at: smallColumn.nullable(),
  })
  .transform(({ added_at: addedAt, copied_at: copiedAt, ...key }): OperatorKey => ({ ...key, addedAt, copiedAt: copiedAt ?? undefined }));

export function listKeys(hub: Hub, login?: string): readonly OperatorKey[] {
  const sql = `SELECT id, cose, counter, login, kiosk, model, added_at, copied_at FROM operator_key
     WHERE district = @district AND (@login IS NULL OR login = @login) ORDER BY login, added_at, id`;
  return rowsOf(hub.db, keyRow, sql, { district: hub.district, login: login ?? null });
}

export function keysOf(hub: Hub, login: OperatorLogin): readonly KeyCredential[] {
  return listKeys(hub, login).map(({ id, cose, counter }) => ({ id, cose, counter }));
}

export type AddKeyError = 'bad-key-file' | 'login-unknown' | 'login-not-counter' | 'key-of-another' | 'key-exists' | 'too-many-keys';
export type NewKey = { readonly login: string; readonly file: Uint8Array; readonly by: string };

/** Takes a key that a kiosk of this district made for this login: the kiosk signed the file, and works in the slot of the login. */
export function addKey(hub: Hub, { login, file, by }: NewKey): Result<OperatorKey, Failure<AddKeyError>> {
  const peeked = peekKeyFile(file);
  if (!peeked.ok) return peeked;
  const device = linkDevice(hub, peeked.value.kiosk, peeked.value.epoch);
  if (device?.state !== 'active') return failure('bad-key-file', `the file is of ${peeked.value.kiosk}, which does not work in this district`);
  const opened = openKeyFile(device.certificate.key, file);
  if (!opened.ok) return opened;
  const { credential, kiosk, epoch, model, madeAt } = opened.value;
  if (opened.value.login !== login) return failure('key-of-another', `the key was made for ${opened.value.login}, not for ${login}`);
  const operator = findOperator(hub, login);
  if (operator === undefined || operator.kiosk !== kiosk) return failure('login-unknown', `no operator ${login} works at kiosk ${kiosk}`);
  if (operator.role !== 'counter') return failure('login-not-counter', `${login} is a login for funds and never opens a counter`);
  return alone(hub.db, () => {
    if (listKeys(hub, login).length >= KEYS_PER_LOGIN_MAX)
      return failure('too-many-keys', `${login} has ${KEYS_PER_LOGIN_MAX} keys; remove one first`);
    const now = hub.now();
    const cells = { district: hub.district, login, ...credential, kiosk, epoch, model, madeAt, now, by };
    const added = change(
      hub.db,
      `INSERT INTO operator_key (district, login, id, cose, counter, kiosk, epoch, model, made_at, added_at, added_by)
       VALUES (@district, @login, @id, @cose, @counter, @kiosk, @epoch, @model, @madeAt, @now, @by) ON CONFLICT DO NOTHING`,
      cells,
    );
    if (added === 0) return failure('key-exists', 'this key is registered already');
    return ok({ ...credential, login, kiosk, model, addedAt: now, copiedAt: undefined });
  });
}

/** Takes a key out of the books by the first digits of its id. A kiosk without the link may take it for as long as its grant lasts. */
export function removeKey(hub: Hub, login: string, digits: string): Result<OperatorKey, Failure<'key-unknown' | 'key-unclear'>> {
  const found = listKeys(hub, login).filter(({ id }) => Buffer.from(id).toString('hex').startsWith(digits.toLowerCase()));
  const [key] = found;
  if (key === undefined) return failure('key-unknown', `${login} has no key that begins with ${digits}`);
  if (found.length > 1) return failure('key-unclear', `${found.length} keys begin with ${digits}; give more digits`);
  change(hub.db, 'DELETE FROM operator_key WHERE district = @district AND login = @login AND id = @id', {
    district: hub.district,
    login,
    id: key.id,
  });
  return ok(key);
}
