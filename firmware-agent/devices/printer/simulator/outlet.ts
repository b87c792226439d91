import { createServer, type Server } from 'node:net';
import { listen } from '../../simulation/control.js';
import type { Cable } from './cable.js';

/** Where the cable goes in: a listening port, or none while it is pulled. */
export class Outlet {
  private readonly cable: Cable;
  private readonly host: string;
  private server: Server | undefined;

  constructor(cable: Cable, host: string) {
    this.cable = cable;
    this.host = host;
  }

  get isPlugged(): boolean {
    return this.server !== undefined;
  }

  /** Listens, and gives the port. */
  async plug(port: number): Promise<number> {
    if (this.server !== undefined) return port;
    this.server = createServer((socket) => this.cable.attach(socket));
    const place = await listen(this.server, { host: this.host, port });
    return 'port' in place ? place.port : port;
  }

  async unplug(): Promise<void> {
    const open = this.server;
    this.server = undefined;
    if (open === undefined) return;
    const closed = new Promise<void>((resolve) => {
      open.close(() => resolve());
    });
    this.cable.dropAll();
    await closed;
  }
}
