import type { Socket } from 'node:net';

const FEED_MS = 20;

export type Speed = { readonly kind: 'full' } | { readonly kind: 'stalled' } | { readonly kind: 'slow'; readonly bytesPerSecond: number };

/** What hangs at the far end. */
type Taker = { readonly receive: (bytes: Uint8Array) => void };

/** The cable: one client at a time as on a real port 9100, the others wait; pulled, slowed and stalled on order. */
export class Cable {
  private readonly printer: Taker;
  /** A printer that can not print takes no bytes. */
  private taker: 'busy' | 'free' = 'free';
  private clients: Socket[] = [];
  private speed: Speed = { kind: 'full' };
  private held: Buffer[] = [];
  private feeding: NodeJS.Timeout | undefined;
  private lateMs = 0;
  /** Answers that are on their way. */
  private readonly underWay = new Set<NodeJS.Timeout>();
  private fuse: { bytes: number; readonly run: () => void } | undefined;

  constructor(printer: Taker) {
    this.printer = printer;
  }

  say(bytes: Uint8Array): void {
    if (this.lateMs === 0) return this.deliver(bytes);
    const timer = setTimeout(() => {
      this.underWay.delete(timer);
      this.deliver(bytes);
    }, this.lateMs);
    this.underWay.add(timer);
  }

  /** From now on answers come so much later. */
  late(afterMs: number): void {
    this.lateMs = afterMs;
  }

  private deliver(bytes: Uint8Array): void {
    const [client] = this.clients;
    if (client !== undefined && !client.destroyed) client.write(bytes);
  }

  attach(socket: Socket): void {
    this.clients.push(socket);
    if (this.clients.length > 1 || this.taker === 'busy') socket.pause();
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.arrive(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      this.clients = this.clients.filter((client) => client !== socket);
      if (this.speed.kind !== 'stalled' && this.taker === 'free') this.clients[0]?.resume();
    });
  }

  run(speed: Speed): void {
    this.speed = speed;
    clearInterval(this.feeding);
    this.feeding = undefined;
    if (speed.kind === 'stalled') return void this.clients[0]?.pause();
    if (this.taker === 'free') this.clients[0]?.resume();
    if (speed.kind === 'slow') this.feeding = setInterval(() => this.trickle(Math.ceil((speed.bytesPerSecond * FEED_MS) / 1_000)), FEED_MS);
    else this.trickle(Number.MAX_SAFE_INTEGER);
  }

  hold(state: 'busy' | 'free'): void {
    this.taker = state;
    if (state === 'busy') return void this.clients[0]?.pause();
    if (this.speed.kind === 'stalled') return;
    this.clients[0]?.resume();
    if (this.speed.kind === 'full') this.trickle(Number.MAX_SAFE_INTEGER);
  }

  /** Does something when so many more bytes have been taken in; at once for none. */
  after(bytes: number, run: () => void): void {
    this.fuse = undefined;
    if (bytes === 0) run();
    else this.fuse = { bytes, run };
  }

  /** Every client is cut off; what had not been taken in is lost with the line. */
  dropAll(): void {
    this.fuse = undefined;
    this.held = [];
    for (const timer of this.underWay) clearTimeout(timer);
    this.underWay.clear();
    for (const client of this.clients) client.destroy();
  }

  stop(): void {
    clearInterval(this.feeding);
    this.dropAll();
  }

  private arrive(chunk: Buffer): void {
    if (this.speed.kind === 'full' && this.taker === 'free') return this.take(chunk);
    this.held.push(chunk);
  }

  private trickle(bytes: number): void {
    let left = bytes;
    while (left > 0 && this.held.length > 0 && this.speed.kind !== 'stalled' && this.taker === 'free') {
      const chunk = this.held.shift() ?? Buffer.alloc(0);
      if (chunk.length > left) this.held.unshift(chunk.subarray(left));
      this.take(chunk.subarray(0, left));
      left -= Math.min(left, chunk.length);
    }
  }

  private take(chunk: Buffer): void {
    const { fuse } = this;
    if (fuse === undefined) return this.printer.receive(chunk);
    const now = chunk.subarray(0, fuse.bytes);
    fuse.bytes -= now.length;
    this.printer.receive(now);
    if (fuse.bytes > 0) return;
    this.fuse = undefined;
    this.held.unshift(chunk.subarray(now.length));
    fuse.run();
  }
}
