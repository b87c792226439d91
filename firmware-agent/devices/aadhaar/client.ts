import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import type { Timers } from '../timers.js';
import { pinnedLine } from '../transport/pinned-tls.js';
import { XML_BYTES } from './xml.js';

/** Where services are looked for. Over https only the one certificate is taken, whatever name it bears: makers sign them by themselves. */
export type RdHost = { readonly host: string } & ({ readonly scheme: 'http' } | { readonly scheme: 'https'; readonly certificateSha256: string });

/** `refused`: nothing listens there. `too-large`: longer than can be handed on. `lost`: the line broke before an answer began. */
export type RdFault = Failure<'refused' | 'lost' | 'late' | 'garbled' | 'too-large'>;

export type RdCall = {
  readonly verb: 'RDSERVICE' | 'DEVICEINFO' | 'CAPTURE';
  readonly port: number;
  readonly path: string;
  readonly body?: string;
  readonly limitMs: number;
};

/** One exchange and its line, which `end` cuts. */
export type RdExchange = { readonly answer: Promise<Result<Uint8Array, RdFault>>; readonly end: () => void };

/** Sends one HTTP request with a verb of the RD service specification on a line of its own. Its whole time is bounded, and so is the answer's length. */
export function callService(where: RdHost, call: RdCall, timers: Timers): RdExchange {
  let finish: (outcome: Result<Uint8Array, RdFault>) => void = () => undefined;
  const socket = lineTo(where, call.port);
  const answer = new Promise<Result<Uint8Array, RdFault>>((resolve) => {
    finish = resolve;
  });
  const done = (outcome: Result<Uint8Array, RdFault>): void => {
    stopClock();
    finish(outcome);
    socket.destroy();
  };
  const stopClock = timers.after(call.limitMs, () => done(failure('late', `no answer to ${call.verb} within ${call.limitMs} ms`)));
  socket.once('error', (error: Error) => done(faultOf(error)));
  socket.once('ready-to-ask', () => {
    const asked = ask(socket, where, call);
    asked.once('error', (error) => done(faultOf(error)));
    asked.once('response', (response) => collect(response, call, done));
  });
  return { answer, end: () => done(failure('lost', 'given up')) };
}

/** A socket that says `ready-to-ask` once it leads to the right peer: before that, not a byte is sent. */
function lineTo(where: RdHost, port: number): Socket {
  if (where.scheme === 'http') {
    const socket = connectTcp({ host: where.host, port, noDelay: true });
    socket.once('connect', () => socket.emit('ready-to-ask'));
    return socket;
  }
  const socket: Socket = pinnedLine({ host: where.host, port }, where.certificateSha256, () => socket.emit('ready-to-ask'));
  return socket;
}

// No agent is named: only then does Node take the socket that it is given.
function ask(socket: Socket, { host }: RdHost, { verb, port, path, body = '' }: RdCall): ClientRequest {
  const headers = { 'Content-Type': 'text/xml; charset=utf-8', 'Content-Length': Buffer.byteLength(body), Accept: 'text/xml', Connection: 'close' };
  const asked = request({ method: verb, host, port, path, headers, createConnection: () => socket });
  asked.end(body);
  return asked;
}

function collect(response: IncomingMessage, { verb }: RdCall, done: (outcome: Result<Uint8Array, RdFault>) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  if (response.statusCode !== 200) return done(failure('garbled', `the service answers ${verb} with HTTP status ${response.statusCode ?? 0}`));
  response.on('data', (chunk: Buffer) => {
    length += chunk.length;
    chunks.push(chunk);
    if (length > XML_BYTES) done(failure('too-large', `the answer to ${verb} is longer than ${XML_BYTES} bytes`));
  });
  response.once('error', () => done(brokenOff(verb)));
  response.once('end', () => {
    const whole = Uint8Array.from(Buffer.concat(chunks));
    // The pieces may hold an encrypted block: no second copy is left about.
    for (const chunk of chunks) chunk.fill(0);
    done(response.complete ? ok(whole) : brokenOff(verb));
  });
  return undefined;
}

/** The service is there, and did not finish what it said. */
function brokenOff(verb: string): { readonly ok: false; readonly error: RdFault } {
  return failure('garbled', `the answer to ${verb} broke off`);
}

function faultOf(error: Error): { readonly ok: false; readonly error: RdFault } {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ECONNREFUSED') return failure('refused', 'no service listens there');
  return code.startsWith('HPE_') ? failure('garbled', 'the service does not speak HTTP') : failure('lost', error.message);
}
