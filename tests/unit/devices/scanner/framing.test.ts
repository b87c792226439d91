import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ScanEvent } from '../../../../firmware-agent/devices/ports.js';
import { RepeatFilter, SCAN_BYTES, ScanFramer } from '../../../../firmware-agent/devices/scanner/codec/framer.js';

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
    assert.deepEqual(framer.gap(), [], 'it is told once');
    assert.deepEqual(framer.read(Buffer.from('2345678\r210012345678\r')), [{ kind: 'scan', text: '210012345678' }]);
  });

  it('never makes a scan of either end of a code, wherever a gap cut it, and reads the next one', () => {
    const code = fc.stringMatching(/^[ -~]{2,60}$/u);
    fc.assert(
      fc.property(code, fc.nat(58), fc.constantFrom('\r', '\n', '\r\n'), (one, at, end) => {
        const framer = new ScanFramer();
        const cut = 1 + (at % (one.length - 1));
        const told = [...framer.read(Buffer.from(one.slice(0, cut))), ...framer.gap(), ...framer.read(Buffer.from(`${one.slice(cut)}${end}`))];
        assert.deepEqual(told, [UNREADABLE]);
        assert.deepEqual(framer.read(Buffer.from(`42${end}`)), [{ kind: 'scan', text: '42' }]);
      }),
      { numRuns: 500 },
    );
  });

  it('takes the next code for whole where a cut one never ends, once the line was quiet', () => {
    const framer = new ScanFramer();
    framer.read(Buffer.from('21001'));
    framer.gap();
    assert.equal(framer.standing, 'broken');
    framer.quiet();
    assert.equal(framer.standing, 'between');
    assert.deepEqual(framer.read(Buffer.from('42\r')), [{ kind: 'scan', text: '42' }]);
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
