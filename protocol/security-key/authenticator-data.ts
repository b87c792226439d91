import { failure, ok, type Failure, type Result } from '../result/result.js';
import { readFirstCborMap } from './cbor-map.js';
import { coseKeyOf, type CoseKey } from './cose-key.js';

/** Flags of authenticator data (WebAuthn Level 2 §6.1). */
export const KEY_FLAGS = { userPresent: 0x01, userVerified: 0x04, credential: 0x40, extensions: 0x80 } as const;

/** Longest credential id (WebAuthn Level 3 §5.8.3). */
export const CREDENTIAL_ID_BYTES_MAX = 1_023;

const FIXED_BYTES = 37;
const AAGUID_BYTES = 16;

/** What a security key says of itself and of the moment, under its signature. */
export type AuthenticatorData = {
  /** SHA-256 of the relying party's id. */
  readonly rpIdHash: Uint8Array<ArrayBuffer>;
  readonly userPresent: boolean;
  readonly userVerified: boolean;
  /** Rises with each signature; 0 for ever on keys that count nothing. */
  readonly counter: number;
  /** Only in the answer to a registration. */
  readonly credential?: { readonly aaguid: Uint8Array<ArrayBuffer>; readonly id: Uint8Array<ArrayBuffer>; readonly key: CoseKey };
};

/** Reads authenticator data (WebAuthn Level 2 §6.1) to its last byte. Never throws. */
export function readAuthenticatorData(bytes: Uint8Array): Result<AuthenticatorData, Failure<'bad-authenticator-data'>> {
  if (bytes.length < FIXED_BYTES) return bad(`${bytes.length} bytes are fewer than ${FIXED_BYTES}`);
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const flags = view.readUInt8(32);
  const fixed = {
    rpIdHash: Uint8Array.from(bytes.subarray(0, 32)),
    userPresent: (flags & KEY_FLAGS.userPresent) !== 0,
    userVerified: (flags & KEY_FLAGS.userVerified) !== 0,
    counter: view.readUInt32BE(33),
  };
  const attested = (flags & KEY_FLAGS.credential) === 0 ? undefined : readCredential(view.subarray(FIXED_BYTES));
  if (attested?.ok === false) return attested;
  const rest = attested === undefined ? bytes.subarray(FIXED_BYTES) : attested.value.rest;
  const end = (flags & KEY_FLAGS.extensions) === 0 ? rest : afterExtensions(rest);
  if (end === undefined) return bad('the extensions are not CBOR');
  if (end.length > 0) return bad(`${end.length} bytes too many`);
  return ok(attested === undefined ? fixed : { ...fixed, credential: attested.value.credential });
}

type Attested = { readonly credential: NonNullable<AuthenticatorData['credential']>; readonly rest: Uint8Array };

function readCredential(bytes: Buffer): Result<Attested, Failure<'bad-authenticator-data'>> {
  if (bytes.length < AAGUID_BYTES + 2) return bad('the credential is cut short');
  const length = bytes.readUInt16BE(AAGUID_BYTES);
  const start = AAGUID_BYTES + 2;
  if (length === 0 || length > CREDENTIAL_ID_BYTES_MAX || bytes.length < start + length) return bad('the credential id is cut short or too long');
  const map = readFirstCborMap(bytes.subarray(start + length));
  if (!map.ok) return bad(`the public key: ${map.error.detail}`);
  const key = coseKeyOf(map.value.map);
  if (!key.ok) return bad(`the public key: ${key.error.detail}`);
  const aaguid = Uint8Array.from(bytes.subarray(0, AAGUID_BYTES));
  return ok({ credential: { aaguid, id: Uint8Array.from(bytes.subarray(start, start + length)), key: key.value }, rest: map.value.rest });
}

function afterExtensions(bytes: Uint8Array): Uint8Array | undefined {
  const read = readFirstCborMap(bytes);
  return read.ok ? read.value.rest : undefined;
}

function bad(detail: string): Result<never, Failure<'bad-authenticator-data'>> {
  return failure('bad-authenticator-data', detail);
}
