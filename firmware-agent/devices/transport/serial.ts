import { realpath, stat } from 'node:fs/promises';
import { SerialPort } from 'serialport';
import { failure, ok, type Result } from '#protocol/result/result.js';
import { pause, systemTimers } from '../timers.js';
import { Line, unlessGivenUp, type Connection, type OpenFault, type Transport } from './transport.js';

/** 8 data bits, no parity, one stop bit, as every device here has it. `flow` is what the device's switches are set to. */
export type SerialSettings = { readonly path: string; readonly baudRate: number; readonly flow: 'none' | 'hardware' | 'xon-xoff' };

/** How often an open line is compared with the node that it was opened by. */
const LOOK_MS = 1_000;

export function serialTransport(settings: SerialSettings): Transport {
  const name = `serial ${settings.path}`;
  return { name, open: (givenUp) => openPort(name, settings, givenUp) };
}

function openPort(name: string, { path, baudRate, flow }: SerialSettings, givenUp: AbortSignal | undefined): Promise<Result<Connection, OpenFault>> {
  return new Promise((resolve) => {
    const port = new SerialPort({
      path,
      baudRate,
      autoOpen: false,
      lock: true,
      rtscts: flow === 'hardware',
      xon: flow === 'xon-xoff',
      xoff: flow === 'xon-xoff',
    });
    port.open((error) => {
      if (error === null) return resolve(unlessGivenUp(connectionOf(port, name, path), name, givenUp));
      resolve(failure(faultIn(error.message), `${name}: ${error.message}`));
    });
  });
}

/** The addon tells what the kernel said in words only (strerror). */
function faultIn(message: string): OpenFault['code'] {
  if (/permission denied|not permitted/iu.test(message)) return 'denied';
  return /lock|busy|temporarily unavailable/iu.test(message) ? 'busy' : 'absent';
}

function connectionOf(port: SerialPort, name: string, path: string): Connection {
  const line = new Line();
  const stopWatch = watchNode(path, () => void closePort(port, line, `${name}: unplugged`));
  line.onClose(stopWatch);
  port.on('data', (chunk: Buffer) => line.bytes(chunk));
  port.on('error', (error) => line.end(`${name}: ${error.message}`));
  // `close` comes twice when the device is pulled; Line tells it once.
  port.on('close', () => line.end(`${name}: unplugged`));
  return {
    write: (bytes) =>
      new Promise((resolve) => {
        if (line.why !== undefined || !port.isOpen) return resolve(failure('lost', line.why ?? `${name}: closed`));
        const stop = line.onClose((why) => resolve(failure('lost', why)));
        port.write(Buffer.from(bytes), undefined, (error) => {
          stop();
          resolve(error === undefined || error === null ? ok(undefined) : failure('lost', `${name}: ${error.message}`));
        });
      }),
    onBytes: (listener) => line.onBytes(listener),
    onClose: (listener) => line.onClose(listener),
    close: () => closePort(port, line, `${name}: closed here`),
  };
}

/**
 * A device pulled between two reads is not told by serialport 13: the kernel then answers each read with nothing, and it reads again for ever
 * (bindings-cpp, unix-read). The node that is gone, or is another one by now, tells it.
 */
function watchNode(path: string, gone: () => void): () => void {
  const ending = new AbortController();
  void watch(path, gone, ending.signal);
  return () => ending.abort();
}

/** One look at a time, and on a thread: it is the agent that must not wait for a folder. */
async function watch(path: string, gone: () => void, ending: AbortSignal): Promise<void> {
  // Links of udev may be set anew while the device stays.
  const node = await realpath(path).catch(() => path);
  const opened = await identityOf(node);
  let seen = opened;
  while (seen !== undefined && seen === opened) {
    await pause(systemTimers, LOOK_MS, ending);
    if (ending.aborted) return;
    seen = await identityOf(node);
  }
  if (!ending.aborted) gone();
}

async function identityOf(node: string): Promise<string | undefined> {
  try {
    const { rdev, ino } = await stat(node);
    return `${rdev} ${ino}`;
  } catch {
    return undefined;
  }
}

function closePort(port: SerialPort, line: Line, why: string): Promise<void> {
  return new Promise((resolve) => {
    line.end(why);
    if (!port.isOpen) return resolve();
    // What is unwritten is dropped first: closing would otherwise wait for a device that reads nothing.
    port.flush(() => port.close(() => resolve()));
  });
}
