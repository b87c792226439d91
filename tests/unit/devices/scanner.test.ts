import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ScanEvent } from '../../../firmware-agent/devices/ports.js';
import { RepeatFilter, SCAN_BYTES, ScanFramer } from '../../../firmware-agent/devices/scanner/codec/framer.js';
import { SCANNER_DELAYS } from '../../../firmware-agent/devices/scanner/driver.js';
import { startScanner } from '../../../firmware-agent/devices/scanner/handle.js';
import { plainScanner } from '../../../firmware-agent/devices/scanner/styles.js';
import { startScannerSimulator, type ScannerSimulator } from '../../../firmware-agent/devices/scanner/simulator/simulator.js';
import { serialTransport } from '../../../firmware-agent/devices/transport/serial.js';
import { tcpTransport } from '../../../firmware-agent/devices/transport/tcp.js';
import type { Transport } from '../../../firmware-agent/devices/transport/transport.js';
import { HAS_SOCAT, ptyTo } from './pty.js';
import { until } from './world.js';

const DELAYS = { ...SCANNER_DELAYS, gapMs: 40, repeatMs: 60_000, backoffFirstMs: 10, backoffLongestMs: 40 };
const UNREADABLE: ScanEvent = { kind: 'unreadable' };

function read(text: string | Uint8Array): readonly ScanEvent[] {
  return new ScanFramer().read(typeof text === 'string' ? Buffer.from(text, 'utf8') : text);
}

describe('scanner: framing', () => {
  const rows: readonly (readonly [string, readonly ScanEvent[]])[] = [
    ['210012345678\r', [{ kind: 'scan', text: '210012345678' }]],
    ['210012345678\n', [{ kind: 'scan', text: '210012345678' }]],
    ['210012345678\r\n', [{ kind: 'scan', text: '210012345678' }]],
    ['\r\n\r\n', []],
    [
      'A\rB\r',
      [
        { kind: 'scan', text: 'A' },
        { kind: 'scan', text: 'B' },
      ],
    ],
    [']C101095\r', [{ kind: 'scan', text: '01095', aim: 'C1' }]],
    [']Q3विद्युत\r', [{ kind: 'scan', text: 'विद्युत', aim: 'Q3' }]],
    [']C1\r', []],
    [']\r', [{ kind: 'scan', text: ']' }]],
    ['01\u001d10\r', [{ kind: 'scan', text: '01\u001d10' }]],
    ['unfinished', []],
  ];
  for (const [bytes, events] of rows) it(JSON.stringify(bytes), () => assert.deepEqual(read(bytes), events));

  it('calls what is not text unreadable, and the next one is read', () => {
    assert.deepEqual(read(Uint8Array.from([0xff, 0x41, 0x0d, 0x42, 0x0d])), [UNREADABLE, { kind: 'scan', text: 'B' }]);
  });

  it('takes the longest scan, and calls a longer one unreadable as a whole', () => {
    assert.deepEqual(read(`${'9'.repeat(SCAN_BYTES)}\r`), [{ kind: 'scan', text: '9'.repeat(SCAN_BYTES) }]);
    assert.deepEqual(read(`${'9'.repeat(SCAN_BYTES + 1)}\rA\r`), [UNREADABLE, { kind: 'scan', text: 'A' }]);
  });

  it('never makes a scan of what a gap cut', () => {
    const framer = new ScanFramer();
    assert.deepEqual(framer.read(Buffer.from('21001')), []);
    assert.deepEqual(framer.gap(), [UNREADABLE]);
    assert.deepEqual(framer.gap(), []);
    assert.deepEqual(framer.read(Buffer.from('2345678\r')), [{ kind: 'scan', text: '2345678' }]);
  });

  it('reads any bytes, however they are cut, the same way', () => {
    const bytes = fc.array(fc.oneof(fc.constantFrom(0x0d, 0x0a, 0x5d, 0x43, 0x31), fc.integer({ min: 0, max: 255 })), { maxLength: 120 });
    fc.assert(
      fc.property(bytes, fc.nat(120), (all, cut) => {
        const framer = new ScanFramer();
        const pieces = [...framer.read(Uint8Array.from(all.slice(0, cut))), ...framer.read(Uint8Array.from(all.slice(cut)))];
        assert.deepEqual(pieces, read(Uint8Array.from(all)));
        for (const event of pieces) if (event.kind === 'scan') assert.doesNotMatch(event.text, /[\r\n]/u);
      }),
      { numRuns: 500 },
    );
  });

  it('reads back every text that a scanner can send', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }).filter((one) => !/[\r\n]|^\]|^\uFEFF/u.test(one));
    fc.assert(fc.property(text, (one) => assert.deepEqual(read(`${one}\r\n`), [{ kind: 'scan', text: one }])));
  });
});

describe('scanner: repeats', () => {
  it('tells a code once while it stays before the window, and again after it was away', () => {
    const filter = new RepeatFilter(1_000);
    const a: ScanEvent = { kind: 'scan', text: 'A' };
    const told = [0, 500, 1_400, 2_300, 3_400].map((now) => filter.passes(a, now));
    assert.deepEqual(told, [true, false, false, false, true]);
    assert.equal(filter.passes({ kind: 'scan', text: 'B' }, 3_401), true);
    assert.equal(filter.passes(a, 3_402), true, 'another code between ends the repetition');
    assert.equal(filter.passes({ kind: 'scan', text: 'A', aim: 'C1' }, 3_403), true);
    assert.equal(filter.passes(UNREADABLE, 3_404) && filter.passes(UNREADABLE, 3_405), true);
  });
});

type Wired = { readonly transport: Transport; readonly end: () => Promise<void> };

function contract(name: string, wire: (sim: ScannerSimulator) => Promise<Wired>): void {
  describe(`scanner over ${name}`, () => {
    const on = async (work: (sim: ScannerSimulator, next: (count: number) => Promise<readonly ScanEvent[]>) => Promise<void>): Promise<void> => {
      const sim = await startScannerSimulator({ way: 'serve', host: '127.0.0.1', port: 0 });
      const { transport, end } = await wire(sim);
      const scanner = startScanner(plainScanner(transport), { delays: DELAYS });
      const heard: ScanEvent[] = [];
      let wake: () => void = () => undefined;
      scanner.onScan((event) => {
        heard.push(event);
        wake();
      });
      const next = async (count: number): Promise<readonly ScanEvent[]> => {
        while (heard.length < count) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        return heard.splice(0);
      };
      try {
        await until(scanner, ({ state }) => state === 'ready');
        await reached(sim);
        await work(sim, next);
      } finally {
        await scanner.close();
        await end();
        await sim.close();
      }
    };

    it('hears each code once, with its symbology', () =>
      on(async (sim, next) => {
        await sim.order({ do: 'scan', text: '210012345678', times: 5 });
        await sim.order({ do: 'suffix', suffix: 'crlf' });
        await sim.order({ do: 'scan', text: 'विद्युत\u001d42', aim: 'Q3' });
        assert.deepEqual(await next(2), [
          { kind: 'scan', text: '210012345678' },
          { kind: 'scan', text: 'विद्युत\u001d42', aim: 'Q3' },
        ]);
      }));

    it('says that a cut and a garbled code are unreadable', () =>
      on(async (sim, next) => {
        await sim.order({ do: 'cut', text: '210012345678' });
        assert.deepEqual(await next(1), [UNREADABLE]);
        await sim.order({ do: 'garble', text: '210012345678' });
        assert.deepEqual(await next(1), [UNREADABLE]);
        await sim.order({ do: 'scan', text: '210012345678' });
        assert.deepEqual(await next(1), [{ kind: 'scan', text: '210012345678' }]);
      }));
  });
}

/** Until the reader's line has really arrived at the scanner. */
async function reached(sim: ScannerSimulator): Promise<void> {
  for (;;) {
    const answer = await sim.order({ do: 'state' });
    if (answer.ok && (answer.state as { readers: number }).readers > 0) return;
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

contract('tcp', async ({ host, port }) => ({ transport: tcpTransport({ host, port }), end: async () => undefined }));

if (HAS_SOCAT) {
  contract('a serial line', async ({ host, port }) => {
    const { path, end } = await ptyTo(host, port);
    return { transport: serialTransport({ path, baudRate: 9_600, flow: 'none' }), end };
  });
} else {
  it.skip('scanner over a serial line needs socat (Debian package socat), which is not installed here');
}

describe('scanner: life', () => {
  it('is absent when unplugged, in the middle of a code too, and ready when it is back', async () => {
    const sim = await startScannerSimulator({ way: 'serve', host: '127.0.0.1', port: 0 });
    const scanner = startScanner(plainScanner(tcpTransport(sim)), { delays: { ...DELAYS, gapMs: 60_000 } });
    const heard: ScanEvent[] = [];
    const unreadable = new Promise<void>((resolve) => {
      scanner.onScan((event) => {
        heard.push(event);
        resolve();
      });
    });
    assert.deepEqual(scanner.state(), { state: 'absent', problem: { code: 'scanner-absent' } });
    await until(scanner, ({ state }) => state === 'ready');
    await reached(sim);
    await sim.order({ do: 'cut', text: '210012345678' });
    await sim.order({ do: 'unplug' });
    await until(scanner, ({ state }) => state === 'absent');
    await unreadable;
    assert.deepEqual(heard, [UNREADABLE]);
    assert.equal((await sim.order({ do: 'scan', text: 'A' })).ok, false, 'nobody is there to read');
    await sim.order({ do: 'plug' });
    await until(scanner, ({ state }) => state === 'ready');
    await scanner.close();
    await sim.close();
  });
});
