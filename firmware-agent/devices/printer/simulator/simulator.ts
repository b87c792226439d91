import { createServer, type Server, type Socket } from 'node:net';
import { PAPER_DOTS, type PaperWidth } from '#protocol/receipt/paper.js';
import { listen, startControl, type ControlAnswer, type ControlPlace } from '../../control.js';
import type { Unsubscribe } from '../../ports.js';
import { printerOrder, type PrinterOrder } from './condition.js';
import { PaperFolder, type Paper } from './strip.js';
import { VirtualPrinter } from './virtual-printer.js';

export type PrinterSimulatorOptions = {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly width: PaperWidth;
  /** Made when absent; papers are 001.png, 002.png … */
  readonly paperFolder: string;
  readonly control?: ControlPlace;
};

export type PrinterSimulator = {
  readonly host: string;
  readonly port: number;
  readonly control: ControlPlace | undefined;
  readonly order: (order: PrinterOrder) => Promise<Record<string, unknown>>;
  readonly onPaper: (listener: (paper: Paper) => void) => Unsubscribe;
  readonly close: () => Promise<void>;
};

const FEED_MS = 20;

type Speed = { readonly kind: 'full' } | { readonly kind: 'stalled' } | { readonly kind: 'slow'; readonly bytesPerSecond: number };

/** The cable: one client at a time as on a real port 9100, the others wait; pulled, slowed and stalled on order. */
class Cable {
  private readonly printer: VirtualPrinter;
  private clients: Socket[] = [];
  private speed: Speed = { kind: 'full' };
  private held: Buffer[] = [];
  private feeding: NodeJS.Timeout | undefined;
  private fuse: { bytes: number; readonly then: () => void } | undefined;

  constructor(printer: VirtualPrinter) {
    this.printer = printer;
  }

  say(bytes: Uint8Array): void {
    const [client] = this.clients;
    if (client !== undefined && !client.destroyed) client.write(bytes);
  }

  attach(socket: Socket): void {
    this.clients.push(socket);
    if (this.clients.length > 1) socket.pause();
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.arrive(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      this.clients = this.clients.filter((client) => client !== socket);
      if (this.speed.kind !== 'stalled') this.clients[0]?.resume();
    });
  }

  run(speed: Speed): void {
    this.speed = speed;
    clearInterval(this.feeding);
    this.feeding = undefined;
    if (speed.kind === 'stalled') return void this.clients[0]?.pause();
    this.clients[0]?.resume();
    if (speed.kind === 'slow') this.feeding = setInterval(() => this.trickle(Math.ceil((speed.bytesPerSecond * FEED_MS) / 1_000)), FEED_MS);
    else this.trickle(Number.MAX_SAFE_INTEGER);
  }

  /** Does something when so many more bytes have been taken in; at once for none. */
  after(bytes: number, then: () => void): void {
    this.fuse = undefined;
    if (bytes === 0) then();
    else this.fuse = { bytes, then };
  }

  /** Every client is cut off; what had not been taken in is lost with the line. */
  dropAll(): void {
    this.fuse = undefined;
    this.held = [];
    for (const client of this.clients) client.destroy();
  }

  stop(): void {
    clearInterval(this.feeding);
    this.dropAll();
  }

  private arrive(chunk: Buffer): void {
    if (this.speed.kind === 'full') return this.take(chunk);
    this.held.push(chunk);
  }

  private trickle(bytes: number): void {
    let left = bytes;
    while (left > 0 && this.held.length > 0 && this.speed.kind !== 'stalled') {
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
    fuse.then();
  }
}

/** A receipt printer on a TCP port, true to the wire: what prints here was really sent, and it fails on order. */
export async function startPrinterSimulator(options: PrinterSimulatorOptions): Promise<PrinterSimulator> {
  const listeners = new Set<(paper: Paper) => void>();
  const printer = new VirtualPrinter(PAPER_DOTS[options.width], new PaperFolder(options.paperFolder), (bytes) => cable.say(bytes));
  const cable = new Cable(printer);
  printer.onPaper = (paper) => {
    for (const listener of listeners) listener(paper);
  };
  let server: Server | undefined = createServer((socket) => cable.attach(socket));
  const place = await listen(server, { host: options.host, port: options.port });
  const port = 'port' in place ? place.port : options.port;

  const unplug = async (): Promise<void> => {
    const open = server;
    server = undefined;
    if (open === undefined) return;
    const closed = new Promise<void>((resolve) => {
      open.close(() => resolve());
    });
    cable.dropAll();
    await closed;
  };
  const plug = async (): Promise<void> => {
    if (server !== undefined) return;
    server = createServer((socket) => cable.attach(socket));
    await listen(server, { host: options.host, port });
  };
  const state = (): Record<string, unknown> => ({ ...printer.state(), line: server === undefined ? 'unplugged' : 'plugged' });

  const order = async (wanted: PrinterOrder): Promise<Record<string, unknown>> => {
    if (wanted.do === 'state') return state();
    if (wanted.do === 'unplug') {
      let done: Promise<void> | undefined;
      cable.after(wanted.afterBytes ?? 0, () => {
        if (wanted.power === 'off') printer.powerCycle();
        done = unplug();
      });
      await done;
    } else if (wanted.do === 'plug') await plug();
    else if (wanted.do === 'slow') cable.run({ kind: 'slow', bytesPerSecond: wanted.bytesPerSecond });
    else if (wanted.do === 'stall') cable.after(wanted.afterBytes ?? 0, () => cable.run({ kind: 'stalled' }));
    else {
      if (wanted.do === 'normal') {
        cable.run({ kind: 'full' });
        await plug();
      }
      printer.order(wanted);
    }
    return state();
  };
  const perform = async (wanted: PrinterOrder): Promise<ControlAnswer> => ({ ok: true, state: await order(wanted) });
  const control = options.control === undefined ? undefined : await startControl(options.control, printerOrder, perform);

  return {
    host: options.host,
    port,
    control: control?.place,
    order,
    onPaper(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      await control?.close();
      cable.stop();
      await unplug();
    },
  };
}
