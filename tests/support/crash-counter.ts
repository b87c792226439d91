import { connect, type Socket } from 'node:net';
import type { CounterCommand } from '#protocol/counter/command.js';
import { encodeFrame, FrameReader, readToScreen } from '#protocol/counter/socket.js';
import type { CounterView, ScreenName, ScreenView } from '#protocol/counter/view.js';

export type BodyOf<S extends ScreenName> = Extract<ScreenView, { readonly screen: S }>;

/** The agent's end of the socket is gone: it was killed. */
export class AgentGone extends Error {}

const VIEW_MS = 30_000;

type Waiter = {
  readonly fits: (view: CounterView) => boolean;
  readonly resolve: (view: CounterView) => void;
  readonly reject: (error: Error) => void;
};

/** A screen without a screen: hears views and gives commands on the counter's unix socket, as the terminal does. */
export class CounterClient {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  readonly #waiters = new Set<Waiter>();
  readonly #listeners = new Set<(view: CounterView) => void>();
  #view: CounterView | undefined;
  #gone = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes) => this.#take(bytes));
    socket.on('error', () => this.#end());
    socket.on('close', () => this.#end());
  }

  static open(path: string): Promise<CounterClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      socket.once('connect', () => resolve(new CounterClient(socket)));
      socket.once('error', () => reject(new AgentGone(`nobody listens at ${path}`)));
    });
  }

  get last(): CounterView | undefined {
    return this.#view;
  }

  onView(listener: (view: CounterView) => void): void {
    this.#listeners.add(listener);
  }

  command(command: CounterCommand): void {
    if (this.#gone) throw new AgentGone('the agent is gone');
    this.#socket.write(encodeFrame({ t: 'command', command }));
  }

  /** The newest view if it fits, else the first later one that does. Rejects with `AgentGone` when the agent dies first. */
  waitForView(what: string, fits: (view: CounterView) => boolean): Promise<CounterView> {
    if (this.#gone) return Promise.reject(new AgentGone('the agent is gone'));
    if (this.#view !== undefined && fits(this.#view)) return Promise.resolve(this.#view);
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        fits,
        resolve: (view) => {
          end();
          resolve(view);
        },
        reject: (error) => {
          end();
          reject(error);
        },
      };
      const timer = setTimeout(() => waiter.reject(new Error(`no ${what} within ${VIEW_MS} ms; the screen shows ${this.#told()}`)), VIEW_MS);
      this.#waiters.add(waiter);
    });
  }

  /** The same for screens by name. */
  async waitForScreen<S extends ScreenName>(...names: readonly S[]): Promise<BodyOf<S>> {
    const isOne = (body: ScreenView): body is BodyOf<S> => names.some((name) => name === body.screen);
    const { body } = await this.waitForView(names.join(' or '), (view) => isOne(view.body));
    if (!isOne(body)) throw new Error('the predicate said so');
    return body;
  }

  close(): void {
    this.#socket.destroy();
    this.#end();
  }

  #told(): string {
    return (
      JSON.stringify(this.#view?.body, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))?.slice(0, 2000) ?? 'nothing'
    );
  }

  #take(bytes: Buffer): void {
    const bodies = this.#reader.feed(bytes);
    if (!bodies.ok) throw new Error(bodies.error.detail);
    for (const body of bodies.value) {
      const read = readToScreen(body);
      if (!read.ok) throw new Error(`the agent sent what is no view: ${read.error.detail}`);
      this.#show(read.value.view);
    }
  }

  #show(view: CounterView): void {
    this.#view = view;
    for (const listener of this.#listeners) listener(view);
    for (const waiter of this.#waiters) if (waiter.fits(view)) waiter.resolve(view);
  }

  #end(): void {
    this.#gone = true;
    for (const waiter of this.#waiters) waiter.reject(new AgentGone('the agent is gone'));
  }
}
