import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const BLOCK_BYTES = 4_096;

/** What a durable write costs at least on this disk: 4 KiB appended to a file, then fdatasync. */
export class RawAppend {
  readonly #path: string;
  readonly #file: number;
  readonly #block = Buffer.alloc(BLOCK_BYTES, 0x6a);

  constructor(folder: string) {
    this.#path = join(folder, 'raw-append');
    this.#file = openSync(this.#path, 'a');
  }

  /** Milliseconds of one append. */
  once(): number {
    const begun = performance.now();
    writeSync(this.#file, this.#block);
    fdatasyncSync(this.#file);
    return performance.now() - begun;
  }

  times(count: number): readonly number[] {
    return Array.from({ length: count }, () => this.once());
  }

  close(): void {
    closeSync(this.#file);
    rmSync(this.#path, { force: true });
  }
}
