/** CTAPHID over HID reports of 64 bytes (CTAP 2.1 §11.2). All numbers big-endian, unused bytes zero. */
export const REPORT_BYTES = 64;
/** The channel on which a new one is asked for. */
export const BROADCAST = 0xffff_ffff;
const FIRST_DATA = 57;
const NEXT_DATA = 59;
const SEQUENCES = 128;
export const MESSAGE_BYTES_MAX = FIRST_DATA + SEQUENCES * NEXT_DATA;

export const HID_COMMANDS = { ping: 0x01, init: 0x06, wink: 0x08, cbor: 0x10, cancel: 0x11, keepalive: 0x3b, error: 0x3f } as const;
/** §11.2.9.1.6: why a message was not taken. */
export const HID_ERRORS = {
  command: 0x01,
  parameter: 0x02,
  length: 0x03,
  sequence: 0x04,
  timeout: 0x05,
  busy: 0x06,
  channel: 0x0b,
  other: 0x7f,
} as const;
export const KEEPALIVE = { processing: 1, touch: 2 } as const;

const INITIAL = 0x80;

export type Message = { readonly command: number; readonly payload: Uint8Array<ArrayBuffer> };

/** One message as reports of 64 bytes. Throws when it is longer than any key takes: a defect. */
export function reportsOf(channel: number, command: number, payload: Uint8Array): readonly Uint8Array<ArrayBuffer>[] {
  if (payload.length > MESSAGE_BYTES_MAX) throw new Error(`a message of ${payload.length} bytes is over ${MESSAGE_BYTES_MAX}`);
  const first = Buffer.alloc(REPORT_BYTES);
  first.writeUInt32BE(channel);
  first.writeUInt8(INITIAL | command, 4);
  first.writeUInt16BE(payload.length, 5);
  first.set(payload.subarray(0, FIRST_DATA), 7);
  const reports = [Uint8Array.from(first)];
  for (let at = FIRST_DATA; at < payload.length; at += NEXT_DATA) {
    const next = Buffer.alloc(REPORT_BYTES);
    next.writeUInt32BE(channel);
    next.writeUInt8(reports.length - 1, 4);
    next.set(payload.subarray(at, at + NEXT_DATA), 5);
    reports.push(Uint8Array.from(next));
  }
  return reports;
}

/** What one report was. `foreign`: of another channel, since other programs may talk to the same key. `noise`: no part of a message; why. */
export type Heard =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'part' }
  | { readonly kind: 'foreign'; readonly channel: number }
  | { readonly kind: 'noise'; readonly why: 'short' | 'too-long' | 'sequence' | 'no-beginning' };

/** Puts the reports of one channel together. Any reports are read without an error, in bounded memory; a new beginning drops what was unfinished. */
export class MessageReader {
  readonly channel: number;
  private command = 0;
  private length = 0;
  private next = 0;
  private parts: Uint8Array[] | undefined;

  constructor(channel: number) {
    this.channel = channel;
  }

  get isUnfinished(): boolean {
    return this.parts !== undefined;
  }

  read(report: Uint8Array): Heard {
    if (report.length < REPORT_BYTES) return { kind: 'noise', why: 'short' };
    const bytes = Buffer.from(report.subarray(0, REPORT_BYTES));
    const channel = bytes.readUInt32BE();
    if (channel !== this.channel) return { kind: 'foreign', channel };
    const mark = bytes.readUInt8(4);
    return (mark & INITIAL) === 0 ? this.goOn(mark, bytes.subarray(5)) : this.begin(mark & ~INITIAL, bytes);
  }

  /** Forgets an unfinished message. */
  drop(): void {
    this.parts = undefined;
  }

  private begin(command: number, bytes: Buffer): Heard {
    this.drop();
    this.length = bytes.readUInt16BE(5);
    if (this.length > MESSAGE_BYTES_MAX) return { kind: 'noise', why: 'too-long' };
    this.command = command;
    this.next = 0;
    this.parts = [bytes.subarray(7)];
    return this.settle();
  }

  private goOn(sequence: number, data: Uint8Array): Heard {
    if (this.parts === undefined) return { kind: 'noise', why: 'no-beginning' };
    if (sequence !== this.next) {
      this.drop();
      return { kind: 'noise', why: 'sequence' };
    }
    this.next += 1;
    this.parts.push(data);
    return this.settle();
  }

  private settle(): Heard {
    const { parts = [], length, command } = this;
    if (parts.reduce((sum, part) => sum + part.length, 0) < length) return { kind: 'part' };
    this.drop();
    return { kind: 'message', message: { command, payload: Uint8Array.from(Buffer.concat(parts).subarray(0, length)) } };
  }
}

/** What a key answers to INIT (§11.2.9.1.3), behind the nonce. */
export type InitAnswer = { readonly channel: number; readonly protocol: number; readonly version: string; readonly takesCbor: boolean };

/** Undefined when it is no answer to this nonce: other programs ask on the same channel, and their answers come here too. */
export function readInitAnswer(payload: Uint8Array, nonce: Uint8Array): InitAnswer | undefined {
  if (payload.length < 17 || Buffer.compare(payload.subarray(0, 8), nonce) !== 0) return undefined;
  const bytes = Buffer.from(payload);
  return {
    channel: bytes.readUInt32BE(8),
    protocol: bytes.readUInt8(12),
    version: [13, 14, 15].map((at) => bytes.readUInt8(at)).join('.'),
    takesCbor: (bytes.readUInt8(16) & 0x04) !== 0,
  };
}
