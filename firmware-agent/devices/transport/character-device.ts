import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import type { Timers } from '../timers.js';
import { Line, type Connection, type Transport } from './transport.js';

/** How often a device is asked for bytes, and tried again when it takes none. */
const LOOK_MS = 8;
const READ_BYTES = 4_096;

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
      return file.ok ? ok(connectionOf(file.value, name, timers)) : file;
    },
  };
}

function openDevice(path: string, name: string): Result<number, Failure<'absent' | 'busy'>> {
  let file: number;
  try {
    file = openSync(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    return failure(codeOf(error) === 'EBUSY' ? 'busy' : 'absent', `${name}: ${messageOf(error)}`);
  }
  if (fstatSync(file).isCharacterDevice()) return ok(file);
  closeSync(file);
  return failure('absent', `${name}: not a character device`);
}

function connectionOf(file: number, name: string, timers: Timers): Connection {
  const line = new Line();
  const room = Buffer.alloc(READ_BYTES);
  let stopLooking: () => void = () => undefined;
  const look = (): void => {
    const read = attempt(() => readSync(file, room, 0, READ_BYTES, null));
    if (!read.ok) return end(read.error);
    if (read.value > 0) line.bytes(Uint8Array.from(room.subarray(0, read.value)));
    if (line.why === undefined) stopLooking = timers.after(read.value > 0 ? 0 : LOOK_MS, look);
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
            end(wrote.error);
            return resolve(failure('lost', `${name}: ${wrote.error}`));
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

/** Bytes moved; none when the device is not ready; a failure when it is gone. */
function attempt(move: () => number): Result<number, string> {
  try {
    return ok(move());
  } catch (error) {
    return codeOf(error) === 'EAGAIN' ? ok(0) : { ok: false, error: messageOf(error) };
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
