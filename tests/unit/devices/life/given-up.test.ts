import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { LIFE_DELAYS } from '../../../../firmware-agent/devices/life/live-driver.js';
import { PAGE_PRINTER_DELAYS } from '../../../../firmware-agent/devices/page-printer/delays.js';
import { startPagePrinter } from '../../../../firmware-agent/devices/page-printer/handle.js';
import { startPrinter } from '../../../../firmware-agent/devices/printer/handle.js';
import { HID_SCANNER } from '../../../../firmware-agent/devices/scanner/codec/hid-layout.js';
import { hidSocketTransport } from '../../../../firmware-agent/devices/transport/hid-socket.js';
import { serialTransport } from '../../../../firmware-agent/devices/transport/serial.js';
import { tcpTransport } from '../../../../firmware-agent/devices/transport/tcp.js';
import type { Transport } from '../../../../firmware-agent/devices/transport/transport.js';
import { eventually } from '../../../support/world-value.js';
import { HAS_SOCAT, ptyTo } from '../pty.js';
import { QUICK } from '../world.js';

/** A server that listens and never takes a line: once its queue is full, the kernel answers no dial. */
const DEAF = `
  const { parentPort, workerData } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(workerData, 0, 0);
    process.exit(0);
  });
`;

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

/** The port of a server whose queue is full. */
async function deafServer(): Promise<number> {
  const wake = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(DEAF, { eval: true, workerData: wake });
  opened.push(async () => {
    Atomics.store(wake, 0, 1);
    Atomics.notify(wake, 0);
    await once(worker, 'exit');
  });
  const port = z.int().parse((await once(worker, 'message'))[0]);
  const fillers: Socket[] = [];
  while (dialling(port) === 0) {
    const filler = connect({ host: '127.0.0.1', port });
    filler.on('error', () => undefined);
    fillers.push(filler);
    await eventually('it is taken, or not answered', () => !filler.connecting || dialling(port) > 0);
  }
  for (const filler of fillers.splice(0)) if (filler.connecting) filler.destroy();
  await eventually('only the tests dial', () => dialling(port) === 0);
  return port;
}

const SYN_SENT = '02';

/** Dials to the port that the kernel goes on with (proc(5), /proc/net/tcp). */
function dialling(port: number): number {
  const remote = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = readFileSync('/proc/net/tcp', 'utf8').trimEnd().split('\n').slice(1);
  return lines.map((line) => line.trim().split(/\s+/u)).filter(([, , far, state]) => far?.endsWith(remote) === true && state === SYN_SENT).length;
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

/** A server that takes every line and says nothing; the lines that are open. */
async function silentServer(): Promise<{ readonly port: number; readonly lines: ReadonlySet<Socket> }> {
  const lines = new Set<Socket>();
  const port = await listening(
    createServer((socket) => {
      lines.add(socket.on('error', () => undefined).on('close', () => lines.delete(socket)));
      socket.resume();
    }),
  );
  opened.push(async () => lines.forEach((socket) => socket.destroy()));
  return { port, lines };
}

describe('a line that is given up', () => {
  it('over TCP is dialled no further: the next one is alone', async () => {
    const tcp = tcpTransport({ host: '127.0.0.1', port: await deafServer() });
    const port = Number(tcp.name.split(':').at(-1));
    const under: number[] = [];
    const watched: Transport = {
      ...tcp,
      open: (givenUp) => {
        under.push(dialling(port));
        return tcp.open(givenUp);
      },
    };
    const printer = startPrinter(watched, { width: '58mm', delays: { ...QUICK, connectMs: 60 } });
    opened.push(() => printer.close());
    await eventually('it was tried again and again', () => under.length > 3);
    assert.deepEqual([...new Set(under)], [0]);
    assert.match(printer.whyAway() ?? '', /did not open within 60 ms/u);
    await printer.close();
    assert.equal(dialling(port), 0, 'nothing is left behind a device that was closed');
  });

  it('over TCP is closed when it had just come up', async () => {
    const { port, lines } = await silentServer();
    const giving = new AbortController();
    const line = await tcpTransport({ host: '127.0.0.1', port }).open(giving.signal);
    assert.ok(line.ok);
    await eventually('it is taken', () => lines.size === 1);
    giving.abort();
    await eventually('it is closed', () => lines.size === 0);
  });

  it('of a HID device over a socket is closed while its descriptor is awaited', async () => {
    const { port, lines } = await silentServer();
    const giving = new AbortController();
    const opening = hidSocketTransport({ host: '127.0.0.1', port }, HID_SCANNER).open(giving.signal);
    await eventually('it is taken', () => lines.size === 1);
    giving.abort();
    assert.equal((await opening).ok, false);
    await eventually('it is closed', () => lines.size === 0);
  });

  it('over TLS ends with its device, in the middle of the handshake', async () => {
    const { port, lines } = await silentServer();
    const delays = { ...PAGE_PRINTER_DELAYS, ...LIFE_DELAYS, connectMs: 600_000, answerMs: 600_000 };
    const printer = startPagePrinter(`ipps://127.0.0.1:${port}/ipp/print`, { pin: '0'.repeat(64), delays });
    opened.push(() => printer.close());
    await eventually('it is taken', () => lines.size === 1);
    await printer.close();
    await eventually('it is closed', () => lines.size === 0);
  });

  if (HAS_SOCAT)
    it('on a serial port is closed as soon as the kernel has opened it', async () => {
      const { port } = await silentServer();
      const { path, end } = await ptyTo('127.0.0.1', port);
      opened.push(end);
      const serial = serialTransport({ path, baudRate: 9_600, flow: 'none' });
      const giving = new AbortController();
      const opening = serial.open(giving.signal);
      giving.abort();
      assert.equal((await opening).ok, false);
      // The port is locked while it is open.
      const again = await serial.open();
      assert.ok(again.ok);
      await again.value.close();
    });
  else it.skip('on a serial port is closed: needs socat (Debian package socat), which is not installed here');
});
