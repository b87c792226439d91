import { decode, encode, rfc8949EncodeOptions, type EncodeOptions } from 'cborg';
import { z } from 'zod';
import { PAISE_MAX, paise } from '../money/paise.js';
import { failure, ok, type Failure, type Result } from '../result/result.js';

/** What our CBOR holds: no floats, no undefined, no tags. Sums are integers. */
export type CborValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly CborValue[]
  | { readonly [key: string]: CborValue | undefined };

/** Larger texts than this are refused before decoding: nothing of ours comes near it. */
export const CBOR_BYTES_MAX = 1_048_576;

function refused(what: string): never {
  throw new Error(`${what} has no place in our CBOR`);
}

/** cborg would write a fraction, or an integer that a double no longer holds exactly, as a float: here both are refused, when writing and when reading. */
const ENCODING: EncodeOptions = {
  ...rfc8949EncodeOptions,
  typeEncoders: { number: (value: number) => (Number.isSafeInteger(value) ? null : refused('a float')), undefined: () => refused('undefined') },
};

function withoutAbsent(value: CborValue): unknown {
  // A decoder drops a byte-order mark in front of a text, which would then not encode to the same bytes again.
  if (typeof value === 'string') return value.replace(/^\uFEFF+/u, '');
  if (Array.isArray(value)) return value.map(withoutAbsent);
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
  const kept = Object.entries(value).filter(([, v]) => v !== undefined);
  return Object.fromEntries(kept.map(([k, v]) => [k, withoutAbsent(v as CborValue)]));
}

/** Core deterministic encoding, RFC 8949 §4.2.1. Keys whose value is undefined are left out. Throws on floats: a defect. */
export function encodeCbor(value: CborValue): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(encode(withoutAbsent(value), ENCODING));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Decodes one item and refuses it unless encoding it again gives the same bytes: one value, one text. Never throws. */
export function decodeCbor(bytes: Uint8Array): Result<unknown, Failure<'not-cbor'>> {
  if (bytes.length > CBOR_BYTES_MAX) return failure('not-cbor', `${bytes.length} bytes are more than one item may have`);
  try {
    const value: unknown = decode(bytes, {
      strict: true,
      rejectDuplicateMapKeys: true,
      allowIndefinite: false,
      allowUndefined: false,
      allowNaN: false,
      allowInfinity: false,
    });
    if (!sameBytes(encode(value, ENCODING), bytes)) {
      return failure('not-cbor', 'the bytes are not in deterministic form (RFC 8949 section 4.2.1)');
    }
    return ok(value);
  } catch (error) {
    return failure('not-cbor', error instanceof Error ? error.message : 'undecodable');
  }
}

/** Reads one item and checks its shape; the detail names the first field that is wrong. */
export function readCbor<T>(shape: z.ZodType<T>, bytes: Uint8Array): Result<T, Failure<'not-cbor' | 'wrong-shape'>> {
  const decoded = decodeCbor(bytes);
  if (!decoded.ok) return decoded;
  return readShape(shape, decoded.value);
}

export function readShape<T>(shape: z.ZodType<T>, value: unknown): Result<T, Failure<'wrong-shape'>> {
  const checked = shape.safeParse(value);
  if (checked.success) return ok(checked.data);
  const issue = checked.error.issues[0];
  return failure('wrong-shape', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong'}`);
}

/** A sum in CBOR is an integer; small ones decode as number, large ones as bigint. CBOR's integers reach beyond 64 bits with a sign: those are refused. */
export const cborPaise = z.union([z.int(), z.bigint().min(-PAISE_MAX).max(PAISE_MAX)]).transform((value) => paise(BigInt(value)));
/** A sum that may not be negative. */
export const cborSum = cborPaise.refine((value) => value >= 0n, 'a sum may not be negative');
export const cborBytes = (length: number): z.ZodType<Uint8Array<ArrayBuffer>> =>
  z
    .instanceof(Uint8Array)
    .refine((b) => b.length === length, `${length} bytes`)
    .transform((b) => Uint8Array.from(b));
export const cborHash = cborBytes(32);
/** Last day whose date has four digits of year in every time zone: a later moment could not be printed. */
const UNIX_SECONDS_MAX = 253_402_214_400;
export const unixSeconds = z.int().min(0).max(UNIX_SECONDS_MAX);
export const unixMs = z
  .int()
  .min(0)
  .max(UNIX_SECONDS_MAX * 1000);
