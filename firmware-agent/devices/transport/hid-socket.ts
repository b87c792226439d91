import { ok } from '#protocol/result/result.js';
import type { HidConnection, HidTransport } from './hid.js';
import { tcpTransport, type TcpAddress } from './tcp.js';
import { Line, type Connection } from './transport.js';

const LENGTH_BYTES = 2;

/** HID reports over a socket, for simulators of HID devices: each report behind its length, 2 bytes big-endian. The reports are those of the real device. */
export function hidSocketTransport(address: TcpAddress): HidTransport {
  const tcp = tcpTransport(address);
  return {
    name: `hid over ${tcp.name}`,
    async open() {
      const opened = await tcp.open();
      return opened.ok ? ok(hidOver(opened.value)) : opened;
    },
  };
}

/** Both ends speak alike: also how a simulator takes the socket that called it. */
export function hidOver(connection: Connection): HidConnection {
  const line = new Line();
  let waiting: Buffer = Buffer.alloc(0);
  connection.onBytes((chunk) => {
    waiting = Buffer.concat([waiting, chunk]);
    while (waiting.length >= LENGTH_BYTES && waiting.length >= LENGTH_BYTES + waiting.readUInt16BE()) {
      const end = LENGTH_BYTES + waiting.readUInt16BE();
      line.bytes(Uint8Array.from(waiting.subarray(LENGTH_BYTES, end)));
      waiting = waiting.subarray(end);
    }
  });
  connection.onClose((why) => line.end(why));
  return {
    descriptor: undefined,
    write(report) {
      const framed = Buffer.alloc(LENGTH_BYTES + report.length);
      framed.writeUInt16BE(report.length);
      framed.set(report, LENGTH_BYTES);
      return connection.write(framed);
    },
    onReport: (listener) => line.onBytes(listener),
    onClose: (listener) => line.onClose(listener),
    close: () => connection.close(),
  };
}
