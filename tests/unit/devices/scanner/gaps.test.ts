import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { SimulatedClock } from 'xstate';
import { ok } from '#protocol/result/result.js';
import type { DeviceReport, ScanEvent } from '../../../../firmware-agent/devices/ports.js';
import { scanOf } from '../../../../firmware-agent/devices/scanner/codec/framer.js';
import { SSI, SSI_NAK, SSI_SOURCE, ssiBytes } from '../../../../firmware-agent/devices/scanner/codec/ssi.js';
import { SCANNER_DELAYS, type DriverContext } from '../../../../firmware-agent/devices/scanner/driver.js';
import { startScanner } from '../../../../firmware-agent/devices/scanner/handle.js';
import { PlainDriver } from '../../../../firmware-agent/devices/scanner/plain-driver.js';
import { SsiDriver } from '../../../../firmware-agent/devices/scanner/ssi-driver.js';
import { plainScanner } from '../../../../firmware-agent/devices/scanner/styles.js';
import { TextDriver } from '../../../../firmware-agent/devices/scanner/text-driver.js';
import { systemTimers, type Timers } from '../../../../firmware-agent/devices/timers.js';
import { tcpTransport } from '../../../../firmware-agent/devices/transport/tcp.js';
import { Line, type Connection } from '../../../../firmware-agent/devices/transport/transport.js';
import { eventually } from '../../../support/world-value.js';
import { until } from '../world.js';
import { DELAYS, UNREADABLE } from './world.js';

/** The agent has something else to do, as during a slow flush of its ledger: nothing is read and no clock rings. */
function busyFor(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

type Piece = { readonly pauseMs: number; readonly text: string };
type Drive = (connection: Connection, context: DriverContext) => unknown;
const DRIVERS: readonly (readonly [string, Drive])[] = [
  ['lines', (connection, context) => new PlainDriver(connection, context)],
  ['Honeywell', (connection, context) => new TextDriver(connection, 'honeywell', 'leave', context)],
  ['Newland', (connection, context) => new TextDriver(connection, 'newland', 'leave', context)],
];

/** In small steps: a clock that jumps is an agent that was held up, and that is no gap. */
function passes(clock: SimulatedClock, ms: number): void {
  for (let left = ms; left > 0; left -= STEP_MS) clock.increment(Math.min(left, STEP_MS));
}
const STEP_MS = 10;

/** What a driver tells of a line that is spoken by hand, on a clock that stands. */
function heardBy(drive: Drive): { readonly line: Line; readonly clock: SimulatedClock; readonly told: ScanEvent[] } {
  const line = new Line();
  const clock = new SimulatedClock();
  const told: ScanEvent[] = [];
  const timers: Timers = {
    now: () => clock.now(),
    after: (delayMs, run) => {
      const id = clock.setTimeout(run, delayMs);
      return () => clock.clearTimeout(id);
    },
  };
  const connection: Connection = {
    write: async () => ok(undefined),
    onBytes: (listener) => line.onBytes(listener),
    onClose: (listener) => line.onClose(listener),
    close: async () => line.end('closed'),
  };
  drive(connection, { tell: (event) => told.push(event), memory: { reading: 'on', facts: {} }, delays: SCANNER_DELAYS, timers });
  return { line, clock, told };
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

  /** Codes in pieces, and the pause before each piece. */
  const pieces = (pauseMs: fc.Arbitrary<number>): fc.Arbitrary<readonly Piece[]> =>
    fc.array(fc.record({ pauseMs, text: fc.stringMatching(/^[0-9|]{1,12}$/u) }), { minLength: 1, maxLength: 4 });
  const beforeMs = fc.nat(3_000);
  const whole = fc.tuple(beforeMs, pieces(fc.nat(SCANNER_DELAYS.gapMs - 10)));
  /** Long enough to be a gap, and not so long that the line counts as quiet. */
  const anyhow = fc.tuple(beforeMs, pieces(fc.oneof(fc.nat(SCANNER_DELAYS.gapMs - 10), fc.integer({ min: 400, max: 950 }))));

  for (const [name, drive] of DRIVERS)
    it(`${name}: whatever the pauses in codes, those without a gap are told and no part of another is`, () => {
      fc.assert(
        fc.property(fc.array(fc.oneof(whole, anyhow), { minLength: 1, maxLength: 6 }), (codes) => {
          const { line, clock, told } = heardBy(drive);
          const wanted: string[] = [];
          for (const [pauseMs, [first, ...rest]] of codes) {
            for (const piece of [{ text: first?.text ?? '', pauseMs }, ...rest]) {
              passes(clock, piece.pauseMs);
              line.bytes(Buffer.from(piece.text));
            }
            line.bytes(Buffer.from('\r'));
            if (rest.every((piece) => piece.pauseMs < SCANNER_DELAYS.gapMs)) wanted.push([first, ...rest].map((piece) => piece?.text).join(''));
          }
          const scans = told.flatMap((event) => (event.kind === 'scan' ? [event.text] : []));
          assert.deepEqual(scans, wanted);
          assert.equal(told.length, codes.length, 'each is told, whole or unreadable');
        }),
        { numRuns: 500 },
      );
    });

  for (const [name, drive] of DRIVERS)
    it(`${name}: a code that never ends spoils none after a second of silence`, () => {
      const { line, clock, told } = heardBy(drive);
      line.bytes(Buffer.from('21001'));
      passes(clock, 2 * SCANNER_DELAYS.gapMs);
      assert.deepEqual(told.splice(0), [UNREADABLE]);
      passes(clock, SCANNER_DELAYS.quietMs);
      line.bytes(Buffer.from('42\r'));
      assert.deepEqual(told, [{ kind: 'scan', text: '42' }]);
    });

  it('Honeywell: letters that may have begun an answer, and then a gap, begin no code', () => {
    const { line, clock, told } = heardBy((connection, context) => new TextDriver(connection, 'honeywell', 'leave', context));
    line.bytes(Buffer.from('TER'));
    passes(clock, 600);
    line.bytes(Buffer.from('MINAL\r42\r'));
    assert.deepEqual(told, [{ kind: 'scan', text: '42' }]);
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

  it('SSI: a scanner that takes no bytes is owed a few answers and no more, and that is trouble until it takes them', async () => {
    const line = new Line();
    const writes: PromiseWithResolvers<Awaited<ReturnType<Connection['write']>>>[] = [];
    const connection: Connection = {
      write() {
        const one = Promise.withResolvers<Awaited<ReturnType<Connection['write']>>>();
        writes.push(one);
        return one.promise;
      },
      onBytes: (listener) => line.onBytes(listener),
      onClose: (listener) => line.onClose(listener),
      close: async () => line.end('closed'),
    };
    const told: ScanEvent[] = [];
    const reports: DeviceReport[] = [];
    const context = {
      tell: (event: ScanEvent) => told.push(event),
      memory: { reading: 'on', facts: {} },
      delays: DELAYS,
      timers: systemTimers,
    } as const;
    new SsiDriver(connection, context).onReport((report) => reports.push(report));
    for (let i = 0; i < 1_000; i += 1) line.bytes(code(0, `\x01${i}`));
    assert.equal(told.length, 1_000, 'codes are heard all the same');
    assert.equal(writes.length, 1, 'the line holds one');
    assert.deepEqual(reports, [{ state: 'trouble', problem: { code: 'scanner-error' } }]);
    for (let i = 0; i < writes.length; i += 1) {
      writes[i]?.resolve(ok(undefined));
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(writes.length, 9);
    assert.deepEqual(reports.slice(1), [{ state: 'ready' }]);
    line.bytes(code(0, '\x01more'));
    assert.equal(writes.length, 10);
    await connection.close();
  });

  it('an identifier in front of the data is part of the code where another symbology was told beside it', () => {
    assert.deepEqual(scanOf(Buffer.from(']A1SPOOF'), 'Q1'), [{ kind: 'scan', text: ']A1SPOOF', aim: 'Q1' }]);
    assert.deepEqual(scanOf(Buffer.from(']C1(01)'), 'C0'), [{ kind: 'scan', text: '(01)', aim: 'C1' }]);
    assert.deepEqual(scanOf(Buffer.from(']Q1text')), [{ kind: 'scan', text: 'text', aim: 'Q1' }]);
  });
});
