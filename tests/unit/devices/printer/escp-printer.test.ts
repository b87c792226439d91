import assert from 'node:assert/strict';
import type { PrinterHandle, PrintOutcome } from '../../../../firmware-agent/devices/ports.js';
import { startEscpPrinter } from '../../../../firmware-agent/devices/printer/escp/handle.js';
import { escpJob, LONGEST_PASS_BYTES } from '../../../../firmware-agent/devices/printer/escp/page.js';
import { startDotMatrixSimulator, type DotMatrixSimulator } from '../../../../firmware-agent/devices/printer/simulator/dot-matrix/simulator.js';
import { systemTimers } from '../../../../firmware-agent/devices/timers.js';
import { characterDeviceTransport } from '../../../../firmware-agent/devices/transport/character-device.js';
import { serialTransport } from '../../../../firmware-agent/devices/transport/serial.js';
import { tcpTransport } from '../../../../firmware-agent/devices/transport/tcp.js';
import type { Transport } from '../../../../firmware-agent/devices/transport/transport.js';
import { HAS_SOCAT, ptyTo } from '../pty.js';
import { SLIP, tempFolder, until } from '../world.js';
import { ESCP_IMPATIENT, OneWayLine, pageOf, struck } from './escp-world.js';

const PAGE = pageOf(24);
const ends = (outcome: PrintOutcome): string => (outcome.outcome === 'printed' ? 'printed' : `${outcome.outcome}: ${outcome.cause}`);
const isReady = ({ state }: { readonly state: string }): boolean => state === 'ready';

async function onLine(work: (line: OneWayLine, printer: PrinterHandle) => Promise<void>): Promise<void> {
  const line = new OneWayLine();
  const printer = startEscpPrinter(line.transport, { page: PAGE, delays: ESCP_IMPATIENT });
  try {
    await until(printer, isReady);
    await work(line, printer);
  } finally {
    line.free();
    await printer.close();
  }
}

describe('a dot-matrix printer, which says nothing', () => {
  it('never says printed: when every byte was taken, the operator is asked', () =>
    onLine(async (line, printer) => {
      assert.equal(ends(await printer.print(SLIP)), 'unknown: not-told');
      const { forms, unknown } = struck(24, line.bytes);
      assert.deepEqual([forms, unknown], [struck(24, Buffer.concat(escpJob(SLIP, PAGE))).forms, 0]);
    }));

  it('off line before the job: nothing of it is sent, and the screen says so until bytes are taken again', () =>
    onLine(async (line, printer) => {
      line.state = 'busy';
      await until(printer, ({ problem }) => problem?.code === 'printer-silent');
      const before = line.bytes.length;
      assert.equal(ends(await printer.print(SLIP)), 'not-started: printer-silent');
      assert.equal(line.bytes.length, before);
      assert.equal(line.opened, 1, 'the line is not opened anew: nothing is wrong with it');
      line.free();
      await until(printer, isReady);
      assert.equal(ends(await printer.print(SLIP)), 'unknown: not-told');
    }));

  it('out of paper in the middle: unknown, the rest is dropped, and the next paper begins on a new form, whole', () =>
    onLine(async (line, printer) => {
      assert.equal(ends(await printer.print(SLIP)), 'unknown: not-told');
      const before = line.bytes.length;
      line.left = 2_000;
      assert.equal(ends(await printer.print(SLIP)), 'unknown: printer-silent');
      assert.ok(line.bytes.length - before <= 2_000, 'nothing was sent behind the stop');
      line.free();
      await until(printer, isReady);
      assert.equal(ends(await printer.print(SLIP)), 'unknown: not-told');
      const { forms, unknown } = struck(24, line.bytes);
      assert.equal(unknown, 0);
      assert.deepEqual(forms.at(-1), forms[0]);
      assert.equal(forms.length, 3, 'the torn one stands alone');
    }));

  it('unplugged: absent, and well again when plugged', () =>
    onLine(async (line, printer) => {
      line.pull();
      await until(printer, ({ state }) => state === 'absent');
      assert.equal(ends(await printer.print(SLIP)), 'not-started: printer-absent');
      line.free();
      await until(printer, isReady);
    }));

  it('clears what may hang out of it onto a form of its own', () =>
    onLine(async (line, printer) => {
      assert.deepEqual(await printer.clear(), { ok: true, value: undefined });
      assert.equal(line.bytes.filter((byte) => byte === 0x0c).length, 1);
      assert.ok(line.bytes.length > LONGEST_PASS_BYTES);
    }));

  it('told to clear before it is there: does so before its next paper, so that no two stand on one form', async () => {
    const line = new OneWayLine();
    const printer = startEscpPrinter(line.transport, { page: PAGE, delays: ESCP_IMPATIENT });
    await until(printer, isReady);
    assert.equal(ends(await printer.print(SLIP)), 'unknown: not-told');
    line.left = 2_000;
    assert.equal(ends(await printer.print(SLIP)), 'unknown: printer-silent');
    await printer.close();
    line.free();
    const later = startEscpPrinter(line.transport, { page: PAGE, delays: ESCP_IMPATIENT });
    assert.equal((await later.clear()).ok, false);
    await until(later, isReady);
    assert.equal(ends(await later.print(SLIP)), 'unknown: not-told');
    await later.close();
    const { forms } = struck(24, line.bytes);
    assert.deepEqual([forms.length, forms.at(-1)], [3, forms[0]], 'the torn one stands alone');
  });

  it('off line at the first byte of a paper: it never started, and no blank form is thrown out for it', () =>
    onLine(async (line, printer) => {
      assert.equal(ends(await printer.print(SLIP)), 'unknown: not-told');
      const { ended } = struck(24, line.bytes);
      // The two bytes that ask whether it takes any are taken, the modes behind them are not.
      line.left = 3;
      assert.equal(ends(await printer.print(SLIP)), 'not-started: printer-silent');
      line.free();
      await until(printer, isReady);
      assert.equal(ends(await printer.print(SLIP)), 'unknown: not-told');
      assert.equal(struck(24, line.bytes).ended, ended * 2);
    }));

  it('has no drawer', () =>
    onLine(async (_, printer) => {
      assert.equal((await printer.openDrawer()).ok, false);
    }));
});

type Way = readonly [name: string, make: (sim: DotMatrixSimulator) => Promise<{ readonly transport: Transport; readonly end: () => Promise<void> }>];
const WAYS: readonly Way[] = [
  ['tcp', async (sim) => ({ transport: tcpTransport(sim), end: async () => undefined })],
  ...(HAS_SOCAT
    ? ([
        [
          'a serial line',
          async ({ host, port }) => {
            const { path, end } = await ptyTo(host, port);
            return { transport: serialTransport({ path, baudRate: 115_200, flow: 'none' }), end };
          },
        ],
        [
          'a character device',
          async ({ host, port }) => {
            const { path, end } = await ptyTo(host, port);
            return { transport: characterDeviceTransport(path, systemTimers), end };
          },
        ],
      ] satisfies readonly Way[])
    : []),
];

describe('a dot-matrix printer on a real line', function () {
  this.timeout(30_000);
  for (const [name, make] of WAYS) {
    it(`${name}: form after form`, async () => {
      const folder = tempFolder();
      const sim = await startDotMatrixSimulator({ host: '127.0.0.1', port: 0, pins: 24, columns: 80, paperFolder: folder.path });
      const way = await make(sim);
      const printer = startEscpPrinter(way.transport, { page: PAGE });
      await until(printer, isReady);
      for (let turn = 1; turn <= 2; turn += 1) {
        const came = new Promise((resolve) => {
          sim.onPaper(resolve);
        });
        assert.equal(ends(await printer.print(SLIP)), 'unknown: not-told');
        await came;
      }
      const state = await sim.order({ do: 'state' });
      assert.deepEqual([state['unknownCommands'], (state['papers'] as readonly unknown[]).length], [0, 2]);
      await printer.close();
      await way.end();
      await sim.close();
      folder.remove();
    });
  }
  if (!HAS_SOCAT) it.skip('a serial line and a character device: socat (Debian package socat) is not installed here');
});
