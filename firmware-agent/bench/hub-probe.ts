import { request } from 'node:https';
import { equalBytes, spki } from '#protocol/signing/keys.js';
import { TLSSocket } from 'node:tls';
import type { KioskIdentity } from '../station/identity.js';

/** What one knock at the hub's door found. `nowMs`: the hub's clock in whole seconds, when it told it. */
export type HubSeen =
  | { readonly seen: 'hub'; readonly nowMs: number | undefined }
  | { readonly seen: 'stranger' }
  | { readonly seen: 'nobody'; readonly why: string };

const PROBE_MS = 4_000;

/** Asks the hub for its first page and reads the `Date` field of the answer (RFC 9110 §6.6.1). Known by its pinned key alone, as for the link. */
export function probeHub({ bundle, hubCertificate }: Pick<KioskIdentity, 'bundle' | 'hubCertificate'>): Promise<HubSeen> {
  return new Promise((resolve) => {
    const asked = request(
      `https://${bundle.hub}/`,
      { rejectUnauthorized: false, minVersion: 'TLSv1.3', agent: false, timeout: PROBE_MS },
      (answer) => {
        const { socket } = answer;
        const shown = socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' }) : undefined;
        const at = Date.parse(answer.headers.date ?? '');
        answer.destroy();
        if (shown === undefined || !equalBytes(shown, spki(hubCertificate.key.publicKey))) return resolve({ seen: 'stranger' });
        resolve({ seen: 'hub', nowMs: Number.isNaN(at) ? undefined : at });
      },
    );
    const late = setTimeout(() => asked.destroy(new Error(`no answer within ${PROBE_MS} ms`)), PROBE_MS);
    asked.on('error', (error) => resolve({ seen: 'nobody', why: error.message }));
    asked.on('close', () => clearTimeout(late));
    asked.end();
  });
}
