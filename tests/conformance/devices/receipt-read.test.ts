import assert from 'node:assert/strict';
import { startEscpPrinter } from '../../../firmware-agent/devices/printer/escp/handle.js';
import type { Pins } from '../../../firmware-agent/devices/printer/escp/grid.js';
import { startPrinter } from '../../../firmware-agent/devices/printer/handle.js';
import { startDotMatrixSimulator } from '../../../firmware-agent/devices/printer/simulator/dot-matrix/simulator.js';
import type { Bitmap } from '../../../firmware-agent/devices/raster/bitmap.js';
import { tcpTransport } from '../../../firmware-agent/devices/transport/tcp.js';
import { QUICK, readPaper, RECEIPT_URL, simulatorWorld, tempFolder, until } from '../../unit/devices/world.js';
import { HAS_TESSERACT, HAS_ZBAR, HINDI_SENTENCES, ocrReads, readQr, receiptIn, zbarReads } from './receipt-paper.js';
import { join } from 'node:path';

async function thermal(width: '58mm' | '80mm'): Promise<Bitmap> {
  const world = await simulatorWorld(width);
  const printer = startPrinter(tcpTransport(world.sim), { width, delays: QUICK });
  await until(printer, ({ state }) => state === 'ready');
  assert.equal((await printer.print(receiptIn('hi'))).outcome, 'printed');
  const [paper] = world.papers();
  await printer.close();
  await world.close();
  assert.ok(paper !== undefined);
  return paper;
}

async function dotMatrix(pins: Pins): Promise<Bitmap> {
  const folder = tempFolder();
  const sim = await startDotMatrixSimulator({ host: '127.0.0.1', port: 0, pins, columns: 80, paperFolder: folder.path });
  const printer = startEscpPrinter(tcpTransport(sim), { page: { pins, columns: 80, formLines: 72 } });
  await until(printer, ({ state }) => state === 'ready');
  const came = new Promise<{ readonly file: string }>((resolve) => {
    sim.onPaper(resolve);
  });
  assert.equal((await printer.print(receiptIn('hi'))).outcome, 'unknown');
  const paper = readPaper(join(folder.path, (await came).file));
  await printer.close();
  await sim.close();
  folder.remove();
  return paper;
}

const PAPERS: readonly (readonly [name: string, scale: 1 | 2, print: () => Promise<Bitmap>])[] = [
  ['58 mm', 2, () => thermal('58mm')],
  ['80 mm', 2, () => thermal('80mm')],
  ['a form of 24 pins', 1, () => dotMatrix(24)],
  ['a form of 9 pins', 1, () => dotMatrix(9)],
];

/** Tesseract's versions differ in a word; a script drawn wrong loses nearly all of them. */
const SENTENCES_READ = HINDI_SENTENCES.length - 1;

for (const [name, scale, print] of PAPERS) {
  describe(`a Hindi receipt on ${name}`, function () {
    this.timeout(60_000);
    let paper: Bitmap;
    before(async () => {
      paper = await print();
    });

    it('has a QR code that jsqr reads', () => assert.equal(readQr(paper), RECEIPT_URL));

    if (HAS_ZBAR) it('has a QR code that zbarimg reads', () => assert.equal(zbarReads(paper), RECEIPT_URL));
    else it.skip('has a QR code that zbarimg reads: Debian package zbar-tools is not installed here');

    if (HAS_TESSERACT) {
      it('is Hindi to a stranger: tesseract reads its sentences', () => {
        const text = ocrReads(paper, scale);
        const read = HINDI_SENTENCES.filter((sentence) => text.includes(sentence));
        assert.ok(read.length >= SENTENCES_READ, `read only ${read.join(' | ')} in: ${text}`);
      });
    } else it.skip('is Hindi to a stranger: Debian package tesseract-ocr-hin is not installed here');
  });
}
