import { z } from 'zod';
import { bill } from '../bill/bill.js';
import { departmentCode, districtCode, epoch, kioskCode, operatorLogin, serviceCode, transactionId } from '../identity/identity.js';
import { position } from '../ledger/entry.js';
import { KEY_NONCE_BYTES, keyAssertion, KEYS_PER_LOGIN_MAX } from '../operator/key-log-in.js';
import { postingState } from '../posting/posting.js';
import { type Failure, type Result } from '../result/result.js';
import { cborBytes, cborSum, encodeCbor, readCbor, unixMs } from '../signing/cbor.js';

/** WebSocket subprotocol. */
export const SUBPROTOCOL = 'jharokha.v1';
/** Path of the kiosk link on the hub's TLS door. */
export const LINK_PATH = '/link';
export const FRAME_BYTES_MAX = 256 * 1024;
/**
 * Longest answer of a registered Aadhaar device that is handed on, in bytes. It goes whole in one frame (a longer frame cuts the link for everything
 * else), and to departments as base64 of at most 200 000 characters, which is 150 000 bytes. A block with every kind of biometric has some 40 kB.
 */
export const PID_BLOCK_BYTES_MAX = 128 * 1024;
/** Entries in one push, and pushes that may be unacknowledged. */
export const PUSH_ENTRIES_MAX = 100;
export const PUSH_WINDOW = 4;

const bytes = z.instanceof(Uint8Array);
const id = z.int().min(1);

/** What a kiosk asks, each answered once under the asker's number. */
export const ask = z.discriminatedUnion('ask', [
  z.strictObject({ ask: z.literal('log-in'), login: operatorLogin, pin: z.string().max(20) }),
  /** What a security key must sign to open this login here, once and within two minutes (docs/decisions/0010). */
  z.strictObject({ ask: z.literal('key-challenge'), login: operatorLogin }),
  z.strictObject({ ask: z.literal('log-in-key'), login: operatorLogin, assertion: keyAssertion }),
  /** The bill live from the department. */
  z.strictObject({ ask: z.literal('bill'), service: serviceCode, consumer: z.string().max(24) }),
  /**
   * An encrypted block of a registered Aadhaar device on its way to the department, which alone can have it opened. Not stored by the hub, never logged.
   * `bound` is what the press agreed to (`presenceHash`).
   */
  z.strictObject({
    ask: z.literal('presence'),
    transaction: transactionId,
    service: serviceCode,
    consumer: z.string().max(24),
    totalPaise: cborSum,
    bound: cborBytes(32),
    block: bytes,
  }),
  z.strictObject({
    ask: z.literal('hold'),
    transaction: transactionId,
    service: serviceCode,
    consumer: z.string().max(24),
    billNumber: z.string().max(24),
    totalPaise: cborSum,
  }),
  /** A lease, or the raise of the one held; answered with the newest signed state. */
  z.strictObject({ ask: z.literal('lease') }),
  /** What became of sales whose outcome the kiosk does not know. */
  z.strictObject({ ask: z.literal('outcomes'), transactions: z.array(transactionId).max(200) }),
  /** A department's master file, when the hub's is newer than `have`; in parts. */
  z.strictObject({ ask: z.literal('master'), department: departmentCode, have: z.int().min(0), from: z.int().min(0) }),
]);
export type Ask = z.infer<typeof ask>;
export type AskKind = Ask['ask'];

export const outcome = z.strictObject({ transaction: transactionId, state: postingState });
export type Outcome = z.infer<typeof outcome>;

export const answer = z.discriminatedUnion('answer', [
  z.strictObject({ answer: z.literal('operator'), grant: bytes }),
  z.strictObject({
    answer: z.literal('key-challenge'),
    nonce: cborBytes(KEY_NONCE_BYTES),
    time: unixMs,
    credentials: z.array(bytes).min(1).max(KEYS_PER_LOGIN_MAX).readonly(),
  }),
  z.strictObject({ answer: z.literal('bill'), bill }),
  /** The department knows the person by this capture. */
  z.strictObject({ answer: z.literal('presence'), reference: z.string().max(40) }),
  z.strictObject({ answer: z.literal('hold'), grant: bytes }),
  z.strictObject({ answer: z.literal('lease'), grant: bytes }),
  z.strictObject({ answer: z.literal('outcomes'), outcomes: z.array(outcome) }),
  z.strictObject({ answer: z.literal('master'), version: z.int(), total: z.int(), from: z.int(), bills: z.array(bill), done: z.boolean() }),
  /** Nothing was done; the code says why. `lockedUntil` and `triesLeft` only for log-in. */
  z.strictObject({
    answer: z.literal('no'),
    code: z.string().max(40),
    detail: z.string().max(300),
    lockedUntil: unixMs.optional(),
    triesLeft: z.int().optional(),
  }),
]);
export type Answer = z.infer<typeof answer>;

/** Codes of `answer: 'no'`. */
export const NO_CODES = [
  'pin-wrong',
  'login-unknown',
  'login-locked',
  'login-not-counter',
  'key-unknown',
  'key-bad',
  'key-unverified',
  'key-copied',
  'consumer-unknown',
  'bill-paid',
  'department-down',
  'department-refused',
  'presence-refused',
  'service-unknown',
  'wallet-too-small',
  'lease-refused',
  'suspended',
  'busy',
  'internal',
] as const;
export type NoCode = (typeof NO_CODES)[number];

export const kioskFrame = z.discriminatedUnion('t', [
  z.strictObject({
    t: z.literal('auth'),
    kiosk: kioskCode,
    district: districtCode,
    epoch,
    nonce: cborBytes(32),
    signature: cborBytes(64),
    head: position,
    ruleBook: z.int(),
    /** The chain failed its check at start: the hub is told, and refuses sales from it. */
    ledger: z.enum(['whole', 'broken']),
  }),
  /** Entries in order from number `from`; at most 100. */
  z.strictObject({ t: z.literal('push'), from: z.int().min(1), entries: z.array(bytes).min(1).max(PUSH_ENTRIES_MAX) }),
  z.strictObject({ t: z.literal('ask'), id, ask }),
  z.strictObject({ t: z.literal('ping'), n: z.int() }),
]);
export type KioskFrame = z.infer<typeof kioskFrame>;

export const hubFrame = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('hello'), nonce: cborBytes(32), now: unixMs, district: districtCode }),
  /** `have`: the newest entry the hub holds. `ruleBook`: bytes when the kiosk's is older. */
  z.strictObject({
    t: z.literal('welcome'),
    signature: cborBytes(64),
    now: unixMs,
    have: position,
    head: bytes,
    ruleBook: bytes.nullable(),
    state: z.enum(['active', 'suspended']),
  }),
  /** The hub's signed head, sent only after its commit: everything up to it is in the books. */
  z.strictObject({ t: z.literal('ack'), head: bytes }),
  /** Nothing of the push was taken: the hub expects this number next. */
  z.strictObject({ t: z.literal('nack'), expected: z.int(), code: z.string().max(40), detail: z.string().max(300) }),
  z.strictObject({ t: z.literal('answer'), id, answer }),
  /** A sale's outcome became known. */
  z.strictObject({ t: z.literal('outcome'), outcome }),
  /** Asks the kiosk to close its open lease by a signed entry. */
  z.strictObject({ t: z.literal('close-lease') }),
  z.strictObject({ t: z.literal('pong'), n: z.int() }),
]);
export type HubFrame = z.infer<typeof hubFrame>;

/** Why the hub ends a link, as WebSocket close codes. */
export const CLOSE = {
  protocol: 4400,
  auth: 4401,
  suspended: 4403,
  unknown: 4404,
  authTimeout: 4408,
  duplicate: 4409,
  fork: 4411,
  overloaded: 4290,
} as const;

export function encodeWire(frame: KioskFrame | HubFrame): Uint8Array<ArrayBuffer> {
  return encodeCbor(frame);
}

export const readKioskFrame = (b: Uint8Array): Result<KioskFrame, Failure<string>> => readCbor(kioskFrame, b);
export const readHubFrame = (b: Uint8Array): Result<HubFrame, Failure<string>> => readCbor(hubFrame, b);
