import assert from 'node:assert/strict';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { ok } from '#protocol/result/result.js';
import type { ScanEvent } from '../../../../firmware-agent/devices/ports.js';
import { scanOf } from '../../../../firmware-agent/devices/scanner/codec/framer.js';
import { SSI, SSI_NAK, SSI_SOURCE, ssiBytes } from '../../../../firmware-agent/devices/scanner/codec/ssi.js';
import { startScanner } from '../../../../firmware-agent/devices/scanner/handle.js';
import { SsiDriver } from '../../../../firmware-agent/devices/scanner/ssi-driver.js';
import { plainScanner } from '../../../../firmware-agent/devices/scanner/styles.js';
import { systemTimers } from '../../../../firmware-agent/devices/timers.js';
import { tcpTransport } from '../../../../firmware-agent/devices/transport/tcp.js';
import { Line } from '../../../../firmware-agent/devices/transport/transport.js';
import { eventually } from '../../../support/world-value.js';
import { until } from '../world.js';
import { DELAYS, UNREADABLE } from './world.js';

/** The agent has something else to do, as during a slow flush of its ledger: nothing is read and no clock rings. */
function busyFor(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('scanner: the tail of a code is nobody’s code', () => {
  it('a pause of the agent itself, between two pieces that came in time, is no gap', async () => {
    const far = Promise.withResolvers<Socket>();
    const server = createServer((socket) => far.resolve(socket.setNoDelay(true)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const scanner = startScanner(plainScanner(tcpTransport({ host: '127.0.0.1', port })), { delays: DELAYS });
    const told: ScanEvent[] = [];
    scanner.onScan((event) => told.push(event));
    await until(scanner, ({ state }) => state === 'ready');
    const socket = await far.promise;
    const heard = new Promise<void>((resolve) => setTimeout(resolve, DELAYS.gapMs / 2));
    socket.write('2100');
    await heard;
    socket.write('12345678\r');
    busyFor(DELAYS.gapMs * 3);
    await eventually('the code is told', () => told.length > 0);
    assert.deepEqual(told, [{ kind: 'scan', text: '210012345678' }]);
    await scanner.close();
    socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  /** An SSI decoder played by hand, and what the driver tells and says. */
  function decoder(answerMs: number): { readonly line: Line; readonly told: ScanEvent[]; readonly said: string[]; readonly driver: SsiDriver } {
    const line = new Line();
    const told: ScanEvent[] = [];
    const said: string[] = [];
    const connection = {
      write: async (bytes: Uint8Array) => {
        if (bytes.length > 2) said.push(`${bytes[1]?.toString(16)} ${bytes[4] ?? ''}`.trim());
        return ok(undefined);
      },
      onBytes: (listener: (bytes: Uint8Array) => void) => line.onBytes(listener),
      onClose: (listener: (why: string) => void) => line.onClose(listener),
      close: async () => line.end('closed'),
    };
    const driver = new SsiDriver(connection, {
      tell: (event) => told.push(event),
      memory: { reading: 'on', facts: {} },
      delays: { ...DELAYS, answerMs },
      timers: systemTimers,
    });
    return { line, told, said, driver };
  }

  const code = (status: number, text: string): Uint8Array =>
    ssiBytes({ opcode: SSI.decodeData, status, data: Buffer.from(text, 'latin1') }, SSI_SOURCE.decoder);
  const FIRST = code(2, '\x1cJVVNL|99999');
  const LAST = '|210012345678';
  const NAK = `${SSI.nak.toString(16)} ${SSI_NAK.resend}`;

  it('SSI: a packet cut in the middle of a code is asked for again, and makes the whole code', async () => {
    const { line, told, said, driver } = decoder(2_000);
    line.bytes(FIRST);
    line.bytes(code(0, LAST).subarray(0, 8));
    await eventually('it is asked for again', () => said.includes(NAK));
    line.bytes(code(1, LAST));
    assert.deepEqual(told, [{ kind: 'scan', text: `JVVNL|99999${LAST}` }]);
    await driver.close();
  });

  it('SSI: one that comes again too late is not a code of its own', async () => {
    const { line, told, driver } = decoder(80);
    line.bytes(FIRST);
    line.bytes(code(0, LAST).subarray(0, 8));
    await eventually('the code is given up', () => told.length > 0);
    line.bytes(code(1, LAST));
    line.bytes(code(0, '\x01whole'));
    assert.deepEqual(told, [UNREADABLE, { kind: 'scan', text: 'whole' }]);
    await driver.close();
  });

  it('an identifier in front of the data is part of the code where another symbology was told beside it', () => {
    assert.deepEqual(scanOf(Buffer.from(']A1SPOOF'), 'Q1'), [{ kind: 'scan', text: ']A1SPOOF', aim: 'Q1' }]);
    assert.deepEqual(scanOf(Buffer.from(']C1(01)'), 'C0'), [{ kind: 'scan', text: '(01)', aim: 'C1' }]);
    assert.deepEqual(scanOf(Buffer.from(']Q1text')), [{ kind: 'scan', text: 'text', aim: 'Q1' }]);
  });
});
