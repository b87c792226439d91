import type { OperatorLogin } from '#protocol/identity/identity.js';
import { KEY_NONCE_BYTES, keyLogInHash, keyRpId, type KeyAssertion, type KeyLogInFacts } from '#protocol/operator/key-log-in.js';
import { err, ok, type Result } from '#protocol/result/result.js';
import { readAuthenticatorData } from '#protocol/security-key/authenticator-data.js';
import { KEY_CAUSES, type Touch } from '../devices/security-key/port.js';
import { assertAny } from '../devices/security-key/selection.js';
import type { LogInRefusal } from './appliance-machine.js';
import { appendProblem, COUNTER_DELAYS, type Kiosk } from './kiosk.js';
import { counterLogin, hubRefusal, refusal } from './log-in.js';

/** What the key must sign, and who asks for it. */
type Challenge = { readonly by: 'hub' | 'kiosk'; readonly facts: KeyLogInFacts; readonly allow: readonly Uint8Array[] };
type Checked = 'hub-key' | 'verifier-key';

/**
 * Lets an operator in by their security key (docs/decisions/0010): the hub sets the challenge and judges; without it the kiosk does both, by the keys
 * in the hub's grant. A counter that does not rise is refused here whoever judges, and told to `note` for the log.
 */
export async function logInByKey(
  kiosk: Kiosk,
  typed: string,
  touch: Touch,
  note: (what: string) => void,
): Promise<Result<OperatorLogin, LogInRefusal>> {
  const named = counterLogin(kiosk, typed);
  if (!named.ok) return named;
  const login = named.value;
  const challenge = await challengeFor(kiosk, login);
  if (!challenge.ok) return challenge;
  const { facts, allow } = challenge.value;
  const handles = kiosk.devices.of('security-key').map(({ handle }) => handle);
  const answer = await assertAny(handles, { rpId: keyRpId(facts.district), clientDataHash: keyLogInHash(facts), allow }, touch);
  if (!answer.ok) {
    if (answer.error.code === 'key-cancelled') return refusal('key-not-touched');
    note(`log-in of ${login} by key: ${answer.error.detail}`);
    return refusal(KEY_CAUSES.find((cause) => cause === answer.error.code) ?? 'key-error');
  }
  const checked = await judge(kiosk, challenge.value, answer.value, note);
  if (!checked.ok) return checked;
  // Esc while the hub was asked: nobody stands before the screen as this operator.
  if (touch.signal?.aborted === true) return refusal('key-not-touched');
  const written = kiosk.ledger.append({ kind: 'operator-on', checked: checked.value }, login, kiosk.clock.now());
  return written.ok ? ok(login) : err({ problem: appendProblem(written.error), triesLeft: null, lockedUntil: null });
}

async function challengeFor(kiosk: Kiosk, login: OperatorLogin): Promise<Result<Challenge, LogInRefusal>> {
  const { bundle } = kiosk.identity;
  const about = { district: bundle.district, kiosk: bundle.kiosk, login };
  const asked = kiosk.link.isUp ? await kiosk.link.ask({ ask: 'key-challenge', login }, COUNTER_DELAYS.logInMs) : undefined;
  if (asked?.ok === true) {
    const { value: told } = asked;
    if (told.answer !== 'key-challenge') return hubRefusal(kiosk, login, told.answer === 'no' ? told : { code: 'internal' });
    return ok({ by: 'hub', facts: { ...about, nonce: told.nonce, time: told.time }, allow: told.credentials });
  }
  const now = kiosk.clock.now();
  const keys = kiosk.operators.keysOf(login, now);
  if (!keys.ok) return refusal('login-needs-hub');
  if (keys.value.length === 0) return refusal('key-unknown');
  return ok({ by: 'kiosk', facts: { ...about, nonce: kiosk.random(KEY_NONCE_BYTES), time: now }, allow: keys.value.map(({ id }) => id) });
}

async function judge(
  kiosk: Kiosk,
  { by, facts }: Challenge,
  assertion: KeyAssertion,
  note: (what: string) => void,
): Promise<Result<Checked, LogInRefusal>> {
  const { login } = facts;
  const data = readAuthenticatorData(assertion.authenticatorData);
  if (!data.ok) return refusal('key-error');
  const { counter } = data.value;
  // The hub judges first even what would be refused here, so that it learns of a copy and can tell the administrator.
  const asked = by === 'hub' ? await kiosk.link.ask({ ask: 'log-in-key', login, assertion }, COUNTER_DELAYS.logInMs) : undefined;
  if (asked?.ok === true) {
    const { value: told } = asked;
    if (told.answer !== 'operator') {
      note(`log-in of ${login} by key refused by the hub: ${told.answer === 'no' ? told.detail : told.answer}`);
      return hubRefusal(kiosk, login, told.answer === 'no' ? told : { code: 'internal' });
    }
    const seen = kiosk.operators.counterOf(assertion.credential);
    // The hub may not have heard of the log-ins that were judged here.
    if (seen !== 0 && counter <= seen) {
      note(`log-in of ${login} refused: the key counts ${counter} after ${seen}; it was copied, or an old answer was played`);
      return refusal('key-copied');
    }
    const kept = kiosk.operators.take(login, told.grant);
    if (!kept.ok) return refusal('login-unknown');
    kiosk.operators.noteCounter(assertion.credential, counter);
    return ok('hub-key');
  }
  // The link fell after the hub's challenge: it is as good as one of our own.
  const here = kiosk.operators.checkKey(facts, assertion, kiosk.clock.now());
  if (here.ok) return ok('verifier-key');
  note(`log-in of ${login} by key refused here: ${here.error.detail}`);
  const { code } = here.error;
  // Only the hub's word withdraws keys: what is unknown here is refused, and no more.
  return code === 'login-needs-hub' || code === 'key-unknown' ? refusal(code) : hubRefusal(kiosk, login, { code });
}
