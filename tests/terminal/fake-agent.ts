import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CounterCommand } from '#protocol/counter/command.js';
import { FrameReader, encodeFrame, readToAgent } from '#protocol/counter/socket.js';
import type { CounterView } from '#protocol/counter/view.js';

type Answer = (command: CounterCommand) => CounterView | undefined;

/** The other end of the counter socket: speaks the real frames, shows what the test tells it to, and notes what it is asked. */
export class FakeAgent {
  readonly path: string;
  readonly commands: CounterCommand[] = [];
  readonly #folder: string;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #view: CounterView;
  #answer: Answer = () => undefined;
  #arrived: (() => void) | undefined;

  private constructor(folder: string, view: CounterView) {
    this.#folder = folder;
    this.#view = view;
    this.path = join(folder, 'counter.sock');
  }

  static async start(view: CounterView): Promise<FakeAgent> {
    const agent = new FakeAgent(await mkdtemp(join(tmpdir(), 'jharokha-terminal-')), view);
    await agent.listen();
    return agent;
  }

  listen(): Promise<void> {
    const server = createServer((socket) => this.#serve(socket));
    this.#server = server;
    return new Promise((resolve) => server.listen(this.path, resolve));
  }

  /** What each command leads to; undefined shows nothing new. */
  answers(answer: Answer): void {
    this.#answer = answer;
  }

  show(...views: readonly CounterView[]): void {
    this.#view = views.at(-1) ?? this.#view;
    // One write: a slow screen finds several views at once and draws the newest.
    const burst = Buffer.concat(views.map((view) => encodeFrame({ t: 'view', view })));
    for (const socket of this.#sockets) socket.write(burst);
  }

  /** Bytes that are no frame of ours. */
  babble(bytes: Uint8Array): void {
    for (const socket of this.#sockets) socket.write(bytes);
  }

  /** The command number `count`, when it is there. */
  async command(count: number): Promise<CounterCommand> {
    while (this.commands.length < count) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
    const found = this.commands[count - 1];
    if (found === undefined) throw new Error(`no command ${count}`);
    return found;
  }

  /** The agent goes away, as when it is killed: the socket is cut and nobody listens. */
  vanish(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    return new Promise((resolve) => (this.#server === undefined ? resolve() : this.#server.close(() => resolve())));
  }

  async close(): Promise<void> {
    await this.vanish();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #serve(socket: Socket): void {
    const reader = new FrameReader();
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (bytes: Buffer) => {
      const bodies = reader.feed(bytes);
      for (const body of bodies.ok ? bodies.value : []) this.#take(body);
    });
    socket.write(encodeFrame({ t: 'view', view: this.#view }));
  }

  #take(body: Uint8Array): void {
    const frame = readToAgent(body);
    if (!frame.ok) throw new Error(`the screen sent what the door does not know: ${frame.error.detail}`);
    this.commands.push(frame.value.command);
    const next = this.#answer(frame.value.command);
    if (next !== undefined) this.show(next);
    this.#arrived?.();
  }
}
