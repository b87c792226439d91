import { failure, ok, type Result } from '#protocol/result/result.js';
import { systemTimers, within } from '../timers.js';
import { KEYBOARD, type HidConnection, type HidFault, type HidTransport } from './hid.js';
import { hasUsage, readHidDescriptor, type HidUsage } from './hid-descriptor.js';
import { tcpTransport, type TcpAddress } from './tcp.js';
import { Line, unlessGivenUp, type Connection } from './transport.js';

const LENGTH_BYTES = 2;
/** Set in a length: what follows is no report but the report descriptor. */
const DESCRIPTOR_MARK = 0x8000;
/** A report of no length, which no device has: the host asks for the descriptor, as GET_DESCRIPTOR does on USB. */
const ASK_DESCRIPTOR = Uint8Array.of();
const DESCRIPTOR_MS = 2_000;

/**
 * HID reports over a socket, for simulators of HID devices: each report behind its length, 2 bytes big-endian. The reports are those of the
 * real device. With `wanted`, the device is asked for its descriptor first and must be of that usage, as when it is chosen on the USB;
 * one that tells no descriptor is taken as it is.
 */
export function hidSocketTransport(address: TcpAddress, wanted?: HidUsage): HidTransport {
  const tcp = tcpTransport(address);
  const name = `hid over ${tcp.name}`;
  return {
    name,
    async open(givenUp) {
      const opened = await tcp.open(givenUp);
      if (!opened.ok) return opened;
      const line = wanted === undefined ? ok(hidOver(opened.value)) : await chosen(opened.value, wanted, name);
      return line.ok ? unlessGivenUp(line.value, name, givenUp) : line;
    },
  };
}

async function chosen(connection: Connection, wanted: HidUsage, name: string): Promise<Result<HidConnection, HidFault>> {
  let answer: (bytes: Uint8Array) => void = () => undefined;
  const told = new Promise<Uint8Array>((resolve) => {
    answer = resolve;
  });
  connection.onClose(() => answer(Uint8Array.of()));
  const line = new Line();
  const stop = connection.onBytes(framesInto((frame, kind) => (kind === 'descriptor' ? answer(frame) : line.bytes(frame))));
  connection.onClose((why) => line.end(why));
  await connection.write(framed(ASK_DESCRIPTOR, 0));
  const descriptor = await within(systemTimers, DESCRIPTOR_MS, told);
  if (descriptor === 'late' || descriptor.length === 0) return ok(face(connection, line, undefined));
  const read = readHidDescriptor(descriptor);
  if (hasUsage(read, wanted)) return ok(face(connection, line, descriptor));
  stop();
  await connection.close();
  return hasUsage(read, KEYBOARD) ? failure('keyboard', `${name} types like a keyboard`) : failure('absent', `${name} is another device`);
}

/** One end of the line: the host's without a descriptor, or the device's (a simulator takes the socket that called it), which tells it when asked. */
export function hidOver(connection: Connection, descriptor?: Uint8Array): HidConnection {
  const line = new Line();
  connection.onBytes(
    framesInto((frame, kind) => {
      if (kind === 'descriptor') return;
      if (frame.length > 0) return line.bytes(frame);
      void connection.write(framed(descriptor ?? Uint8Array.of(), DESCRIPTOR_MARK));
    }),
  );
  connection.onClose((why) => line.end(why));
  return face(connection, line, descriptor);
}

function face(connection: Connection, line: Line, descriptor: Uint8Array | undefined): HidConnection {
  return {
    descriptor,
    write: (report) => connection.write(framed(report, 0)),
    onReport: (listener) => line.onBytes(listener),
    onClose: (listener) => line.onClose(listener),
    close: () => connection.close(),
  };
}

function framed(bytes: Uint8Array, mark: number): Buffer {
  const frame = Buffer.alloc(LENGTH_BYTES + bytes.length);
  frame.writeUInt16BE(bytes.length | mark);
  frame.set(bytes, LENGTH_BYTES);
  return frame;
}

/** Cuts what comes into frames; at most one frame (32 KiB) is kept waiting. */
function framesInto(take: (frame: Uint8Array, kind: 'report' | 'descriptor') => void): (chunk: Uint8Array) => void {
  let waiting: Buffer = Buffer.alloc(0);
  return (chunk) => {
    waiting = Buffer.concat([waiting, chunk]);
    while (waiting.length >= LENGTH_BYTES) {
      const head = waiting.readUInt16BE();
      const end = LENGTH_BYTES + (head & ~DESCRIPTOR_MARK);
      if (waiting.length < end) return;
      const frame = Uint8Array.from(waiting.subarray(LENGTH_BYTES, end));
      waiting = waiting.subarray(end);
      take(frame, (head & DESCRIPTOR_MARK) === 0 ? 'report' : 'descriptor');
    }
  };
}
