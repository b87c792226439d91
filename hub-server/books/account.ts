import { ZERO, paise, type Paise } from '#protocol/money/paise.js';
import { failure, ok, unreachable, type Failure, type Result } from '#protocol/result/result.js';
import type { UnixMs } from '#protocol/time/time.js';

declare const accountBrand: unique symbol;

/** Names one account of a district's books for ever: four digits of the chart, then a path, such as `2010:wallet:d35k1111`. */
export type AccountCode = string & { readonly [accountBrand]: true };

const ACCOUNT_CODE = /^\d{4}(?::[A-Za-z0-9][A-Za-z0-9.-]*){1,5}$/u;
export const ACCOUNT_CODE_LENGTH_MAX = 100;

export function readAccountCode(text: string): Result<AccountCode, Failure<'bad-account-code'>> {
  if (text.length > ACCOUNT_CODE_LENGTH_MAX || !ACCOUNT_CODE.test(text)) {
    return failure('bad-account-code', `"${text}" is not an account code (such as 2010:wallet:d35k1111)`);
  }
  return ok(text as AccountCode);
}

export type Side = 'debit' | 'credit';

/** What the engine refuses on an account. Pending sums of the guarded side count, pending sums of the other side do not (TigerBeetle). */
export type Guard = 'none' | 'debits-must-not-exceed-credits' | 'credits-must-not-exceed-debits';

/** An account's identity: fixed from the day it is opened. */
export type AccountSpec = { readonly code: AccountCode; readonly normal: Side; readonly guard: Guard };

/** Four counters that never go below zero; the posted ones only rise. A balance is always derived, never stored. */
export type Counters = {
  readonly debitsPending: Paise;
  readonly debitsPosted: Paise;
  readonly creditsPending: Paise;
  readonly creditsPosted: Paise;
};

export type Account = AccountSpec & Counters & { readonly closed: 'open' | 'closed'; readonly openedAt: UnixMs };

export const NO_COUNTERS: Counters = { debitsPending: ZERO, debitsPosted: ZERO, creditsPending: ZERO, creditsPosted: ZERO };

/** Posted balance on the account's normal side; below zero only where no guard forbids it. */
export function balanceOf(account: AccountSpec & Counters): Paise {
  switch (account.normal) {
    case 'debit':
      return paise(account.debitsPosted - account.creditsPosted);
    case 'credit':
      return paise(account.creditsPosted - account.debitsPosted);
    default:
      return unreachable(account.normal);
  }
}

/** What may still be taken by debit: undefined where no guard sets a bound. */
export function debitRoom(account: AccountSpec & Counters): Paise | undefined {
  if (account.guard !== 'debits-must-not-exceed-credits') return undefined;
  return paise(account.creditsPosted - account.debitsPosted - account.debitsPending);
}
