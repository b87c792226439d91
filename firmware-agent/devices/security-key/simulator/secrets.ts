import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { bytesAt, mapAt, mapOf, numberAt, textAt, type CborMap } from '#protocol/security-key/cbor-map.js';
import { hide, newAgreement, prove, reveal, type SharedSecret } from '../codec/pin-uv.js';
import { PIN_SUBS } from '../codec/client-pin.js';
import { CTAP } from '../codec/status.js';

export type Refused = { readonly refused: number };
export type Answered = { readonly map: CborMap } | Refused;
export const refuse = (refused: number): Refused => ({ refused });
export const EMPTY: Answered = { map: mapOf([]) };

const PIN_TRIES = 8;
const UV_TRIES = 5;

type Token = { readonly bytes: Uint8Array; permissions: number; rpId: string | undefined; present: 'yes' | 'no' };

/** What a key knows of its owner: PIN, tries, the token that it last gave (CTAP 2.1 §6.5). */
export class Secrets {
  pinHash: Uint8Array | undefined;
  pinTries = PIN_TRIES;
  uvTries = UV_TRIES;
  private token: Token | undefined;
  private agreement = newAgreement();
  private pinWrongInARow = 0;

  /** Pulled and plugged in again: tokens are gone, and the PIN may be tried again. */
  powerCycle(): void {
    this.token = undefined;
    this.agreement = newAgreement();
    this.pinWrongInARow = 0;
  }

  /** Counts a finger. Blocked at nothing left. */
  countFinger(press: 'right' | 'wrong'): number {
    if (press === 'right') {
      this.uvTries = UV_TRIES;
      return CTAP.ok;
    }
    this.uvTries = Math.max(0, this.uvTries - 1);
    return this.uvTries === 0 ? CTAP.uvBlocked : CTAP.uvInvalid;
  }

  /** Judges the proof in front of a command; `permissions` 0 for those that need none. */
  checkProof(protocol: number | undefined, proof: Uint8Array, message: Uint8Array, permission: number, rpId?: string): number {
    const { token } = this;
    if (protocol !== 1 && protocol !== 2) return CTAP.invalidParameter;
    if (token === undefined || !same(prove(protocol, token.bytes, message), proof)) return CTAP.pinAuthInvalid;
    if ((token.permissions & permission) === 0 || (token.rpId !== undefined && rpId !== undefined && token.rpId !== rpId)) return CTAP.pinAuthInvalid;
    return CTAP.ok;
  }

  /** A finger that was just checked is a touch as well, once. */
  usePresence(): 'yes' | 'no' {
    const present = this.token?.present ?? 'no';
    if (this.token !== undefined) this.token.present = 'no';
    return present;
  }

  agreed(): CborMap {
    return mapOf([[1, this.agreement.publicKey]]);
  }

  secretWith(request: CborMap): SharedSecret | undefined {
    const [protocol, theirs] = [numberAt(request, 1), mapAt(request, 3)];
    return theirs === undefined || (protocol !== 1 && protocol !== 2) ? undefined : this.agreement.with(theirs, protocol);
  }

  give(secret: SharedSecret, request: CborMap, present: 'yes' | 'no', length: 16 | 32): Answered {
    const sub = numberAt(request, 2);
    const permissions = sub === PIN_SUBS.getPinToken ? 0xff : (numberAt(request, 9) ?? 0);
    if (permissions === 0) return refuse(CTAP.invalidParameter);
    this.token = { bytes: randomBytes(length), permissions, rpId: textAt(request, 10), present };
    return { map: mapOf([[2, hide(secret, this.token.bytes, randomBytes(16))]]) };
  }

  checkPin(secret: SharedSecret, hidden: Uint8Array | undefined): number {
    if (this.pinHash === undefined) return CTAP.pinNotSet;
    if (this.pinTries === 0) return CTAP.pinBlocked;
    if (this.pinWrongInARow >= 3) return CTAP.pinAuthBlocked;
    this.pinTries -= 1;
    const shown = reveal(secret, hidden ?? Uint8Array.of());
    if (shown !== undefined && same(shown, this.pinHash)) {
      this.pinTries = PIN_TRIES;
      this.pinWrongInARow = 0;
      return CTAP.ok;
    }
    this.agreement = newAgreement();
    this.pinWrongInARow += 1;
    return this.pinTries === 0 ? CTAP.pinBlocked : this.pinWrongInARow >= 3 ? CTAP.pinAuthBlocked : CTAP.pinInvalid;
  }

  /** First PIN or a change: `request` is that of authenticatorClientPIN. */
  setPin(request: CborMap, change: 'first' | 'change'): Answered {
    const secret = this.secretWith(request);
    const [hidden, proof, old] = [bytesAt(request, 5), bytesAt(request, 4), bytesAt(request, 6)];
    if (secret === undefined || hidden === undefined || proof === undefined) return refuse(CTAP.missingParameter);
    if ((this.pinHash === undefined) !== (change === 'first')) return refuse(change === 'first' ? CTAP.pinAuthInvalid : CTAP.pinNotSet);
    const proven = Buffer.concat(change === 'first' ? [hidden] : [hidden, old ?? Uint8Array.of()]);
    if (!same(prove(secret.protocol, secret.hmacKey, proven), proof)) return refuse(CTAP.pinAuthInvalid);
    const checked = change === 'first' ? CTAP.ok : this.checkPin(secret, old);
    if (checked !== CTAP.ok) return refuse(checked);
    const padded = reveal(secret, hidden);
    const pin = padded?.subarray(0, padded.indexOf(0));
    if (pin === undefined || [...Buffer.from(pin).toString('utf8')].length < 4) return refuse(CTAP.pinPolicy);
    this.pinHash = Uint8Array.from(createHash('sha256').update(pin).digest().subarray(0, 16));
    this.pinTries = PIN_TRIES;
    return EMPTY;
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
