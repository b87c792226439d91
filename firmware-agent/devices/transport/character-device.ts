import { closeSync, constants, fstatSync, open, readSync, writeSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import type { Timers } from '../timers.js';
import { Line, unlessGivenUp, type Connection, type OpenFault, type Transport } from './transport.js';

/**
 * How soon a device is asked for bytes again, and tried again when it takes none. While nothing comes and nothing is said to it, the time
 * doubles up to the longest: what it says by itself (a lid that is opened) may be heard that much later, and a kiosk at rest is left at rest.
 */
const LOOK_MS = 8;
const LOOK_LONGEST_MS = 64;
const READ_BYTES = 4_096;
/** How often a device that can not be read is looked for. */
const WATCH_MS = 1_000;

/**
 * A kernel device that is only a file, such as /dev/usb/lp0. Opened without O_CREAT, so that an unplugged printer never becomes a file on the
 * disk that takes receipts, and without blocking, so that a printer out of paper (usblp waits for minutes) holds no thread. That is also why it
 * is read and written where the program runs: such a call only moves what the kernel has, or can take, at that moment (usblp at most 8 KiB), and
 * is over sooner than a thread would be found for it. Node offers no waiting for such a file, so it is asked again and again. What may take
 * longer, to open it (the kernel wakes a sleeping USB device) and to look its name up, is left to a thread.
 */
export function characterDeviceTransport(path: string, timers: Timers): Transport {
  const name = `device ${path}`;
  return {
    name,
    open: async (givenUp) => {
      const file = await openDevice(path, name);
      return file.ok ? unlessGivenUp(connectionOf(file.value, path, name, timers), name, givenUp) : file;
    },
  };
}

const FAULTS: Readonly<Record<string, OpenFault['code']>> = { EBUSY: 'busy', EACCES: 'denied', EPERM: 'denied' };

/** The file itself, not a handle object: that would close it whenever it is no longer held. */
const openFile = promisify(open);

async function openDevice(path: string, name: string): Promise<Result<number, OpenFault>> {
  let file: number;
  try {
    file = await openFile(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY);
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
  let restMs = LOOK_MS;
  let dueMs = 0;
  let way: 'both' | 'one-way' = 'both';
  const look = (): void => {
    const read = attempt(() => readSync(file, room, 0, READ_BYTES, null));
    if (!read.ok) {
      if (read.error.code !== 'one-way') return end(read.error.detail);
      way = 'one-way';
      return void watch();
    }
    if (read.value > 0) line.bytes(Uint8Array.from(room.subarray(0, read.value)));
    if (line.why !== undefined) return;
    lookIn(read.value > 0 ? 0 : restMs);
    restMs = read.value > 0 ? LOOK_MS : Math.min(restMs * 2, LOOK_LONGEST_MS);
  };
  const lookIn = (delayMs: number): void => {
    stopLooking();
    dueMs = timers.now() + delayMs;
    stopLooking = timers.after(delayMs, look);
  };
  /** Something is said to it, and an answer may come. */
  const lookSoon = (): void => {
    restMs = LOOK_MS;
    // Never put off: one who writes without a pause must hear too.
    if (way === 'both' && line.why === undefined && dueMs - timers.now() > LOOK_MS) lookIn(LOOK_MS);
  };
  /** Nothing can come back on a parallel line or a one-way USB printer; that it was pulled out shows in its name, which goes. */
  const watch = async (): Promise<void> => {
    const seen = await stat(path).catch(() => undefined);
    if (line.why !== undefined) return;
    if (seen?.rdev !== identity) return end('gone');
    stopLooking = timers.after(WATCH_MS, () => void watch());
  };
  const end = (why: string): void => {
    if (line.why !== undefined) return;
    stopLooking();
    closeSync(file);
    line.end(`${name}: ${why}`);
  };
  lookIn(0);
  return {
    write(bytes) {
      lookSoon();
      return writeAll(file, bytes, { line, end, name, timers });
    },
    onBytes: (listener) => line.onBytes(listener),
    onClose: (listener) => line.onClose(listener),
    close: async () => end('closed here'),
  };
}

type Open = { readonly line: Line; readonly end: (why: string) => void; readonly name: string; readonly timers: Timers };

function writeAll(file: number, bytes: Uint8Array, { line, end, name, timers }: Open): ReturnType<Connection['write']> {
  return new Promise((resolve) => {
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
      // The wait does not grow here: a print head that runs dry stops, and shows it on the paper. Whoever writes bounds the whole of it.
      timers.after(wrote.value > 0 ? 0 : LOOK_MS, push);
    };
    push();
  });
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
