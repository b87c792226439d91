import { z } from 'zod';
import { failure, ok, type Failure, type Result } from '../result/result.js';
import { kioskCode, operatorLogin, type KioskCode, type OperatorLogin } from './identity.js';

/**
 * How one network writes its kiosk codes and logins. Data of a profile, since networks differ (C10). Patterns are regular expressions
 * over the whole text; `login` must name groups `kiosk` and `role`.
 */
export const loginGrammar = z.strictObject({
  name: z.string(),
  kiosk: z.string(),
  login: z.string(),
  roles: z.record(z.string(), z.enum(['counter', 'funds'])),
});
export type LoginGrammar = z.infer<typeof loginGrammar>;
export type OperatorRole = 'counter' | 'funds';

/** The old e-Mitra portal's form: `d35k1111`, `d35k1111co01`, `d35k1111admin01` (R120). */
export const EMITRA_GRAMMAR: LoginGrammar = {
  name: 'emitra',
  kiosk: 'd\\d{2}k\\d{4}',
  login: '(?<kiosk>d\\d{2}k\\d{4})(?<role>admin|co)\\d{2}',
  roles: { admin: 'funds', co: 'counter' },
};

export function readKioskCode(grammar: LoginGrammar, text: string): Result<KioskCode, Failure<'bad-kiosk-code'>> {
  const parsed = kioskCode.safeParse(text);
  if (!parsed.success || !new RegExp(`^(?:${grammar.kiosk})$`, 'u').test(text)) {
    return failure('bad-kiosk-code', `"${text}" is not a kiosk code of profile ${grammar.name} (expected ${grammar.kiosk})`);
  }
  return ok(parsed.data);
}

export type ReadLogin = { readonly login: OperatorLogin; readonly kiosk: KioskCode; readonly role: OperatorRole };

export function readLogin(grammar: LoginGrammar, text: string): Result<ReadLogin, Failure<'bad-login'>> {
  const match = new RegExp(`^(?:${grammar.login})$`, 'u').exec(text);
  const login = operatorLogin.safeParse(text);
  const kiosk = kioskCode.safeParse(match?.groups?.['kiosk']);
  const role = grammar.roles[match?.groups?.['role'] ?? ''];
  if (!login.success || !kiosk.success || role === undefined) {
    return failure('bad-login', `"${text}" is not a login of profile ${grammar.name} (such as d35k1111co01)`);
  }
  return ok({ login: login.data, kiosk: kiosk.data, role });
}
