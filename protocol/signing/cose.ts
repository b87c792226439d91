import { z } from 'zod';
import { failure, ok, type Failure, type Result } from '../result/result.js';
import { decodeCbor, encodeCbor } from './cbor.js';
import { signBytes, verifyBytes, type SigningKey, type VerifyKey } from './keys.js';

/**
 * COSE_Sign1 (RFC 9052 §4.2) with EdDSA, tagged 18, an empty unprotected header and the protected header {1: -8}. What a message is for
 * is bound by the external additional data (§4.3), so a grant can never be shown as a receipt.
 */
export type Purpose =
  | 'jharokha/certificate/1'
  | 'jharokha/entry/1'
  | 'jharokha/head/1'
  | 'jharokha/receipt/1'
  | 'jharokha/grant/1'
  | 'jharokha/rulebook/1'
  | 'jharokha/bundle/1'
  | 'jharokha/operator/1'
  | 'jharokha/bench-sheet/1'
  | 'jharokha/key/1'
  | 'jharokha/posting/1';

const TAG_18 = 0xd2;
const PROTECTED = encodeProtected();
const TEXT = new TextEncoder();

/** Not `z.strictObject({})`: that takes an empty array or an empty byte string for an empty map, and `a0` to `80` is one flipped bit. */
const emptyMap = z.custom<Readonly<Record<string, never>>>(
  (v) => typeof v === 'object' && v !== null && Object.getPrototypeOf(v) === Object.prototype && Object.keys(v).length === 0,
);
const sign1 = z.tuple([z.instanceof(Uint8Array), emptyMap, z.instanceof(Uint8Array), z.instanceof(Uint8Array)]);

function encodeProtected(): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(0xa1, 0x01, 0x27);
}

/** Sig_structure of RFC 9052 §4.4: the bytes that are signed. */
function toBeSigned(purpose: Purpose, context: string, payload: Uint8Array): Uint8Array {
  return encodeCbor(['Signature1', PROTECTED, TEXT.encode(purpose + context), payload]);
}

/**
 * Signs a payload for one purpose.
 * @param context further text bound by the signature but carried elsewhere (a receipt's URL prefix)
 */
export function signCose(key: SigningKey, purpose: Purpose, payload: Uint8Array, context = ''): Uint8Array<ArrayBuffer> {
  const signature = signBytes(key, toBeSigned(purpose, context, payload));
  const body = encodeCbor([PROTECTED, {}, payload, signature]);
  return Uint8Array.from(Buffer.concat([Uint8Array.of(TAG_18), body]));
}

export type CoseError = 'not-cose' | 'bad-signature';

/** The payload of a COSE_Sign1 before its signature is checked; only for finding out which key to check with. */
export function peekCose(bytes: Uint8Array): Result<Uint8Array<ArrayBuffer>, Failure<'not-cose'>> {
  const parts = splitCose(bytes);
  return parts.ok ? ok(parts.value.payload) : parts;
}

function splitCose(bytes: Uint8Array): Result<{ payload: Uint8Array<ArrayBuffer>; signature: Uint8Array }, Failure<'not-cose'>> {
  if (bytes[0] !== TAG_18) return failure('not-cose', 'not a tagged COSE_Sign1');
  const decoded = decodeCbor(bytes.subarray(1));
  if (!decoded.ok) return failure('not-cose', decoded.error.detail);
  const parts = sign1.safeParse(decoded.value);
  if (!parts.success) return failure('not-cose', 'not the four parts of a COSE_Sign1 with an empty unprotected header');
  const [header, , payload, signature] = parts.data;
  if (Buffer.compare(header, PROTECTED) !== 0) return failure('not-cose', 'the protected header is not {1: -8} (EdDSA)');
  return ok({ payload: Uint8Array.from(payload), signature });
}

/** Checks the signature and gives the payload's exact bytes. */
export function openCose(key: VerifyKey, purpose: Purpose, bytes: Uint8Array, context = ''): Result<Uint8Array<ArrayBuffer>, Failure<CoseError>> {
  const parts = splitCose(bytes);
  if (!parts.ok) return parts;
  const good = verifyBytes(key, toBeSigned(purpose, context, parts.value.payload), parts.value.signature);
  return good ? ok(parts.value.payload) : failure('bad-signature', `the signature does not belong to this ${purpose}`);
}
