import { createServer, type Server, type Socket } from 'node:net';
import type { CounterCommand } from '#protocol/counter/command.js';
import { encodeFrame, FrameReader, readToAgent } from '#protocol/counter/socket.js';
import type { CounterView } from '#protocol/counter/view.js';
import { listenAt } from './listen.js';

export type CounterSocketInput = {
  readonly path: string;
  readonly view: () => CounterView;
  readonly command: (command: CounterCommand) => void;
  readonly refused: (detail: string) => void;
};

/** Serves views to screens on a unix socket (mode 0660) and takes their commands. A slow screen misses older views, never the newest. */
export class CounterSocket {
  readonly #input: CounterSocketInput;
  readonly #server: Server;
  readonly #screens = new Map<Socket, { pending: boolean }>();
  #due = false;

  constructor(input: CounterSocketInput) {
    this.#input = input;
    this.#server = createServer((socket) => this.#welcome(socket));
  }

  listen(): Promise<void> {
    return listenAt(this.#server, this.#input.path, 0o660);
  }

  #welcome(socket: Socket): void {
    const reader = new FrameReader();
    this.#screens.set(socket, { pending: false });
    socket.on('data', (bytes) => this.#take(socket, reader, bytes));
    socket.on('drain', () => this.#drained(socket));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#screens.delete(socket));
    this.#show(socket);
  }

  #take(socket: Socket, reader: FrameReader, bytes: Buffer): void {
    const frames = reader.feed(bytes);
    if (!frames.ok) {
      this.#input.refused(frames.error.detail);
      socket.destroy();
      return;
    }
    for (const body of frames.value) {
      const read = readToAgent(body);
      if (read.ok) this.#input.command(read.value.command);
      else this.#input.refused(read.error.detail);
    }
  }

  /** Shows the newest view to every screen, once per turn of the event loop however often it is called. */
  push(): void {
    if (this.#due) return;
    this.#due = true;
    setImmediate(() => {
      this.#due = false;
      if (this.#screens.size === 0) return;
      const frame = encodeFrame({ t: 'view', view: this.#input.view() });
      for (const [socket, screen] of this.#screens) {
        if (socket.writableNeedDrain) screen.pending = true;
        else socket.write(frame);
      }
    });
  }

  #drained(socket: Socket): void {
    const screen = this.#screens.get(socket);
    if (screen?.pending !== true) return;
    screen.pending = false;
    this.#show(socket);
  }

  #show(socket: Socket): void {
    socket.write(encodeFrame({ t: 'view', view: this.#input.view() }));
  }

  close(): Promise<void> {
    for (const socket of this.#screens.keys()) socket.destroy();
    // A push that is still due finds nobody: what it would show is closed by then.
    this.#screens.clear();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
