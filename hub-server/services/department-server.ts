import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { timingSafeEqual } from 'node:crypto';
import { openSqlite } from '#platform/sqlite/open.js';
import type { Bill } from '#protocol/bill/bill.js';
import { assert, unreachable } from '#protocol/result/result.js';
import type { UnixMs } from '#protocol/time/time.js';
import { behaviour, Orders, type Behaviour, type BehaviourInput, type Door } from './department-behaviour.js';
import { ERRORS, batchJson, billToJson, paymentJson, presenceJson, type Payment } from './department-http.js';
import { DepartmentPayments, type BookedPayment } from './department-payments.js';

export type DepartmentServerOptions = {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly department: string;
  readonly bills: Iterable<Bill>;
  readonly token: string;
  /** SQLite file that keeps the payments over a restart; without it they are gone at the end. */
  readonly statePath?: string;
  readonly part: 'allowed' | 'refused';
  readonly now: () => UnixMs;
};

export type DepartmentServer = {
  readonly url: string;
  readonly order: (wanted: BehaviourInput) => void;
  readonly ledger: () => readonly BookedPayment[];
  /** Resolves when as many answers are being held back. */
  readonly holding: (count: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

type Answer = { readonly status: number; readonly json: unknown };
type Request = { readonly method: string; readonly path: readonly string[]; readonly body: unknown };

const BODY_BYTES_MAX = 1024 * 1024;

/** A department's computer as docs/formats/department-http.md describes it, that can also be told to fail. A real HTTP server. */
export async function startDepartmentServer(options: DepartmentServerOptions): Promise<DepartmentServer> {
  const db = openSqlite(options.statePath ?? ':memory:');
  const bills = new Map([...options.bills].map((one) => [one.consumer, one]));
  const office = new Office(new DepartmentPayments(db, options.department, bills, options), options.token);
  const server = http.createServer((request, response) => void office.serve(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { address, port, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    order: (wanted) => office.obey(behaviour.parse(wanted)),
    ledger: () => office.payments.ledger(),
    holding: (count) => office.holding(count),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          office.payments.close();
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

class Office {
  readonly payments: DepartmentPayments;
  readonly #token: Buffer;
  readonly #orders = new Orders();
  #held: (() => void)[] = [];
  #watchers: { readonly count: number; readonly resolve: () => void }[] = [];

  constructor(payments: DepartmentPayments, token: string) {
    this.payments = payments;
    this.#token = Buffer.from(`Bearer ${token}`);
  }

  async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    response.on('error', () => response.destroy());
    const read = await readRequest(request);
    if (read === 'cut') return;
    if (read === 'bad') return send(response, { status: 400, json: { error: 'bad-request' } });
    if (read.path[0] === 'control' || read.path[0] === 'ledger') return this.#admin(request, read, response);
    if (!this.#admits(request)) return send(response, { status: 401, json: { error: 'bad-token' } });
    const door = doorOf(read);
    if (door === undefined) return send(response, { status: 404, json: { error: 'no-such-path' } });
    this.#act(this.#orders.next(door), read, response);
  }

  obey(order: Behaviour): void {
    if (order.do === 'behave') this.#orders.forget();
    else if (order.do === 'release') this.#release();
    else this.#orders.give(order);
  }

  holding(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#watchers.push({ count, resolve });
      this.#tell();
    });
  }

  #admits(request: http.IncomingMessage): boolean {
    const given = Buffer.from(request.headers.authorization ?? '');
    return given.length === this.#token.length && timingSafeEqual(given, this.#token);
  }

  #admin(request: http.IncomingMessage, read: Request, response: http.ServerResponse): void {
    const from = request.socket.remoteAddress ?? '';
    if (!/^(?:127\.|::1$|::ffff:127\.)/u.test(from)) return send(response, { status: 403, json: { error: 'only-from-this-machine' } });
    if (read.path[0] === 'ledger') {
      const payments = this.payments.ledger().map((p) => ({ ...p, amountPaise: p.amountPaise.toString() }));
      return send(response, { status: 200, json: { payments } });
    }
    if (read.method === 'POST') {
      const order = behaviour.safeParse(read.body);
      if (!order.success) return send(response, { status: 400, json: { error: 'bad-order' } });
      this.obey(order.data);
    }
    send(response, { status: 200, json: { waiting: this.#orders.waiting(), held: this.#held.length } });
  }

  #act(order: Behaviour | undefined, read: Request, response: http.ServerResponse): void {
    const answer = (): Answer => this.#answer(read, order);
    const wanted = order?.do;
    switch (wanted) {
      case undefined:
      case 'behave':
      case 'release':
      case 'refuse':
      case 'partial':
        return send(response, answer());
      case 'stall': {
        const ready = answer();
        return this.#hold(() => send(response, ready));
      }
      case 'stall-unbooked':
        return this.#hold(() => send(response, answer()));
      case 'answer-twice':
        return sendTwice(response, answer());
      case 'lose-answer':
        answer();
        return void response.socket?.destroy();
      case 'drop':
        return void response.socket?.destroy();
      case 'fail':
        return send(response, { status: 500, json: { error: 'internal' } });
      case 'garbage':
        answer();
        return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Service temporarily moved</html>');
      case 'wrong-request': {
        const { status, json } = answer();
        return send(response, { status, json: { ...(json as object), requestId: '0'.repeat(26), batch: '0'.repeat(26), consumer: 'OTHER' } });
      }
      default:
        return unreachable(wanted);
    }
  }

  #answer(read: Request, order: Behaviour | undefined): Answer {
    const [first, second, third] = read.path;
    if (first === 'presence') return presenceAnswer(read.body, order);
    if (first === 'bills') return this.#billAnswer(second ?? '', third ?? '');
    if (read.method === 'GET') {
      const known = this.payments.find(second ?? '');
      return known === undefined ? { status: 404, json: { error: ERRORS.unknownRequest } } : { status: 200, json: known };
    }
    return second === 'batch' ? this.#batchAnswer(read.body, order) : this.#paymentAnswer(read.body, order);
  }

  #billAnswer(service: string, consumer: string): Answer {
    const found = this.payments.bill(service, consumer);
    if (found === undefined) return { status: 404, json: { error: ERRORS.noSuchConsumer } };
    return found === 'already-paid' ? { status: 410, json: { error: ERRORS.alreadyPaid } } : { status: 200, json: billToJson(found) };
  }

  #paymentAnswer(body: unknown, order: Behaviour | undefined): Answer {
    const payment = paymentJson.safeParse(body);
    if (!payment.success) return { status: 400, json: { error: 'bad-request' } };
    const taken = this.#take(payment.data, order);
    return taken === 'conflict' ? { status: 409, json: { error: ERRORS.differentContent } } : { status: 200, json: taken };
  }

  #batchAnswer(body: unknown, order: Behaviour | undefined): Answer {
    const read = batchJson.safeParse(body);
    if (!read.success) return { status: 400, json: { error: 'bad-request' } };
    const results = read.data.payments.map((payment, i) => {
      if (order?.do === 'partial' && i >= order.first) return { requestId: payment.requestId, status: 'not-done' };
      const taken = this.#take(payment, order);
      return taken === 'conflict' ? { requestId: payment.requestId, status: 'conflict' } : taken;
    });
    return { status: 200, json: { batch: read.data.batch, results } };
  }

  #take(payment: Payment, order: Behaviour | undefined): ReturnType<DepartmentPayments['take']> {
    return this.payments.take(payment, order?.do === 'refuse' ? order.reason : undefined);
  }

  #hold(answer: () => void): void {
    this.#held.push(answer);
    this.#tell();
  }

  #release(): void {
    const held = this.#held;
    this.#held = [];
    for (const answer of held) answer();
  }

  #tell(): void {
    const ready = this.#watchers.filter((w) => w.count <= this.#held.length);
    this.#watchers = this.#watchers.filter((w) => !ready.includes(w));
    for (const { resolve } of ready) resolve();
  }
}

/** A simulated office can open no real block: it takes any that is whole, unless it was told otherwise. */
function presenceAnswer(body: unknown, order: Behaviour | undefined): Answer {
  const read = presenceJson.safeParse(body);
  if (!read.success || read.data.block === '') return { status: 400, json: { error: 'bad-request' } };
  const { requestId } = read.data;
  if (order?.do === 'refuse') return { status: 200, json: { requestId, person: 'other', reason: order.reason } };
  return { status: 200, json: { requestId, person: 'known', reference: `UID-${requestId.slice(-8)}` } };
}

function doorOf({ method, path }: Request): Door | undefined {
  if (path[0] === 'bills' && path.length === 3 && method === 'GET') return 'bills';
  if (path[0] === 'presence') return path.length === 1 && method === 'POST' ? 'presence' : undefined;
  if (path[0] !== 'payments') return undefined;
  if (path.length === 1 || (path.length === 2 && path[1] === 'batch')) return method === 'POST' ? 'payments' : undefined;
  return path.length === 2 && method === 'GET' ? 'lookups' : undefined;
}

async function readRequest(request: http.IncomingMessage): Promise<Request | 'bad' | 'cut'> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > BODY_BYTES_MAX) return 'bad';
      chunks.push(chunk);
    }
  } catch {
    return 'cut';
  }
  try {
    const path = new URL(request.url ?? '/', 'http://department').pathname.split('/').slice(1).map(decodeURIComponent);
    const body: unknown = length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return { method: request.method ?? 'GET', path, body };
  } catch {
    return 'bad';
  }
}

function send(response: http.ServerResponse, { status, json }: Answer): void {
  const body = Buffer.from(JSON.stringify(json));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
}

/** Past the library, which rightly would not: the same bytes twice on one connection. */
function sendTwice(response: http.ServerResponse, { status, json }: Answer): void {
  const body = JSON.stringify(json);
  const whole = `HTTP/1.1 ${status} OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  const { socket } = response;
  assert(socket !== null, 'a request in hand has its connection');
  response.detachSocket(socket);
  socket.write(whole);
  socket.end(whole);
}
