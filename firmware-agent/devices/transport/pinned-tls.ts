import { connect, type TLSSocket } from 'node:tls';
import { z } from 'zod';

/** SHA-256 of the one certificate that a device may show (DER), as `openssl x509 -fingerprint -sha256` prints it without its colons. */
export const certificateSha256 = z.string().regex(/^[0-9a-fA-F]{64}$/u, '64 hexadecimal digits');

/**
 * A line to the one peer that shows this certificate; makers sign theirs by themselves, so neither chain nor name says anything. `ready` is
 * called once that is sure, and before it not a byte must be written. Any other peer ends in the socket's `error`.
 */
export function pinnedLine({ host, port }: { readonly host: string; readonly port: number }, pin: string, ready: () => void): TLSSocket {
  const socket = connect({ host, port, rejectUnauthorized: false });
  socket.once('secureConnect', () => {
    const seen = socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '').toLowerCase();
    if (seen === pin.toLowerCase()) ready();
    else socket.destroy(new Error(`it shows another certificate than the pinned one: ${seen ?? 'none'}`));
  });
  return socket;
}
