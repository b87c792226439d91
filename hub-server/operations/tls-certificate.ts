import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { SubjectAlternativeNameExtension, X509CertificateGenerator, cryptoProvider, type JsonGeneralName } from '@peculiar/x509';
import { spki, type SigningKey } from '#protocol/signing/keys.js';

const ED25519 = { name: 'Ed25519' } as const;

/**
 * A self-signed certificate that carries the hub's key into TLS. Devices trust the key they were told of, not this paper: so its dates say only that
 * they mean nothing (RFC 5280 §4.1.2.5 for the end), and a device whose clock is wrong can still speak to its hub.
 * @param hosts names and addresses that browsers may find the hub under
 * @param serial random bytes
 */
export async function selfSignedCertificate(key: SigningKey, name: string, hosts: readonly string[], serial: Uint8Array): Promise<string> {
  cryptoProvider.set(webcrypto);
  const pkcs8 = key.private.export({ type: 'pkcs8', format: 'der' });
  const names = hosts.map((value): JsonGeneralName => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }));
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: Buffer.from(serial).toString('hex'),
    name: [{ CN: [name] }],
    notBefore: new Date('1970-01-01T00:00:00Z'),
    notAfter: new Date('9999-12-31T23:59:59Z'),
    signingAlgorithm: ED25519,
    keys: {
      privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, ED25519, false, ['sign']),
      publicKey: await webcrypto.subtle.importKey('spki', spki(key.publicKey), ED25519, true, ['verify']),
    },
    extensions: [new SubjectAlternativeNameExtension(names)],
  });
  return `${certificate.toString('pem')}\n`;
}
