import { request } from 'node:https';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';

export const ASK_TIMEOUT_MS = 15_000;
/** A certificate and a posting are under a kilobyte; more is not an answer. */
const ANSWER_BYTES_MAX = 64 * 1024;

export type AskError = 'no-answer' | 'not-known' | 'strange-answer';

/**
 * GET over TLS without asking any certificate authority: what is believed is signed inside (docs/formats/receipt-status.md).
 * @param address scheme, host, port and path
 */
export function askHub(address: URL, timeoutMs = ASK_TIMEOUT_MS): Promise<Result<Uint8Array, Failure<AskError>>> {
  return new Promise((resolve) => {
    const asked = request(address, { headers: { accept: 'application/cbor' }, rejectUnauthorized: false, signal: AbortSignal.timeout(timeoutMs) });
    asked.on('error', (error) => resolve(failure('no-answer', `${address.host} did not answer: ${error.message}`)));
    asked.on('response', (response) => {
      const parts: Buffer[] = [];
      let length = 0;
      response.on('error', (error) => resolve(failure('no-answer', `${address.host} broke off: ${error.message}`)));
      response.on('data', (part: Buffer) => {
        length += part.length;
        if (length > ANSWER_BYTES_MAX) asked.destroy(new Error('the answer is too long'));
        else parts.push(part);
      });
      response.on('end', () => resolve(judge(address, response.statusCode ?? 0, response.headers['content-type'] ?? '', Buffer.concat(parts))));
    });
    asked.end();
  });
}

function judge(address: URL, status: number, type: string, body: Buffer): Result<Uint8Array, Failure<AskError>> {
  if (status === 404) return failure('not-known', `${address.host} does not know this receipt (yet)`);
  if (status !== 200) return failure('strange-answer', `${address.host} answered with HTTP status ${status}`);
  if (!/^application\/cbor\s*(?:;|$)/u.test(type))
    return failure('strange-answer', `${address.host} answered with ${type || 'no content type'}, not application/cbor`);
  return ok(Uint8Array.from(body));
}
