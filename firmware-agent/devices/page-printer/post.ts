import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestTls } from 'node:https';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { within, type Timers } from '../timers.js';

/**
 * `unreachable`: no connection, so not a byte was sent. `refused`: a whole answer of HTTP that says no. `lost`, `late`: what became of the
 * request nobody knows.
 */
export type PostFault = Failure<'unreachable' | 'refused' | 'lost' | 'late'>;

export type PostPlan = { readonly url: URL; readonly body: Buffer; readonly limitMs: number; readonly timers: Timers; readonly signal: AbortSignal };

const MOST_ANSWER_BYTES = 1024 * 1024;

/** One IPP message there and one back, as HTTP's POST (RFC 8010 §3.4 to §4). A connection each: a printer may sleep between two. */
export async function postIpp({ url, body, limitMs, timers, signal }: PostPlan): Promise<Result<Buffer, PostFault>> {
  const ending = new AbortController();
  const answer = exchange(url, body, AbortSignal.any([ending.signal, signal]));
  const answered = await within(timers, limitMs, answer.bytes);
  if (answered !== 'late') return answered;
  ending.abort();
  return answer.sent() === 'yes'
    ? failure('late', `${url.host} gave no answer within ${limitMs} ms`)
    : failure('unreachable', `${url.host} took no connection within ${limitMs} ms`);
}

type Exchange = { readonly bytes: Promise<Result<Buffer, PostFault>>; readonly sent: () => 'no' | 'yes' };

function exchange(url: URL, body: Buffer, signal: AbortSignal): Exchange {
  let sent: 'no' | 'yes' = 'no';
  const bytes = new Promise<Result<Buffer, PostFault>>((resolve) => {
    const lost = (error: Error): void => resolve(failure(sent === 'yes' ? 'lost' : 'unreachable', `${url.host}: ${error.message}`));
    if (signal.aborted) return lost(new Error('ended before it began'));
    const begin = url.protocol === 'https:' ? requestTls : requestPlain;
    const headers = { 'content-type': 'application/ipp', 'content-length': body.length };
    const request = begin(url, { method: 'POST', agent: false, signal, headers }, (response) => {
      collect(response, lost, (content) => {
        if (response.statusCode === 200) resolve(ok(content));
        else if ((response.statusCode ?? 500) < 500) resolve(failure('refused', `${url.host} answers HTTP ${response.statusCode}`));
        else resolve(failure('lost', `${url.host} answers HTTP ${response.statusCode}`));
      });
    });
    request.on('error', lost);
    request.on('socket', (socket) => {
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
        sent = 'yes';
      });
    });
    request.end(body);
  });
  return { bytes, sent: () => sent };
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
