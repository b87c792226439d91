import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';

/**
 * More than the gadget can hold (ten requests of 8 KiB), so that each read empties it. With half of a request read, usb_f_printer (seen with
 * 6.1.192) frees that request at the unplugging, goes on using it after the next plugging, and the guest's kernel dies.
 */
const READ_BYTES = 128 * 1024;
const LOOK_MS = 5;

/** The device's own end of a printer gadget, /dev/g_printer0: what the host prints comes out, what the printer answers goes in. */
export class PrinterEnd {
  private readonly file: number;
  private readonly timer: NodeJS.Timeout;
  private unsent: Buffer[] = [];
  private state: 'open' | 'closed' = 'open';

  /** Throws until the host has taken the device up. */
  constructor(node: string, take: (bytes: Uint8Array) => void) {
    this.file = openSync(node, constants.O_RDWR | constants.O_NONBLOCK);
    const room = Buffer.alloc(READ_BYTES);
    this.timer = setInterval(() => {
      this.push();
      const count = moved(() => readSync(this.file, room));
      if (count > 0) take(Buffer.from(room.subarray(0, count)));
    }, LOOK_MS);
  }

  say(bytes: Uint8Array): void {
    if (this.state === 'closed') return;
    this.unsent.push(Buffer.from(bytes));
    this.push();
  }

  close(): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    clearInterval(this.timer);
    closeSync(this.file);
  }

  private push(): void {
    const all = Buffer.concat(this.unsent);
    if (all.length === 0) return;
    const count = moved(() => writeSync(this.file, all));
    this.unsent = [all.subarray(count)];
  }
}

/** None when the device is not ready, or gone: that is for whoever holds the cable to see. */
function moved(move: () => number): number {
  try {
    return move();
  } catch {
    return 0;
  }
}
