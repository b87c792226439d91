import { createServer, type Server, type Socket } from 'node:net';
import { listen } from './control.js';

/** The network socket of a virtual device. Unplugged it refuses callers and cuts those it has; plugged again it stands at the same port. */
export class Door {
  readonly host: string;
  readonly callers = new Set<Socket>();
  private readonly greet: (socket: Socket) => void;
  private server: Server | undefined;
  private portNow: number;

  constructor(host: string, port: number, greet: (socket: Socket) => void) {
    this.host = host;
    this.portNow = port;
    this.greet = greet;
  }

  get port(): number {
    return this.portNow;
  }

  get standing(): 'plugged' | 'unplugged' {
    return this.server === undefined ? 'unplugged' : 'plugged';
  }

  async plug(): Promise<void> {
    if (this.server !== undefined) return;
    const server = createServer((socket) => {
      this.callers.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.callers.delete(socket));
      this.greet(socket);
    });
    const place = await listen(server, { host: this.host, port: this.portNow });
    this.server = server;
    if ('port' in place) this.portNow = place.port;
  }

  async unplug(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    for (const caller of this.callers) caller.destroy();
    this.callers.clear();
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  }
}
