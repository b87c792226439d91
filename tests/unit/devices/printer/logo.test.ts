import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { readDevices } from '../../../../firmware-agent/devices/configuration.js';
import { startPrinter } from '../../../../firmware-agent/devices/printer/handle.js';
import { isBlack } from '../../../../firmware-agent/devices/raster/bitmap.js';
import { readLogo } from '../../../../firmware-agent/devices/raster/logo.js';
import { paperBitmap } from '../../../../firmware-agent/devices/raster/paper.js';
import { tcpTransport } from '../../../../firmware-agent/devices/transport/tcp.js';
import { QUICK, simulatorWorld, SLIP, tempFolder, until } from '../world.js';

/** Left half black, right half light grey, lower right corner transparent black. */
function picture(width: number, height: number): Buffer {
  const png = new PNG({ width, height });
  for (let i = 0; i < width * height; i += 1) {
    const x = i % width;
    const y = Math.floor(i / width);
    const clear = x > width / 2 && y > height / 2;
    png.data.set(x < width / 2 ? [0, 0, 0, 255] : clear ? [0, 0, 0, 0] : [200, 200, 200, 255], i * 4);
  }
  return PNG.sync.write(png);
}

describe('a logo', () => {
  const folder = tempFolder();
  const file = (name: string, bytes: Uint8Array): string => {
    const path = join(folder.path, name);
    writeFileSync(path, bytes);
    return path;
  };
  after(() => folder.remove());

  it('is black where the picture, laid on white, is dark', () => {
    const read = readLogo(file('good.png', picture(20, 10)), 384);
    assert.ok(read.ok);
    assert.deepEqual([read.value.widthDots, read.value.heightDots], [20, 10]);
    assert.deepEqual([isBlack(read.value, 3, 3), isBlack(read.value, 15, 3), isBlack(read.value, 15, 8)], [true, false, false]);
  });

  const bad: readonly (readonly [string, () => string, RegExp])[] = [
    ['that is not there', () => join(folder.path, 'none.png'), /can not be read/u],
    ['that is no picture', () => file('text.png', Buffer.from('hello, this is no picture at all')), /not a PNG/u],
    ['that is cut off', () => file('cut.png', picture(20, 10).subarray(0, 60)), /damaged/u],
    ['wider than the head', () => file('wide.png', picture(400, 10)), /400 x 10 dots; at most 384 x 200/u],
    ['taller than 25 mm', () => file('tall.png', picture(10, 201)), /10 x 201/u],
    ['of a whole photograph', () => file('large.png', Buffer.alloc(300 * 1024)), /larger than 256 kB/u],
  ];
  for (const [name, make, words] of bad) {
    it(`${name} is a fault of the configuration, in words`, () => {
      const logo = make();
      const read = readLogo(logo, 384);
      assert.ok(!read.ok);
      assert.match(read.error.detail, words);
      writeFileSync(
        join(folder.path, 'devices.json'),
        JSON.stringify([{ kind: 'printer', transport: 'tcp', host: 'h', port: 9100, width: '58mm', logo }]),
      );
      const devices = readDevices(folder.path);
      assert.ok(!devices.ok);
      assert.match(devices.error.detail, words);
    });
  }

  it('stands at the top of a paper, in the middle', async () => {
    const world = await simulatorWorld();
    const read = readLogo(file('top.png', picture(100, 40)), 384);
    assert.ok(read.ok);
    const printer = startPrinter(tcpTransport(world.sim), { width: '58mm', delays: QUICK, logo: read.value });
    await until(printer, ({ state }) => state === 'ready');
    assert.equal((await printer.print(SLIP)).outcome, 'printed');
    const [paper] = world.papers();
    assert.ok(paper !== undefined);
    assert.deepEqual([isBlack(paper, 141, 0), isBlack(paper, 142, 0), isBlack(paper, 191, 39), isBlack(paper, 192, 39)], [false, true, true, false]);
    assert.ok(paper.heightDots > paperBitmap(SLIP, '58mm').heightDots + 10);
    await printer.close();
    await world.close();
  });
});

describe('a printer without a knife', () => {
  it('feeds to its bar, and the paper is torn off', async () => {
    const world = await simulatorWorld();
    const printer = startPrinter(tcpTransport(world.sim), { width: '58mm', delays: QUICK, cutter: 'none' });
    await until(printer, ({ state }) => state === 'ready');
    assert.equal((await printer.print(SLIP)).outcome, 'printed');
    assert.equal(world.papers().length, 0);
    const hanging = Number((await world.sim.order({ do: 'state' }))['uncutRows']);
    assert.equal(hanging, paperBitmap(SLIP, '58mm').heightDots + 144);
    await world.sim.order({ do: 'tear' });
    assert.equal(world.papers().length, 1);
    await printer.close();
    await world.close();
  });
});
