import { ok, type Result } from '#protocol/result/result.js';
import type { Random } from './channel.js';
import { clientPin, PIN_SUBS } from './codec/client-pin.js';
import { hide, paddedPin, PIN_BYTES_MAX, pinHash, prove } from './codec/pin-uv.js';
import type { KeyFailure, KeyInfo } from './port.js';
import { agree, withTriesLeft, type Ask } from './token.js';

export type NewPin = { readonly pin: string; readonly old: string | undefined };

/** Gives a key its first PIN (CTAP 2.1 §6.5.5.5), or another one to whoever knows the old (§6.5.5.6). The PIN itself never goes over the line in clear. */
export async function setPin(ask: Ask, info: KeyInfo, random: Random, { pin, old }: NewPin): Promise<Result<void, KeyFailure>> {
  const padded = paddedPin(pin, info.pinCodePointsMin);
  if (info.pin === 'not-known') return refused('the key takes no PIN');
  if (info.pin === 'set' && old === undefined) return refused('the key has a PIN already; it is changed by whoever gives that one');
  if (padded === undefined)
    return refused(`a PIN of this key has ${info.pinCodePointsMin} characters or more, ${PIN_BYTES_MAX} bytes at most, and no NUL in it`);
  const protocol = info.protocols[0] ?? 1;
  const agreed = await agree(ask, protocol);
  if (!agreed.ok) return agreed;
  const { secret, ours } = agreed.value;
  const newPin = hide(secret, padded, random(16));
  const oldHash = old === undefined ? undefined : hide(secret, pinHash(old), random(16));
  const proof = prove(protocol, secret.hmacKey, Buffer.concat(oldHash === undefined ? [newPin] : [newPin, oldHash]));
  const parts = { keyAgreement: ours, newPin, proof, ...(oldHash === undefined ? {} : { pinHash: oldHash }) };
  const message = clientPin(protocol, oldHash === undefined ? PIN_SUBS.setPin : PIN_SUBS.changePin, parts);
  const done = await ask(message, 'setting the PIN', 'answer');
  if (done.ok) return ok(undefined);
  // Without a word from the key it may have taken the PIN or not, and a PIN that nobody writes down is a lost key.
  if (done.error.status === undefined)
    return {
      ok: false,
      error: { ...done.error, detail: `${done.error.detail}; whether the key took the new PIN is not known, so try the new one first` },
    };
  return { ok: false, error: await withTriesLeft(ask, protocol, done.error) };
}

function refused(detail: string): Result<never, KeyFailure> {
  return { ok: false, error: { code: 'key-pin-refused', detail: `setting the PIN: ${detail}` } };
}
