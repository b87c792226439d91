import { openBundle, type Bundle } from '#protocol/bundle/bundle.js';
import { openRuleBook, type RuleBook } from '#protocol/rulebook/rulebook.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { readCertificate } from '#protocol/signing/certificate.js';
import { equalBytes, keyFingerprint, type VerifyKey } from '#protocol/signing/keys.js';

export type BundleChecks = {
  /** The district's key as the pinned hub gave it, or as it was stored at enrolment. */
  readonly districtKey: VerifyKey;
  /** SHA-256 of the SPKI of the hub key that the claim pinned. */
  readonly hubFingerprint: Uint8Array;
  /** The device's own public key. */
  readonly publicKey: Uint8Array;
};
export type CheckedBundle = { readonly bundle: Bundle; readonly ruleBook: RuleBook };

/**
 * Follows the whole chain of a bundle: signed by the district's key; its hub certificate, by the same key, is for the very hub that was pinned; its kiosk
 * certificate is for this device's key, at the bundle's kiosk, epoch and district; its rule book is the district's.
 */
export function checkBundle(bytes: Uint8Array, checks: BundleChecks): Result<CheckedBundle, Failure<'bad-bundle'>> {
  const opened = openBundle(checks.districtKey, bytes);
  if (!opened.ok) return opened;
  const bundle = opened.value;
  const hub = readCertificate(checks.districtKey, bundle.hubCertificate, 'hub');
  if (!hub.ok) return failure('bad-bundle', hub.error.detail);
  if (!equalBytes(keyFingerprint(hub.value.key.publicKey), checks.hubFingerprint))
    return failure('bad-bundle', 'the bundle is for another hub than the one the claim names');
  const kiosk = readCertificate(checks.districtKey, bundle.kioskCertificate, 'kiosk');
  if (!kiosk.ok) return failure('bad-bundle', kiosk.error.detail);
  if (!equalBytes(kiosk.value.key.publicKey, checks.publicKey)) return failure('bad-bundle', "the bundle's certificate is for another device's key");
  if (kiosk.value.subject !== bundle.kiosk || kiosk.value.epoch !== bundle.epoch)
    return failure('bad-bundle', 'the bundle and its certificate name different kiosks or epochs');
  const ruleBook = openRuleBook(checks.districtKey, bundle.ruleBook);
  if (!ruleBook.ok) return failure('bad-bundle', ruleBook.error.detail);
  const districts = new Set<string>([bundle.district, hub.value.district, kiosk.value.district, ruleBook.value.district]);
  return districts.size === 1
    ? ok({ bundle, ruleBook: ruleBook.value })
    : failure('bad-bundle', 'the parts of the bundle are of different districts');
}
