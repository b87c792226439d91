import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A receipt as it came over the line. */
export type Job = { readonly bytes: number; readonly lastByteAt: number };

type Length = number | 'raster';

/** Bytes of each command that our driver sends, by its first two; the raster command says its length itself. */
const COMMANDS: Readonly<Record<number, Length>> = {
  0x1004: 3,
  0x1005: 3,
  0x1014: 10,
  0x1b40: 2,
  0x1b61: 3,
  0x1b70: 5,
  0x1d49: 3,
  0x1d56: 4,
  0x1d61: 3,
  0x1d72: 3,
  0x1d76: 'raster',
};
const RASTER_HEAD = 8;
const [ASK_STATUS, ASK_NAME, CUT, TELL_CHANGES, ASK_PAPER, RASTER] = [0x1004, 0x1d49, 0x1d56, 0x1d61, 0x1d72, 0x1d76];

const WELL = Uint8Array.of(0x12);
const NO_CHANGE = Uint8Array.of(0x10, 0, 0, 0);
const PAPER_IS_THERE = Uint8Array.of(0);
const NAME = Buffer.from('\x5fBENCH\0', 'latin1');

/**
 * The peer of the agent's printer: answers as a printer in good health and notes when the last byte of a job, its cut, arrived. It draws nothing,
 * so that no work of ours is measured with the agent's.
 */
export class PrinterSink {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #held: Buffer = Buffer.alloc(0);
  #dots = 0;
  #jobBytes = 0;
  #done: Job | undefined;
  #wake: () => void = () => undefined;

  private constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('data', (bytes: Buffer) => this.#take(socket, bytes, performance.now()));
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async open(): Promise<PrinterSink> {
    const sink = new PrinterSink();
    await new Promise<void>((resolve) => sink.#server.listen(0, '127.0.0.1', resolve));
    return sink;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The next whole job; it may have come already. */
  async job(): Promise<Job> {
    while (this.#done === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const done = this.#done;
    this.#done = undefined;
    return done;
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #take(socket: Socket, bytes: Buffer, at: number): void {
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    let from = 0;
    while (from < this.#held.length) {
      const used = this.#dots > 0 ? this.#skipDots(from) : this.#command(socket, this.#held.subarray(from), at);
      if (used === 0) break;
      from += used;
    }
    this.#held = this.#held.subarray(from);
  }

  #skipDots(from: number): number {
    const used = Math.min(this.#dots, this.#held.length - from);
    this.#dots -= used;
    this.#jobBytes += used;
    return used;
  }

  /** Obeys one command at the start of the bytes; 0 while it is not whole. */
  #command(socket: Socket, bytes: Buffer, at: number): number {
    if (bytes[0] === 0) return 1;
    if (bytes.length < 2) return 0;
    const kind = bytes.readUInt16BE(0);
    const known = COMMANDS[kind];
    if (known === undefined) throw new Error(`the printer got a command that it does not know: ${bytes.subarray(0, 8).toString('hex')}`);
    const length = known === 'raster' ? RASTER_HEAD : known;
    if (bytes.length < length) return 0;
    if (kind === RASTER) this.#dots = bytes.readUInt16LE(4) * bytes.readUInt16LE(6);
    if (kind === RASTER || kind === CUT) this.#jobBytes += length;
    if (kind === CUT) this.#end(at);
    if (kind === ASK_STATUS) socket.write(WELL);
    if (kind === ASK_NAME) socket.write(NAME);
    if (kind === TELL_CHANGES) socket.write(NO_CHANGE);
    if (kind === ASK_PAPER) socket.write(PAPER_IS_THERE);
    return length;
  }

  /** A cut without dots before it only clears what hung out of the printer. */
  #end(lastByteAt: number): void {
    const bytes = this.#jobBytes;
    this.#jobBytes = 0;
    if (bytes < 1_000) return;
    this.#done = { bytes, lastByteAt };
    this.#wake();
  }
}
