import assert from 'node:assert/strict';
import type { Bill } from '#protocol/bill/bill.js';
import { Sales } from '../../../firmware-agent/ledger/sales.js';
import type { CounterClient } from '../../support/counter-client.js';
import { auditSettled, moved, paid, received, type Figures } from '../../support/world-audit.js';
import type { TestKiosk } from '../../support/world-kiosk.js';
import { sideBySide } from '../../support/world-side-by-side.js';
import { assertTold } from '../../support/world-texts.js';
import { eventually } from '../../support/world-value.js';
import { inWorld, PIN, type World, type WorldOptions } from '../../support/world.js';

type Counter = { readonly world: World; readonly kiosk: TestKiosk; readonly screen: CounterClient; readonly before: Figures; readonly bill: Bill };

/** An open counter with the link up, a lease, and the bills of every department kept for the time without it. */
function atCounter(options: WorldOptions, act: (counter: Counter) => Promise<void>): Promise<void> {
  return inWorld(options, async (world) => {
    const kiosk = world.kiosk();
    await kiosk.start();
    const screen = await kiosk.openCounter();
    await eventually('the master files are here', () => kiosk.hasMasters());
    await act({ world, kiosk, screen, before: await auditSettled(world), bill: world.nextBill('JVVNL') });
  });
}

async function offline({ screen }: Counter): Promise<void> {
  await screen.when(({ header }) => header.link.state !== 'online', 'the loss of the link');
}

/** From the hand-over: the next citizen, and the link again. */
async function linkBack({ world, kiosk, screen }: Counter): Promise<void> {
  kiosk.wire.mend(world.hubPort);
  screen.send({ do: 'confirm' });
  await screen.until('menu');
  screen.send({ do: 'show-queue' });
  await screen.until('queue');
  screen.send({ do: 'try-link-now' });
  await screen.when(({ header }) => header.link.state === 'online' && header.unsent.count === 0, 'everything sent');
}

async function toConfirmed({ kiosk }: Counter): Promise<void> {
  await eventually('the receipt’s second fact has come', () => kiosk.entries().some(({ body }) => body.kind === 'confirmed'));
}

/** Cash is taken, and the line fails in one direction right after the hold has come. */
async function payWithLineFailing(counter: Counter, direction: 'to-hub' | 'to-kiosk'): Promise<void> {
  const { kiosk, screen, bill } = counter;
  await kiosk.toTender(screen, bill);
  await kiosk.settled();
  kiosk.wire.afterNext('to-kiosk', () => kiosk.wire.hold(direction));
  screen.send({ do: 'take-cash', received: '' });
  await screen.until('working', ({ sale }) => sale.receipt !== '');
}

describe('faults of the hub', () => {
  sideBySide({
    'the hub falls silent while money is taken': {
      'after the commit, before the hub has the entry: kept here, posted once when the link is back': () =>
        atCounter({}, async (counter) => {
          const { world, kiosk, screen, before, bill } = counter;
          await payWithLineFailing(counter, 'to-hub');
          kiosk.wire.cut();
          const done = await screen.until('handover');
          assertTold(done.problem, 'department-unknown', 'safe');
          assert.equal(world.posting(done.sale.transaction), undefined);
          assert.equal(screen.view.header.unsent.sum, bill.amountPaise);
          await linkBack(counter);
          await world.posted(done.sale.transaction, 'posted');
          await toConfirmed(counter);
          assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
        }),

      'the acknowledgement is lost: sent again, and in the books once [INV-05] [INV-30]': () =>
        atCounter({}, async (counter) => {
          const { world, kiosk, screen, before, bill } = counter;
          await payWithLineFailing(counter, 'to-kiosk');
          const done = await screen.until('handover');
          await world.posted(done.sale.transaction, 'posted');
          assert.equal(screen.view.header.unsent.count, 1, 'nobody told the counter');
          kiosk.wire.cut();
          await linkBack(counter);
          await toConfirmed(counter);
          assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
        }),

      'restarted in the middle of a sale: the department is asked again by the same number, and pays once [INV-19]': () =>
        atCounter({}, async (counter) => {
          const { world, kiosk, screen, before, bill } = counter;
          const { server } = world.department('JVVNL');
          server.order({ do: 'stall' });
          await kiosk.toTender(screen, bill);
          screen.send({ do: 'take-cash', received: '' });
          await server.holding(1);
          await world.stopHub();
          await offline(counter);
          await world.startHub();
          const done = await screen.until('handover');
          await world.posted(done.sale.transaction, 'posted');
          await toConfirmed(counter);
          assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
          assert.equal(server.ledger()[0]?.asked, 1, 'it was looked up, not sent again');
        }),

      'no answer to the bill, nor to the log-in: both go on without the hub': () =>
        atCounter({}, async ({ world, kiosk, screen, before, bill }) => {
          kiosk.wire.hold('to-kiosk');
          const { quote } = await kiosk.toQuote(screen, bill);
          assert.equal(quote.mode, 'semi-offline-delayed');
          screen.send({ do: 'back' });
          await screen.until('menu');
          screen.send({ do: 'log-out' });
          await screen.until('login');
          screen.send({ do: 'log-in', login: kiosk.login, pin: PIN });
          await screen.until('menu');
          kiosk.wire.release();
          assert.deepEqual(moved(before, await auditSettled(world)), {});
        }),

      'no answer to the hold: the lease pays, and the hold that was given all the same goes back': () =>
        atCounter({}, async ({ world, kiosk, screen, before, bill }) => {
          const { quote } = await kiosk.toTender(screen, bill);
          await kiosk.settled();
          kiosk.wire.hold('to-kiosk');
          screen.send({ do: 'take-cash', received: '' });
          const done = await screen.until('handover');
          assert.equal(done.sale.mode, 'semi-offline-delayed');
          const issued = world.hub.db.prepare('SELECT state FROM grant_issued WHERE transaction_id = ?').pluck();
          await eventually('the hold is closed', () => issued.get(quote.transaction) === 'closed');
          kiosk.wire.release();
          assert.deepEqual(moved(before, await auditSettled(world)), received('JVVNL', bill.amountPaise));
        }),
    },
    'the hub is down': {
      'before the bill is fetched: the kept list and the lease serve, and the receipt says received': () =>
        atCounter({}, async (counter) => {
          const { world, kiosk, screen, before, bill } = counter;
          await world.stopHub();
          await offline(counter);
          const { quote } = await kiosk.toTender(screen, bill);
          assert.equal(quote.mode, 'semi-offline-delayed');
          screen.send({ do: 'take-cash', received: '' });
          const done = await screen.until('handover');
          assert.deepEqual(
            done.sale.steps.map((s) => s.state),
            ['done', 'later', 'done'],
          );
          await world.startHub();
          await linkBack(counter);
          assert.deepEqual(moved(before, await auditSettled(world)), received('JVVNL', bill.amountPaise));
          assert.equal((await world.remit()).posted, 1);
          await toConfirmed(counter);
          assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
        }),

      'between the quote and the hold: the lease funds the sale that was quoted online': () =>
        atCounter({}, async (counter) => {
          const { world, kiosk, screen, before, bill } = counter;
          const { quote } = await kiosk.toTender(screen, bill);
          assert.equal(quote.mode, 'online');
          await world.stopHub();
          await offline(counter);
          screen.send({ do: 'take-cash', received: '' });
          const done = await screen.until('handover');
          assert.equal(done.sale.mode, 'semi-offline-delayed');
          await world.startHub();
          await linkBack(counter);
          assert.deepEqual(moved(before, await auditSettled(world)), received('JVVNL', bill.amountPaise));
        }),

      'where only the online mode is allowed: nothing is taken, at the fetch or at the cash': () =>
        inWorld({ profileModes: ['online'] }, async (world) => {
          const kiosk = world.kiosk();
          await kiosk.start();
          const screen = await kiosk.openCounter();
          const before = await auditSettled(world);
          const bill = world.nextBill('JVVNL');
          await kiosk.toTender(screen, bill);
          await world.stopHub();
          await screen.when(({ header }) => header.link.state !== 'online', 'the loss of the link');
          screen.send({ do: 'take-cash', received: '' });
          assertTold((await screen.until('menu')).problem, 'hub-down', 'citizens');
          screen.send({ do: 'choose-service', code: '101' });
          await screen.until('capture', ({ problem }) => problem === null);
          screen.send({ do: 'give-consumer', consumer: bill.consumer });
          assertTold((await screen.until('capture', ({ problem }) => problem !== null)).problem, 'hub-down', 'citizens');
          await world.startHub();
          await kiosk.settled();
          assert.deepEqual(moved(before, await auditSettled(world)), {});
          assert.equal(kiosk.entries().filter(({ body }) => body.kind === 'abandoned').length, 1);
        }),

      'left alone while the answer is slow: no quote stays open behind the operator’s back': () =>
        atCounter({}, async ({ world, kiosk, screen, before, bill }) => {
          kiosk.wire.hold('to-kiosk');
          screen.send({ do: 'choose-service', code: '101' });
          await screen.until('capture');
          screen.send({ do: 'give-consumer', consumer: bill.consumer });
          await screen.until('fetching');
          screen.send({ do: 'back' });
          await screen.until('capture');
          screen.send({ do: 'back' });
          await screen.until('menu');
          kiosk.wire.release();
          const other = world.nextBill('BSNL');
          await kiosk.sell(screen, other);
          assert.deepEqual(
            kiosk.readLedger((ledger) => new Sales(ledger.db).openQuotes()),
            [],
          );
          assert.deepEqual(moved(before, await auditSettled(world)), paid('BSNL', other.amountPaise));
        }),
    },
  });
});
