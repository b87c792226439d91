import assert from 'node:assert/strict';
import { ChartRun, matter, type Matter } from './chart-bench.js';

describe('the counter when the battery is nearly empty', () => {
  let of: Matter;
  let run: ChartRun;
  before(async () => {
    of = await matter();
  });
  after(() => of.bench.close());
  beforeEach(async () => {
    run = new ChartRun(of);
    await run.open();
  });
  afterEach(() => run.stop());

  it('rests at once when nothing is going on, and opens when the mains are back', async () => {
    assert.equal(run.state, 'open/menu');
    await run.send({ type: 'REST' });
    assert.equal(run.state, 'resting');
    assert.equal(run.draw().screen, 'resting');
    await run.send({ type: 'CHOOSE', code: '101' }, { type: 'LOG_IN', login: '01', pin: '482915' });
    assert.equal(run.state, 'resting', 'nothing begins while it rests');
    await run.send({ type: 'WAKE' });
    assert.equal(run.state, 'locked');
    assert.deepEqual([run.count('rest'), run.count('wake')], [1, 1]);
  });

  for (const [name, keys] of [
    ['a form', [{ type: 'CHOOSE', code: '101' }]],
    ['the receipts', [{ type: 'SHOW_RECEIPTS' }]],
    ['the queue', [{ type: 'SHOW_QUEUE' }]],
  ] as const) {
    it(`leaves ${name}: no money is in it`, async () => {
      await run.send(...keys, { type: 'REST' });
      assert.equal(run.state, 'resting');
    });
  }

  it('[INV-47] finishes the citizen at the counter to the receipt, begins no other, then rests', async () => {
    await run.send({ type: 'CHOOSE', code: '101' }, { type: 'GIVE_CONSUMER', consumer: 'good' });
    await run.played.answer('fetch', 'found');
    await run.send({ type: 'AGREE' }, { type: 'REST' }, { type: 'TAKE_CASH', received: 'good' });
    await run.played.answer('secure', 'yes');
    assert.equal(run.count('commit'), 1);
    await run.played.answer('print', 'printed');
    assert.equal(run.state, 'open/handover');
    await run.send({ type: 'SCANNED', scan: { kind: 'scan', text: 'good' } });
    assert.equal(run.state, 'resting', 'the next bill is not begun');
    assert.equal(run.count('commit'), 1);
  });

  it('stays open when the mains come back before it could rest', async () => {
    await run.send({ type: 'CHOOSE', code: '101' }, { type: 'GIVE_CONSUMER', consumer: 'good' });
    await run.played.answer('fetch', 'found');
    await run.send({ type: 'REST' }, { type: 'WAKE' }, { type: 'BACK' });
    assert.equal(run.state, 'open/menu');
  });
});
