import { bytesAt, mapAt, numberAt, type CborMap } from '#protocol/security-key/cbor-map.js';
import { ok, type Result } from '#protocol/result/result.js';
import type { Random } from './channel.js';
import { clientPin, PIN_SUBS, type PinParts } from './codec/client-pin.js';
import { hide, newAgreement, pinHash, prove, reveal, type PinUvProtocol, type SharedSecret } from './codec/pin-uv.js';
import { CTAP } from './codec/status.js';
import type { KeyFailure, KeyOwner, Touch } from './port.js';

/** Sends one message and reads the map of its answer; a finger may be needed. */
export type Ask = (message: Uint8Array, during: string, wait: 'answer' | 'touch', touch?: Touch) => Promise<Result<CborMap, KeyFailure>>;

/** The key's word that its owner was checked, good for the permissions asked for (CTAP 2.1 §6.5.5.7). */
export type Token = { readonly protocol: PinUvProtocol; readonly prove: (message: Uint8Array) => Uint8Array };

type Agreed = { readonly secret: SharedSecret; readonly ours: CborMap };

/** A secret that only this key and we share, new for each use. */
export async function agree(ask: Ask, protocol: PinUvProtocol): Promise<Result<Agreed, KeyFailure>> {
  const answered = await ask(clientPin(protocol, PIN_SUBS.getKeyAgreement), 'key agreement', 'answer');
  if (!answered.ok) return answered;
  const theirs = mapAt(answered.value, 1);
  const own = newAgreement();
  const secret = theirs === undefined ? undefined : own.with(theirs, protocol);
  if (secret === undefined) return keyError('key agreement: the point can not be used');
  return ok({ secret, ours: own.publicKey });
}

export type TokenAsk = {
  readonly protocol: PinUvProtocol;
  readonly owner: KeyOwner;
  readonly permissions: number;
  readonly rpId?: string;
  /** `permissions`: CTAP 2.1. `plain`: a key of CTAP 2.0, whose PIN token allows everything. */
  readonly form: 'permissions' | 'plain';
};

/** By finger (a touch) or by PIN (none). */
export async function getToken(ask: Ask, wanted: TokenAsk, random: Random, touch: Touch = {}): Promise<Result<Token, KeyFailure>> {
  const { protocol, owner, permissions, rpId, form } = wanted;
  const agreed = await agree(ask, protocol);
  if (!agreed.ok) return agreed;
  const { secret, ours } = agreed.value;
  const hash = owner.by === 'pin' ? { pinHash: hide(secret, pinHash(owner.pin), random(16)) } : {};
  const allowed = form === 'permissions' ? { permissions, rpId } : {};
  const sub = owner.by === 'finger' ? PIN_SUBS.getTokenByFinger : form === 'permissions' ? PIN_SUBS.getTokenByPin : PIN_SUBS.getPinToken;
  const parts: PinParts = { keyAgreement: ours, ...hash, ...allowed };
  const answered = await ask(clientPin(protocol, sub, parts), 'checking the owner', owner.by === 'finger' ? 'touch' : 'answer', touch);
  if (!answered.ok) return owner.by === 'pin' ? { ok: false, error: await withTriesLeft(ask, protocol, answered.error) } : answered;
  const token = reveal(secret, bytesAt(answered.value, 2) ?? Uint8Array.of());
  // Protocol one knows tokens of 16 and 32 bytes, two those of 32 alone.
  if (token === undefined || !(token.length === 32 || (protocol === 1 && token.length === 16))) return keyError('checking the owner: no token');
  return ok({ protocol, prove: (message) => prove(protocol, token, message) });
}

/** How many wrong ones the key still bears; undefined when it does not say. */
export async function triesOf(ask: Ask, protocol: PinUvProtocol, of: 'pin' | 'finger'): Promise<number | undefined> {
  const [sub, at] = of === 'pin' ? [PIN_SUBS.getPinRetries, 3] : [PIN_SUBS.getUvRetries, 5];
  const answered = await ask(clientPin(protocol, sub), 'retries', 'answer');
  return answered.ok ? numberAt(answered.value, at) : undefined;
}

/** A wrong PIN is told with what is left: the last try must not come as a surprise, since what follows it is the loss of the key. */
export async function withTriesLeft(ask: Ask, protocol: PinUvProtocol, error: KeyFailure): Promise<KeyFailure> {
  if (error.status !== CTAP.pinInvalid && error.status !== CTAP.pinAuthBlocked) return error;
  const tries = await triesOf(ask, protocol, 'pin');
  return tries === undefined ? error : { ...error, detail: `${error.detail}; tries left before it is blocked: ${tries}` };
}

export function keyError(detail: string): { readonly ok: false; readonly error: KeyFailure } {
  return { ok: false, error: { code: 'key-error', detail } };
}
