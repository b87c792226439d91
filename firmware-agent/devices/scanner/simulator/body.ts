import type { Connection } from '../../transport/transport.js';
import type { BodyOrder } from './orders.js';

/**
 * What became of an order: bytes went out; a setting changed; this style has no such fault; or the scanner does not read just now.
 */
export type Performed = 'sent' | 'set' | 'not-this-style' | 'not-reading';

/** A virtual scanner without its plug. */
export type ScannerBody = {
  /** A line to a reader. The body forgets it when it ends. */
  readonly attach: (line: Connection) => void;
  readonly perform: (order: BodyOrder) => Performed;
  /** For the answer to `state`: settings, and what it was told (`heard`). */
  readonly state: () => Readonly<Record<string, unknown>>;
  /** Told before the plug is pulled, and at the end. */
  readonly powerOff: () => void;
};

/** The readers of a scanner, as one mouth. */
export class Readers {
  private readonly lines = new Set<Connection>();

  get count(): number {
    return this.lines.size;
  }

  add(line: Connection): void {
    this.lines.add(line);
    line.onClose(() => this.lines.delete(line));
  }

  say(bytes: Uint8Array): void {
    for (const line of this.lines) void line.write(bytes);
  }
}

/** The last orders that a scanner was given, for tests and the curious. */
export class Heard {
  private readonly orders: string[] = [];

  add(order: string): void {
    this.orders.push(order);
    if (this.orders.length > MOST_HEARD) this.orders.shift();
  }

  get all(): readonly string[] {
    return [...this.orders];
  }
}

const MOST_HEARD = 50;

/** No text in any form of UTF-8. */
export function garbled(text: string): Uint8Array {
  return Buffer.concat([Buffer.from([0xff, 0xc0]), Buffer.from(text, 'utf8')]);
}

export function firstHalf(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, Math.ceil(bytes.length / 2));
}
