import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readDotCommand } from '../../../../firmware-agent/devices/printer/simulator/dot-matrix/commands.js';
import { VirtualDotMatrix } from '../../../../firmware-agent/devices/printer/simulator/dot-matrix/dot-matrix.js';
import { PaperFolder } from '../../../../firmware-agent/devices/printer/simulator/strip.js';
import { tempFolder } from '../world.js';
import { struck } from './escp-world.js';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const dotsOf = (pins: 9 | 24, bytes: Uint8Array): readonly string[] => [...(struck(pins, bytes).forms[0] ?? [])];

describe('the virtual dot-matrix printer reads ESC/P', () => {
  const rows: readonly (readonly [string, string, unknown])[] = [
    ['ESC * 24 pins', '1b2a270100 ff00ff', { do: 'picture', mode: 39, columns: 1, data: Uint8Array.of(0xff, 0, 0xff) }],
    ['ESC * 8 pins', '1b2a050200 8001', { do: 'picture', mode: 5, columns: 2, data: Uint8Array.of(0x80, 1) }],
    ['ESC L', '1b4c0100 ff', { do: 'picture', mode: 1, columns: 1, data: Uint8Array.of(0xff) }],
    ['ESC J', '1b4a18', { do: 'feed', units: 24 }],
    ['ESC 3', '1b3318', { do: 'spacing', of: { units: 24 } }],
    ['ESC C lines', '1b4324', { do: 'form', length: { lines: 36 } }],
    ['ESC C inches', '1b43000c', { do: 'form', length: { inches: 12 } }],
    ['SI', '0f', { do: 'condensed', to: 'on' }],
    ['DC2', '12', { do: 'condensed', to: 'off' }],
    ['ESC W as a letter', '1b5730', { do: 'wide', to: 'off' }],
    ['ESC U', '1b5501', { do: 'nothing' }],
    ['a tab list', '1b440810 00', { do: 'nothing' }],
    ['what it does not know', '1b7f', { do: 'unknown', bytes: [0x1b, 0x7f] }],
  ];
  for (const [name, bytes, expected] of rows) {
    it(name, () => {
      const read = readDotCommand(hex(bytes));
      assert.ok(read !== 'more');
      assert.deepEqual([{ ...read.command }, read.length], [expected, hex(bytes).length]);
      if (hex(bytes).length > 1) assert.equal(readDotCommand(hex(bytes).subarray(0, -1)), 'more');
    });
  }

  it('reads any bytes to their end, in however many pieces, with the same dots', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        let at = 0;
        for (let read = readDotCommand(bytes); read !== 'more'; read = readDotCommand(bytes.subarray(at))) {
          assert.ok(read.length > 0);
          at += read.length;
        }
        assert.ok(at <= bytes.length);
        struck(24, bytes);
        struck(9, bytes);
      }),
    );
  });
});

describe('the virtual dot-matrix printer strikes', () => {
  it('each pin in its place: 1/180 inch under each other on 24 pins, 1/72 on 9', () => {
    assert.deepEqual(dotsOf(24, hex('1b2a270100 c00001')), ['0,0', '0,6', '0,138']);
    assert.deepEqual(dotsOf(9, hex('1b2a010100 c1')), ['0,0', '0,15', '0,105']);
  });

  it('each column in its place, by the density of the mode', () => {
    assert.deepEqual(dotsOf(24, hex('1b2a270200 800000 800000')), ['0,0', '4,0']);
    assert.deepEqual(dotsOf(24, hex('1b2a210200 800000 800000')), ['0,0', '6,0']);
    assert.deepEqual(dotsOf(9, hex('1b2a050200 8080')), ['0,0', '10,0']);
  });

  it('after ESC J, CR, ESC 3 and LF where they lead', () => {
    assert.deepEqual(dotsOf(24, hex('1b2a270100 800000 0d 1b4a18 1b2a270100 800000')), ['0,0', '0,144']);
    assert.deepEqual(dotsOf(9, hex('1b3301 1b2a010100 80 0a 1b2a010100 80')), ['0,0', '0,5']);
    assert.deepEqual(dotsOf(24, hex('1b6c0a 1b2a270100 800000')), ['720,0']);
  });

  it('on the next form after FF, and when a form is full', () => {
    assert.equal(struck(24, hex('1b4302 2e 0c 2e')).forms.length, 2);
    assert.equal(struck(24, hex('1b4302 2e0a 2e0a 2e')).forms.length, 2);
  });
});

describe('the virtual dot-matrix printer fails', () => {
  function bench(): { readonly printer: VirtualDotMatrix; readonly busy: string[]; readonly end: () => void } {
    const folder = tempFolder();
    const printer = new VirtualDotMatrix(24, 80, new PaperFolder(folder.path));
    const busy: string[] = [];
    printer.onBusy = (state) => busy.push(state);
    return { printer, busy, end: folder.remove };
  }

  it('out of paper in the middle: it turns busy, keeps what it has, and goes on when refilled', () => {
    const { printer, busy, end } = bench();
    printer.order({ do: 'paper-out', afterLines: 3 });
    busy.splice(0);
    printer.receive(Buffer.from('A\r\nB\r\nC\r\nD\r\n', 'latin1'));
    assert.deepEqual(busy, ['busy']);
    assert.equal(printer.state()['paper'], 'out');
    assert.equal(printer.state()['bufferedBytes'], 3);
    printer.order({ do: 'refill' });
    assert.deepEqual(
      printer.papers.map((paper) => paper.end),
      ['torn'],
    );
    printer.receive(Uint8Array.of(0x0c));
    assert.deepEqual(
      printer.papers.map((paper) => paper.end),
      ['torn', 'cut'],
    );
    end();
  });

  it('off line it takes nothing off its buffer; the power switch empties it', () => {
    const { printer, busy, end } = bench();
    printer.order({ do: 'off-line' });
    printer.receive(Buffer.from('A\r\n\f', 'latin1'));
    assert.deepEqual([busy, printer.papers.length], [['busy'], 0]);
    printer.powerCycle();
    printer.order({ do: 'on-line' });
    printer.receive(Uint8Array.of(0x0c));
    assert.deepEqual([busy, printer.papers.length], [['busy', 'free'], 0]);
    end();
  });
});
