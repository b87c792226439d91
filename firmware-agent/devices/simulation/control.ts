import { lstatSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { z } from 'zod';
import { describeOrders, type OrderText } from './describe-orders.js';

/** Where a simulator takes its orders: a unix socket path, or a loopback TCP port (0: any). */
export type ControlPlace = { readonly path: string } | { readonly host: string; readonly port: number };

/** What is answered to one order: one JSON object a line. */
export type ControlAnswer = { readonly ok: true; readonly state: unknown } | { readonly ok: false; readonly error: string };

/** The answer to `{"do":"orders"}`, which every simulator understands without a word of its own. */
type OrdersAnswer = { readonly ok: true; readonly orders: readonly OrderText[] };

export type ControlServer = { readonly place: ControlPlace; readonly close: () => Promise<void> };

const LONGEST_LINE = 64 * 1024;

/** Takes orders as JSON lines from any number of clients, one answer a line, in order. A line that is no order is answered and changes nothing. */
export async function startControl<O>(
  place: ControlPlace,
  schema: z.ZodType<O>,
  perform: (order: O) => Promise<ControlAnswer>,
): Promise<ControlServer> {
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    clients.add(socket);
    socket.on('close', () => clients.delete(socket));
    socket.on('error', () => socket.destroy());
    serve(socket, async (line) => {
      if (asksForOrders(line)) return { ok: true, orders: describeOrders(schema) };
      const order = parse(line, schema);
      return order.ok ? perform(order.order) : order;
    });
  });
  if ('path' in place) await dropOldSocket(place.path);
  const bound = await listen(server, place);
  return {
    place: bound,
    async close() {
      for (const client of clients) client.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

/** A process that was killed leaves its socket behind; a living one's, and anything else at that path, is not ours to remove. */
async function dropOldSocket(path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return;
  if (await isAnswered(path)) throw new Error(`another simulator takes orders at ${path}; end it first, or give another --control`);
  rmSync(path, { force: true });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const knock = connect(path, () => {
      knock.destroy();
      resolve(true);
    });
    knock.on('error', () => resolve(false));
  });
}

function serve(socket: Socket, answer: (line: string) => Promise<ControlAnswer | OrdersAnswer>): void {
  let unread = '';
  let last: Promise<void> = Promise.resolve();
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const lines = (unread + chunk).split('\n');
    unread = lines.pop() ?? '';
    if (unread.length > LONGEST_LINE) return void socket.destroy();
    for (const line of lines.filter((text) => text.trim() !== '')) {
      last = last.then(async () => {
        const text = JSON.stringify(await answer(line));
        if (!socket.destroyed) socket.write(`${text}\n`);
      });
    }
  });
}

function asksForOrders(line: string): boolean {
  return /^\s*\{\s*"do"\s*:\s*"orders"\s*\}\s*$/u.test(line);
}

function parse<O>(line: string, schema: z.ZodType<O>): { readonly ok: true; readonly order: O } | { readonly ok: false; readonly error: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { ok: false, error: 'not a line of JSON' };
  }
  const order = schema.safeParse(value);
  return order.success ? { ok: true, order: order.data } : { ok: false, error: order.error.issues.map((issue) => issue.message).join('; ') };
}

/** Listens, and tells the port it was given. */
export function listen(server: Server, place: ControlPlace): Promise<ControlPlace> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen('path' in place ? { path: place.path } : { host: place.host, port: place.port }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve('path' in place || address === null || typeof address === 'string' ? place : { host: place.host, port: address.port });
    });
  });
}
