import http from 'node:http';
import https from 'node:https';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';

/** Why no usable answer came. Only after `unreachable` is it sure that nothing was asked. */
export type CallTrouble = 'unreachable' | 'timeout' | 'cut' | 'garbage';

export type Call = {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly token: string;
  readonly body?: unknown;
  /** For the whole exchange, from look-up of the name to the last byte. */
  readonly timeoutMs: number;
  readonly answerBytesMax: number;
  readonly signal?: AbortSignal;
};

export type Called = { readonly status: number; readonly json: unknown };

const NOT_REACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/**
 * One HTTP exchange with JSON both ways. Each has its own connection: on a kept one, a second answer to the last question could be taken
 * for the first answer to the next. Never throws.
 */
export function call(wanted: Call): Promise<Result<Called, Failure<CallTrouble>>> {
  return new Promise((resolve) => {
    const body = wanted.body === undefined ? undefined : Buffer.from(JSON.stringify(wanted.body));
    const send = wanted.url.startsWith('https:') ? https.request : http.request;
    const request = send(wanted.url, { method: wanted.method, agent: false, headers: headersOf(wanted.token, body) });
    const settle = (result: Result<Called, Failure<CallTrouble>>): void => {
      clearTimeout(timer);
      wanted.signal?.removeEventListener('abort', stop);
      resolve(result);
      request.destroy();
    };
    const stop = (): void => settle(failure('cut', 'the hub gave up waiting'));
    const timer = setTimeout(() => settle(failure('timeout', `no whole answer within ${wanted.timeoutMs} ms`)), wanted.timeoutMs);
    if (wanted.signal?.aborted === true) return stop();
    wanted.signal?.addEventListener('abort', stop, { once: true });
    request.on('error', (error) => settle(failure(troubleOf(error), error.message)));
    request.on('response', (response) => readAnswer(response, wanted.answerBytesMax, settle));
    request.end(body);
  });
}

function headersOf(token: string, body: Buffer | undefined): http.OutgoingHttpHeaders {
  const common = { authorization: `Bearer ${token}`, accept: 'application/json', connection: 'close' };
  return body === undefined ? common : { ...common, 'content-type': 'application/json', 'content-length': body.length };
}

function readAnswer(response: http.IncomingMessage, bytesMax: number, settle: (result: Result<Called, Failure<CallTrouble>>) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length > bytesMax) settle(failure('garbage', `the answer is longer than ${bytesMax} bytes`));
  });
  response.on('error', (error) => settle(failure('cut', error.message)));
  response.on('close', () => {
    if (!response.complete) settle(failure('cut', 'the connection ended before the answer did'));
  });
  response.on('end', () => settle(parse(response.statusCode ?? 0, Buffer.concat(chunks))));
}

function parse(status: number, bytes: Buffer): Result<Called, Failure<CallTrouble>> {
  try {
    return ok({ status, json: JSON.parse(bytes.toString('utf8')) as unknown });
  } catch {
    // A server in trouble answers what it likes; its status still tells.
    return status >= 200 && status < 300 ? failure('garbage', `status ${status} without JSON`) : ok({ status, json: undefined });
  }
}

function troubleOf(error: Error): CallTrouble {
  const code = 'code' in error ? String(error.code) : '';
  if (NOT_REACHED.has(code)) return 'unreachable';
  return code.startsWith('HPE_') ? 'garbage' : 'cut';
}
