/** Zebra Simple Serial Interface: operation codes used here. */
export const SSI = {
  revisionRequest: 0xa3,
  revisionReply: 0xa4,
  paramSend: 0xc6,
  ack: 0xd0,
  nak: 0xd1,
  startSession: 0xe4,
  stopSession: 0xe5,
  beep: 0xe6,
  scanEnable: 0xe9,
  scanDisable: 0xea,
  decodeData: 0xf3,
  event: 0xf6,
} as const;
/** Others that may come: told apart from noise, and acknowledged. */
const OTHERS: readonly number[] = [0x73, 0x74, 0x80, 0xc4, 0xc5, 0xc7, 0xc8, 0xd2, 0xd3, 0xd4, 0xe7, 0xe8, 0xeb];
const KNOWN = new Set<number>([...Object.values(SSI), ...OTHERS]);

export const SSI_NAK = { resend: 0x01, badContext: 0x02, denied: 0x06, cancel: 0x0a } as const;
export const SSI_BEEP = { shortHigh: 0x00, longLow: 0x0f } as const;
/** Parameters: decode data as packets, and an acknowledgement for each. */
export const SSI_PARAM = { packets: 0xee, handshake: 0x9f, silently: 0xff } as const;

/** Bits of the status byte. */
export const SSI_STATUS = { retransmit: 0x01, continued: 0x02 } as const;

export const SSI_SOURCE = { decoder: 0x00, host: 0x04 } as const;
export type SsiSource = (typeof SSI_SOURCE)[keyof typeof SSI_SOURCE];

const HEAD_BYTES = 4;
const CHECKSUM_BYTES = 2;
/** Most data in one packet: its length is one byte and counts the head. */
export const SSI_DATA_BYTES = 255 - HEAD_BYTES;

export type SsiPacket = { readonly opcode: number; readonly status: number; readonly data: Uint8Array };

/** Length (without the checksum), operation, source, status, data, checksum: the two's complement of the sum of all before it, big-endian. */
export function ssiBytes({ opcode, status, data }: SsiPacket, source: SsiSource): Uint8Array {
  const body = [HEAD_BYTES + data.length, opcode, source, status, ...data];
  const sum = checksum(body);
  return Uint8Array.from([...body, sum >> 8, sum & 0xff]);
}

function checksum(bytes: Iterable<number>): number {
  let sum = 0;
  for (const byte of bytes) sum += byte;
  return -sum & 0xffff;
}

/** `garbled`: something was said and is lost; the other side should be asked to say it again. */
export type SsiHeard = { readonly kind: 'packet'; readonly packet: SsiPacket } | { readonly kind: 'garbled' };

/**
 * Finds the packets of one sender in any bytes, in memory for one packet. One with a wrong checksum is dropped as long as it says it is: a
 * sender waits for an answer before it goes on. NULs between packets wake a sleeping scanner and mean nothing.
 */
export class SsiReader {
  private readonly source: SsiSource;
  private waiting: number[] = [];
  private noise: 'none' | 'some' = 'none';

  constructor(source: SsiSource) {
    this.source = source;
  }

  get isUnfinished(): boolean {
    return this.waiting.length > 0 || this.noise !== 'none';
  }

  read(chunk: Uint8Array): readonly SsiHeard[] {
    const heard: SsiHeard[] = [];
    for (const byte of chunk) {
      this.waiting.push(byte);
      this.sift(heard);
    }
    return heard;
  }

  /** The line went quiet: whatever waits will never be whole. */
  gap(): readonly SsiHeard[] {
    const lost = this.isUnfinished;
    this.waiting = [];
    this.noise = 'none';
    return lost ? [{ kind: 'garbled' }] : [];
  }

  private sift(heard: SsiHeard[]): void {
    while (this.waiting.length > 0) {
      const step = this.next();
      if (step === 'wait') return;
      if (step === 'skip') {
        if (this.waiting.shift() !== 0 && this.noise === 'none') this.noise = 'some';
      } else if (step === 'broken') {
        this.waiting = this.waiting.slice((this.waiting[0] ?? 0) + CHECKSUM_BYTES);
        this.noise = 'none';
        heard.push({ kind: 'garbled' });
      } else {
        this.waiting = this.waiting.slice(HEAD_BYTES + step.data.length + CHECKSUM_BYTES);
        this.noise = 'none';
        heard.push({ kind: 'packet', packet: step });
      }
    }
  }

  private next(): SsiPacket | 'wait' | 'skip' | 'broken' {
    const { waiting } = this;
    const [length = 0, opcode, source, status = 0] = waiting;
    if (length < HEAD_BYTES) return 'skip';
    if ((opcode !== undefined && !KNOWN.has(opcode)) || (source !== undefined && source !== this.source)) return 'skip';
    if (waiting.length < length + CHECKSUM_BYTES) return 'wait';
    const sum = ((waiting[length] ?? 0) << 8) | (waiting[length + 1] ?? 0);
    if (opcode === undefined || sum !== checksum(waiting.slice(0, length))) return 'broken';
    return { opcode, status, data: Uint8Array.from(waiting.slice(HEAD_BYTES, length)) };
  }
}
