import assert from 'node:assert/strict';
import type { DeviceReport, PrinterHandle, PrintOutcome } from '../../../firmware-agent/devices/ports.js';
import { startPrinter, type PrinterOptions } from '../../../firmware-agent/devices/printer/handle.js';
import type { PrinterOrder } from '../../../firmware-agent/devices/printer/simulator/condition.js';
import { paperBitmap } from '../../../firmware-agent/devices/raster/paper.js';
import type { Transport } from '../../../firmware-agent/devices/transport/transport.js';
import { differences, HINDI_RECEIPT, IMPATIENT, QUICK, simulatorWorld, SLIP, until, type SimulatorWorld } from './world.js';

/** A way to the simulated printer, to be ended after the test. `again` when the way heals by itself after the cable was pulled. */
export type Way = { readonly transport: Transport; readonly end: () => Promise<void> };
export type WayMaker = (sim: { readonly host: string; readonly port: number }) => Promise<Way>;
export type Healing = 'heals' | 'ends';

type Bench = { readonly world: SimulatorWorld; readonly printer: PrinterHandle; readonly order: (order: PrinterOrder) => Promise<void> };

const SLIP_PAPER = paperBitmap(SLIP, '58mm');

/** What every way to a printer must keep, whatever fails and whenever. */
export function printerContract(name: string, makeWay: WayMaker, healing: Healing): void {
  const on = runner(makeWay);
  describe(`printer over ${name}`, function () {
    // A serial line is slow, and slower beside other work: a limit against a hang, not a measure.
    this.timeout(60_000);
    describe('paper', () => paperPart(on));
    describe('refused before the first byte', () => refusedPart(on, healing));
    if (healing === 'heals') describe('an error that stays', () => stayingPart(on));
    if (healing === 'heals') describe('too warm in mid job', () => warmPart(on));
    describe('broken off, and clean afterwards', () => brokenPart(on, healing));
    describe('unplugged', () => unpluggedPart(on, healing));
    describe('drawer', () => drawerPart(on));
  });
}

/** A test of a silence should not wait long for it. */
function patienceFor(cause: string): Partial<PrinterOptions> {
  return { delays: cause === 'printer-silent' ? IMPATIENT : QUICK };
}

type Runner = (work: (bench: Bench) => Promise<void>, options?: Partial<PrinterOptions>) => Promise<void>;

function runner(makeWay: WayMaker): Runner {
  return async (work, options = {}) => {
    const world = await simulatorWorld();
    const way = await makeWay(world.sim);
    const printer = startPrinter(way.transport, { width: '58mm', delays: QUICK, ...options });
    try {
      await until(printer, ({ state }) => state === 'ready');
      await work({ world, printer, order: async (order) => void (await world.sim.order(order)) });
    } finally {
      await printer.close();
      await way.end();
      await world.close();
    }
  };
}

const ends = (outcome: PrintOutcome): string => (outcome.outcome === 'printed' ? 'printed' : `${outcome.outcome}: ${outcome.cause}`);
const isWhole = ({ world }: Bench): void => {
  const { missing, extra } = differences(SLIP_PAPER, world.papers().at(-1) ?? { ...SLIP_PAPER, heightDots: 0 });
  assert.equal(missing, 0, 'a dot is missing on paper');
  assert.ok(extra <= 2);
};
const inState = (printer: PrinterHandle, code: string): Promise<DeviceReport> => until(printer, ({ problem }) => problem?.code === code);
const mended = (printer: PrinterHandle): Promise<DeviceReport> => until(printer, ({ state }) => state === 'ready');

function paperPart(on: Runner): void {
  it('prints dot by dot what was asked, once, and cuts it', () =>
    on(async ({ world, printer }) => {
      assert.deepEqual(await printer.print(HINDI_RECEIPT), { outcome: 'printed' });
      const papers = world.papers();
      assert.equal(papers.length, 1);
      const { missing, extra } = differences(paperBitmap(HINDI_RECEIPT, '58mm'), papers[0] ?? SLIP_PAPER);
      assert.equal(missing, 0);
      assert.ok(extra <= 3, `${extra} dots that nobody asked for`);
      assert.equal((await world.sim.order({ do: 'state' }))['unknownCommands'], 0);
    }));

  it('prints one job after the other when two are asked at once', () =>
    on(async ({ world, printer }) => {
      const outcomes = await Promise.all([printer.print(SLIP), printer.print(HINDI_RECEIPT)]);
      assert.deepEqual(outcomes.map(ends), ['printed', 'printed']);
      assert.equal(differences(SLIP_PAPER, world.papers()[0] ?? SLIP_PAPER).missing, 0);
      assert.equal(world.papers().length, 2);
    }));

  it('takes the process id as confirmation where it is told so, and nothing else', () =>
    on(
      async (bench) => {
        assert.equal(ends(await bench.printer.print(SLIP)), 'printed');
        isWhole(bench);
        await bench.order({ do: 'habit', habit: 'no-process-id' });
        assert.equal(ends(await bench.printer.print(SLIP)), 'unknown: printer-silent');
      },
      { confirmation: 'process-id', delays: IMPATIENT },
    ));

  it('prints with the paper near its end, and says so', () =>
    on(async (bench) => {
      await bench.order({ do: 'near-end' });
      assert.deepEqual(await inState(bench.printer, 'printer-near-end'), { state: 'warning', problem: { code: 'printer-near-end' } });
      assert.equal(ends(await bench.printer.print(SLIP)), 'printed');
      isWhole(bench);
    }));

  it('waits for a slow printer', () =>
    on(async (bench) => {
      await bench.order({ do: 'slow', bytesPerSecond: 60_000 });
      assert.equal(ends(await bench.printer.print(SLIP)), 'printed');
      isWhole(bench);
    }));
}

function refusedPart(on: Runner, healing: Healing): void {
  const faults: readonly (readonly [PrinterOrder, string])[] = [
    [{ do: 'paper-out' }, 'paper-out'],
    [{ do: 'cover-open' }, 'cover-open'],
    [{ do: 'cutter-error' }, 'cutter-error'],
    [{ do: 'error', recovery: 'unrecoverable' }, 'printer-error'],
    [{ do: 'error', recovery: 'recoverable' }, 'printer-error'],
    [{ do: 'error', recovery: 'by-itself' }, 'printer-hot'],
    [{ do: 'silent' }, 'printer-silent'],
    [{ do: 'garble' }, 'printer-silent'],
  ];
  // What a status says does not depend on the way it came; one fault that answers and one that does not are enough for the other ways.
  const shown = healing === 'heals' ? faults : faults.filter(([{ do: fault }]) => fault === 'cover-open' || fault === 'silent');
  for (const [order, cause] of shown) {
    it(`${JSON.stringify(order)} is ${cause}, and goes on when mended`, () =>
      on(async (bench) => {
        await bench.order(order);
        assert.equal(ends(await bench.printer.print(SLIP)), `not-started: ${cause}`);
        assert.deepEqual(await inState(bench.printer, cause), { state: 'trouble', problem: { code: cause } });
        assert.deepEqual(bench.world.papers(), []);
        assert.equal((await bench.printer.openDrawer()).ok, false);
        await bench.order({ do: 'normal' });
        await mended(bench.printer);
        assert.equal(ends(await bench.printer.print(SLIP)), 'printed');
        assert.equal(bench.world.papers().length, 1);
        isWhole(bench);
      }, patienceFor(cause)));
  }
}

/** The printer pauses, and goes on by itself: so does the job. */
function warmPart(on: Runner): void {
  const HOT = { do: 'error', recovery: 'by-itself', afterRows: 150 } as const;
  for (const habit of ['none', 'no-changes'] as const)
    it(`is printed once and whole when it has cooled${habit === 'none' ? '' : ', also by a printer that tells no changes'}`, () =>
      on(async (bench) => {
        if (habit !== 'none') await bench.order({ do: 'habit', habit });
        await bench.order(HOT);
        const printing = bench.printer.print(HINDI_RECEIPT);
        await inState(bench.printer, 'printer-hot');
        assert.deepEqual(bench.world.papers(), []);
        await bench.order({ do: 'error-fix' });
        assert.equal(ends(await printing), 'printed');
        const papers = bench.world.papers();
        assert.equal(papers.length, 1);
        assert.equal(differences(paperBitmap(HINDI_RECEIPT, '58mm'), papers[0] ?? SLIP_PAPER).missing, 0);
      }));

  it('is unknown when it does not cool in time, and the next paper is whole and alone', () =>
    on(
      async (bench) => {
        await bench.order(HOT);
        assert.equal(ends(await bench.printer.print(HINDI_RECEIPT)), 'unknown: printer-hot');
        await bench.order({ do: 'error-fix' });
        await mended(bench.printer);
        assert.equal(ends(await bench.printer.print(SLIP)), 'printed');
        isWhole(bench);
        assert.ok((bench.world.papers().at(-1)?.heightDots ?? 0) <= SLIP_PAPER.heightDots);
      },
      { delays: { ...QUICK, coolMs: 400 } },
    ));
}

/** Whether a fault stays, and what ends it, is the same on every way; each is tried where the way heals by itself. */
function stayingPart(on: Runner): void {
  it('a trouble that refused a paper is told, also when it is over by the next look', () =>
    on(
      async (bench) => {
        const told: string[] = [];
        bench.printer.onChange(({ state }) => void told.push(state));
        await bench.order({ do: 'cutter-error' });
        await bench.order({ do: 'cutter-fix' });
        assert.equal(ends(await bench.printer.print(SLIP)), 'not-started: cutter-error');
        await mended(bench.printer);
        assert.deepEqual(told, ['trouble', 'ready']);
      },
      // No look of its own accord comes between.
      { delays: { ...QUICK, pollMs: 60_000 } },
    ));

  const faults: readonly (readonly [string, PrinterOrder, PrinterOrder, string])[] = [
    ['a stuck knife', { do: 'cutter-error' }, { do: 'cutter-fix' }, 'cutter-error'],
    ['a mechanical fault', { do: 'error', recovery: 'recoverable' }, { do: 'error-fix' }, 'printer-error'],
  ];
  for (const [name, order, mend, cause] of faults)
    it(`${name} is told to end once it is mended, and the next paper is whole`, () =>
      on(async (bench) => {
        await bench.order(order);
        await inState(bench.printer, cause);
        await bench.order(mend);
        assert.equal((await bench.world.sim.order({ do: 'state' }))['online'], 'no', 'the printer waits for a word');
        await mended(bench.printer);
        assert.equal(ends(await bench.printer.print(SLIP)), 'printed');
        isWhole(bench);
      }));

  it('a printer that calls an open lid an error is told to end it, and prints the rest of nothing', () =>
    on(async (bench) => {
      await bench.order({ do: 'habit', habit: 'cover-is-error' });
      await bench.order({ do: 'slow', bytesPerSecond: 40_000 });
      const printing = bench.printer.print(HINDI_RECEIPT);
      await started(bench);
      await bench.order({ do: 'cover-open' });
      assert.equal(ends(await printing), 'unknown: cover-open');
      await bench.order({ do: 'normal' });
      await mended(bench.printer);
      assert.equal(ends(await bench.printer.print(SLIP)), 'printed');
      isWhole(bench);
    }));

  it('an unrecoverable fault stays until the power is off and on', () =>
    on(async (bench) => {
      await bench.order({ do: 'error', recovery: 'unrecoverable' });
      await inState(bench.printer, 'printer-error');
      await bench.order({ do: 'error-fix' });
      assert.equal(ends(await bench.printer.print(SLIP)), 'not-started: printer-error');
      await bench.order({ do: 'unplug', power: 'off' });
      await bench.order({ do: 'plug' });
      await mended(bench.printer);
      assert.equal(ends(await bench.printer.print(SLIP)), 'printed');
      isWhole(bench);
    }));
}

function brokenPart(on: Runner, healing: Healing): void {
  const faults: readonly (readonly [PrinterOrder, string])[] = [
    [{ do: 'paper-out', afterRows: 200 }, 'paper-out'],
    [{ do: 'cutter-error', at: 'next-cut' }, 'cutter-error'],
    [{ do: 'never-confirm' }, 'printer-silent'],
    [{ do: 'stall', afterBytes: 6_000 }, 'printer-silent'],
  ];
  for (const [order, cause] of faults) {
    it(`${JSON.stringify(order)} is unknown: ${cause}; the next paper is whole and alone`, () =>
      on(async (bench) => {
        assert.equal(ends(await bench.printer.print(SLIP)), 'printed');
        await bench.order(order);
        assert.equal(ends(await bench.printer.print(HINDI_RECEIPT)), `unknown: ${cause}`);
        await bench.order({ do: 'normal' });
        if (cause === 'printer-silent' && healing === 'ends') return;
        await mended(bench.printer);
        assert.equal(ends(await bench.printer.print(SLIP)), 'printed');
        isWhole(bench);
        assert.ok((bench.world.papers().at(-1)?.heightDots ?? 0) <= SLIP_PAPER.heightDots);
      }, patienceFor(cause)));
  }

  it('a cover opened in mid job drops the rest of it: nothing comes out by itself when the cover closes', () =>
    on(async (bench) => {
      await bench.order({ do: 'slow', bytesPerSecond: 40_000 });
      const printing = bench.printer.print(HINDI_RECEIPT);
      await started(bench);
      await bench.order({ do: 'cover-open' });
      assert.equal(ends(await printing), 'unknown: cover-open');
      await bench.order({ do: 'normal' });
      await mended(bench.printer);
      const left = bench.world.papers().length;
      assert.equal((await bench.printer.clear()).ok, true);
      assert.equal(ends(await bench.printer.print(SLIP)), 'printed');
      isWhole(bench);
      assert.ok(bench.world.papers().length <= left + 2);
    }));
}

function unpluggedPart(on: Runner, healing: Healing): void {
  it('in mid job is unknown: printer-absent', () =>
    on(async (bench) => {
      assert.equal(ends(await bench.printer.print(SLIP)), 'printed');
      await bench.order({ do: 'unplug', afterBytes: 7_000 });
      assert.equal(ends(await bench.printer.print(HINDI_RECEIPT)), 'unknown: printer-absent');
      assert.deepEqual(await inState(bench.printer, 'printer-absent'), { state: 'absent', problem: { code: 'printer-absent' } });
      assert.equal(ends(await bench.printer.print(SLIP)), 'not-started: printer-absent');
      if (healing === 'ends') return;
      await bench.order({ do: 'plug' });
      await mended(bench.printer);
      assert.equal(ends(await bench.printer.print(SLIP)), 'printed');
      isWhole(bench);
    }));
}

function drawerPart(on: Runner): void {
  it('opens before the paper that is asked for with it, and both are confirmed each by its own answer', () =>
    on(async (bench) => {
      const [opened, printed] = await Promise.all([bench.printer.openDrawer(), bench.printer.print(SLIP)]);
      assert.deepEqual([opened.ok, ends(printed)], [true, 'printed']);
      assert.equal((await bench.world.sim.order({ do: 'state' }))['drawerPulses'], 1);
      isWhole(bench);
    }));

  it('opens once for each pulse asked', () =>
    on(async ({ world, printer }) => {
      assert.deepEqual(await printer.openDrawer(), { ok: true, value: undefined });
      assert.equal((await world.sim.order({ do: 'state' }))['drawerPulses'], 1);
      assert.equal(ends(await printer.print(HINDI_RECEIPT)), 'printed');
      assert.equal((await world.sim.order({ do: 'state' }))['drawerPulses'], 1, 'a picture opened the drawer');
    }));
}

/** Until the printer has taken in a part of a job. */
async function started({ world }: Bench): Promise<void> {
  const before = Number((await world.sim.order({ do: 'state' }))['receivedBytes']);
  for (;;) {
    const now = Number((await world.sim.order({ do: 'state' }))['receivedBytes']);
    if (now > before + 3_000) return;
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
