import { z } from 'zod';
import { districtCode, epoch, type DistrictCode } from '../identity/identity.js';
import { failure, ok, type Failure, type Result } from '../result/result.js';
import type { UnixMs } from '../time/time.js';
import { cborBytes, encodeCbor, readCbor, unixSeconds } from './cbor.js';
import { openCose, signCose } from './cose.js';
import { verifyKey, type SigningKey, type VerifyKey } from './keys.js';

/** The district's word that a public key belongs to a hub or to one epoch of a kiosk. Times in the file are whole seconds. */
export type Certificate = {
  readonly role: 'hub' | 'kiosk';
  readonly district: DistrictCode;
  /** Kiosk code, or the hub's name. */
  readonly subject: string;
  readonly epoch: number;
  readonly key: VerifyKey;
  readonly notBefore: UnixMs;
  readonly notAfter: UnixMs;
  /** The exact COSE_Sign1 bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
};

// An array, not a map: a receipt's QR code carries these bytes.
const payloadShape = z.tuple([
  z.literal(1),
  z.enum(['H', 'K']),
  districtCode,
  z.string().min(1).max(40),
  epoch,
  cborBytes(32),
  unixSeconds,
  unixSeconds,
]);

export type CertificateFacts = Omit<Certificate, 'key' | 'bytes'> & { readonly publicKey: Uint8Array };

export function issueCertificate(district: SigningKey, facts: CertificateFacts): Certificate {
  const notBefore = Math.floor(facts.notBefore / 1000);
  const notAfter = Math.floor(facts.notAfter / 1000);
  const payload = encodeCbor([1, facts.role === 'hub' ? 'H' : 'K', facts.district, facts.subject, facts.epoch, facts.publicKey, notBefore, notAfter]);
  const bytes = signCose(district, 'jharokha/certificate/1', payload);
  const { publicKey, ...rest } = facts;
  return { ...rest, notBefore: notBefore * 1000, notAfter: notAfter * 1000, key: verifyKey(publicKey), bytes };
}

export type CertificateError = 'bad-certificate';

export function readCertificate(district: VerifyKey, bytes: Uint8Array, role: Certificate['role']): Result<Certificate, Failure<CertificateError>> {
  const payload = openCose(district, 'jharokha/certificate/1', bytes);
  if (!payload.ok) return failure('bad-certificate', `${role} certificate: ${payload.error.detail}`);
  const read = readCbor(payloadShape, payload.value);
  if (!read.ok) return failure('bad-certificate', `${role} certificate: ${read.error.detail}`);
  const [, letter, districtRead, subject, epochRead, publicKey, notBefore, notAfter] = read.value;
  if (letter !== (role === 'hub' ? 'H' : 'K')) return failure('bad-certificate', `the certificate is not for a ${role}`);
  return ok({
    role,
    district: districtRead,
    subject,
    epoch: epochRead,
    key: verifyKey(publicKey),
    notBefore: notBefore * 1000,
    notAfter: notAfter * 1000,
    bytes: Uint8Array.from(bytes),
  });
}

/** A certificate is judged at the signed thing's own time, so a receipt from a retired kiosk still verifies. */
export function certifiedAt(certificate: Certificate, at: UnixMs): boolean {
  return at >= certificate.notBefore && at <= certificate.notAfter;
}
