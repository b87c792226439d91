import assert from 'node:assert/strict';
import { ok } from '#protocol/result/result.js';
import { PrinterDriver } from '../../../../firmware-agent/devices/printer/driver.js';
import { PRINTER_DELAYS } from '../../../../firmware-agent/devices/printer/delays.js';
import type { BodyOrder } from '../../../../firmware-agent/devices/printer/simulator/condition.js';
import { PaperFolder } from '../../../../firmware-agent/devices/printer/simulator/strip.js';
import { VirtualPrinter } from '../../../../firmware-agent/devices/printer/simulator/virtual-printer.js';
import { systemTimers } from '../../../../firmware-agent/devices/timers.js';
import { Line, type Connection } from '../../../../firmware-agent/devices/transport/transport.js';
import { tempFolder } from '../world.js';

const { recoverEveryMs } = PRINTER_DELAYS;
const WELL = [0x12, 0x12, 0x12, 0x12];
const KNIFE = [0x1a, 0x52, 0x1a, 0x12];
const MECHANICAL = [0x1a, 0x52, 0x16, 0x12];
const NO_KIND = [0x1a, 0x52, 0x12, 0x12];
const BROKEN = [0x1a, 0x52, 0x36, 0x12];
const LID_OVER_KNIFE = [0x1a, 0x56, 0x1a, 0x12];
const HOT = [0x1a, 0x52, 0x52, 0x12];
const NO_PAPER = [0x1a, 0x32, 0x12, 0x7e];

type Played = { readonly driver: PrinterDriver; readonly told: readonly string[]; readonly pass: (ms: number) => void };

/**
 * A driver on a printer played by hand, which answers DLE EOT with `bits`, and with `afterWord` once it was told anything; what it was told is kept. Time
 * passes only when a test says so.
 */
function played(bits: readonly number[], afterWord = bits): Played {
  const line = new Line();
  const told: string[] = [];
  let now = 0;
  const connection: Connection = {
    async write(bytes) {
      const [first, second, n = 0] = bytes;
      const answers = told.length === 0 ? bits : afterWord;
      if (first === 0x10 && second === 0x04) queueMicrotask(() => line.bytes(Uint8Array.of(answers[n - 1] ?? 0)));
      else told.push(Buffer.from(bytes).toString('hex'));
      return ok(undefined);
    },
    onBytes: (listener) => line.onBytes(listener),
    onClose: (listener) => line.onClose(listener),
    close: async () => line.end('closed'),
  };
  const timers = { ...systemTimers, now: () => now };
  const options = { confirmation: 'paper-status', drawerPin: 2, cutter: 'partial', delays: PRINTER_DELAYS, timers } as const;
  return { driver: new PrinterDriver(connection, { state: 'clean' }, options), told, pass: (ms) => void (now += ms) };
}

const RECOVER = '100502';

describe('printer: an error that it leaves only when it is told to', () => {
  for (const [name, bits] of [
    ['a stuck knife', KNIFE],
    ['a mechanical fault', MECHANICAL],
    ['a fault of no kind', NO_KIND],
  ] as const)
    it(`${name}: told to leave it at the first look, and then only at its pace`, async () => {
      const { driver, told, pass } = played(bits);
      await driver.look();
      assert.deepEqual(told, [RECOVER]);
      pass(recoverEveryMs - 1);
      await driver.look();
      assert.deepEqual(told, [RECOVER]);
      pass(1);
      await driver.look();
      await driver.look();
      assert.deepEqual(told, [RECOVER, RECOVER]);
    });

  for (const [name, bits] of [
    ['a broken printer', BROKEN],
    ['an open lid over a stuck knife, with fingers at it', LID_OVER_KNIFE],
    ['a warm head', HOT],
    ['the end of the paper', NO_PAPER],
    ['a printer that is well', WELL],
  ] as const)
    it(`${name} is told nothing`, async () => {
      const { driver, told } = played(bits);
      await driver.look();
      assert.deepEqual(told, []);
    });

  it('reports what it finds after the word, not before it', async () => {
    const look = await played(KNIFE, WELL).driver.look();
    assert.deepEqual(look, { found: 'answer', report: { state: 'ready' } });
  });

  it('a print that is refused sends no word: only looks do', async () => {
    const { driver, told } = played(KNIFE);
    assert.equal((await driver.print({ widthDots: 8, heightDots: 1, bytesPerRow: 1, data: Uint8Array.of(1) })).outcome, 'not-started');
    assert.deepEqual(told, []);
  });
});

describe('the virtual printer, in an error', () => {
  const folder = tempFolder();
  after(() => folder.remove());
  const ENQ = { goOn: Buffer.from('100501', 'hex'), forget: Buffer.from('100502', 'hex') };
  const LINES = Buffer.from('AAAA\nBBBB\n');
  const CUT = Buffer.from('1d564200', 'hex');
  const virtual = (...orders: readonly BodyOrder[]): VirtualPrinter => {
    const printer = new VirtualPrinter(384, new PaperFolder(folder.path), () => undefined);
    for (const order of orders) printer.order(order);
    return printer;
  };
  const recoverable: readonly (readonly [string, BodyOrder, BodyOrder])[] = [
    ['a stuck knife', { do: 'cutter-error' }, { do: 'cutter-fix' }],
    ['a recoverable fault', { do: 'error', recovery: 'recoverable' }, { do: 'error-fix' }],
  ];
  for (const [name, breakIt, mend] of recoverable) {
    it(`${name}: mended, it stays as it is until DLE ENQ, which does nothing before`, () => {
      const printer = virtual(breakIt);
      printer.receive(ENQ.forget);
      assert.equal(printer.state()['online'], 'no');
      printer.order(mend);
      assert.equal(printer.state()['online'], 'no');
      printer.receive(ENQ.forget);
      assert.equal(printer.state()['online'], 'yes');
    });

    it(`${name}: power off and on ends it too, once mended`, () => {
      const printer = virtual(breakIt);
      printer.powerCycle();
      assert.equal(printer.state()['online'], 'no');
      printer.order(mend);
      printer.powerCycle();
      assert.equal(printer.state()['online'], 'yes');
    });

    it(`${name}: DLE ENQ 1 goes on with what waits, DLE ENQ 2 forgets it`, () => {
      for (const [word, papers] of [
        [ENQ.goOn, 1],
        [ENQ.forget, 0],
      ] as const) {
        const printer = virtual(breakIt);
        printer.receive(Buffer.concat([LINES, CUT]));
        assert.equal(printer.papers.length, 0);
        printer.order(mend);
        printer.receive(word);
        assert.equal(printer.papers.length, papers);
        assert.equal(printer.state()['bufferedBytes'], 0);
      }
    });

    it(`${name}: under an open lid the word does nothing`, () => {
      const printer = virtual(breakIt, mend, { do: 'cover-open' });
      printer.receive(ENQ.forget);
      printer.order({ do: 'cover-close' });
      assert.equal(printer.state()['online'], 'no');
    });
  }

  it('a knife that jams at the cut cuts when it is freed and told to go on', () => {
    const printer = virtual({ do: 'cutter-error', at: 'next-cut' });
    printer.receive(Buffer.concat([LINES, CUT, LINES]));
    assert.deepEqual([printer.papers.length, printer.state()['online']], [0, 'no']);
    printer.order({ do: 'cutter-fix' });
    printer.receive(ENQ.goOn);
    assert.equal(printer.papers.length, 1);
    assert.notEqual(printer.state()['uncutRows'], 0, 'the lines behind the cut are on the next paper');
  });

  it('an unrecoverable error ends with the power alone', () => {
    const printer = virtual({ do: 'error', recovery: 'unrecoverable' }, { do: 'error-fix' });
    printer.receive(Buffer.concat([ENQ.goOn, ENQ.forget]));
    assert.equal(printer.state()['online'], 'no');
    printer.powerCycle();
    assert.equal(printer.state()['online'], 'yes');
  });

  it('DLE ENQ is heard in no other state: without paper nothing is forgotten', () => {
    const printer = virtual({ do: 'paper-out' });
    printer.receive(Buffer.concat([LINES, CUT, ENQ.forget]));
    printer.order({ do: 'refill' });
    assert.equal(printer.papers.length, 1);
  });
});
