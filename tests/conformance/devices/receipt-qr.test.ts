import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import jsQR from 'jsqr';
import { PNG } from 'pngjs';
import { PAPER_DOTS } from '#protocol/receipt/paper.js';
import { startPrinter } from '../../../firmware-agent/devices/printer/handle.js';
import { startPrinterSimulator } from '../../../firmware-agent/devices/printer/simulator/simulator.js';
import { tcpTransport } from '../../../firmware-agent/devices/transport/tcp.js';
import { HINDI_RECEIPT, QUICK, RECEIPT_URL, tempFolder, until } from '../../unit/devices/world.js';

const HAS_ZBAR = spawnSync('zbarimg', ['--version']).status === 0;

/** Prints a receipt through real bytes and gives the picture of the paper that came out. */
async function printedPaper(width: '58mm' | '80mm'): Promise<{ readonly file: string; readonly remove: () => void }> {
  const folder = tempFolder();
  const sim = await startPrinterSimulator({ host: '127.0.0.1', port: 0, width, paperFolder: folder.path });
  const printer = startPrinter(tcpTransport(sim), { width, delays: QUICK });
  await until(printer, ({ state }) => state === 'ready');
  const outcome = await printer.print(HINDI_RECEIPT);
  await printer.close();
  await sim.close();
  assert.equal(outcome.outcome, 'printed');
  return { file: join(folder.path, '001.png'), remove: folder.remove };
}

for (const width of ['58mm', '80mm'] as const) {
  describe(`the QR code on ${width} paper`, () => {
    it('is read by jsqr, on a picture as wide as the head', async () => {
      const { file, remove } = await printedPaper(width);
      const png = PNG.sync.read(readFileSync(file));
      remove();
      assert.equal(png.width, PAPER_DOTS[width]);
      assert.equal(jsQR.default(new Uint8ClampedArray(png.data), png.width, png.height)?.data, RECEIPT_URL);
    });

    if (HAS_ZBAR) {
      it('is read by zbarimg', async () => {
        const { file, remove } = await printedPaper(width);
        const read = spawnSync('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', file], { encoding: 'utf8' });
        remove();
        assert.equal(read.stdout.trim(), RECEIPT_URL);
      });
    } else {
      it.skip('is read by zbarimg: Debian package zbar-tools is not installed here');
    }
  });
}
