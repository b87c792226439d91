import type { ProblemCode } from '#protocol/counter/problem.js';
import { readLogin } from '#protocol/identity/grammar.js';
import type { OperatorLogin } from '#protocol/identity/identity.js';
import { PIN_PATTERN } from '#protocol/operator/operator-grant.js';
import { err, ok, type Result } from '#protocol/result/result.js';
import { clockTime } from '#protocol/time/time.js';
import { isDiskFull } from '../ledger/ledger.js';
import type { LogInRefusal } from './appliance-machine.js';
import { appendProblem, COUNTER_DELAYS, problem, type Kiosk } from './kiosk.js';

export function refusal(code: ProblemCode, triesLeft?: number, lockedUntil?: number): Result<never, LogInRefusal> {
  const values = { tries: triesLeft === undefined ? '' : String(triesLeft), time: lockedUntil === undefined ? '' : clockTime(lockedUntil) };
  return err({ problem: problem(code, values), triesLeft: triesLeft ?? null, lockedUntil: lockedUntil ?? null });
}

/** A grant or a wrong try that can not be written down lets nobody in. */
export function noRoom(error: unknown): Result<never, LogInRefusal> {
  if (!isDiskFull(error)) throw error;
  return refusal('disk-full');
}

/** A counter login as typed: the whole, or its last number alone. */
export function counterLogin(kiosk: Kiosk, typed: string): Result<OperatorLogin, LogInRefusal> {
  const tidy = typed.trim().toLowerCase();
  const full = /^\d{1,2}$/u.test(tidy) ? `${kiosk.identity.bundle.kiosk}co${tidy.padStart(2, '0')}` : tidy;
  const read = readLogin(kiosk.ruleBook().grammar, full);
  if (!read.ok) return refusal('login-unknown');
  return read.value.role === 'counter' ? ok(read.value.login) : refusal('login-not-counter');
}

/** Asks the hub, which keeps all logins (R16); without it, the verifier that the hub sealed for this kiosk. */
export async function logIn(kiosk: Kiosk, typed: string, pin: string): Promise<Result<OperatorLogin, LogInRefusal>> {
  const named = counterLogin(kiosk, typed);
  if (!named.ok) return named;
  const login = named.value;
  if (!PIN_PATTERN.test(pin)) return refusal('pin-wrong');
  const asked = kiosk.link.isUp ? await kiosk.link.ask({ ask: 'log-in', login, pin }, COUNTER_DELAYS.logInMs) : undefined;
  const checked = asked?.ok === true ? 'hub' : 'verifier';
  if (asked?.ok === true) {
    const { value: answer } = asked;
    if (answer.answer !== 'operator') return hubRefusal(kiosk, login, answer.answer === 'no' ? answer : { code: 'internal' });
    const kept = kiosk.operators.take(login, answer.grant);
    if (!kept.ok) return refusal('login-unknown');
  } else {
    const here = kiosk.operators.check(login, pin, kiosk.clock.now());
    if (!here.ok) return refusal(here.error.code, here.error.triesLeft, here.error.lockedUntil);
  }
  const written = kiosk.ledger.append({ kind: 'operator-on', checked }, login, kiosk.clock.now());
  return written.ok ? ok(login) : err({ problem: appendProblem(written.error), triesLeft: null, lockedUntil: null });
}

export function hubRefusal(
  kiosk: Kiosk,
  login: OperatorLogin,
  no: { readonly code: string; readonly triesLeft?: number | undefined; readonly lockedUntil?: number | undefined },
): Result<never, LogInRefusal> {
  switch (no.code) {
    case 'pin-wrong':
    case 'login-locked':
      return refusal(no.code, no.triesLeft, no.lockedUntil);
    case 'login-unknown':
    case 'login-not-counter':
      kiosk.operators.forget(login);
      return refusal(no.code);
    case 'key-unknown':
      kiosk.operators.withdrawKeys(login);
      return refusal('key-unknown');
    case 'key-copied':
      return refusal('key-copied');
    case 'key-bad':
      return refusal('key-error');
    case 'key-unverified':
      return refusal('key-denied');
    case 'suspended':
      return refusal('kiosk-suspended');
    default:
      return refusal('hub-down');
  }
}
