import { closeSync, constants, fstatSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import type { Timers } from '../timers.js';
import { Line, type Connection, type OpenFault, type Transport } from './transport.js';

/** How often a device is asked for bytes, and tried again when it takes none. */
const LOOK_MS = 8;
const READ_BYTES = 4_096;
/** How often a device that can not be read is looked for. */
const WATCH_MS = 1_000;

/**
 * A kernel device that is only a file, such as /dev/usb/lp0. Opened without O_CREAT, so that an unplugged printer never becomes a file on the
 * disk that takes receipts, and without blocking, so that a printer out of paper (usblp waits for minutes) holds no thread.
 */
export function characterDeviceTransport(path: string, timers: Timers): Transport {
  const name = `device ${path}`;
  return {
    name,
    open: async () => {
      const file = openDevice(path, name);
      return file.ok ? ok(connectionOf(file.value, path, name, timers)) : file;
    },
  };
}

const FAULTS: Readonly<Record<string, OpenFault['code']>> = { EBUSY: 'busy', EACCES: 'denied', EPERM: 'denied' };

function openDevice(path: string, name: string): Result<number, OpenFault> {
  let file: number;
  try {
    file = openSync(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    return failure(FAULTS[codeOf(error)] ?? 'absent', `${name}: ${messageOf(error)}`);
  }
  if (fstatSync(file).isCharacterDevice()) return ok(file);
  closeSync(file);
  return failure('absent', `${name}: not a character device`);
}

function connectionOf(file: number, path: string, name: string, timers: Timers): Connection {
  const line = new Line();
  const room = Buffer.alloc(READ_BYTES);
  const identity = fstatSync(file).rdev;
  let stopLooking: () => void = () => undefined;
  const look = (): void => {
    const read = attempt(() => readSync(file, room, 0, READ_BYTES, null));
    if (!read.ok) return read.error.code === 'one-way' ? watch() : end(read.error.detail);
    if (read.value > 0) line.bytes(Uint8Array.from(room.subarray(0, read.value)));
    if (line.why === undefined) stopLooking = timers.after(read.value > 0 ? 0 : LOOK_MS, look);
  };
  /** Nothing can come back on a parallel line or a one-way USB printer; that it was pulled out shows in its name, which goes. */
  const watch = (): void => {
    if (line.why !== undefined) return;
    if (statSync(path, { throwIfNoEntry: false })?.rdev !== identity) return end('gone');
    stopLooking = timers.after(WATCH_MS, watch);
  };
  const end = (why: string): void => {
    if (line.why !== undefined) return;
    stopLooking();
    closeSync(file);
    line.end(`${name}: ${why}`);
  };
  stopLooking = timers.after(0, look);
  return {
    write: (bytes) =>
      new Promise((resolve) => {
        let done = 0;
        const push = (): void => {
          if (line.why !== undefined) return resolve(failure('lost', line.why));
          const wrote = attempt(() => writeSync(file, bytes, done));
          if (!wrote.ok) {
            end(wrote.error.detail);
            return resolve(failure('lost', `${name}: ${wrote.error.detail}`));
          }
          done += wrote.value;
          if (done >= bytes.length) return resolve(ok(undefined));
          timers.after(wrote.value > 0 ? 0 : LOOK_MS, push);
        };
        push();
      }),
    onBytes: (listener) => line.onBytes(listener),
    onClose: (listener) => line.onClose(listener),
    close: async () => end('closed here'),
  };
}

/** What the kernel says of a device that has no way back: usblp of a one-way printer, lp without IEEE 1284. */
const ONE_WAY: ReadonlySet<string> = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/** Bytes moved; none when the device is not ready; a failure when it is gone or does not do this at all. */
function attempt(move: () => number): Result<number, Failure<'gone' | 'one-way'>> {
  try {
    return ok(move());
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EAGAIN') return ok(0);
    return failure(ONE_WAY.has(code) ? 'one-way' : 'gone', messageOf(error));
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
