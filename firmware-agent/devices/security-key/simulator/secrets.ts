import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { bytesAt, mapAt, mapOf, numberAt, textAt, type CborMap } from '#protocol/security-key/cbor-map.js';
import { hide, newAgreement, PIN_CODE_POINTS_MIN, prove, reveal, type SharedSecret } from '../codec/pin-uv.js';
import { PIN_SUBS } from '../codec/client-pin.js';
import { CTAP } from '../codec/status.js';

export type Refused = { readonly refused: number };
export type Answered = { readonly map: CborMap } | Refused;
export const refuse = (refused: number): Refused => ({ refused });
export const EMPTY: Answered = { map: mapOf([]) };

const PIN_TRIES = 8;
const PIN_WRONG_IN_A_ROW_MAX = 3;
const UV_TRIES = 5;
const PADDED_PIN_BYTES = 64;

type Token = { readonly bytes: Uint8Array; permissions: number; rpId: string | undefined; present: 'yes' | 'no' };

/** What a key knows of its owner: PIN, tries, the token that it last gave (CTAP 2.1 §6.5). */
export class Secrets {
  pinHash: Uint8Array | undefined;
  pinTries = PIN_TRIES;
  uvTries = UV_TRIES;
  pinCodePointsMin = PIN_CODE_POINTS_MIN;
  pinChange: 'free' | 'forced' = 'free';
  private pinCodePoints = 0;
  private token: Token | undefined;
  private agreement = newAgreement();
  private pinWrongInARow = 0;

  /** After three wrong PINs one after the other. */
  get isPowerCycleNeeded(): boolean {
    return this.pinWrongInARow >= PIN_WRONG_IN_A_ROW_MAX;
  }

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

  /** A key that wants another PIN gives no token for the old one, and takes it to change it alone. */
  checkPin(secret: SharedSecret, hidden: Uint8Array | undefined, use: 'token' | 'change'): number {
    if (this.pinHash === undefined) return CTAP.pinNotSet;
    if (this.pinTries === 0) return CTAP.pinBlocked;
    if (this.isPowerCycleNeeded) return CTAP.pinAuthBlocked;
    this.pinTries -= 1;
    const shown = reveal(secret, hidden ?? Uint8Array.of());
    if (shown !== undefined && same(shown, this.pinHash)) {
      this.pinTries = PIN_TRIES;
      this.pinWrongInARow = 0;
      // Whoever knows the PIN gives a key that was blocked by wrong fingers free again.
      this.uvTries = UV_TRIES;
      return use === 'token' && this.pinChange === 'forced' ? CTAP.pinInvalid : CTAP.ok;
    }
    this.agreement = newAgreement();
    this.pinWrongInARow += 1;
    return this.pinTries === 0 ? CTAP.pinBlocked : this.isPowerCycleNeeded ? CTAP.pinAuthBlocked : CTAP.pinInvalid;
  }

  /** First PIN (CTAP 2.1 §6.5.5.5) or a change (§6.5.5.6), their steps in the order of the specification. */
  setPin(request: CborMap, change: 'first' | 'change'): Answered {
    const [protocol, hidden, proof, old] = [numberAt(request, 1), bytesAt(request, 5), bytesAt(request, 4), bytesAt(request, 6)];
    const isMissing = mapAt(request, 3) === undefined || (change === 'change' && old === undefined);
    if (hidden === undefined || proof === undefined || isMissing) return refuse(CTAP.missingParameter);
    if (protocol !== 1 && protocol !== 2) return refuse(CTAP.invalidParameter);
    if (change === 'first' && this.pinHash !== undefined) return refuse(CTAP.pinAuthInvalid);
    if (change === 'change' && this.pinHash === undefined) return refuse(CTAP.pinNotSet);
    if (change === 'change' && this.pinTries === 0) return refuse(CTAP.pinBlocked);
    const secret = this.secretWith(request);
    if (secret === undefined) return refuse(CTAP.invalidParameter);
    const proven = Buffer.concat([hidden, change === 'first' ? Uint8Array.of() : (old ?? Uint8Array.of())]);
    if (!same(prove(secret.protocol, secret.hmacKey, proven), proof)) return refuse(CTAP.pinAuthInvalid);
    const checked = change === 'first' ? CTAP.ok : this.checkPin(secret, old, 'change');
    return checked === CTAP.ok ? this.keepPin(reveal(secret, hidden)) : refuse(checked);
  }

  /** The minimum may rise above the PIN that is set; then that one must be changed before it is good for anything (§6.11.4). */
  setPinCodePointsMin(codePoints: number): void {
    this.pinCodePointsMin = codePoints;
    this.pinChange = this.pinHash !== undefined && this.pinCodePoints < codePoints ? 'forced' : 'free';
  }

  private keepPin(padded: Uint8Array | undefined): Answered {
    if (padded === undefined) return refuse(CTAP.pinAuthInvalid);
    if (padded.length !== PADDED_PIN_BYTES) return refuse(CTAP.invalidParameter);
    const pin = padded.subarray(0, padded.findLastIndex((byte) => byte !== 0) + 1);
    const codePoints = [...Buffer.from(pin).toString('utf8')].length;
    if (codePoints < this.pinCodePointsMin || pin.length === padded.length) return refuse(CTAP.pinPolicy);
    const hash = Uint8Array.from(createHash('sha256').update(pin).digest().subarray(0, 16));
    if (this.pinChange === 'forced' && this.pinHash !== undefined && same(hash, this.pinHash)) return refuse(CTAP.pinPolicy);
    this.pinHash = hash;
    this.pinCodePoints = codePoints;
    this.pinTries = PIN_TRIES;
    this.pinChange = 'free';
    // Tokens that the old PIN got are worth nothing any more.
    this.token = undefined;
    return EMPTY;
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
