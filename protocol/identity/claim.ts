import { failure, ok, type Failure, type Result } from '../result/result.js';
import { base32, parseBase32 } from '../signing/base32.js';

/**
 * What the administrator hands to the technician: where the hub is, which key it must show, and a code that works once.
 * Written `JC1/<host:port>/<Base32 of SHA-256 of the hub key's SPKI>/<20 Crockford characters and a check character>`, so it also fits a QR code.
 */
export type Claim = { readonly hub: string; readonly hubFingerprint: Uint8Array<ArrayBuffer>; readonly code: string };

export const CLAIM_CODE_LENGTH = 20;
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Weighted sum modulo 31: catches any one wrong character and any two swapped neighbours, save 0 for Z. */
export function claimCheck(code: string): string {
  const sum = [...code].reduce((total, c, i) => total + ALPHABET.indexOf(c) * (i + 2), 0);
  return ALPHABET.charAt(sum % 31);
}

export function writeClaim(claim: Claim): string {
  return `JC1/${claim.hub}/${base32(claim.hubFingerprint)}/${claim.code}${claimCheck(claim.code)}`;
}

/** Reads a claim; O, I and L typed for 0 and 1 are taken as meant. */
export function parseClaim(text: string): Result<Claim, Failure<'not-a-claim' | 'mistyped-claim'>> {
  const match = /^JC1\/([A-Za-z0-9.-]+:\d{1,5})\/([A-Z2-7]{52})\/([0-9A-Za-z-]{21,26})$/u.exec(text.trim());
  const fingerprint = parseBase32(match?.[2] ?? '');
  if (match === null || !fingerprint.ok || match[1] === undefined)
    return failure('not-a-claim', 'a claim looks like JC1/hub:port/KEY/CODE; copy it whole from the claim slip');
  const typed = (match[3] ?? '').replaceAll('-', '').toUpperCase().replaceAll('O', '0').replaceAll(/[IL]/gu, '1');
  const code = typed.slice(0, CLAIM_CODE_LENGTH);
  // A character outside the alphabet (U) would count as -1 and could pass for Y.
  const spelled = [...typed].every((c) => ALPHABET.includes(c));
  if (!spelled || typed.length !== CLAIM_CODE_LENGTH + 1 || claimCheck(code) !== typed.slice(-1))
    return failure('mistyped-claim', "the claim's last part is mistyped: its check character does not fit");
  return ok({ hub: match[1], hubFingerprint: fingerprint.value, code });
}
