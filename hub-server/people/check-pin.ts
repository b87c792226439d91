import { z } from 'zod';
import type { KioskCode } from '#protocol/identity/identity.js';
import { PIN_PATTERN } from '#protocol/operator/operator-grant.js';
import { err, ok, type Failure, type Result } from '#protocol/result/result.js';
import { MINUTE_MS, type UnixMs } from '#protocol/time/time.js';
import type { Hub } from '../hub.js';
import { alone, change, rowOf, smallColumn } from '../store/rows.js';
import { findOperator, verifierOf, type HubOperator } from './operators.js';
import { pinFits } from './pin.js';

/** So many wrong PINs in a row lock a login for so long, counted in the store for all of the hub's processes. */
export const PIN_LOCK = { wrongTries: 5, lockMs: 15 * MINUTE_MS } as const;

export type PinRefusal =
  | (Failure<'pin-wrong'> & { readonly triesLeft: number })
  | (Failure<'login-locked'> & { readonly lockedUntil: UnixMs })
  | Failure<'login-unknown' | 'login-not-counter'>;

/**
 * Checks the PIN typed at a kiosk's counter. The try is counted before the PIN is looked at, so that many tries at once count as many. A login of
 * another kiosk is unknown here; a funds login is never taken at a counter (C10).
 */
export async function checkPin(hub: Hub, kiosk: KioskCode, login: string, pin: string): Promise<Result<HubOperator, PinRefusal>> {
  const operator = findOperator(hub, login);
  if (operator === undefined || operator.kiosk !== kiosk)
    return err({ code: 'login-unknown', detail: `no operator ${login} works at kiosk ${kiosk}` });
  if (operator.role !== 'counter')
    return err({ code: 'login-not-counter', detail: `${login} is a login for funds; at the counter use a counter login` });
  const tried = countTry(hub, operator);
  if (!tried.ok) return tried;
  if (PIN_PATTERN.test(pin) && (await pinFits(pin, verifierOf(hub, operator.login)))) {
    const cells = { district: hub.district, login: operator.login };
    change(hub.db, 'UPDATE operator SET wrong_tries = 0, locked_until = NULL WHERE district = @district AND login = @login', cells);
    return ok({ ...operator, wrongTries: 0, lockedUntil: undefined });
  }
  const { triesLeft, lockedUntil } = tried.value;
  if (triesLeft > 0) return err({ code: 'pin-wrong', detail: `the PIN is wrong; ${triesLeft} more before the login is locked`, triesLeft });
  return locked(operator, lockedUntil);
}

type Tried = { readonly triesLeft: number; readonly lockedUntil: UnixMs };

function countTry(hub: Hub, operator: HubOperator): Result<Tried, PinRefusal> {
  return alone(hub.db, () => {
    const now = hub.now();
    const shape = z.object({ wrong_tries: smallColumn, locked_until: smallColumn.nullable() });
    const cells = { district: hub.district, login: operator.login };
    const row = rowOf(hub.db, shape, 'SELECT wrong_tries, locked_until FROM operator WHERE district = @district AND login = @login', cells);
    if (row === undefined) throw new Error(`operator ${operator.login} is in the books`);
    if (row.locked_until !== null && row.locked_until > now) return locked(operator, row.locked_until);
    const tries = (row.locked_until === null ? row.wrong_tries : 0) + 1;
    const lockedUntil = now + PIN_LOCK.lockMs;
    change(hub.db, 'UPDATE operator SET wrong_tries = @tries, locked_until = @until WHERE district = @district AND login = @login', {
      ...cells,
      tries,
      until: tries >= PIN_LOCK.wrongTries ? lockedUntil : null,
    });
    return ok({ triesLeft: PIN_LOCK.wrongTries - tries, lockedUntil });
  });
}

function locked(operator: HubOperator, lockedUntil: UnixMs): Result<never, PinRefusal> {
  const detail = `${operator.login} is locked after ${PIN_LOCK.wrongTries} wrong PINs; wait, or ask the administrator (hub operator unlock)`;
  return err({ code: 'login-locked', detail, lockedUntil });
}
