import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { print } from 'receiptio';
import { transform } from 'receiptline';
import type { PrinterOrder } from '../../../firmware-agent/devices/printer/simulator/condition.js';
import { isBlack, type Bitmap } from '../../../firmware-agent/devices/raster/bitmap.js';
import { simulatorWorld, type SimulatorWorld } from '../../unit/devices/world.js';
import { readQr } from './receipt-paper.js';

/** receiptio only knows port 9100: each test takes a loopback address of its own, so that tests can run beside each other. */
async function onPort9100(work: (world: SimulatorWorld, host: string) => Promise<void>): Promise<void> {
  const part = (): number => 2 + Math.floor(Math.random() * 250);
  const host = `127.${part()}.${part()}.${part()}`;
  const world = await simulatorWorld('80mm', host, 9100);
  try {
    await work(world, host);
  } finally {
    await world.close();
  }
}

const SLIP = 'Receipt | 12.00\n---\n^TOTAL | ^12.00\n';

describe('receiptio, an independent client, on the virtual printer', () => {
  const states: readonly (readonly [PrinterOrder, string])[] = [
    [{ do: 'normal' }, 'online'],
    [{ do: 'near-end' }, 'online'],
    [{ do: 'cover-open' }, 'coveropen'],
    [{ do: 'paper-out' }, 'paperempty'],
    [{ do: 'cutter-error' }, 'error'],
    [{ do: 'error', recovery: 'by-itself' }, 'error'],
  ];
  for (const [order, expected] of states) {
    it(`reads ${order.do} as ${expected}`, () =>
      onPort9100(async ({ sim }, host) => {
        await sim.order(order);
        assert.equal(await print('', `-d ${host} -q printer -t 5`), expected);
      }));
  }

  it('prints with success and gets its paper', () =>
    onPort9100(async ({ sim, papers }, host) => {
      assert.equal(await print(SLIP, `-d ${host} -p generic -c 48 -t 5`), 'success');
      assert.equal(papers().length, 1);
      assert.ok(blackDots(papers()[0]) > 500);
      assert.equal((await sim.order({ do: 'state' }))['unknownCommands'], 0);
    }));

  it('is told when the paper runs out in mid job', () =>
    onPort9100(async ({ sim }, host) => {
      await sim.order({ do: 'paper-out', afterRows: 40 });
      assert.equal(await print(SLIP, `-d ${host} -p generic -c 48 -t 5`), 'paperempty');
    }));

  it('finds the make by itself', () =>
    onPort9100(async ({ papers }, host) => {
      assert.equal(await print(SLIP, `-d ${host} -t 5`), 'success');
      assert.equal(papers().length, 1);
    }));
});

describe('bytes of other makers of bytes, on the virtual printer', () => {
  for (const command of ['generic', 'escpos', 'epson', 'citizen'] as const) {
    it(`receiptline for ${command}: every command is known, and its QR code is read back`, async () => {
      const text = 'HTTPS://HUB.EXAMPLE/R/ABCDEFG234567';
      const paper = await paperOf(Buffer.from(transform(`{code:${text}; option:qrcode,5,M}\n\n${SLIP}`, { cpl: 48, command }), 'latin1'));
      assert.equal(readQr(paper), text);
    });
  }

  it('escpos: text, alignment, sizes and cut', async () => {
    const paper = await paperOf(escposBytes());
    const inked = Array.from({ length: paper.heightDots }, (_, y) => y).filter((y) => span(paper, y) !== undefined);
    assert.ok(inked.length > 40);
    const [left, right] = span(paper, inked[10] ?? 0) ?? [0, 0];
    assert.ok(Math.abs(left + right - paper.widthDots) < 60, 'the title is centred');
    assert.ok((span(paper, inked.at(-3) ?? 0)?.[1] ?? 0) > paper.widthDots - 20, 'the last line is at the right edge');
  });
});

/** npm `escpos` with an adapter that only collects. */
function escposBytes(): Buffer {
  type Builder = {
    readonly align: (where: string) => Builder;
    readonly size: (across: number, down: number) => Builder;
    readonly text: (words: string) => Builder;
    readonly cut: () => Builder;
    readonly buffer: { readonly flush: () => Buffer };
  };
  const Printer = createRequire(import.meta.url)('escpos/printer') as new (adapter: object, options: object) => Builder;
  const printer = new Printer({}, { encoding: 'ascii' });
  return printer.align('ct').size(2, 2).text('RECEIPT').size(1, 1).align('lt').text('Amount').align('rt').text('1980.00').cut().buffer.flush();
}

/** Sends bytes as a plain client and gives the paper that they made. */
async function paperOf(bytes: Buffer): Promise<Bitmap> {
  const { sim, papers, close } = await simulatorWorld('80mm');
  try {
    const cut = new Promise<void>((resolve) => {
      sim.onPaper(() => resolve());
    });
    const socket = connect(sim.port, sim.host);
    socket.on('data', () => undefined);
    socket.write(bytes);
    await cut;
    socket.destroy();
    assert.equal((await sim.order({ do: 'state' }))['unknownCommands'], 0);
    const [paper] = papers();
    assert.ok(paper !== undefined);
    return paper;
  } finally {
    await close();
  }
}

function span(paper: Bitmap, y: number): readonly [number, number] | undefined {
  const black = Array.from({ length: paper.widthDots }, (_, x) => x).filter((x) => isBlack(paper, x, y));
  const [first] = black;
  const last = black.at(-1);
  return first === undefined || last === undefined ? undefined : [first, last];
}

function blackDots(paper: Bitmap | undefined): number {
  return paper === undefined ? 0 : paper.data.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
}
