import { z } from 'zod';
import type { DistrictCode, KioskCode, OperatorLogin } from '../identity/identity.js';
import { failure, ok, type Failure, type Result } from '../result/result.js';
import { CREDENTIAL_ID_BYTES_MAX, readAuthenticatorData, type AuthenticatorData } from '../security-key/authenticator-data.js';
import { readCoseKey, signatureFits } from '../security-key/cose-key.js';
import { encodeCbor } from '../signing/cbor.js';
import { equalBytes, sha256 } from '../signing/keys.js';
import type { UnixMs } from '../time/time.js';

/**
 * Log-in by a security key (docs/decisions/0010): the key signs, with its owner's finger on it, that this login opens at this kiosk now. What
 * is signed is ours and no browser's; the rules of checking are WebAuthn's (Level 2 §7.2).
 */

const UINT32_MAX = 0xffff_ffff;
/** A credential stays small on the wire; a login seldom has more than a key and a spare one. */
export const KEYS_PER_LOGIN_MAX = 8;
export const KEY_NONCE_BYTES = 32;

const credentialId = z
  .instanceof(Uint8Array)
  .refine((id) => id.length > 0 && id.length <= CREDENTIAL_ID_BYTES_MAX, `1 to ${CREDENTIAL_ID_BYTES_MAX} bytes`)
  .transform((id) => Uint8Array.from(id));
const coseBytes = z
  .instanceof(Uint8Array)
  .refine((cose) => readCoseKey(cose).ok, 'an ES256 or EdDSA public key in COSE')
  .transform((cose) => Uint8Array.from(cose));

/** One registered key of a login. `counter`: the highest that the hub has seen from it. */
export const keyCredential = z.strictObject({ id: credentialId, cose: coseBytes, counter: z.int().min(0).max(UINT32_MAX) });
export type KeyCredential = z.infer<typeof keyCredential>;

/** What a key answers to a challenge. */
export const keyAssertion = z.strictObject({
  credential: credentialId,
  authenticatorData: z.instanceof(Uint8Array).refine((b) => b.length <= 1_024, 'at most 1024 bytes'),
  signature: z.instanceof(Uint8Array).refine((b) => b.length <= 256, 'at most 256 bytes'),
});
export type KeyAssertion = z.infer<typeof keyAssertion>;

/** Who wants to log in where. `nonce` and `time` are the challenger's: the hub's with the link, else the kiosk's own. */
export type KeyLogInFacts = {
  readonly district: DistrictCode;
  readonly kiosk: KioskCode;
  readonly login: OperatorLogin;
  /** 32 random bytes. */
  readonly nonce: Uint8Array;
  readonly time: UnixMs;
};

/** Under this id a district's credentials are made. No web page can ever own a name under `.invalid` (RFC 2606), so none can ask for them. */
export function keyRpId(district: DistrictCode): string {
  return `${district.replace(':', '-')}.jharokha.invalid`;
}

/** What a key signs as its client data hash when an operator logs in. */
export function keyLogInHash({ district, kiosk, login, nonce, time }: KeyLogInFacts): Uint8Array<ArrayBuffer> {
  return sha256(encodeCbor(['jharokha/key-log-in/1', district, kiosk, login, nonce, time]));
}

/** The same when a key is registered: bound to the login and to the kiosk where it is done. */
export function keyRegistrationHash({ district, kiosk, login, nonce, time }: KeyLogInFacts): Uint8Array<ArrayBuffer> {
  return sha256(encodeCbor(['jharokha/key-registration/1', district, kiosk, login, nonce, time]));
}

/**
 * - `key-unknown`: the credential is not among those of the login.
 * - `key-bad`: not a signature of that key over these facts.
 * - `key-unverified`: signed, but without its owner's finger.
 * - `key-copied`: its counter does not rise, so a copy of the key was used (WebAuthn Level 2 §7.2 step 21).
 */
export type KeyLogInError = 'key-unknown' | 'key-bad' | 'key-unverified' | 'key-copied';

export type VerifiedKey = { readonly credential: Uint8Array; readonly counter: number };

/** Judges an answer. `keys` carry the highest counter that the judge knows of. */
export function verifyKeyLogIn(
  facts: KeyLogInFacts,
  keys: readonly KeyCredential[],
  assertion: KeyAssertion,
): Result<VerifiedKey, Failure<KeyLogInError>> {
  const known = keys.find(({ id }) => equalBytes(id, assertion.credential));
  if (known === undefined) return failure('key-unknown', `the key is not registered for ${facts.login}`);
  const data = readAuthenticatorData(assertion.authenticatorData);
  const cose = readCoseKey(known.cose);
  if (!data.ok || !cose.ok) return failure('key-bad', data.ok ? 'the stored key can not be read' : data.error.detail);
  const signed = Buffer.concat([assertion.authenticatorData, keyLogInHash(facts)]);
  if (!signatureFits(cose.value, signed, assertion.signature)) return failure('key-bad', 'the signature does not belong to this log-in');
  const wrong = faultOf(facts.district, data.value);
  if (wrong !== undefined) return wrong;
  const { counter } = data.value;
  if ((counter !== 0 || known.counter !== 0) && counter <= known.counter)
    return failure('key-copied', `the key counts ${counter} after ${known.counter}: it was copied, or its answer is an old one`);
  return ok({ credential: known.id, counter });
}

/** What must be true of authenticator data whatever it is for. */
export function faultOf(district: DistrictCode, data: AuthenticatorData): Result<never, Failure<'key-bad' | 'key-unverified'>> | undefined {
  if (!equalBytes(data.rpIdHash, sha256(Buffer.from(keyRpId(district), 'utf8')))) return failure('key-bad', 'signed for another district');
  if (!data.userPresent || !data.userVerified) return failure('key-unverified', 'the key did not check its owner');
  return undefined;
}
