import { readFileSync } from 'node:fs';
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { unreachable } from '#protocol/result/result.js';
import { SECOND_MS } from '#protocol/time/time.js';
import { EXPORTER_BYTES, EXPORTER_LABEL } from '#protocol/wire/proof.js';
import type { Hub } from '../hub.js';
import { TLS_CERTIFICATE_FILE } from '../operations/layout.js';
import { readBody } from './body.js';
import { matchRoute, textReply, type Reply, type Route, type VisitHead } from './route.js';

/** Takes over a connection that asked for an upgrade (the kiosk link). `socket` is the TLS connection whose exporter binds proofs. */
export type UpgradeHandler = (request: IncomingMessage, socket: TLSSocket, head: Buffer) => void;

export type DoorOptions = {
  readonly hub: Hub;
  /** Port 0 takes any free port. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly routes: readonly Route[];
  /** By path; other upgrades are answered 404. */
  readonly upgrade?: Readonly<Record<string, UpgradeHandler>>;
  /** Told of every unexpected error in a handler; the visitor sees only a number. */
  readonly onDefect: (what: string, error: unknown) => void;
};
export type Door = { readonly port: number; readonly close: () => Promise<void> };

/** Headers and body must be here within these times; an idle connection is kept so long. */
const TIMEOUTS = { handshakeMs: 10 * SECOND_MS, headersMs: 15 * SECOND_MS, requestMs: 30 * SECOND_MS, keepAliveMs: 5 * SECOND_MS } as const;
const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
} as const;

/** 32 bytes that only the two ends of this TLS 1.3 connection know (RFC 9266). */
export function channelOf(socket: TLSSocket): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(socket.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0)));
}

/** Opens the hub's one door: HTTPS with TLS 1.3 only, the hub's Ed25519 key as its certificate's. Rejects when the port can not be had. */
export async function startDoor(options: DoorOptions): Promise<Door> {
  const { hub, listen } = options;
  const server = createServer({
    key: hub.hubKey.private.export({ type: 'pkcs8', format: 'pem' }),
    cert: readFileSync(join(hub.folder, TLS_CERTIFICATE_FILE)),
    minVersion: 'TLSv1.3',
    handshakeTimeout: TIMEOUTS.handshakeMs,
    headersTimeout: TIMEOUTS.headersMs,
    requestTimeout: TIMEOUTS.requestMs,
    keepAliveTimeout: TIMEOUTS.keepAliveMs,
    maxHeaderSize: 8_192,
  });
  const visits = new Visits(options);
  server.on('request', (request, response) => visits.receive(request, response));
  server.on('upgrade', (request, socket, head) => visits.upgrade(request, socket, head));
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  const port = await listening(server, listen);
  return { port, close: () => closing(server, visits) };
}

function listening(server: Server, listen: DoorOptions['listen']): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(listen.port, listen.host, () => {
      server.removeListener('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the door has no port'));
      else resolve(address.port);
    });
  });
}

/** Turns new visitors away, hangs up on the old ones, and waits until no handler works any more. */
async function closing(server: Server, visits: Visits): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  visits.hangUp();
  server.closeAllConnections();
  await Promise.all([closed, visits.idle()]);
}

/** The visits going on, and what may be done with each. */
class Visits {
  readonly #options: DoorOptions;
  readonly #upgraded = new Set<Duplex>();
  readonly #working = new Set<Promise<void>>();
  #defects = 0;

  constructor(options: DoorOptions) {
    this.#options = options;
  }

  receive(request: IncomingMessage, response: ServerResponse): void {
    const work = this.#answer(request, response)
      .catch((error: unknown) => this.#defect(`${request.method ?? ''} ${bare(request)}`, error))
      .then((reply) => send(request, response, reply))
      .finally(() => this.#working.delete(work));
    this.#working.add(work);
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const handler = this.#options.upgrade?.[bare(request)];
    socket.on('error', () => socket.destroy());
    if (handler === undefined || !(socket instanceof TLSSocket)) {
      socket.end(`HTTP/1.1 404 ${STATUS_CODES[404]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    this.#upgraded.add(socket);
    socket.once('close', () => this.#upgraded.delete(socket));
    try {
      handler(request, socket, head);
    } catch (error) {
      this.#defect(`upgrade ${bare(request)}`, error);
      socket.destroy();
    }
  }

  hangUp(): void {
    for (const socket of this.#upgraded) socket.destroy();
  }

  async idle(): Promise<void> {
    while (this.#working.size > 0) await Promise.all(this.#working);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<Reply> {
    const url = parseUrl(request);
    if (url === undefined) return textReply(400, 'not a request this hub understands\n');
    const match = matchRoute(this.#options.routes, request.method ?? '', url.pathname);
    switch (match.kind) {
      case 'none':
        return textReply(404, 'nothing is here\n');
      case 'wrong-method':
        return { ...textReply(405, `only ${match.allowed.join(', ')}\n`), headers: { allow: match.allowed.join(', ') } };
      case 'found': {
        const visit = visitHead(request, response, match.route, url, match.params);
        const turnedAway = match.route.admit?.(visit);
        if (turnedAway !== undefined) return turnedAway;
        const body = await readBody(request, match.route.bodyBytesMax ?? 0);
        if (body.ok) return match.route.handle({ ...visit, body: body.value });
        return textReply(body.error.code === 'too-large' ? 413 : 400, `${body.error.detail}\n`);
      }
      default:
        return unreachable(match);
    }
  }

  #defect(what: string, error: unknown): Reply {
    this.#defects += 1;
    this.#options.onDefect(`${what} (defect ${this.#defects})`, error);
    return textReply(500, `something went wrong at the hub; its log has it as defect ${this.#defects}\n`);
  }
}

function parseUrl(request: IncomingMessage): URL | undefined {
  const target = request.url ?? '';
  return target.startsWith('/') && URL.canParse(`https://hub${target}`) ? new URL(`https://hub${target}`) : undefined;
}

function bare(request: IncomingMessage): string {
  return parseUrl(request)?.pathname ?? '';
}

function visitHead(request: IncomingMessage, response: ServerResponse, route: Route, url: URL, params: Readonly<Record<string, string>>): VisitHead {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return {
    method: route.method,
    path: url.pathname,
    params,
    query: url.searchParams,
    headers: request.headers,
    address: (request.socket.remoteAddress ?? '').replace(/^::ffff:/u, ''),
    channel: () => {
      if (!(request.socket instanceof TLSSocket)) throw new Error('the door speaks TLS only');
      return channelOf(request.socket);
    },
    gone: gone.signal,
  };
}

function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  if (response.destroyed || response.headersSent) return;
  const body = typeof reply.body === 'string' ? Buffer.from(reply.body, 'utf8') : reply.body;
  // A body left unread would be taken for the next request.
  const whole = request.complete ? {} : { connection: 'close' };
  response.writeHead(reply.status, { ...HEADERS, 'content-type': reply.type, 'content-length': body.length, ...whole, ...reply.headers });
  response.end(body);
}
