import { connect, type Socket } from 'node:net';
import type { CounterCommand } from '#protocol/counter/command.js';
import { encodeFrame, FrameReader, readToScreen } from '#protocol/counter/socket.js';
import type { CounterView, ScreenName, ScreenView } from '#protocol/counter/view.js';

/** Long enough for the slowest documented wait of the counter; a guard against hanging, never a measure. */
export const PATIENCE_MS = 18_000;

export type Body<S extends ScreenName> = Extract<ScreenView, { readonly screen: S }>;

type Watcher = { readonly look: (view: CounterView) => void; readonly fail: (error: Error) => void };

/** A screen without a face: what the operator's screen is to the agent, over the same unix socket. */
export class CounterClient {
  readonly #socket: Socket;
  readonly #watchers = new Set<Watcher>();
  #newest: CounterView | undefined;
  /** Resolves when the agent or the test has closed the socket. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const reader = new FrameReader();
    socket.on('data', (bytes) => {
      const frames = reader.feed(bytes);
      if (!frames.ok) return this.#fail(new Error(frames.error.detail));
      for (const body of frames.value) {
        const read = readToScreen(body);
        if (!read.ok) return this.#fail(new Error(`the agent sent what is not a view: ${read.error.detail}`));
        this.#newest = read.value.view;
        for (const watcher of this.#watchers) watcher.look(read.value.view);
      }
    });
    socket.on('error', () => socket.destroy());
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.once('close', () => this.#fail(new Error('the counter closed its socket')));
  }

  /** Resolves with the first view seen. */
  static async connect(path: string): Promise<CounterClient> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const client = new CounterClient(socket);
    await client.when(() => true, 'a first view');
    return client;
  }

  get view(): CounterView {
    if (this.#newest === undefined) throw new Error('no view has come yet');
    return this.#newest;
  }

  send(command: CounterCommand): void {
    this.#socket.write(encodeFrame({ t: 'command', command }));
  }

  /** Bytes as they are: what a broken screen would send. */
  sendBytes(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** The first view, the present one included, that passes. */
  when(test: (view: CounterView) => boolean, what: string, patienceMs = PATIENCE_MS): Promise<CounterView> {
    if (this.#newest !== undefined && test(this.#newest)) return Promise.resolve(this.#newest);
    return new Promise((resolve, reject) => {
      const end = (act: () => void): void => {
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        act();
      };
      const watcher: Watcher = {
        look: (view) => test(view) && end(() => resolve(view)),
        fail: (error) => end(() => reject(error)),
      };
      const late = (): Error => new Error(`waited for ${what}; the counter shows ${this.#shown()}`);
      const timer = setTimeout(() => end(() => reject(late())), patienceMs);
      this.#watchers.add(watcher);
    });
  }

  /** The body of the first view of one screen that passes. */
  async until<S extends ScreenName>(screen: S, test: (body: Body<S>) => boolean = () => true, patienceMs = PATIENCE_MS): Promise<Body<S>> {
    const fits = (body: ScreenView): body is Body<S> => body.screen === screen && test(body as Body<S>);
    const view = await this.when(({ body }) => fits(body), `the screen ${screen}`, patienceMs);
    return view.body as Body<S>;
  }

  close(): void {
    this.#socket.destroy();
  }

  #fail(error: Error): void {
    for (const watcher of this.#watchers) watcher.fail(error);
  }

  #shown(): string {
    return JSON.stringify(this.#newest?.body, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)).slice(0, 700);
  }
}
