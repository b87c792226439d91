import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { tempFolder } from '../unit/devices/world.js';

export const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0;

export type TlsWall = { readonly port: number; readonly certificateSha256: string; readonly end: () => Promise<void> };

/** TLS with a certificate of openssl's, signed by itself as devices' are, before a plain server on the loopback. */
export async function tlsBefore(plainPort: number): Promise<TlsWall> {
  const folder = tempFolder();
  const [key, cert] = [join(folder.path, 'key.pem'), join(folder.path, 'cert.pem')];
  const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ${key} -out ${cert} -days 2 -subj /CN=box`;
  execFileSync('openssl', words.split(' '), { stdio: 'ignore' });
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (outside) => {
    const inside = connect(plainPort, '127.0.0.1');
    for (const socket of [inside, outside]) socket.on('error', () => [inside, outside].forEach((one) => one.destroy()));
    outside.pipe(inside).pipe(outside);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    certificateSha256: new X509Certificate(readFileSync(cert)).fingerprint256.replaceAll(':', ''),
    async end() {
      await new Promise((resolve) => server.close(resolve));
      folder.remove();
    },
  };
}
