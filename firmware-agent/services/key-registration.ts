import { signKeyFile } from '#protocol/operator/key-file.js';
import { KEY_NONCE_BYTES, keyLogInHash, keyRegistrationHash, keyRpId, verifyKeyLogIn } from '#protocol/operator/key-log-in.js';
import type { OperatorLogin } from '#protocol/identity/identity.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import type { KeyFailure, SecurityKeyHandle, Touch } from '../devices/security-key/port.js';
import type { KioskIdentity } from '../station/identity.js';

export type Registration = {
  readonly identity: KioskIdentity;
  readonly key: SecurityKeyHandle;
  readonly login: OperatorLogin;
  /** Credentials that the login has already; a key that holds one of them is told (`key-excluded`) and makes none. */
  readonly exclude: readonly Uint8Array[];
  readonly now: () => number;
  readonly random: (bytes: number) => Uint8Array<ArrayBuffer>;
};

/** What the technician takes to the administrator. `digits` tell the key apart and are compared by eye. */
export type MadeKey = { readonly file: Uint8Array<ArrayBuffer>; readonly credential: Uint8Array; readonly madeAt: number; readonly digits: string };

/**
 * Makes a credential for a login on the plugged-in key, has the key sign once with it as at a log-in (so two touches), and writes both down under the
 * kiosk's own signature. Nobody can log in with it before the hub has taken the file.
 */
export async function registerKey({ identity, key, login, exclude, now, random }: Registration, touch: Touch): Promise<Result<MadeKey, KeyFailure>> {
  const { district, kiosk } = identity.bundle;
  const facts = { district, kiosk, login, nonce: random(KEY_NONCE_BYTES), time: now() };
  const rpId = keyRpId(district);
  const made = await key.register({ rpId, userName: login, clientDataHash: keyRegistrationHash(facts), exclude }, touch);
  if (!made.ok) return made;
  const signed = await key.assert({ rpId, clientDataHash: keyLogInHash(facts), allow: [made.value.id] }, touch);
  if (!signed.ok) return signed;
  const credential = { id: made.value.id, cose: made.value.key.bytes, counter: made.value.counter };
  const verified = verifyKeyLogIn(facts, [credential], signed.value);
  if (!verified.ok) return toKeyFailure(verified.error);
  const file = signKeyFile(identity.key, {
    v: 1,
    district,
    kiosk,
    epoch: identity.certificate.epoch,
    login,
    credential: { ...credential, counter: verified.value.counter },
    model: made.value.aaguid,
    madeAt: facts.time,
  });
  return ok({ file, credential: credential.id, madeAt: facts.time, digits: Buffer.from(credential.id).toString('hex').slice(0, 16) });
}

function toKeyFailure({ code, detail }: Failure<string>): Result<never, KeyFailure> {
  return failure(code === 'key-unverified' ? 'key-denied' : 'key-error', `the trial log-in: ${detail}`);
}
