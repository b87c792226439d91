import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { failure, ok, type Failure, type Result } from '../result/result.js';
import { bytesAt, encodeCborMap, mapOf, numberAt, readCborMap, type CborMap } from './cbor-map.js';

/** COSE algorithms (RFC 9053 §2) that we ask security keys for, the preferred one first. */
export const KEY_ALGORITHMS = { es256: -7, eddsa: -8 } as const;
export type KeyAlgorithm = keyof typeof KEY_ALGORITHMS;

/** The public half of a credential. `bytes` is its COSE_Key (RFC 9052 §7) in canonical form, as it is stored. */
export type CoseKey = { readonly algorithm: KeyAlgorithm; readonly key: KeyObject; readonly bytes: Uint8Array<ArrayBuffer> };

const COORDINATE = 32;
const KTY = 1;
const ALG = 3;
const CRV = -1;
const X = -2;
const Y = -3;

/** The COSE_Key of a point on P-256: a credential (`alg` -7) or one side of a key agreement (`alg` -25, CTAP 2.1 §6.5.6). */
export function p256Key(alg: -7 | -25, x: Uint8Array, y: Uint8Array): CborMap {
  return mapOf([
    [KTY, 2],
    [ALG, alg],
    [CRV, 1],
    [X, x],
    [Y, y],
  ]);
}

/** The point of a P-256 COSE_Key as SEC 1 writes it uncompressed: 04, x, y. */
export function p256Point(map: CborMap): Uint8Array<ArrayBuffer> | undefined {
  const [x, y] = [bytesAt(map, X), bytesAt(map, Y)];
  if (numberAt(map, KTY) !== 2 || numberAt(map, CRV) !== 1 || x?.length !== COORDINATE || y?.length !== COORDINATE) return undefined;
  return Uint8Array.from(Buffer.concat([Uint8Array.of(4), x, y]));
}

/** Takes ES256 on P-256 and EdDSA on Ed25519, and only points that lie on the curve. Never throws. */
export function readCoseKey(bytes: Uint8Array): Result<CoseKey, Failure<'not-a-key'>> {
  const read = readCborMap(bytes);
  return read.ok ? coseKeyOf(read.value) : failure('not-a-key', read.error.detail);
}

export function coseKeyOf(map: CborMap): Result<CoseKey, Failure<'not-a-key'>> {
  const jwk = jwkOf(map);
  if (jwk === undefined) return failure('not-a-key', 'neither ES256 on P-256 nor EdDSA on Ed25519');
  try {
    const key = createPublicKey({ key: jwk.key, format: 'jwk' });
    return ok({ algorithm: jwk.algorithm, key, bytes: encodeCborMap(map) });
  } catch {
    return failure('not-a-key', 'the point does not lie on the curve');
  }
}

type Jwk = {
  readonly algorithm: KeyAlgorithm;
  readonly key: { readonly kty: string; readonly crv: string; readonly x: string; readonly y?: string };
};

function jwkOf(map: CborMap): Jwk | undefined {
  const point = p256Point(map);
  if (point !== undefined && numberAt(map, ALG) === KEY_ALGORITHMS.es256) {
    const [x, y] = [base64(point.subarray(1, 1 + COORDINATE)), base64(point.subarray(1 + COORDINATE))];
    return { algorithm: 'es256', key: { kty: 'EC', crv: 'P-256', x, y } };
  }
  const x = bytesAt(map, X);
  const isEd25519 = numberAt(map, KTY) === 1 && numberAt(map, ALG) === KEY_ALGORITHMS.eddsa && numberAt(map, CRV) === 6;
  return isEd25519 && x?.length === COORDINATE ? { algorithm: 'eddsa', key: { kty: 'OKP', crv: 'Ed25519', x: base64(x) } } : undefined;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

/** Checks a signature as WebAuthn §6.5.5 writes it: ES256 in DER over the SHA-256, EdDSA plain. Never throws. */
export function signatureFits({ algorithm, key }: CoseKey, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(algorithm === 'es256' ? 'sha256' : null, message, key, signature);
  } catch {
    return false;
  }
}
