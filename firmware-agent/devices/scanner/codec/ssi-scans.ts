import type { ScanEvent } from '../../ports.js';
import { SCAN_BYTES, scanOf, type Standing } from './framer.js';
import { SSI_STATUS, type SsiPacket } from './ssi.js';

/** Bar code types whose symbology identifier is certain; the scanner tells the others only when it is programmed to (`Transmit Code ID: AIM`). */
const AIM_OF_TYPE: ReadonlyMap<number, string> = new Map([
  [0x03, 'C0'],
  [0x0a, 'E4'],
  [0x0b, 'E0'],
  [0x0f, 'C1'],
]);

/**
 * Joins DECODE_DATA packets into codes: the first byte of a code's first packet is its type, and `continued` says that more follow. A packet
 * that is sent again because our acknowledgement was lost counts once.
 */
export class SsiScanJoiner {
  private waiting: number[] = [];
  private overlong: 'no' | 'yes' = 'no';
  private last: string | undefined;
  /** A code was given up: a packet of it that is still sent again would pass for a whole one. */
  private given: 'up' | 'no' = 'no';
  /** What comes is the rest of it. */
  private broken: 'no' | 'yes' = 'no';

  get standing(): Standing {
    if (this.broken === 'yes') return 'broken';
    return this.waiting.length > 0 ? 'within' : 'between';
  }

  read({ status, data }: SsiPacket): readonly ScanEvent[] {
    const body = `${status & SSI_STATUS.continued} ${Buffer.from(data).toString('base64')}`;
    const again = (status & SSI_STATUS.retransmit) !== 0 && body === this.last;
    this.last = body;
    if (again) return [];
    if (this.broken === 'yes') {
      if ((status & SSI_STATUS.continued) === 0) this.broken = 'no';
      return [];
    }
    if (this.given === 'up' && (status & SSI_STATUS.retransmit) !== 0) return [];
    this.given = 'no';
    if (this.waiting.length + data.length > SCAN_BYTES + 1) this.overlong = 'yes';
    else this.waiting.push(...data);
    return (status & SSI_STATUS.continued) === 0 ? this.finish() : [];
  }

  /** The rest of a code did not come. */
  gap(): readonly ScanEvent[] {
    if (this.standing !== 'within') return [];
    this.given = 'up';
    this.broken = 'yes';
    this.waiting = [];
    this.overlong = 'no';
    return [{ kind: 'unreadable' }];
  }

  /** Nothing came for so long that the next packet is the first of a code. */
  quiet(): void {
    this.broken = 'no';
  }

  private finish(): readonly ScanEvent[] {
    const { overlong } = this;
    const [type = 0, ...data] = this.waiting;
    this.waiting = [];
    this.overlong = 'no';
    if (overlong === 'yes') return [{ kind: 'unreadable' }];
    return scanOf(Uint8Array.from(data), AIM_OF_TYPE.get(type));
  }
}
