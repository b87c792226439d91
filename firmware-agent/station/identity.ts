import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle, type Bundle } from '#protocol/bundle/bundle.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { readCertificate, type Certificate } from '#protocol/signing/certificate.js';
import { equalBytes, parsePublicKeyPem, signingKey, type SigningKey, type VerifyKey } from '#protocol/signing/keys.js';
import { sealingKey, type SealingKey } from '#protocol/signing/seal.js';

/** Who this appliance is, as enrolment left it in the kiosk folder (docs/formats/kiosk-folder.md). */
export type KioskIdentity = {
  readonly key: SigningKey;
  readonly sealing: SealingKey;
  readonly districtKey: VerifyKey;
  readonly bundle: Bundle;
  readonly certificate: Certificate;
  readonly hubCertificate: Certificate;
};

export type IdentityError = 'unenrolled' | 'damaged';

function readSeed(path: string): Uint8Array {
  return Buffer.from(readFileSync(path, 'utf8').trim(), 'hex');
}

/** Reads and checks the whole folder: every signature up to the district's key, and that the certificate is for the key kept here. */
export function readIdentity(folder: string): Result<KioskIdentity, Failure<IdentityError>> {
  const at = (name: string): string => join(folder, name);
  if (!['kiosk.key', 'sealing.key', 'district.pub', 'bundle.cbor'].every((name) => existsSync(at(name)))) {
    return failure('unenrolled', `${folder} holds no finished enrolment; run "jharokha provision enrol"`);
  }
  const district = parsePublicKeyPem(readFileSync(at('district.pub'), 'utf8'));
  if (!district.ok) return failure('damaged', `district.pub: ${district.error.detail}`);
  const bundle = openBundle(district.value, readFileSync(at('bundle.cbor')));
  if (!bundle.ok) return failure('damaged', `bundle.cbor: ${bundle.error.detail}`);
  const certificate = readCertificate(district.value, bundle.value.kioskCertificate, 'kiosk');
  if (!certificate.ok) return failure('damaged', certificate.error.detail);
  const hubCertificate = readCertificate(district.value, bundle.value.hubCertificate, 'hub');
  if (!hubCertificate.ok) return failure('damaged', hubCertificate.error.detail);
  const key = signingKey(readSeed(at('kiosk.key')));
  if (!equalBytes(key.publicKey, certificate.value.key.publicKey)) return failure('damaged', 'kiosk.key is not the key that the certificate names');
  const sealing = sealingKey(readSeed(at('sealing.key')));
  return ok({
    key,
    sealing,
    districtKey: district.value,
    bundle: bundle.value,
    certificate: certificate.value,
    hubCertificate: hubCertificate.value,
  });
}
