import { createServer, type Socket } from 'node:net';
import { systemTimers, within } from '../../../../firmware-agent/devices/timers.js';

/** A unix socket that QEMU dials. */
export type Inlet = {
  readonly path: string;
  /** QEMU's end. Rejects when it does not come in time. */
  readonly socket: () => Promise<Socket>;
  readonly close: () => void;
};

const DIAL_LIMIT_MS = 30_000;

export async function openInlet(path: string): Promise<Inlet> {
  const server = createServer();
  const first = new Promise<Socket>((resolve) => {
    server.once('connection', resolve);
  });
  let dialled: Socket | undefined;
  void first.then((socket) => {
    dialled = socket;
    // The machine may end at any moment; its end is seen elsewhere.
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve());
  });
  return {
    path,
    async socket() {
      const socket = await within(systemTimers, DIAL_LIMIT_MS, first);
      if (socket === 'late') throw new Error(`QEMU did not dial ${path} within ${DIAL_LIMIT_MS} ms`);
      return socket;
    },
    close() {
      dialled?.destroy();
      server.close();
    },
  };
}
