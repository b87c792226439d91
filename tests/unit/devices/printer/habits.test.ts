import assert from 'node:assert/strict';
import type { PrinterHandle, PrintOutcome } from '../../../../firmware-agent/devices/ports.js';
import type { PrinterDelays } from '../../../../firmware-agent/devices/printer/delays.js';
import { startPrinter } from '../../../../firmware-agent/devices/printer/handle.js';
import type { Habit, PrinterOrder } from '../../../../firmware-agent/devices/printer/simulator/condition.js';
import { paperBitmap } from '../../../../firmware-agent/devices/raster/paper.js';
import { tcpTransport } from '../../../../firmware-agent/devices/transport/tcp.js';
import { differences, HINDI_RECEIPT, IMPATIENT, QUICK, simulatorWorld, SLIP, until, type SimulatorWorld } from '../world.js';

type At = { readonly world: SimulatorWorld; readonly printer: PrinterHandle; readonly order: (order: PrinterOrder) => Promise<void> };

async function withHabits(habits: readonly Habit[], work: (at: At) => Promise<void>, delays: PrinterDelays = QUICK): Promise<void> {
  const world = await simulatorWorld();
  for (const habit of habits) await world.sim.order({ do: 'habit', habit });
  const printer = startPrinter(tcpTransport(world.sim), { width: '58mm', delays });
  try {
    await until(printer, ({ state }) => state === 'ready');
    await work({ world, printer, order: async (order) => void (await world.sim.order(order)) });
  } finally {
    await printer.close();
    await world.close();
  }
}

const ends = (outcome: PrintOutcome): string => (outcome.outcome === 'printed' ? 'printed' : `${outcome.outcome}: ${outcome.cause}`);

/** Until the virtual printer stands so. */
async function taken({ sim }: SimulatorWorld, wanted: (state: Readonly<Record<string, unknown>>) => boolean): Promise<void> {
  while (!wanted(await sim.order({ do: 'state' }))) await new Promise((resolve) => setImmediate(resolve));
}

/** The next paper is the whole of what was asked, with nothing of an older one on it. */
async function nextIsWhole({ world, printer }: At): Promise<void> {
  await until(printer, ({ state }) => state === 'ready');
  assert.equal(ends(await printer.print(SLIP)), 'printed');
  const wanted = paperBitmap(SLIP, '58mm');
  const last = world.papers().at(-1);
  assert.ok(last !== undefined && last.heightDots <= wanted.heightDots);
  assert.equal(differences(wanted, last).missing, 0);
}

describe('printer: the end of the paper, however a make tells it', () => {
  for (const habit of ['paper-by-sensor', 'paper-by-stop'] as const) {
    it(`${habit}: refused before the first byte, and well with a new roll`, () =>
      withHabits(['no-changes', habit], async (at) => {
        await at.order({ do: 'paper-out' });
        assert.equal(ends(await at.printer.print(SLIP)), 'not-started: paper-out');
        await at.order({ do: 'refill' });
        await nextIsWhole(at);
      }));

    it(`${habit}: unknown in mid job, and the next paper is whole`, () =>
      withHabits(['no-changes', habit], async (at) => {
        await at.order({ do: 'paper-out', afterRows: 200 });
        assert.equal(ends(await at.printer.print(HINDI_RECEIPT)), 'unknown: paper-out');
        await at.order({ do: 'refill' });
        await nextIsWhole(at);
      }));
  }

  it('prints-on-air: what it confirms without paper is not printed', () =>
    withHabits(['no-changes', 'prints-on-air'], async (at) => {
      await at.order({ do: 'paper-out', afterRows: 200 });
      assert.equal(ends(await at.printer.print(HINDI_RECEIPT)), 'unknown: paper-out');
      await at.order({ do: 'refill' });
      await nextIsWhole(at);
    }));
});

describe('printer: answers that come at another time', () => {
  it('early-paper: an answer that came before the paper moved confirms nothing', () =>
    withHabits(['early-paper'], async ({ world, printer, order }) => {
      await order({ do: 'error', recovery: 'by-itself', afterRows: 150 });
      let ended: PrintOutcome | undefined;
      const printing = printer.print(HINDI_RECEIPT).then((outcome) => {
        ended = outcome;
      });
      await until(printer, ({ problem }) => problem?.code === 'printer-hot');
      // The whole job is in, its paper question answered already; the printer waits for nothing but its head.
      await taken(world, ({ earlyAnswers }) => earlyAnswers === 1);
      // And the driver has asked twice since how it is, behind that answer.
      const asked = Number((await world.sim.order({ do: 'state' }))['receivedBytes']);
      await taken(world, ({ receivedBytes }) => Number(receivedBytes) >= asked + 2 * 4 * 3);
      assert.equal(ended, undefined);
      assert.deepEqual(world.papers(), []);
      await order({ do: 'error-fix' });
      await printing;
      assert.deepEqual(ended, { outcome: 'printed' });
      assert.equal(world.papers().length, 1);
    }));

  it('late, and within patience: printed once and whole', () =>
    withHabits([], async (at) => {
      await at.order({ do: 'late', afterMs: 50 });
      await nextIsWhole(at);
      assert.equal(at.world.papers().length, 1);
    }));

  it('later than patience: nothing is begun, and what still comes in is no confirmation of the next paper', () =>
    withHabits(
      [],
      async (at) => {
        await at.order({ do: 'late', afterMs: 900 });
        assert.equal(ends(await at.printer.print(SLIP)), 'not-started: printer-silent');
        assert.deepEqual(at.world.papers(), []);
        await at.order({ do: 'normal' });
        await nextIsWhole(at);
        assert.equal(at.world.papers().length, 1);
      },
      IMPATIENT,
    ));
});

describe('printer: what a broken-off job leaves in it', () => {
  for (const [name, breakIt, mend] of [
    ['an open lid', { do: 'cover-open' }, { do: 'cover-close' }],
    ['a recoverable fault', { do: 'error', recovery: 'recoverable' }, { do: 'error-fix' }],
  ] as const)
    it(`${name}: nothing more of it comes out when that is mended`, () =>
      withHabits([], async (at) => {
        const { world, printer, order } = at;
        await order({ do: 'error', recovery: 'by-itself', afterRows: 150 });
        const printing = printer.print(HINDI_RECEIPT);
        await until(printer, ({ problem }) => problem?.code === 'printer-hot');
        await order(breakIt);
        const cause = ends(await printing);
        assert.match(cause, /^unknown: /u);
        // It is told to forget the rest at once, while it still can not print; only questions wait in it now.
        await taken(world, ({ bufferedBytes }) => Number(bufferedBytes) < 200);
        await order({ do: 'error-fix' });
        await order(mend);
        await until(printer, ({ state }) => state === 'ready');
        const { uncutRows, bufferedBytes } = await world.sim.order({ do: 'state' });
        assert.deepEqual([uncutRows, bufferedBytes, world.papers().length], [150, 0, 0]);
        await nextIsWhole(at);
      }));
});
