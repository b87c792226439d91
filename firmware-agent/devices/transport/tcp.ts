import { connect, type Socket } from 'node:net';
import { failure, ok, type Result } from '#protocol/result/result.js';
import { givenUpFault, Line, type Connection, type OpenFault, type Transport } from './transport.js';

export type TcpAddress = { readonly host: string; readonly port: number };

/** A half-open line to a printer that lost its power is noticed by the kernel after about this long. */
const KEEP_ALIVE_MS = 5_000;

/** A device with a network socket (port 9100 on printers), or one behind a serial server. */
export function tcpTransport({ host, port }: TcpAddress): Transport {
  const name = `tcp ${host}:${port}`;
  return { name, open: (givenUp) => openSocket(name, { host, port }, givenUp) };
}

function openSocket(name: string, { host, port }: TcpAddress, givenUp: AbortSignal | undefined): Promise<Result<Connection, OpenFault>> {
  return new Promise((resolve) => {
    if (givenUp?.aborted === true) return resolve(givenUpFault(name));
    const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
    const failed = (error: Error): void => resolve(failure('absent', `${name}: ${error.message}`));
    socket.once('error', failed);
    // The kernel dials on for minutes, and a device that takes one line at a time would take this one, late, and keep the next one out.
    const giveUp = (): void => {
      socket.destroy();
      resolve(givenUpFault(name));
    };
    givenUp?.addEventListener('abort', giveUp, { once: true });
    socket.once('connect', () => {
      socket.off('error', failed);
      resolve(ok(connectionOf(socket, name)));
    });
  });
}

/** Wraps an open socket; also how a server (a simulator) takes one that dialled in. */
export function connectionOf(socket: Socket, name: string): Connection {
  const line = new Line();
  socket.on('data', (chunk: Buffer) => line.bytes(chunk));
  socket.on('error', (error) => line.end(`${name}: ${error.message}`));
  socket.on('end', () => socket.destroy());
  socket.on('close', () => line.end(`${name}: closed by the device`));
  return {
    write: (bytes) =>
      new Promise((resolve) => {
        if (line.why !== undefined || socket.destroyed) return resolve(failure('lost', line.why ?? `${name}: closed`));
        const stop = line.onClose((why) => resolve(failure('lost', why)));
        socket.write(bytes, (error) => {
          stop();
          resolve(error === undefined || error === null ? ok(undefined) : failure('lost', `${name}: ${error.message}`));
        });
      }),
    onBytes: (listener) => line.onBytes(listener),
    onClose: (listener) => line.onClose(listener),
    close: () =>
      new Promise((resolve) => {
        line.end(`${name}: closed here`);
        if (socket.closed) return resolve();
        socket.once('close', () => resolve());
        socket.destroy();
      }),
  };
}
