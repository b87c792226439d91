import { districtCode, kioskCode, operatorLogin, type KioskCode } from '#protocol/identity/identity.js';
import { issueCertificate, type Certificate } from '#protocol/signing/certificate.js';
import { signingKey, verifyKey, type SigningKey } from '#protocol/signing/keys.js';
import { sealingKey } from '#protocol/signing/seal.js';
import { DAY_MS } from '#protocol/time/time.js';
import type { KioskIdentity } from '../../../firmware-agent/station/identity.js';
import { random } from './entries.js';

export const BENCH_DISTRICT = districtCode.parse('lgd:102');
export const BENCH_OPERATOR = operatorLogin.parse('d35k1111co01');

/** A kiosk's key with the district's certificate for it. */
export function certifiedKey(district: SigningKey, kiosk: KioskCode): { readonly key: SigningKey; readonly certificate: Certificate } {
  const key = signingKey(random(32));
  const now = Date.now();
  const certificate = issueCertificate(district, {
    role: 'kiosk',
    district: BENCH_DISTRICT,
    subject: kiosk,
    epoch: 1,
    publicKey: key.publicKey,
    notBefore: now - DAY_MS,
    notAfter: now + 365 * DAY_MS,
  });
  return { key, certificate };
}

/** An identity that no hub knows: enough to write a ledger with. */
export function loneIdentity(): KioskIdentity {
  const district = signingKey(random(32));
  const hub = signingKey(random(32));
  const kiosk = kioskCode.parse('d35k1111');
  const now = Date.now();
  const hubCertificate = issueCertificate(district, {
    role: 'hub',
    district: BENCH_DISTRICT,
    subject: 'bench',
    epoch: 1,
    publicKey: hub.publicKey,
    notBefore: now - DAY_MS,
    notAfter: now + DAY_MS,
  });
  const { key, certificate } = certifiedKey(district, kiosk);
  return {
    key,
    certificate,
    hubCertificate,
    sealing: sealingKey(random(32)),
    districtKey: verifyKey(district.publicKey),
    bundle: {
      v: 1,
      number: 1,
      district: BENCH_DISTRICT,
      kiosk,
      epoch: 1,
      site: { en: 'bench', hi: 'bench' },
      kioskCertificate: certificate.bytes,
      hubCertificate: hubCertificate.bytes,
      hub: '127.0.0.1:1',
      receiptPrefix: 'HTTPS://127.0.0.1/R/',
      ruleBook: new Uint8Array(),
      issuedAt: now,
    },
  };
}
