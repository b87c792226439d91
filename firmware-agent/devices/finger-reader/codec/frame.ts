/**
 * Frames of the serial fingerprint modules (ZFM-20/60, R30x, R503, FPM10A, GROW), all numbers big-endian:
 * `EF 01 · address u32 · kind u8 · length u16 · payload · checksum u16`. The length counts payload and checksum; the checksum is the sum of
 * kind, length and payload modulo 65536, so it covers neither header nor address.
 */
export type FrameKind = 'command' | 'data' | 'answer' | 'end-of-data';

export type Frame = { readonly kind: FrameKind; readonly payload: Uint8Array };

/** Address of a module as it leaves the factory. */
export const ANY_ADDRESS = 0xff_ff_ff_ff;

/** The largest packet that the family knows (packet-size code 3). */
export const PAYLOAD_BYTES = 256;

const KIND_OF: ReadonlyMap<number, FrameKind> = new Map([
  [0x01, 'command'],
  [0x02, 'data'],
  [0x07, 'answer'],
  [0x08, 'end-of-data'],
]);
const BYTE_OF: Readonly<Record<FrameKind, number>> = { command: 0x01, data: 0x02, answer: 0x07, 'end-of-data': 0x08 };

const HEADER_HIGH = 0xef;
const HEADER_LOW = 0x01;
/** Header, address, kind and length. */
const HEAD_BYTES = 9;
const CHECKSUM_BYTES = 2;

/** Sent raw, outside of any frame, by a module that has just started. */
const READY_BYTE = 0x55;

export function encodeFrame(address: number, { kind, payload }: Frame): Uint8Array {
  if (payload.length === 0 || payload.length > PAYLOAD_BYTES)
    throw new RangeError(`a frame carries 1 to ${PAYLOAD_BYTES} bytes, not ${payload.length}`);
  const bytes = Buffer.alloc(HEAD_BYTES + payload.length + CHECKSUM_BYTES);
  bytes.writeUInt8(HEADER_HIGH, 0);
  bytes.writeUInt8(HEADER_LOW, 1);
  bytes.writeUInt32BE(address, 2);
  bytes.writeUInt8(BYTE_OF[kind], 6);
  bytes.writeUInt16BE(payload.length + CHECKSUM_BYTES, 7);
  bytes.set(payload, HEAD_BYTES);
  bytes.writeUInt16BE(checksum(bytes.subarray(6, HEAD_BYTES + payload.length)), HEAD_BYTES + payload.length);
  return bytes;
}

function checksum(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum + byte, 0) & 0xffff;
}

/** What a reader makes of the bytes: frames, and between them noise. `ready`: the byte of a module that has just started. */
export type Heard =
  | { readonly heard: 'frame'; readonly frame: Frame }
  | { readonly heard: 'ready' }
  | { readonly heard: 'noise'; readonly bytes: number };

type Candidate = { readonly is: 'frame'; readonly frame: Frame; readonly length: number } | { readonly is: 'short' } | { readonly is: 'none' };

/**
 * Cuts bytes into frames for one address. A header is looked for only outside of a frame, since templates may hold EF 01 too. What begins
 * like a frame and is none (foreign address, length out of range, wrong sum) costs only its first byte: the true frame behind it is found.
 * Takes any bytes without an error, and keeps at most one unfinished frame.
 */
export class FrameReader {
  private readonly address: number;
  private held: Buffer = Buffer.alloc(0);

  constructor(address: number = ANY_ADDRESS) {
    this.address = address;
  }

  /** Bytes that wait for more; never as many as the longest frame has. */
  get heldBytes(): number {
    return this.held.length;
  }

  read(chunk: Uint8Array): readonly Heard[] {
    this.held = Buffer.concat([this.held, chunk]);
    return this.cut('wait');
  }

  /** Nothing more will come of an unfinished frame: what stands in it is read as if its head had been noise. */
  gap(): readonly Heard[] {
    return this.cut('give-up');
  }

  /** Forgets what is unfinished: a new question makes it worthless. */
  reset(): void {
    this.held = Buffer.alloc(0);
  }

  private cut(unfinished: 'wait' | 'give-up'): readonly Heard[] {
    const all: Heard[] = [];
    const { held } = this;
    let at = 0;
    let noise = 0;
    const tellNoise = (): void => {
      if (noise > 0) all.push({ heard: 'noise', bytes: noise });
      noise = 0;
    };
    while (at < held.length) {
      const found = this.frameAt(held, at);
      if (found.is === 'short' && unfinished === 'wait') break;
      if (found.is === 'frame') {
        tellNoise();
        all.push({ heard: 'frame', frame: found.frame });
        at += found.length;
        continue;
      }
      if (held[at] === READY_BYTE) {
        tellNoise();
        all.push({ heard: 'ready' });
      } else noise += 1;
      at += 1;
    }
    tellNoise();
    this.held = Buffer.from(held.subarray(at));
    return all;
  }

  /** `short`: so far it looks like a frame. */
  private frameAt(bytes: Buffer, at: number): Candidate {
    const left = bytes.length - at;
    if (bytes[at] !== HEADER_HIGH) return { is: 'none' };
    if (left >= 2 && bytes[at + 1] !== HEADER_LOW) return { is: 'none' };
    if (left >= 6 && bytes.readUInt32BE(at + 2) !== this.address) return { is: 'none' };
    const kind = left >= 7 ? KIND_OF.get(bytes.readUInt8(at + 6)) : undefined;
    if (left >= 7 && kind === undefined) return { is: 'none' };
    if (left < HEAD_BYTES || kind === undefined) return { is: 'short' };
    const payloadBytes = bytes.readUInt16BE(at + 7) - CHECKSUM_BYTES;
    if (payloadBytes < 1 || payloadBytes > PAYLOAD_BYTES) return { is: 'none' };
    const length = HEAD_BYTES + payloadBytes + CHECKSUM_BYTES;
    if (left < length) return { is: 'short' };
    const sum = checksum(bytes.subarray(at + 6, at + HEAD_BYTES + payloadBytes));
    if (sum !== bytes.readUInt16BE(at + HEAD_BYTES + payloadBytes)) return { is: 'none' };
    return { is: 'frame', frame: { kind, payload: Uint8Array.from(bytes.subarray(at + HEAD_BYTES, at + HEAD_BYTES + payloadBytes)) }, length };
  }
}
