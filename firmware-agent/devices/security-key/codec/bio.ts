import { bytesAt, encodeCborMap, listAt, mapOf, numberAt, textAt, type CborMap } from '#protocol/security-key/cbor-map.js';
import type { FingerSample, StoredFinger } from '../port.js';
import { messageOf } from './messages.js';

/** Subcommands of authenticatorBioEnrollment (CTAP 2.1 §6.7). */
export const BIO_SUBS = { begin: 1, next: 2, cancel: 3, enumerate: 4, setName: 5, remove: 6, sensorInfo: 7 } as const;
const FINGERPRINT = 1;

/** lastEnrollSampleStatus, by number. `store-full` (0x0c) comes from keys of the drafts alone: the final text has the status 0x17 for it. */
export const SAMPLE_STATUS = [
  'good',
  'too-high',
  'too-low',
  'too-left',
  'too-right',
  'too-fast',
  'too-slow',
  'poor-quality',
  'too-skewed',
  'too-short',
  'merge-failure',
  'already-enrolled',
  'store-full',
  'no-finger',
  'not-lifted',
] as const;
/** `unknown`: a number that the specification does not have. */
export type SampleStatus = (typeof SAMPLE_STATUS)[number] | 'unknown';

export type BioParams = { readonly id?: Uint8Array; readonly name?: string; readonly timeoutMs?: number };

/** A proven bio command: what is proven is modality, subcommand and parameters. */
export function bioEnrollment(
  command: number,
  sub: number,
  { id, name, timeoutMs }: BioParams,
  protocol: 1 | 2,
  prove: (message: Uint8Array) => Uint8Array,
): Uint8Array<ArrayBuffer> {
  const params = mapOf([
    [1, id],
    [2, name],
    [3, timeoutMs],
  ]);
  const tail = params.size === 0 ? Uint8Array.of() : encodeCborMap(params);
  return messageOf(
    command,
    mapOf([
      [1, FINGERPRINT],
      [2, sub],
      [3, params.size === 0 ? undefined : params],
      [4, protocol],
      [5, prove(Buffer.concat([Uint8Array.of(FINGERPRINT, sub), tail]))],
    ]),
  );
}

export type BioSample = FingerSample & { readonly id: Uint8Array<ArrayBuffer> | undefined };

export function readSample(map: CborMap): BioSample {
  const status = numberAt(map, 5) ?? 0;
  return {
    quality: SAMPLE_STATUS[status] ?? 'unknown',
    taken: status === 0 ? 'yes' : 'no',
    remaining: Math.max(0, numberAt(map, 6) ?? 0),
    id: bytesAt(map, 4),
  };
}

export function readFingers(map: CborMap): readonly StoredFinger[] {
  return listAt(map, 7).flatMap((info) => {
    const id = info instanceof Map ? bytesAt(info as CborMap, 1) : undefined;
    return id === undefined ? [] : [{ id, name: textAt(info as CborMap, 2) ?? '' }];
  });
}

/** What the sensor is, which anyone may ask. */
export function sensorInfo(command: number): Uint8Array<ArrayBuffer> {
  return messageOf(
    command,
    mapOf([
      [1, FINGERPRINT],
      [2, BIO_SUBS.sensorInfo],
    ]),
  );
}

/** Longest name of a finger, in bytes of UTF-8; undefined where the key does not say (maxTemplateFriendlyName came with the final text). */
export function readNameBytesMax(map: CborMap): number | undefined {
  return numberAt(map, 8);
}
