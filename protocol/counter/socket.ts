import { z } from 'zod';
import { failure, ok, type Failure, type Result } from '../result/result.js';
import { encodeCbor, readCbor, type CborValue } from '../signing/cbor.js';
import { counterCommand, type CounterCommand } from './command.js';
import { counterView, type CounterView } from './view.js';

/** Agent → screen, on the counter socket. The newest view is all that matters: a slow screen may skip older ones. */
export type ToScreen = { readonly t: 'view'; readonly view: CounterView };
/** Screen → agent. */
export type ToAgent = { readonly t: 'command'; readonly command: CounterCommand };

const toScreen = z.strictObject({ t: z.literal('view'), view: counterView });
const toAgent = z.strictObject({ t: z.literal('command'), command: counterCommand });

const LENGTH_BYTES = 4;
export const SOCKET_FRAME_BYTES_MAX = 512 * 1024;

/** One frame: 4 bytes big-endian length, then that many bytes of deterministic CBOR. */
export function encodeFrame(value: ToScreen | ToAgent): Uint8Array<ArrayBuffer> {
  return frameOf(value);
}

/** The same for the messages of another socket. */
export function frameOf(value: CborValue): Uint8Array<ArrayBuffer> {
  const body = encodeCbor(value);
  const frame = Buffer.alloc(LENGTH_BYTES + body.length);
  frame.writeUInt32BE(body.length);
  frame.set(body, LENGTH_BYTES);
  return Uint8Array.from(frame);
}

export const readToScreen = (body: Uint8Array): Result<ToScreen, Failure<string>> => readCbor(toScreen, body);
export const readToAgent = (body: Uint8Array): Result<ToAgent, Failure<string>> => readCbor(toAgent, body);

/** Cuts a byte stream into frame bodies. Feed it whatever arrives; it never throws. After an error the stream is lost and the socket must be closed. */
export class FrameReader {
  #held: Buffer = Buffer.alloc(0);

  feed(bytes: Uint8Array): Result<readonly Uint8Array[], Failure<'frame-too-large'>> {
    this.#held = Buffer.concat([this.#held, bytes]);
    const bodies: Uint8Array[] = [];
    while (this.#held.length >= LENGTH_BYTES) {
      const length = this.#held.readUInt32BE();
      if (length > SOCKET_FRAME_BYTES_MAX) return failure('frame-too-large', `a frame of ${length} bytes`);
      if (this.#held.length < LENGTH_BYTES + length) break;
      bodies.push(this.#held.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
      this.#held = this.#held.subarray(LENGTH_BYTES + length);
    }
    return ok(bodies);
  }
}
