import type { Result } from '#protocol/result/result.js';
import type { AssertAsk, KeyAnswer, KeyFailure, SecurityKeyHandle, Touch } from './port.js';

/** From the least that a key can say to what tells the person most. */
const TELLING: readonly KeyFailure['code'][] = [
  'key-absent',
  'key-error',
  'key-unknown',
  'key-cancelled',
  'key-not-touched',
  'key-no-finger',
  'key-blocked',
  'key-denied',
];

/**
 * Asks every key that may be plugged in, all at once: the one whose owner touches it is the one that is meant, and the others are called off. When
 * none signs, what the most telling of them said.
 */
export async function assertAny(keys: readonly SecurityKeyHandle[], ask: AssertAsk, touch: Touch = {}): Promise<Result<KeyAnswer, KeyFailure>> {
  const present = keys.filter((key) => key.state().state !== 'absent');
  const asked = present.length > 0 ? present : keys;
  const settled = new AbortController();
  const signal = touch.signal === undefined ? settled.signal : AbortSignal.any([touch.signal, settled.signal]);
  const [first, ...others] = asked;
  if (first === undefined) return { ok: false, error: { code: 'key-absent', detail: 'devices.json names no security key' } };
  if (others.length === 0) return first.assert(ask, touch);
  const failures: KeyFailure[] = [];
  const won = await new Promise<Result<KeyAnswer, KeyFailure> | undefined>((resolve) => {
    for (const key of asked) {
      void key.assert(ask, { ...touch, signal }).then((answer) => {
        if (answer.ok) return resolve(answer);
        failures.push(answer.error);
        // A wrong finger says which key is meant as well as a right one.
        if (answer.error.code === 'key-denied' || failures.length === asked.length) resolve(undefined);
        return undefined;
      });
    }
  });
  settled.abort();
  if (won !== undefined) return won;
  const error = failures.toSorted((a, b) => TELLING.indexOf(b.code) - TELLING.indexOf(a.code))[0];
  return { ok: false, error: error ?? { code: 'key-absent', detail: 'no key answered' } };
}
