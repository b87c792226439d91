import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

export type Direction = 'to-hub' | 'to-kiosk';

type Pair = { readonly kiosk: Socket; readonly hub: Socket };

/** The line between one kiosk and its hub: it can be cut, and either direction can be stopped with the bytes kept. It sees only TLS. */
export class Wire {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  readonly #held = new Set<Direction>();
  #hubPort: number | undefined;
  #onNext: { readonly direction: Direction; readonly run: () => void } | undefined;
  port = 0;

  constructor() {
    this.#server = createServer((socket) => this.#join(socket));
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  /** Leads to the hub from now on. */
  mend(hubPort: number): void {
    this.#hubPort = hubPort;
  }

  /** Every connection ends; new ones are refused until `mend`. */
  cut(): void {
    this.#hubPort = undefined;
    this.#held.clear();
    this.#onNext = undefined;
    for (const { kiosk, hub } of this.#pairs) {
      kiosk.destroy();
      hub.destroy();
    }
  }

  /** Bytes in this direction stop here and are kept. */
  hold(direction: Direction): void {
    this.#held.add(direction);
    for (const pair of this.#pairs) from(pair, direction).pause();
  }

  release(): void {
    this.#held.clear();
    for (const pair of this.#pairs) {
      pair.kiosk.resume();
      pair.hub.resume();
    }
  }

  /** Does something right after the next bytes in one direction were passed on. */
  afterNext(direction: Direction, run: () => void): void {
    this.#onNext = { direction, run };
  }

  close(): Promise<void> {
    this.cut();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #join(kiosk: Socket): void {
    if (this.#hubPort === undefined) return void kiosk.destroy();
    const hub = connect(this.#hubPort, '127.0.0.1');
    const pair = { kiosk, hub };
    this.#pairs.add(pair);
    const end = (): void => {
      this.#pairs.delete(pair);
      kiosk.destroy();
      hub.destroy();
    };
    for (const socket of [kiosk, hub]) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
    kiosk.on('data', (bytes) => this.#pass('to-hub', bytes, hub));
    hub.on('data', (bytes) => this.#pass('to-kiosk', bytes, kiosk));
    for (const direction of this.#held) from(pair, direction).pause();
  }

  #pass(direction: Direction, bytes: Buffer, to: Socket): void {
    if (!to.destroyed) to.write(bytes);
    const next = this.#onNext;
    if (next?.direction !== direction) return;
    this.#onNext = undefined;
    next.run();
  }
}

function from(pair: Pair, direction: Direction): Socket {
  return direction === 'to-hub' ? pair.kiosk : pair.hub;
}
