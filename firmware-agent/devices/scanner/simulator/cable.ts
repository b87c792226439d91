import { connect, createServer, type Server, type Socket } from 'node:net';
import { listen } from '../../simulation/control.js';
import { connectionOf } from '../../transport/tcp.js';
import type { Connection } from '../../transport/transport.js';

/** `serve`: waits for the reader, like a scanner behind a serial server. `dial`: calls the reader. */
export type ScannerLine = { readonly way: 'serve' | 'dial'; readonly host: string; readonly port: number };

/** The plug of a virtual scanner. */
export class Cable {
  private readonly line: ScannerLine;
  private readonly attached: (line: Connection) => void;
  private server: Server | undefined;
  private readonly lines = new Set<Connection>();
  port: number;

  constructor(line: ScannerLine, attached: (line: Connection) => void) {
    this.line = line;
    this.attached = attached;
    this.port = line.port;
  }

  get readers(): number {
    return this.lines.size;
  }

  get isPlugged(): boolean {
    return this.server !== undefined || this.lines.size > 0;
  }

  async plug(): Promise<void> {
    if (this.isPlugged) return;
    if (this.line.way === 'dial') return this.dial();
    this.server = createServer((socket) => this.attach(socket));
    const place = await listen(this.server, { host: this.line.host, port: this.port });
    if ('port' in place) this.port = place.port;
  }

  async unplug(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    await Promise.all([...this.lines].map((line) => line.close()));
    this.lines.clear();
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  }

  private dial(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: this.line.host, port: this.port });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        this.attach(socket);
        resolve();
      });
    });
  }

  private attach(socket: Socket): void {
    socket.setNoDelay(true);
    const line = connectionOf(socket, 'reader');
    this.lines.add(line);
    line.onClose(() => this.lines.delete(line));
    this.attached(line);
  }
}
