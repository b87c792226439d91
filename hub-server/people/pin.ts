import { argon2, timingSafeEqual } from 'node:crypto';
import { PIN_COST, PIN_PATTERN, type PinVerifier } from '#protocol/operator/operator-grant.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';

const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Often chosen, and not caught by the rules below: shapes on a keypad and dates every guesser starts with. */
const COMMON = new Set([
  '147258',
  '258369',
  '369258',
  '159753',
  '159357',
  '147852',
  '789456',
  '456123',
  '142536',
  '102030',
  '112358',
  '314159',
  '150847',
  '260150',
]);

export type NewPinError = 'pin-malformed' | 'pin-weak';

/** Takes a PIN only if it has six digits and is not among the first that a thief would try. */
export function checkNewPin(pin: string): Result<string, Failure<NewPinError>> {
  if (!PIN_PATTERN.test(pin)) return failure('pin-malformed', 'a PIN has exactly six digits');
  const why = weakness(pin);
  return why === undefined ? ok(pin) : failure('pin-weak', `choose another PIN: ${why}`);
}

function weakness(pin: string): string | undefined {
  const digits = [...pin];
  if (new Set(digits).size <= 2) return 'it has only one or two different digits';
  const steps = new Set(digits.slice(1).map((digit, i) => (10 + '0123456789'.indexOf(digit) - '0123456789'.indexOf(digits[i] ?? '')) % 10));
  if (steps.size === 1) return 'its digits go up or down evenly';
  if (pin.slice(0, 3) === pin.slice(3)) return 'its second half repeats the first';
  if (pin.slice(0, 2) === pin.slice(2, 4) && pin.slice(0, 2) === pin.slice(4)) return 'it repeats one pair';
  if (digits.toReversed().join('') === pin) return 'it reads the same backwards';
  if (digits.every((digit, i) => i % 2 === 0 || digit === digits[i - 1])) return 'it is three doubled digits';
  return COMMON.has(pin) ? 'it is one of the most common' : undefined;
}

/** argon2id (RFC 9106) of a PIN at today's cost. @param random 16 fresh random bytes */
export async function makeVerifier(pin: string, random: Uint8Array<ArrayBuffer>): Promise<PinVerifier> {
  const cost = { salt: random.subarray(0, SALT_BYTES), memoryKib: PIN_COST.memoryKib, passes: PIN_COST.passes };
  return { ...cost, hash: await digest(pin, cost) };
}

/** True when the PIN is the verifier's. Takes the verifier's own cost, in a thread of the pool. */
export async function pinFits(pin: string, verifier: PinVerifier): Promise<boolean> {
  return timingSafeEqual(await digest(pin, verifier), verifier.hash);
}

function digest(pin: string, cost: Pick<PinVerifier, 'salt' | 'memoryKib' | 'passes'>): Promise<Uint8Array<ArrayBuffer>> {
  const parameters = {
    message: Buffer.from(pin, 'utf8'),
    nonce: cost.salt,
    parallelism: 1,
    tagLength: HASH_BYTES,
    memory: cost.memoryKib,
    passes: cost.passes,
  };
  return new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, key) => {
      if (error === null) resolve(Uint8Array.from(key));
      else reject(error);
    });
  });
}
