import { chmodSync, existsSync, unlinkSync } from 'node:fs';
import type { Server } from 'node:net';

/**
 * Makes `server` listen on a unix socket of this mode. A socket file left by a killed agent is removed: the folder's lock already says that no other
 * agent runs. Rejects when the socket can not be made.
 */
export function listenAt(server: Server, path: string, mode: 0o600 | 0o660): Promise<void> {
  if (existsSync(path)) unlinkSync(path);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // Closed to others from its first moment, not only from the chmod on: the socket is made before `listen` returns.
    const umask = process.umask(0o777 & ~mode);
    server.listen(path, () => {
      chmodSync(path, mode);
      resolve();
    });
    process.umask(umask);
  });
}
