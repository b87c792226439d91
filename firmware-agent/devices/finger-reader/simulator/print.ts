import { createHash } from 'node:crypto';
import { encodeFrame, ANY_ADDRESS } from '../codec/frame.js';

const IDENTITY_BYTES = 32;

/** Inside every template stands what looks like a frame of the module: it must never be taken for one. */
const LOOKS_LIKE_AN_ANSWER = encodeFrame(ANY_ADDRESS, { kind: 'answer', payload: Uint8Array.of(0) });

/** A template in the module's own form: whose finger it is, and what differs from one laying to the next. */
export function printOf(finger: string, laying: number, bytes: number): Uint8Array {
  const template = Buffer.alloc(bytes);
  digest(finger).copy(template, 0);
  for (let at = IDENTITY_BYTES, i = 0; at < bytes; at += 32, i += 1) digest(`${finger} ${laying} ${i}`).copy(template, at);
  template.set(LOOKS_LIKE_AN_ANSWER, IDENTITY_BYTES + 5);
  return template;
}

/** The score of two templates of the same finger; undefined for different fingers. */
export function scoreOf(one: Uint8Array, other: Uint8Array): number | undefined {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  if (!a.subarray(0, IDENTITY_BYTES).equals(b.subarray(0, IDENTITY_BYTES))) return undefined;
  return 60 + ((a[IDENTITY_BYTES] ?? 0) ^ (b[IDENTITY_BYTES] ?? 0));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
