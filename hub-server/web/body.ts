import type { IncomingMessage } from 'node:http';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';

export type BodyError = 'too-large' | 'cut';

/** Reads a whole body of at most so many bytes. What is over the limit is not kept. */
export function readBody(request: IncomingMessage, bytesMax: number): Promise<Result<Uint8Array<ArrayBuffer>, Failure<BodyError>>> {
  const announced = Number.parseInt(request.headers['content-length'] ?? '0', 10);
  if (announced > bytesMax) return Promise.resolve(tooLarge(bytesMax));
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let size = 0;
    request.on('data', (part: Buffer) => {
      size += part.length;
      if (size <= bytesMax) parts.push(part);
      else resolve(tooLarge(bytesMax));
    });
    request.once('end', () => resolve(ok(Uint8Array.from(Buffer.concat(parts)))));
    request.once('error', () => resolve(failure('cut', 'the request was cut')));
    request.once('close', () => resolve(failure('cut', 'the request was cut')));
  });
}

function tooLarge(bytesMax: number): Result<never, Failure<'too-large'>> {
  return failure('too-large', `the body may have at most ${bytesMax} bytes`);
}
