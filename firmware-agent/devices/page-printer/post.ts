import { request as requestPlain, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as requestTls } from 'node:https';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { within, type Timers } from '../timers.js';
import { pinnedLine } from '../transport/pinned-tls.js';

/**
 * `unreachable`: no connection, so not a byte was sent. `refused`: a whole answer of HTTP that says no. `lost`, `late`: what became of the
 * request nobody knows.
 */
export type PostFault = Failure<'unreachable' | 'refused' | 'lost' | 'late'>;

/** `pin`: over TLS, the SHA-256 of the one certificate that is taken, in place of a chain that this machine trusts. */
export type Peer = { readonly url: URL; readonly pin: string | undefined };
export type PostPlan = { readonly to: Peer; readonly body: Buffer; readonly limitMs: number; readonly timers: Timers; readonly signal: AbortSignal };

const MOST_ANSWER_BYTES = 1024 * 1024;

/** One IPP message there and one back, as HTTP's POST (RFC 8010 §3.4 to §4). A connection each: a printer may sleep between two. */
export async function postIpp({ to, body, limitMs, timers, signal }: PostPlan): Promise<Result<Buffer, PostFault>> {
  const { url } = to;
  const ending = new AbortController();
  const answer = exchange(to, body, AbortSignal.any([ending.signal, signal]));
  const answered = await within(timers, limitMs, answer.bytes);
  if (answered !== 'late') return answered;
  ending.abort();
  return answer.sent() === 'yes'
    ? failure('late', `${url.host} gave no answer within ${limitMs} ms`)
    : failure('unreachable', `${url.host} took no connection within ${limitMs} ms`);
}

type Exchange = { readonly bytes: Promise<Result<Buffer, PostFault>>; readonly sent: () => 'no' | 'yes' };

function exchange(to: Peer, body: Buffer, signal: AbortSignal): Exchange {
  const { url } = to;
  let sent: 'no' | 'yes' = 'no';
  const bytes = new Promise<Result<Buffer, PostFault>>((resolve) => {
    const lost = (error: Error): void => resolve(failure(sent === 'yes' ? 'lost' : 'unreachable', `${url.host}: ${error.message}`));
    if (signal.aborted) return lost(new Error('ended before it began'));
    const heard = (response: IncomingMessage): void =>
      collect(response, lost, (content) => {
        if (response.statusCode === 200) resolve(ok(content));
        else if ((response.statusCode ?? 500) < 500) resolve(failure('refused', `${url.host} answers HTTP ${response.statusCode}`));
        else resolve(failure('lost', `${url.host} answers HTTP ${response.statusCode}`));
      });
    line(to, body.length, signal, {
      lost,
      sent: () => (sent = 'yes'),
      begun: (request) => request.on('error', lost).on('response', heard).end(body),
    });
  });
  return { bytes, sent: () => sent };
}

type LineSteps = { readonly lost: (error: Error) => void; readonly sent: () => void; readonly begun: (request: ClientRequest) => void };

/** Begins the request on a line of its own; with a pin only when the peer has shown its certificate. */
function line({ url, pin }: Peer, length: number, signal: AbortSignal, { lost, sent, begun }: LineSteps): void {
  const isSecure = url.protocol === 'https:';
  const head = { method: 'POST', signal, headers: { 'content-type': 'application/ipp', 'content-length': length } };
  if (!isSecure || pin === undefined) {
    const begin = isSecure ? requestTls : requestPlain;
    begun(begin(url, { ...head, agent: false }).on('socket', (socket) => socket.once(isSecure ? 'secureConnect' : 'connect', sent)));
    return;
  }
  const socket = pinnedLine({ host: url.hostname, port: Number(url.port === '' ? 443 : url.port) }, pin, () => {
    sent();
    // No agent is named: only then does Node take the socket that it is given.
    begun(requestPlain({ ...head, host: url.hostname, port: url.port, path: `${url.pathname}${url.search}`, createConnection: () => socket }));
  });
  socket.once('error', lost);
  signal.addEventListener('abort', () => socket.destroy(new Error('ended')), { once: true });
}

function collect(response: IncomingMessage, lost: (error: Error) => void, done: (content: Buffer) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  response.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > MOST_ANSWER_BYTES) response.destroy(new Error(`an answer of more than ${MOST_ANSWER_BYTES} bytes`));
    else chunks.push(chunk);
  });
  response.on('error', lost);
  response.on('close', () => lost(new Error('the answer broke off')));
  response.on('end', () => done(Buffer.concat(chunks)));
}
