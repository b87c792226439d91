import assert from 'node:assert/strict';
import { listPostings } from '../../../hub-server/services/postings.js';
import type { CounterClient } from '../../support/counter-client.js';
import { auditSettled, moved, paid } from '../../support/world-audit.js';
import type { TestKiosk } from '../../support/world-kiosk.js';
import { assertTold } from '../../support/world-texts.js';
import { eventually } from '../../support/world-value.js';
import { KIOSK, OTHER_KIOSK, World } from '../../support/world.js';

describe('one bill at two counters', () => {
  let world: World;
  let counters: readonly { readonly kiosk: TestKiosk; readonly screen: CounterClient }[];
  beforeEach(async () => {
    world = await World.open({ kiosks: [KIOSK, OTHER_KIOSK] });
    for (const kiosk of world.kiosks) await kiosk.start();
    counters = await Promise.all(world.kiosks.map(async (kiosk) => ({ kiosk, screen: await kiosk.openCounter() })));
    for (const kiosk of world.kiosks) await eventually('the master files are here', () => kiosk.hasMasters());
  });
  afterEach(() => world.close());

  it('both without the link: the first entry posts, the second is owed back to its citizen [INV-19]', async () => {
    const before = await auditSettled(world);
    const bill = world.nextBill('JVVNL');
    await world.stopHub();
    for (const { kiosk, screen } of counters) {
      await screen.when(({ header }) => header.link.state !== 'online', 'the loss of the link');
      await kiosk.sell(screen, bill);
      await kiosk.next(screen);
    }
    await world.startHub();
    const [first, second] = counters;
    for (const { screen } of counters) {
      screen.send({ do: 'show-queue' });
      await screen.until('queue');
      screen.send({ do: 'try-link-now' });
      await screen.when(({ header }) => header.link.state === 'online' && header.unsent.count === 0, 'everything sent');
      screen.send({ do: 'back' });
      await screen.until('menu');
    }
    assert.ok(first !== undefined && second !== undefined);
    const both = await auditSettled(world);
    const { amountPaise } = bill;
    const twice = { sales: 2n, funds: -2n * amountPaise, cash: 2n * amountPaise, refunds: amountPaise, 'JVVNL payable': amountPaise };
    assert.deepEqual(moved(before, both), twice);
    const [owed, ...more] = listPostings(world.hub, 'refund-due');
    assert.equal(more.length, 0);
    assert.equal((await world.remit()).posted, 1);
    await eventually('the counters know', () =>
      world.kiosks.every((kiosk) => kiosk.entries().some(({ body }) => body.kind === (kiosk.code === owed?.kiosk ? 'refused' : 'confirmed'))),
    );
    assert.deepEqual(moved(before, await auditSettled(world)), { ...twice, 'JVVNL confirmed': amountPaise });
    const loser = counters.find(({ kiosk }) => kiosk.code === owed?.kiosk);
    loser?.screen.send({ do: 'show-receipts' });
    const receipts = await loser?.screen.until('receipts');
    assert.equal(receipts?.rows[0]?.state, 'refused');
  });

  it('paid at the other counter between quote and cash: no hold is given, and the cash is the citizen’s', async () => {
    const before = await auditSettled(world);
    const [slow, quick] = counters;
    assert.ok(slow !== undefined && quick !== undefined);
    const bill = world.nextBill('JVVNL');
    await slow.kiosk.toTender(slow.screen, bill);
    await quick.kiosk.sell(quick.screen, bill);
    slow.screen.send({ do: 'take-cash', received: '' });
    assertTold((await slow.screen.until('menu')).problem, 'bill-paid-hub', 'safe');
    slow.screen.send({ do: 'choose-service', code: '101' });
    await slow.screen.until('capture', ({ problem }) => problem === null);
    slow.screen.send({ do: 'give-consumer', consumer: bill.consumer });
    assertTold((await slow.screen.until('capture', ({ problem }) => problem !== null)).problem, 'bill-paid-hub', 'safe');
    assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
  });
});
