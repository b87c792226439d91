import { createServer, type Server, type Socket } from 'node:net';
import { FrameReader } from '#protocol/counter/socket.js';
import { encodeToTechnician, readToBench } from '#protocol/technician/messages.js';
import { TechnicianSession, type SessionInput } from '../bench/session.js';
import { listenAt } from './listen.js';

export type TechnicianSocketInput = SessionInput & { readonly path: string; readonly refused: (detail: string) => void };

/** Serves the bench on a unix socket (mode 0600). Each connection is a session of its own; whoever sends nonsense is cut off. */
export class TechnicianSocket {
  readonly #input: TechnicianSocketInput;
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  constructor(input: TechnicianSocketInput) {
    this.#input = input;
    this.#server = createServer((socket) => this.#welcome(socket));
  }

  listen(): Promise<void> {
    return listenAt(this.#server, this.#input.path, 0o600);
  }

  #welcome(socket: Socket): void {
    const reader = new FrameReader();
    const session = new TechnicianSession(this.#input);
    this.#open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#open.delete(socket);
      session.end();
    });
    socket.on('data', (bytes) => {
      const frames = reader.feed(bytes);
      if (!frames.ok) return this.#cut(socket, frames.error.detail);
      for (const body of frames.value) {
        const read = readToBench(body);
        if (!read.ok) return this.#cut(socket, read.error.detail);
        void session.take(read.value.id, read.value.ask, (message) => {
          if (!socket.destroyed) socket.write(encodeToTechnician(message));
        });
      }
    });
  }

  #cut(socket: Socket, detail: string): void {
    this.#input.refused(detail);
    socket.destroy();
  }

  close(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
