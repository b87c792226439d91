const LF = 0x0a;
const CR = 0x0d;

/**
 * Cuts bytes into lines that end with LF, CR or both; empty ones are dropped. Memory is bounded: a line longer than `limitBytes` comes out as
 * `undefined`, once, at its end. Bytes that are not UTF-8 become U+FFFD.
 */
export class LineCutter {
  private readonly limitBytes: number;
  private waiting: number[] = [];
  private length = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  read(chunk: Uint8Array): readonly (string | undefined)[] {
    const lines: (string | undefined)[] = [];
    for (const byte of chunk) {
      if (byte === LF || byte === CR) {
        if (this.length > 0) lines.push(this.finish());
        continue;
      }
      this.length += 1;
      if (this.length <= this.limitBytes) this.waiting.push(byte);
    }
    return lines;
  }

  private finish(): string | undefined {
    const { waiting, length } = this;
    this.waiting = [];
    this.length = 0;
    return length > this.limitBytes ? undefined : Buffer.from(waiting).toString('utf8');
  }
}
