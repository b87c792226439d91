import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { RawAppend } from '../measure/disk.js';

/** Flushes that a receipt in the delayed mode cannot do without: the sale, and that its paper was begun. */
const FLUSHES = 2;

/** What a receipt costs at least on this machine: two durable writes, and its bytes over a local line. */
export class ReceiptFloor {
  readonly #raw: RawAppend;
  readonly #server: Server;
  readonly #line: Socket;
  #wanted = 0;
  #arrived: () => void = () => undefined;

  private constructor(raw: RawAppend, server: Server, line: Socket) {
    this.#raw = raw;
    this.#server = server;
    this.#line = line;
  }

  static async open(raw: RawAppend): Promise<ReceiptFloor> {
    const holder: { floor: ReceiptFloor | undefined } = { floor: undefined };
    const server = createServer((socket) => {
      socket.on('data', (bytes) => holder.floor?.count(bytes.length));
      socket.on('error', () => socket.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const line = connect((server.address() as AddressInfo).port, '127.0.0.1');
    line.setNoDelay(true);
    await new Promise<void>((resolve) => line.once('connect', () => resolve()));
    holder.floor = new ReceiptFloor(raw, server, line);
    return holder.floor;
  }

  private count(bytes: number): void {
    this.#wanted -= bytes;
    if (this.#wanted <= 0) this.#arrived();
  }

  /** Milliseconds for a receipt of so many bytes. */
  async once(bytes: number): Promise<number> {
    const receipt = Buffer.alloc(bytes);
    const begun = performance.now();
    for (let i = 0; i < FLUSHES; i += 1) this.#raw.once();
    this.#wanted = bytes;
    await new Promise<void>((resolve) => {
      this.#arrived = resolve;
      this.#line.write(receipt);
    });
    return performance.now() - begun;
  }

  close(): Promise<void> {
    this.#line.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
