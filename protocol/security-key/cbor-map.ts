import { decodeFirst, encode, rfc8949EncodeOptions } from 'cborg';
import { failure, ok, type Failure, type Result } from '../result/result.js';

/** What CTAP and COSE write: maps with integer keys too, which our own records never have. */
export type KeyCbor = boolean | number | string | Uint8Array | readonly KeyCbor[] | CborMap;
export type CborMap = ReadonlyMap<number | string, KeyCbor>;

/** Longest CTAP message (CTAP 2.1 §11.2.4): 57 bytes in the first frame and 59 in each of 128 more. */
export const KEY_CBOR_BYTES_MAX = 57 + 128 * 59;

const READING = {
  useMaps: true,
  strict: true,
  rejectDuplicateMapKeys: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowNaN: false,
  allowInfinity: false,
} as const;

/** CTAP2 canonical form (CTAP 2.1 §8): for keys that are small integers and texts it is the deterministic form of RFC 8949 §4.2.1. */
export function encodeCborMap(value: KeyCbor): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(encode(value, rfc8949EncodeOptions));
}

/** A map of those entries that have a value. */
export function mapOf(entries: readonly (readonly [number | string, KeyCbor | undefined])[]): CborMap {
  return new Map(entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])));
}

/** One map and nothing behind it. Never throws. */
export function readCborMap(bytes: Uint8Array): Result<CborMap, Failure<'not-cbor'>> {
  const read = readFirstCborMap(bytes);
  if (!read.ok) return read;
  return read.value.rest.length === 0 ? ok(read.value.map) : failure('not-cbor', `${read.value.rest.length} bytes stand behind the map`);
}

/** The map at the front, and what stands behind it: authenticator data has a key and perhaps extensions, one behind the other. Never throws. */
export function readFirstCborMap(bytes: Uint8Array): Result<{ readonly map: CborMap; readonly rest: Uint8Array }, Failure<'not-cbor'>> {
  if (bytes.length > KEY_CBOR_BYTES_MAX) return failure('not-cbor', `${bytes.length} bytes are more than a key may send`);
  try {
    const parts: readonly unknown[] = decodeFirst(bytes, READING);
    const [map, rest] = parts;
    return map instanceof Map && rest instanceof Uint8Array ? ok({ map: map as CborMap, rest }) : failure('not-cbor', 'not a map');
  } catch (error) {
    return failure('not-cbor', error instanceof Error ? error.message : 'undecodable');
  }
}

export function bytesAt(map: CborMap, key: number | string): Uint8Array<ArrayBuffer> | undefined {
  const value = map.get(key);
  return value instanceof Uint8Array ? Uint8Array.from(value) : undefined;
}

export function numberAt(map: CborMap, key: number | string): number | undefined {
  const value = map.get(key);
  return typeof value === 'number' ? value : undefined;
}

export function textAt(map: CborMap, key: number | string): string | undefined {
  const value = map.get(key);
  return typeof value === 'string' ? value : undefined;
}

export function mapAt(map: CborMap, key: number | string): CborMap | undefined {
  const value = map.get(key);
  return value instanceof Map ? (value as CborMap) : undefined;
}

/** Empty when there is no list. */
export function listAt(map: CborMap, key: number | string): readonly KeyCbor[] {
  const value = map.get(key);
  return Array.isArray(value) ? (value as readonly KeyCbor[]) : [];
}
