import assert from 'node:assert/strict';
import { SERVICE_DELAYS } from '../../../firmware-agent/counter/service-setup.js';
import { ChartRun, matter, settled, type Matter } from './chart-bench.js';
import { KEYS } from './chart-walk.js';

describe('the counter, in single steps', () => {
  let of: Matter;
  before(async () => {
    of = await matter();
  });
  after(() => of.bench.close());

  const toHandover = async (run: ChartRun, committed: 'received' | 'asking' = 'received'): Promise<void> => {
    run.played.queue.commit.push(committed);
    await run.open();
    await run.send({ type: 'SCANNED', scan: { kind: 'scan', text: 'good' } });
    await run.played.answer('fetch', 'found');
    await run.send({ type: 'AGREE' }, { type: 'TAKE_CASH', received: 'good' });
    await run.played.answer('secure', 'yes');
  };

  it('waits for an outcome no longer than it may, then prints what is known; a later answer prints nothing more', async () => {
    const run = new ChartRun(of);
    await toHandover(run, 'asking');
    assert.equal(run.state, 'open/asking');
    run.clock.increment(SERVICE_DELAYS.outcomeMs - 1);
    assert.equal(run.state, 'open/asking');
    run.clock.increment(1);
    await settled();
    assert.equal(run.state, 'open/printing');
    await run.played.answer('outcome', 'refused');
    assert.equal(run.state, 'open/printing');
    await run.played.answer('print', 'printed');
    assert.deepEqual([run.state, run.count('print'), run.problem], ['open/handover', 1, 'department-unknown']);
    run.stop();
  });

  it('stops waiting for the money in time: the offer is ended, and a late grant commits nothing [INV-41]', async () => {
    const run = new ChartRun(of);
    await run.open();
    await run.send({ type: 'SCANNED', scan: { kind: 'scan', text: 'good' } });
    await run.played.answer('fetch', 'found');
    await run.send({ type: 'AGREE' }, { type: 'TAKE_CASH', received: 'good' });
    run.clock.increment(SERVICE_DELAYS.secureMs);
    await settled();
    assert.deepEqual([run.state, run.count('abandon')], ['open/menu', 1]);
    await run.played.answer('secure', 'yes');
    assert.deepEqual([run.state, run.count('commit')], ['open/menu', 0]);
    run.stop();
  });

  it('stops waiting for a bill in time, or when told to; a quote that lands late is ended at once [INV-40]', async () => {
    for (const way of ['time', 'key'] as const) {
      const run = new ChartRun(of);
      await run.open();
      await run.send({ type: 'SCANNED', scan: { kind: 'scan', text: 'good' } });
      if (way === 'time') run.clock.increment(SERVICE_DELAYS.fetchMs);
      else await run.send({ type: 'BACK' });
      assert.equal(run.state, 'open/capture');
      await run.played.answer('fetch', 'found');
      assert.deepEqual([run.state, run.count('abandon')], ['open/capture', 1]);
      run.stop();
    }
  });

  it('stops waiting for the printer in time and asks: only the eyes of the operator can tell [INV-42]', async () => {
    const run = new ChartRun(of);
    await toHandover(run);
    run.clock.increment(SERVICE_DELAYS.printMs);
    await settled();
    assert.equal(run.state, 'open/didItPrint');
    await run.played.answer('print', 'printed');
    await run.send({ type: 'PRINTER_WELL' }, { type: 'CONFIRM' }, { type: 'BACK' });
    run.clock.increment(10 ** 9);
    assert.deepEqual([run.state, run.count('print')], ['open/didItPrint', 1]);
    await run.send({ type: 'IT_PRINTED' }, { type: 'IT_PRINTED' });
    assert.deepEqual([run.state, run.count('sawItPrinted')], ['open/handover', 1]);
    run.stop();
  });

  it('takes what the operator saw for certain only when it is written down', async () => {
    const run = new ChartRun(of);
    await toHandover(run);
    await run.played.answer('print', 'unknown');
    run.played.queue.sawItPrinted.push('no');
    await run.send({ type: 'IT_PRINTED' });
    assert.deepEqual([run.state, run.problem], ['open/didItPrint', 'print-unknown']);
    assert.deepEqual(run.draw(), { ...run.draw(), screen: 'print-trouble', ask: 'did-it-print', because: { code: 'disk-full' } });
    await run.send({ type: 'IT_PRINTED' });
    assert.deepEqual([run.state, run.problem], ['open/handover', undefined]);
    run.stop();
  });

  it('prints by itself only what never started, when the printer is well [INV-42]', async () => {
    const run = new ChartRun(of);
    await toHandover(run);
    await run.played.answer('print', 'not');
    assert.equal(run.state, 'open/printTrouble');
    run.clock.increment(10 ** 9);
    assert.equal(run.count('print'), 1);
    await run.send({ type: 'PRINTER_WELL' }, { type: 'PRINTER_WELL' }, { type: 'PRINT_NOW' });
    assert.deepEqual([run.state, run.count('print')], ['open/printing', 2]);
    await run.played.answer('print', 'unknown');
    await run.send({ type: 'PRINTER_WELL' });
    assert.deepEqual([run.state, run.count('print')], ['open/didItPrint', 2]);
    run.stop();
  });

  it('gives the cash of a refused sale back before any slip says so, also from the list of receipts', async () => {
    const run = new ChartRun(of);
    await run.open();
    await run.send({ type: 'SHOW_RECEIPTS' }, { type: 'REPRINT', receipt: 'refused' });
    assert.deepEqual([run.state, run.count('print')], ['open/refused', 0]);
    run.played.queue.giveBack.push('no');
    await run.send({ type: 'CONFIRM' });
    assert.deepEqual([run.state, run.count('print')], ['open/refused', 0]);
    await run.send({ type: 'CONFIRM' });
    assert.deepEqual([run.state, run.count('print')], ['open/slip', 1]);
    await run.played.answer('print', 'not');
    assert.equal(run.state, 'open/menu');
    run.stop();
  });

  it('a commit or a return of cash that breaks ends the process: the next start decides from the ledger [INV-43]', async () => {
    for (const port of ['commit', 'giveBack'] as const) {
      const run = new ChartRun(of);
      run.played.queue[port].push('throws');
      if (port === 'commit') await toHandover(run).catch(() => undefined);
      else {
        await run.open('owed');
        await run.send({ type: 'CONFIRM' });
      }
      assert.ok(run.failed instanceof Error, port);
      assert.match(run.failed.message, new RegExp(`${port} broke`, 'u'));
      assert.equal(run.count('print'), 0);
      run.stop();
    }
  });

  it('ends every offer that does not become a sale, once, with its reason [INV-40]', async () => {
    const ways = { operator: 'BACK', unsecured: 'no', uncommitted: 'yes' } as const;
    for (const [way, answer] of Object.entries(ways)) {
      const run = new ChartRun(of);
      run.played.queue.commit.push('no');
      await run.open();
      await run.send({ type: 'SCANNED', scan: { kind: 'scan', text: 'good' } });
      await run.played.answer('fetch', 'found');
      if (answer === 'BACK') await run.send({ type: 'BACK' }, { type: 'BACK' });
      else {
        await run.send({ type: 'AGREE' }, { type: 'TAKE_CASH', received: 'good' });
        await run.played.answer('secure', answer);
      }
      const ended = run.played.deeds.filter((deed) => deed.did === 'abandon').map((deed) => deed.of);
      assert.deepEqual(ended, [`${of.offer.transaction} ${way === 'operator' ? 'operator' : 'not-secured'}`], way);
      assert.equal(run.state, 'open/menu');
      run.stop();
    }
  });

  it('a second TAKE_CASH, or any key while the money is secured, commits once', async () => {
    const run = new ChartRun(of);
    await run.open();
    await run.send({ type: 'SCANNED', scan: { kind: 'scan', text: 'good' } });
    await run.played.answer('fetch', 'found');
    const cash = { type: 'TAKE_CASH', received: 'good' } as const;
    await run.send({ type: 'AGREE' }, cash, cash, { type: 'CONFIRM' }, cash);
    await run.played.answer('secure', 'yes');
    await run.send(cash, { type: 'AGREE' }, cash);
    assert.equal(run.count('commit'), 1);
    run.stop();
  });

  it('more keys than fit a state are never an unexpected event once somebody is logged in', async () => {
    const run = new ChartRun(of);
    await run.open();
    for (const event of KEYS) await run.send(event);
    assert.deepEqual(run.played.unexpected, []);
    run.stop();
    const locked = new ChartRun(of).start();
    await locked.send({ type: 'AGREE' });
    assert.deepEqual(locked.played.unexpected, ['AGREE']);
    locked.stop();
  });
});
