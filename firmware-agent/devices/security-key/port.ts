import type { CoseKey } from '#protocol/security-key/cose-key.js';
import type { Failure, Result } from '#protocol/result/result.js';
import type { SampleStatus } from './codec/bio.js';
import { PORT_CAUSES, type DeviceFace } from '../ports.js';

/** The codes of protocol/counter/device.ts that a security key can give. */
export const KEY_CAUSES = [
  ...PORT_CAUSES,
  'key-absent',
  'key-error',
  'key-unknown',
  'key-no-finger',
  'key-not-touched',
  'key-denied',
  'key-blocked',
] as const;
export type KeyCause = (typeof KEY_CAUSES)[number];

/**
 * - `key-cancelled`: whoever asked gave up (Esc); nothing is wrong.
 * - The others come at the bench alone. `key-pin-refused`: the PIN that was to be set, not one that was to be shown. `key-pin-needed`: this key lets
 *   nobody manage its fingers by finger. `key-fingers-full`: no place for another. `key-finger-unknown`: none as it was named, or several.
 *   `key-finger-name`: longer than the key takes. `key-excluded`: it holds a credential that it was not to hold.
 *
 * `status`: the byte that the key answered with (CTAP 2.1 §8.2), when it answered at all.
 */
export type KeyFailure = Failure<KeyCause | 'key-cancelled' | BenchKeyCause> & { readonly status?: number };
export type BenchKeyCause = 'key-pin-refused' | 'key-pin-needed' | 'key-fingers-full' | 'key-finger-unknown' | 'key-finger-name' | 'key-excluded';

/** What a key says of itself (CTAP 2.1 §6.4). */
export type KeyInfo = {
  readonly versions: readonly string[];
  /** Model, 32 hex digits. */
  readonly aaguid: string;
  /** `enrolled`: it checks a finger. `none-enrolled`: it could. `no-sensor`: it can not, and is of no use here. */
  readonly finger: 'enrolled' | 'none-enrolled' | 'no-sensor';
  readonly pin: 'set' | 'not-set' | 'not-known';
  /** Shortest PIN that it takes, in code points; more than 4 where whoever issued the key said so (minPINLength). */
  readonly pinCodePointsMin: number;
  /** `forced`: it takes its PIN for nothing but setting another (forcePINChange). */
  readonly pinChange: 'free' | 'forced';
  /** How fingers are managed: by the final command, by that of CTAP 2.1's drafts, or not over the wire. */
  readonly enrolment: 'bio' | 'preview' | 'none';
  /** By what its owner may manage them: not every key lets a finger do it (uvBioEnroll). */
  readonly enrolmentBy: 'finger-or-pin' | 'pin';
  /** How a checked finger is shown with the next command: by a token (2.1) or by the option `uv` (2.0). */
  readonly verification: 'token' | 'option';
  /** PIN/UV auth protocols, the preferred one first. */
  readonly protocols: readonly (1 | 2)[];
  readonly firmware: number | undefined;
  /** Longest message that it takes (maxMsgSize). */
  readonly messageBytesMax: number;
  /** Most credentials in one message (maxCredentialCountInList). */
  readonly credentialsMax: number;
};

/** How a person takes part. `onTouch` is told once, when the key waits for its finger; after `signal` the work ends within a second. */
export type Touch = { readonly onTouch?: () => void; readonly signal?: AbortSignal };

export type RegisterAsk = {
  readonly rpId: string;
  readonly userName: string;
  readonly clientDataHash: Uint8Array;
  /** Credentials that the person has already, those that count most first: a key that holds one of them is not registered again. */
  readonly exclude?: readonly Uint8Array[];
};
export type RegisteredKey = { readonly id: Uint8Array<ArrayBuffer>; readonly key: CoseKey; readonly counter: number; readonly aaguid: string };

export type AssertAsk = { readonly rpId: string; readonly clientDataHash: Uint8Array; readonly allow: readonly Uint8Array[] };
/** Whoever knows the credential's public key judges it: see protocol/operator/key-log-in.ts. */
export type KeyAnswer = {
  readonly credential: Uint8Array<ArrayBuffer>;
  readonly authenticatorData: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
};

/** By what a person shows that they may change the fingers on a key. */
export type KeyOwner = { readonly by: 'finger' } | { readonly by: 'pin'; readonly pin: string };

/** One look of the sensor while a finger is enrolled (CTAP 2.1 §6.7, lastEnrollSampleStatus). */
export type FingerSample = { readonly quality: SampleStatus; readonly taken: 'yes' | 'no'; readonly remaining: number };
export type EnrolAsk = { readonly owner: KeyOwner; readonly name: string; readonly onSample?: (sample: FingerSample) => void };
export type StoredFinger = { readonly id: Uint8Array<ArrayBuffer>; readonly name: string };
/** Which of the stored fingers is meant. Asked between listing and changing, so that the owner shows once that they may do both. */
export type PickFinger = (stored: readonly StoredFinger[]) => Result<StoredFinger, KeyFailure>;

/** What is left before the key takes no PIN, or no finger; undefined where the key has none, or does not say. */
export type Retries = { readonly pin: number | undefined; readonly finger: number | undefined };

export type SecurityKeyHandle = DeviceFace & {
  readonly info: () => Promise<Result<KeyInfo, KeyFailure>>;
  /** Makes a credential whose private half never leaves the key; its owner's finger is checked. */
  readonly register: (ask: RegisterAsk, touch?: Touch) => Promise<Result<RegisteredKey, KeyFailure>>;
  /** Has the key sign for one of the credentials, with its owner's finger checked. */
  readonly assert: (ask: AssertAsk, touch?: Touch) => Promise<Result<KeyAnswer, KeyFailure>>;
  readonly enrolFinger: (ask: EnrolAsk, touch?: Touch) => Promise<Result<StoredFinger, KeyFailure>>;
  readonly fingers: (owner: KeyOwner, touch?: Touch) => Promise<Result<readonly StoredFinger[], KeyFailure>>;
  readonly renameFinger: (owner: KeyOwner, pick: PickFinger, name: string, touch?: Touch) => Promise<Result<StoredFinger, KeyFailure>>;
  /** Gives the fingers that are left. */
  readonly removeFinger: (owner: KeyOwner, pick: PickFinger, touch?: Touch) => Promise<Result<readonly StoredFinger[], KeyFailure>>;
  /** Gives a key its first PIN (`pinCodePointsMin` code points to 63 bytes), or changes it; PIN and retries exist only to manage fingers. */
  readonly setPin: (pin: string, old?: string) => Promise<Result<void, KeyFailure>>;
  readonly retries: () => Promise<Result<Retries, KeyFailure>>;
};
