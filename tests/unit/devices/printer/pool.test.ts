import assert from 'node:assert/strict';
import { Listeners } from '../../../../firmware-agent/devices/life/listeners.js';
import type { DeviceReport, Drawer, PrinterHandle, PrintOutcome } from '../../../../firmware-agent/devices/ports.js';
import { startPrinter } from '../../../../firmware-agent/devices/printer/handle.js';
import { PrinterPool, type PoolPrinter } from '../../../../firmware-agent/devices/printer/pool.js';
import { tcpTransport } from '../../../../firmware-agent/devices/transport/tcp.js';
import { HINDI_RECEIPT, QUICK, simulatorWorld, SLIP, until } from '../world.js';

const READY: DeviceReport = { state: 'ready' };
const OUT: DeviceReport = { state: 'trouble', problem: { code: 'paper-out' } };
const LOW: DeviceReport = { state: 'warning', problem: { code: 'printer-near-end' } };
const GONE: DeviceReport = { state: 'absent', problem: { code: 'printer-absent' } };

class Played implements PrinterHandle {
  readonly changes = new Listeners<DeviceReport>();
  report: DeviceReport;
  papers = 0;
  drawer: 'opens' | 'none' = 'opens';
  cleared = 0;

  constructor(report: DeviceReport) {
    this.report = report;
  }

  readonly state = (): DeviceReport => this.report;
  readonly whyAway = (): undefined => undefined;
  readonly onChange = (listener: (report: DeviceReport) => void) => this.changes.add(listener);
  readonly nudge = (): void => undefined;
  readonly close = async (): Promise<void> => undefined;
  readonly print = async (): Promise<PrintOutcome> => {
    this.papers += 1;
    return { outcome: 'printed' };
  };
  kicks = 0;
  readonly openDrawer = async () => {
    this.kicks += 1;
    return this.drawer === 'opens'
      ? ({ ok: true, value: undefined } as const)
      : ({ ok: false, error: { code: 'printer-error', detail: 'none' } } as const);
  };
  readonly clear = async () => {
    this.cleared += 1;
    return { ok: true, value: undefined } as const;
  };

  becomes(report: DeviceReport): void {
    this.report = report;
    this.changes.tell(report);
  }
}

const printer = (name: string, handle: PrinterHandle, drawer: Drawer = 'none'): PoolPrinter => ({ name, forms: { kind: 'plain' }, drawer, handle });

describe('a pool of printers', () => {
  const rows: readonly (readonly [string, DeviceReport, DeviceReport, string, DeviceReport['state']])[] = [
    ['prints on the preferred one', READY, READY, 'first', 'ready'],
    ['prints on it near the end of its paper too', LOW, READY, 'first', 'warning'],
    ['goes to the next when it has no paper', OUT, READY, 'second', 'ready'],
    ['goes to the next when it is away', GONE, LOW, 'second', 'warning'],
    ['tells the trouble of the preferred one when none is well', OUT, GONE, 'first', 'trouble'],
  ];
  for (const [name, first, second, picked, state] of rows) {
    it(name, () => {
      const pool = new PrinterPool([printer('first', new Played(first)), printer('second', new Played(second))]);
      assert.deepEqual([pool.pick().name, pool.state().state], [picked, state]);
    });
  }

  it('tells a change when the best of them changes, and only then', async () => {
    const [first, second] = [new Played(READY), new Played(READY)];
    const pool = new PrinterPool([printer('first', first), printer('second', second)]);
    const told: string[] = [];
    pool.onChange(({ state }) => told.push(state));
    second.becomes(OUT);
    first.becomes(LOW);
    first.becomes(OUT);
    second.becomes(READY);
    assert.deepEqual(told, ['warning', 'trouble', 'ready']);
    await pool.close();
    first.becomes(READY);
    second.becomes(OUT);
    assert.equal(told.length, 3);
  });

  it('passes one over that the counter knows to be unfit', () => {
    const unfit = new Set(['first']);
    const pool = new PrinterPool([printer('first', new Played(READY)), printer('second', new Played(READY))], ({ name }, report) =>
      unfit.has(name) ? { state: 'trouble', problem: { code: 'stock-out' } } : report,
    );
    const told: string[] = [];
    pool.onChange(({ problem }) => told.push(problem?.code ?? ''));
    assert.equal(pool.pick().name, 'second');
    unfit.add('second');
    pool.refresh();
    assert.deepEqual(told, ['stock-out']);
  });

  it('opens the drawer on the one that has it, and on no other', async () => {
    const [first, second] = [new Played(READY), new Played(READY)];
    const pool = new PrinterPool([printer('first', first), printer('second', second, 'here')]);
    assert.equal(pool.drawer, 'here');
    assert.equal((await pool.openDrawer()).ok, true);
    assert.deepEqual([first.kicks, second.kicks], [0, 1]);
    second.drawer = 'none';
    assert.equal((await pool.openDrawer()).ok, false);
    assert.equal(first.kicks, 0, 'a socket without a drawer is not tried');
  });

  it('opens no drawer where there is none', async () => {
    const only = new Played(READY);
    const pool = new PrinterPool([printer('only', only)]);
    assert.equal(pool.drawer, 'none');
    assert.equal((await pool.openDrawer()).ok, false);
    assert.equal(only.kicks, 0);
  });

  it('keeps a paper with the printer on which it began, and clears that one before its next', async () => {
    const [one, other] = [await simulatorWorld(), await simulatorWorld()];
    const start = ({ sim }: typeof one) => startPrinter(tcpTransport(sim), { width: '58mm', delays: QUICK });
    const handles = [start(one), start(other)] as const;
    const pool = new PrinterPool([printer('first', handles[0]), printer('second', handles[1])]);
    for (const handle of handles) await until(handle, ({ state }) => state === 'ready');
    await one.sim.order({ do: 'paper-out', afterRows: 200 });
    const broken = await pool.print(HINDI_RECEIPT);
    assert.deepEqual([broken.outcome, broken.outcome === 'unknown' && broken.cause], ['unknown', 'paper-out']);
    assert.equal(other.papers().length, 0, 'the other one did not take it over');
    await until(handles[0], ({ state }) => state === 'trouble');
    assert.equal((await pool.print(SLIP)).outcome, 'printed');
    assert.equal(other.papers().length, 1);
    await one.sim.order({ do: 'normal' });
    await until(handles[0], ({ state }) => state === 'ready');
    const torn = one.papers().length;
    assert.equal((await pool.print(SLIP)).outcome, 'printed');
    assert.ok(one.papers().length > torn);
    await pool.close();
    await one.close();
    await other.close();
  });
});
