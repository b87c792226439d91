import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import type { Unsubscribe } from '../ports.js';

/** The smallest thing a serial, network or character device must be. */
export type Transport = {
  /** Where it leads, for logs: `tcp 10.0.0.7:9100`. */
  readonly name: string;
  /**
   * `givenUp` is aborted when nobody wants the line any more, at any time before it has an owner: the line is then not to come up, or is closed
   * as soon as it is up, and the answer is a fault.
   */
  readonly open: (givenUp?: AbortSignal) => Promise<Result<Connection, OpenFault>>;
};

/** For openings that can not be broken off: the line that came up, closed again when nobody wants it any more. */
export async function unlessGivenUp<C extends { readonly close: () => Promise<void> }>(
  line: C,
  name: string,
  givenUp: AbortSignal | undefined,
): Promise<Result<C, OpenFault>> {
  if (givenUp?.aborted !== true) return ok(line);
  await line.close();
  return givenUpFault(name);
}

export function givenUpFault(name: string): Result<never, OpenFault> {
  return failure('absent', `${name}: given up before it was open`);
}

/** `absent`: nothing is there (not plugged in, refused, not a device). `busy`: another program holds it. `denied`: this process has no right to it. */
export type OpenFault = Failure<'absent' | 'busy' | 'denied'>;

/**
 * An open line. It has no time-outs of its own: a write may stay pending for ever (a printer without paper reads nothing), and whoever
 * writes keeps the watch.
 */
export type Connection = {
  /** Ends when the kernel has taken the bytes, or when the line has failed. Never rejects. */
  readonly write: (bytes: Uint8Array) => Promise<Result<void, Failure<'lost'>>>;
  readonly onBytes: (listener: (bytes: Uint8Array) => void) => Unsubscribe;
  /** Told once, why the line ended: unplugged, reset, closed by us. */
  readonly onClose: (listener: (why: string) => void) => Unsubscribe;
  /** Ends the line without waiting for what is unwritten. Safe to call again. */
  readonly close: () => Promise<void>;
};

/** The listeners of a connection: bytes to whoever listens, the end told once and to late comers too. */
export class Line {
  private readonly readers = new Set<(bytes: Uint8Array) => void>();
  private readonly mourners = new Set<(why: string) => void>();
  private ended: string | undefined;

  get why(): string | undefined {
    return this.ended;
  }

  bytes(chunk: Uint8Array): void {
    for (const reader of this.readers) reader(chunk);
  }

  end(why: string): void {
    if (this.ended !== undefined) return;
    this.ended = why;
    for (const mourner of this.mourners) mourner(why);
    this.mourners.clear();
    this.readers.clear();
  }

  onBytes(listener: (bytes: Uint8Array) => void): Unsubscribe {
    this.readers.add(listener);
    return () => this.readers.delete(listener);
  }

  onClose(listener: (why: string) => void): Unsubscribe {
    if (this.ended !== undefined) {
      listener(this.ended);
      return () => undefined;
    }
    this.mourners.add(listener);
    return () => this.mourners.delete(listener);
  }
}
