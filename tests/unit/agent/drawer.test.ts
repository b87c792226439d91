import assert from 'node:assert/strict';
import { devicePorts } from '../../../firmware-agent/counter/device-ports.js';
import { failure } from '#protocol/result/result.js';
import { Bench } from './bench.js';
import { ChartRun, matter, settled, type Matter } from './chart-bench.js';

describe('the cash drawer, by the counter', () => {
  let of: Matter;
  before(async () => {
    of = await matter();
  });
  after(() => of.bench.close());

  it('opens for the count of the float, once however often the sum is mistyped', async () => {
    const run = new ChartRun(of).start();
    await run.send({ type: 'LOG_IN', login: '01', pin: '482915' });
    assert.equal(run.played.drawerOpenings, 0, 'nobody is logged in yet');
    await run.played.answer('logIn', 'yes');
    assert.deepEqual([run.state, run.played.drawerOpenings], ['tillOpening', 1]);
    await run.send({ type: 'OPEN_TILL', float: 'bad' }, { type: 'OPEN_TILL', float: 'good' });
    assert.deepEqual([run.state, run.played.drawerOpenings], ['open/menu', 1]);
    run.stop();
  });

  it('opens for a sale when it is saved: not before, and not when it can not be saved', async () => {
    for (const [commit, openings] of [
      ['received', 1],
      ['no', 0],
    ] as const) {
      const run = new ChartRun(of);
      run.played.till = 'open';
      run.played.queue.commit.push(commit);
      await run.open();
      await run.send({ type: 'SCANNED', scan: { kind: 'scan', text: 'good' } });
      await run.played.answer('fetch', 'found');
      await run.send({ type: 'AGREE' }, { type: 'TAKE_CASH', received: 'good' });
      assert.equal(run.played.drawerOpenings, 0);
      await run.played.answer('secure', 'yes');
      assert.equal(run.played.drawerOpenings, openings);
      if (commit === 'no') assert.equal(run.state, 'open/menu');
      else {
        await run.played.answer('print', 'unknown');
        await run.send({ type: 'PRINT_NOW' });
        await run.played.answer('print', 'printed');
        assert.deepEqual([run.state, run.played.drawerOpenings], ['open/handover', 1], 'a copy opens nothing');
      }
      run.stop();
    }
  });

  it('opens for cash that goes back, before anybody says that it did', async () => {
    const run = new ChartRun(of);
    run.played.till = 'open';
    await run.open('owed');
    assert.deepEqual([run.state, run.played.drawerOpenings], ['open/refused', 1]);
    run.stop();
  });

  it('opens for the count at day-end', async () => {
    const run = new ChartRun(of);
    run.played.till = 'open';
    await run.open();
    await run.send({ type: 'START_CLOSING' });
    assert.deepEqual([run.state, run.played.drawerOpenings], ['closing', 1]);
    run.stop();
  });
});

describe('the cash drawer, through its port', () => {
  const worlds: Bench[] = [];
  afterEach(() => {
    for (const bench of worlds.splice(0)) bench.close();
  });
  const bench = (drawer: 'here' | 'none'): { readonly on: Bench; readonly unexpected: string[]; readonly open: () => void } => {
    const on = new Bench({ drawer });
    worlds.push(on);
    const unexpected: string[] = [];
    const { openDrawer } = devicePorts(on.kiosk, (event) => void unexpected.push(event));
    return { on, unexpected, open: openDrawer };
  };

  it('is opened where there is one, and no printer is troubled where there is none', async () => {
    for (const [drawer, kicks] of [
      ['here', 1],
      ['none', 0],
    ] as const) {
      const { on, open, unexpected } = bench(drawer);
      open();
      await settled();
      assert.deepEqual([on.printer.kicks, unexpected], [kicks, []]);
    }
  });

  it('that fails, throws or never answers is logged at most: the counter does not wait for it', async () => {
    const { on, open, unexpected } = bench('here');
    on.printer.kick = () => new Promise(() => undefined);
    open();
    on.printer.kick = async () => failure('printer-absent', 'gone');
    open();
    on.printer.kick = () => Promise.reject(new Error('broke'));
    open();
    await settled();
    assert.deepEqual(unexpected, ['the drawer did not open: printer-absent', 'the drawer threw Error: broke']);
  });
});
