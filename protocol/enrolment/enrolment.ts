import { z } from 'zod';
import { districtCode, kioskCode, localName } from '../identity/identity.js';
import type { Failure, Result } from '../result/result.js';
import { cborBytes, encodeCbor, readCbor, unixMs } from '../signing/cbor.js';
import { signBytes, verifyBytes, verifyKey, type SigningKey } from '../signing/keys.js';

/** Where a device asks to be enrolled, and where it waits for the administrator's word: HTTPS POST, CBOR both ways. */
export const ENROL_PATH = '/enrol';
export const ENROL_WAIT_PATH = '/enrol/wait';
export const ENROL_BYTES_MAX = 4_096;
/** The hub holds one waiting request no longer than this, so that no proxy cuts it. */
export const ENROL_WAIT_MAX_MS = 25_000;

/** What the machine says of itself. It can be cloned or changed: a hint for the administrator, never proof. */
export const machineHints = z.strictObject({ machine: z.string().max(64), host: z.string().max(64), system: z.string().max(80) });
export type MachineHints = z.infer<typeof machineHints>;

const askFacts = z.strictObject({
  v: z.literal(1),
  /** The claim's 20 characters, without the check character. */
  code: z.string().regex(/^[0-9A-HJKMNP-TV-Z]{20}$/u, 'a claim code is 20 Crockford characters'),
  key: cborBytes(32),
  sealingKey: cborBytes(32),
  hints: machineHints,
});
export type EnrolAskFacts = z.infer<typeof askFacts>;
export const enrolAsk = askFacts.extend({ signature: cborBytes(64) });
export type EnrolAsk = z.infer<typeof enrolAsk>;

const waitFacts = z.strictObject({ v: z.literal(1), key: cborBytes(32), waitMs: z.int().min(0).max(ENROL_WAIT_MAX_MS) });
export type EnrolWaitFacts = z.infer<typeof waitFacts>;
export const enrolWait = waitFacts.extend({ signature: cborBytes(64) });
export type EnrolWait = z.infer<typeof enrolWait>;

/** Why the hub does not enrol a device; the sentence beside it says what to do. */
export const ENROL_NO_CODES = [
  'malformed',
  'bad-proof',
  'claim-unknown',
  'claim-locked',
  'claim-used',
  'claim-expired',
  'claim-withdrawn',
  'slot-active',
  'slot-pending',
  'key-in-use',
  'not-enrolled',
  'enrolment-refused',
  'kiosk-suspended',
  'kiosk-retired',
  'too-many-requests',
  'internal',
] as const;
export type EnrolNoCode = (typeof ENROL_NO_CODES)[number];

export const enrolAnswer = z.discriminatedUnion('t', [
  /** Known, and not yet approved. */
  z.strictObject({ t: z.literal('pending'), district: districtCode, districtName: localName, kiosk: kioskCode, site: localName, now: unixMs }),
  /** `districtKey` is believed because this channel is the pinned hub's; the bundle must verify under it. */
  z.strictObject({ t: z.literal('approved'), districtKey: cborBytes(32), bundle: z.instanceof(Uint8Array), now: unixMs }),
  z.strictObject({ t: z.literal('no'), code: z.enum(ENROL_NO_CODES), detail: z.string().max(300) }),
]);
export type EnrolAnswer = z.infer<typeof enrolAnswer>;

/**
 * The bytes a device signs: what it asks, and the 32 bytes exported from this very TLS connection (RFC 9266, label `EXPORTER_LABEL`), so that the
 * proof is worth nothing on another connection. No nonce is needed: the exported bytes are fresh for each connection.
 */
function askProof(facts: EnrolAskFacts, channel: Uint8Array): Uint8Array<ArrayBuffer> {
  const { machine, host, system } = facts.hints;
  return encodeCbor(['jharokha/enrol/1', 'ask', facts.code, facts.key, facts.sealingKey, machine, host, system, channel]);
}

function waitProof(facts: EnrolWaitFacts, channel: Uint8Array): Uint8Array<ArrayBuffer> {
  return encodeCbor(['jharokha/enrol/1', 'wait', facts.key, facts.waitMs, channel]);
}

/** The request of a device whose key is `key`, in CBOR. @param channel 32 bytes exported from the connection it will be sent on */
export function writeEnrolAsk(key: SigningKey, facts: Omit<EnrolAskFacts, 'v' | 'key'>, channel: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole: EnrolAskFacts = { v: 1, key: key.publicKey, ...facts };
  return encodeCbor({ ...whole, signature: signBytes(key, askProof(whole, channel)) });
}

export function writeEnrolWait(key: SigningKey, waitMs: number, channel: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole: EnrolWaitFacts = { v: 1, key: key.publicKey, waitMs };
  return encodeCbor({ ...whole, signature: signBytes(key, waitProof(whole, channel)) });
}

export function enrolAskProven(ask: EnrolAsk, channel: Uint8Array): boolean {
  return verifyBytes(verifyKey(ask.key), askProof(ask, channel), ask.signature);
}

export function enrolWaitProven(wait: EnrolWait, channel: Uint8Array): boolean {
  return verifyBytes(verifyKey(wait.key), waitProof(wait, channel), wait.signature);
}

export function encodeEnrolAnswer(answer: EnrolAnswer): Uint8Array<ArrayBuffer> {
  return encodeCbor(answer);
}

export const readEnrolAsk = (bytes: Uint8Array): Result<EnrolAsk, Failure<string>> => readCbor(enrolAsk, bytes);
export const readEnrolWait = (bytes: Uint8Array): Result<EnrolWait, Failure<string>> => readCbor(enrolWait, bytes);
export const readEnrolAnswer = (bytes: Uint8Array): Result<EnrolAnswer, Failure<string>> => readCbor(enrolAnswer, bytes);
