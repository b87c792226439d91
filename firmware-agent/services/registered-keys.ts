import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readFileIfAny, writeFileAtomic } from '#platform/files/files.js';
import { openSqlite } from '#platform/sqlite/open.js';
import { operatorLogin, type OperatorLogin } from '#protocol/identity/identity.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { unixMs } from '#protocol/signing/cbor.js';
import { formatFault } from '../ledger/schema.js';
import type { KioskIdentity } from '../station/identity.js';
import { Operators } from './operators.js';

export const REGISTERED_KEYS_FILE = 'registered-keys.json';

const registered = z.array(
  z.strictObject({ login: operatorLogin, credential: z.string().regex(/^(?:[0-9a-f]{2})+$/u, 'an id in hex'), madeAt: unixMs }),
);
type Registered = z.infer<typeof registered>;

type ReadRegistered = Result<Registered, Failure<'bad-registered-keys'>>;

function readRegistered(folder: string): ReadRegistered {
  const path = join(folder, REGISTERED_KEYS_FILE);
  const bytes = readFileIfAny(path);
  if (bytes === undefined) return ok([]);
  const read = registered.safeParse(parsed(Buffer.from(bytes).toString('utf8')));
  return read.success ? ok(read.data) : failure('bad-registered-keys', `${path} can not be read; take it away, and run this again`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Credentials that this login has as far as the kiosk knows, the newest first: made at its own bench, whether the hub has taken them yet or not, and
 * named by the hub at a log-in. A key that holds one of them says so, and is not registered twice.
 */
export function credentialsOf(
  folder: string,
  identity: KioskIdentity,
  login: OperatorLogin,
): Result<readonly Uint8Array[], Failure<'bad-registered-keys'>> {
  const made = readRegistered(folder);
  if (!made.ok) return made;
  const own = made.value.filter((one) => one.login === login).toSorted((a, b) => b.madeAt - a.madeAt);
  const ids = [...own.map(({ credential }) => credential), ...namedByHub(folder, identity, login)];
  return ok([...new Set(ids)].map((id) => Uint8Array.from(Buffer.from(id, 'hex'))));
}

/** An agent that never ran here, or an older one, holds nothing that could be asked. */
function namedByHub(folder: string, identity: KioskIdentity, login: OperatorLogin): readonly string[] {
  const path = join(folder, 'ledger.sqlite');
  if (!existsSync(path)) return [];
  const db = openSqlite(path);
  try {
    if (formatFault(db) !== undefined) return [];
    return new Operators(db, identity).credentialsOf(login).map((id) => Buffer.from(id).toString('hex'));
  } finally {
    db.close();
  }
}

/** After the key's file is written: a crash in between costs a credential that is made twice, the other way round one that nobody has. */
export function noteRegistered(
  folder: string,
  login: OperatorLogin,
  credential: Uint8Array,
  madeAt: number,
): Result<void, Failure<'bad-registered-keys'>> {
  const made = readRegistered(folder);
  if (!made.ok) return made;
  const all: Registered = [...made.value, { login, credential: Buffer.from(credential).toString('hex'), madeAt }];
  writeFileAtomic(join(folder, REGISTERED_KEYS_FILE), `${JSON.stringify(all, null, 2)}\n`);
  return ok(undefined);
}
