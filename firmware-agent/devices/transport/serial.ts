import { SerialPort } from 'serialport';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { Line, type Connection, type Transport } from './transport.js';

/** 8 data bits, no parity, one stop bit, as every device here has it. `flow` is what the device's switches are set to. */
export type SerialSettings = { readonly path: string; readonly baudRate: number; readonly flow: 'none' | 'hardware' | 'xon-xoff' };

export function serialTransport(settings: SerialSettings): Transport {
  const name = `serial ${settings.path}`;
  return { name, open: () => openPort(name, settings) };
}

function openPort(name: string, { path, baudRate, flow }: SerialSettings): Promise<Result<Connection, Failure<'absent' | 'busy'>>> {
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
      if (error === null) return resolve(ok(connectionOf(port, name)));
      resolve(failure(/lock|busy|temporarily unavailable/iu.test(error.message) ? 'busy' : 'absent', `${name}: ${error.message}`));
    });
  });
}

function connectionOf(port: SerialPort, name: string): Connection {
  const line = new Line();
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
    close: () => closePort(port, line, name),
  };
}

function closePort(port: SerialPort, line: Line, name: string): Promise<void> {
  return new Promise((resolve) => {
    line.end(`${name}: closed here`);
    if (!port.isOpen) return resolve();
    // What is unwritten is dropped first: closing would otherwise wait for a device that reads nothing.
    port.flush(() => port.close(() => resolve()));
  });
}
