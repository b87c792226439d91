import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import ReceiptPrinterEncoder from '@point-of-sale/receipt-printer-encoder';
import { simulatorWorld, type SimulatorWorld } from '../../unit/devices/world.js';
import { readQr } from './receipt-paper.js';

const TEXT = 'HTTPS://HUB.EXAMPLE/R/ABCDEFG234567';

/** Sends a job to a fresh virtual printer and looks at the one paper that comes out. */
async function onPrinter(job: (world: SimulatorWorld) => Promise<void>): Promise<void> {
  const world = await simulatorWorld('80mm');
  try {
    const cut = new Promise<void>((resolve) => {
      world.sim.onPaper(() => resolve());
    });
    await job(world);
    await cut;
    const [paper] = world.papers();
    assert.ok(paper !== undefined && world.papers().length === 1);
    assert.equal(readQr(paper), TEXT);
    assert.equal((await world.sim.order({ do: 'state' }))['unknownCommands'], 0);
  } finally {
    await world.close();
  }
}

describe('other encoders on the virtual printer', () => {
  it('@point-of-sale/receipt-printer-encoder: every command is known, and its QR code is read back', () =>
    onPrinter(async ({ sim }) => {
      const bytes = new ReceiptPrinterEncoder({ language: 'esc-pos', columns: 48 })
        .initialize()
        .align('center')
        .bold(true)
        .line('RECEIPT')
        .bold(false)
        .align('left')
        .line('Amount 1980.00')
        .rule()
        .qrcode(TEXT)
        .newline(2)
        .cut()
        .encode();
      const socket = connect(sim.port, sim.host);
      socket.on('data', () => undefined);
      await new Promise<void>((resolve) => {
        socket.end(bytes, () => resolve());
      });
    }));

  it('node-thermal-printer, by its own TCP interface: every command is known, and its QR code is read back', () =>
    onPrinter(async ({ sim }) => {
      type Builder = {
        readonly alignCenter: () => void;
        readonly println: (text: string) => void;
        readonly leftRight: (left: string, right: string) => void;
        readonly drawLine: () => void;
        readonly printQR: (text: string, options: object) => void;
        readonly cut: () => void;
        readonly execute: () => Promise<unknown>;
        readonly isPrinterConnected: () => Promise<boolean>;
      };
      const { ThermalPrinter } = createRequire(import.meta.url)('node-thermal-printer') as { ThermalPrinter: new (options: object) => Builder };
      const printer = new ThermalPrinter({ type: 'epson', interface: `tcp://${sim.host}:${sim.port}`, characterSet: 'PC437_USA', width: 48 });
      assert.equal(await printer.isPrinterConnected(), true);
      printer.alignCenter();
      printer.println('RECEIPT');
      printer.leftRight('Amount', '1980.00');
      printer.drawLine();
      printer.printQR(TEXT, { cellSize: 5, correction: 'M' });
      printer.cut();
      await printer.execute();
    }));
});
