import type { KioskCode } from '#protocol/identity/identity.js';
import { signOperatorGrant } from '#protocol/operator/operator-grant.js';
import { assert } from '#protocol/result/result.js';
import { encodeCbor } from '#protocol/signing/cbor.js';
import { SEAL_RANDOM_BYTES, seal } from '#protocol/signing/seal.js';
import { HOUR_MS, type UnixMs } from '#protocol/time/time.js';
import type { Hub } from '../hub.js';
import { keysOf } from './operator-keys.js';
import { verifierOf, type HubOperator } from './operators.js';

/** How long a counter without the link may still open for someone who logged in there (C10). */
export const OPERATOR_GRANT_MS = 72 * HOUR_MS;

/** Where a grant goes: a kiosk, and the public half of its sealing key (`workingDevice` in kiosks/enrolment). */
export type GrantReader = { readonly kiosk: KioskCode; readonly sealingKey: Uint8Array };
export type IssuedOperatorGrant = { readonly bytes: Uint8Array<ArrayBuffer>; readonly notAfter: UnixMs };

/**
 * The hub's signed word, for 72 hours, that an operator may work at one kiosk, with the PIN's verifier sealed to that kiosk alone.
 * Only for someone whose PIN or key was just found right; throws for a login of another kiosk or of funds.
 */
export function operatorGrantFor(hub: Hub, reader: GrantReader, operator: HubOperator): IssuedOperatorGrant {
  assert(operator.kiosk === reader.kiosk && operator.role === 'counter', 'a grant is for a counter login at its own kiosk');
  const issuedAt = hub.now();
  const notAfter = issuedAt + OPERATOR_GRANT_MS;
  const sealedVerifier = seal(reader.sealingKey, encodeCbor(verifierOf(hub, operator.login)), hub.random(SEAL_RANDOM_BYTES));
  const facts = {
    v: 1,
    district: hub.district,
    kiosk: reader.kiosk,
    login: operator.login,
    role: 'counter',
    issuedAt,
    notAfter,
    sealedVerifier,
    keys: keysOf(hub, operator.login),
  } as const;
  return { bytes: signOperatorGrant(hub.hubKey, facts), notAfter };
}
