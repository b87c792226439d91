import type { Socket } from 'node:net';

/** A request with any verb: Node's own HTTP server knows a closed list of them and refuses those of the RD service. */
export type HttpRequest = { readonly verb: string; readonly path: string; readonly body: string };

const HEAD_BYTES = 16 * 1024;
const BODY_BYTES = 64 * 1024;

/** Reads one request from a new line, and answers it with what `answer` gives. Bad requests get status 400. */
export function serveOne(socket: Socket, answer: (request: HttpRequest, reply: (bytes: Uint8Array) => void) => void): void {
  let read: Buffer = Buffer.alloc(0);
  const take = (chunk: Buffer): void => {
    read = Buffer.concat([read, chunk]);
    const headEnd = read.indexOf('\r\n\r\n');
    if (headEnd < 0 && read.length <= HEAD_BYTES) return;
    const [first = '', ...headers] = read.subarray(0, Math.max(headEnd, 0)).toString('latin1').split('\r\n');
    const [, verb, path] = /^([A-Z]{1,20}) (\/\S*) HTTP\/1\.[01]$/u.exec(first) ?? [];
    const length = lengthOf(headers);
    if (verb === undefined || path === undefined || length === undefined) return finish(response(400, ''));
    if (read.length - headEnd - 4 < length) return;
    socket.off('data', take);
    const body = read.subarray(headEnd + 4, headEnd + 4 + length).toString('utf8');
    answer({ verb, path, body }, finish);
  };
  const finish = (bytes: Uint8Array): void => {
    if (!socket.destroyed) socket.end(bytes);
  };
  socket.on('data', take);
}

function lengthOf(headers: readonly string[]): number | undefined {
  const header = headers.find((line) => /^content-length:/iu.test(line));
  if (header === undefined) return 0;
  const [, digits] = /^[^:]+:\s*(\d{1,7})\s*$/u.exec(header) ?? [];
  const length = digits === undefined ? undefined : Number.parseInt(digits, 10);
  return length !== undefined && length <= BODY_BYTES ? length : undefined;
}

export function response(status: number, body: string): Buffer {
  const bytes = Buffer.from(body, 'utf8');
  const words = { 200: 'OK', 400: 'Bad Request', 404: 'Not Found', 405: 'Method Not Allowed', 500: 'Internal Server Error' } as const;
  const word = Object.entries(words).find(([code]) => code === String(status))?.[1] ?? '';
  const head = `HTTP/1.1 ${status} ${word}\r\nContent-Type: text/xml\r\nContent-Length: ${bytes.length}\r\nConnection: close\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes]);
}
