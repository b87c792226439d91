import assert from 'node:assert/strict';
import type { Bill } from '#protocol/bill/bill.js';
import type { Problem } from '#protocol/counter/problem.js';
import { paise } from '#protocol/money/paise.js';
import { HOUR_MS } from '#protocol/time/time.js';
import type { Clocks } from '../../../firmware-agent/station/clock.js';
import type { CounterClient } from '../../support/counter-client.js';
import { auditSettled, moved, paid, received, type Figures } from '../../support/world-audit.js';
import type { TestKiosk } from '../../support/world-kiosk.js';
import { assertTold } from '../../support/world-texts.js';
import { eventually } from '../../support/world-value.js';
import { sideBySide } from '../../support/world-side-by-side.js';
import { inWorld, type World, type WorldOptions } from '../../support/world.js';

type Counter = { readonly world: World; readonly kiosk: TestKiosk; readonly screen: CounterClient; readonly before: Figures };

function shifted(ms: number): Clocks {
  return { wall: () => Date.now() + ms, monotonic: () => performance.now() };
}

/** At an open counter that is ready to work without the link, as far as its wallet allows. */
function atCounter(options: WorldOptions, act: (counter: Counter) => Promise<void>): Promise<void> {
  return inWorld(options, async (world) => act(await openCounter(world)));
}

async function openCounter(world: World): Promise<Counter> {
  const kiosk = world.kiosk();
  await kiosk.start();
  const screen = await kiosk.openCounter();
  await eventually('the master files are here', () => kiosk.hasMasters());
  return { world, kiosk, screen, before: await auditSettled(world) };
}

async function cutLink({ world, screen }: Counter): Promise<void> {
  await world.stopHub();
  await screen.when(({ header }) => header.link.state !== 'online', 'the loss of the link');
}

async function linkBack({ world, kiosk, screen }: Counter): Promise<void> {
  await world.startHub();
  screen.send({ do: 'show-queue' });
  await screen.until('queue');
  screen.send({ do: 'try-link-now' });
  await screen.when(({ header }) => header.link.state === 'online' && header.unsent.count === 0, 'everything sent');
  screen.send({ do: 'back' });
  await screen.until('menu');
  await kiosk.settled();
}

/** A bill for which the counter says no: before any cash where the sum is settled, at the cash where a part might still have fitted. */
async function refused({ screen }: Counter, bill: Bill): Promise<Problem | null> {
  screen.send({ do: 'choose-service', code: bill.service });
  await screen.until('capture', ({ service, problem }) => service.code === bill.service && problem === null);
  screen.send({ do: 'give-consumer', consumer: bill.consumer });
  await screen.when(({ body }) => body.screen === 'quote' || (body.screen === 'capture' && body.problem !== null), 'a quote or a refusal');
  if (screen.view.body.screen === 'capture') {
    const { problem } = screen.view.body;
    screen.send({ do: 'back' });
    await screen.until('menu');
    return problem;
  }
  screen.send({ do: 'agree' });
  await screen.until('tender');
  screen.send({ do: 'take-cash', received: '' });
  return (await screen.until('menu')).problem;
}

describe('funds that do not reach', () => {
  sideBySide({
    'the lease, without the link': {
      'used up: a smaller bill still fits, and the limit comes back with the link [INV-04]': () =>
        atCounter({ lease: { targetPaise: paise(80_000n) } }, async (counter) => {
          const { world, kiosk, screen, before } = counter;
          await cutLink(counter);
          const [first, second, third] = [world.nextBill('JVVNL'), world.nextBill('JVVNL'), world.nextBill('JVVNL')];
          await kiosk.sell(screen, first);
          await kiosk.next(screen);
          const left = 80_000n - first.amountPaise;
          const large = world.nextBill('JVVNL');
          assert.ok(large.amountPaise > left && second.amountPaise < left);
          assertTold(await refused(counter, large), 'lease-used-up', 'safe');
          await kiosk.sell(screen, second);
          await kiosk.next(screen);
          assertTold(await refused(counter, third), 'lease-used-up', 'safe');
          await linkBack(counter);
          await screen.when(({ header }) => header.leaseLeftPaise === 80_000n, 'the lease raised to its target');
          const sold = first.amountPaise + second.amountPaise;
          assert.deepEqual(moved(before, await auditSettled(world)), { ...received('JVVNL', sold), sales: 2n });
          await cutLink(counter);
          await kiosk.sell(screen, third);
        }),

      'a bill above the cap for one sale': () =>
        atCounter({ lease: { salePaiseMax: paise(35_000n) } }, async (counter) => {
          const { world, kiosk, screen, before } = counter;
          const [small, large] = [world.nextBill('JVVNL'), world.nextBill('JVVNL')];
          await cutLink(counter);
          const problem = await refused(counter, large);
          assertTold(problem, 'lease-sale-cap', 'citizens');
          assert.equal(problem?.values?.['cap'], '350.00');
          await kiosk.sell(screen, small);
          await kiosk.next(screen);
          await linkBack(counter);
          assert.deepEqual(moved(before, await auditSettled(world)), received('JVVNL', small.amountPaise));
        }),

      'as many bills as may be: counted anew after the link was there': () =>
        atCounter({ lease: { salesMax: 2 } }, async (counter) => {
          const { world, kiosk, screen, before } = counter;
          let sold = 0n;
          for (const away of ['first time', 'second time']) {
            await cutLink(counter);
            for (let i = 0; i < 2; i += 1) {
              const bill = world.nextBill('JVVNL');
              await kiosk.sell(screen, bill);
              await kiosk.next(screen);
              sold += bill.amountPaise;
            }
            assertTold(await refused(counter, world.nextBill('BSNL')), 'lease-count-cap', 'safe');
            await linkBack(counter);
            assert.ok((await auditSettled(world))['sales'], away);
          }
          assert.deepEqual(moved(before, await auditSettled(world)), { ...received('JVVNL', sold), sales: 4n });
        }),

      'run out: nothing is taken until the link has brought a new one': () =>
        atCounter({}, async (counter) => {
          const { world, kiosk, before } = counter;
          const bill = world.nextBill('JVVNL');
          await cutLink(counter);
          await kiosk.stop();
          await kiosk.start({ clocks: shifted(25 * HOUR_MS) });
          const later = { ...counter, screen: await kiosk.openCounter('any') };
          assertTold(await refused(later, bill), 'lease-expired', 'safe');
          await kiosk.stop();
          await world.startHub();
          await kiosk.start();
          assert.deepEqual(moved(before, await auditSettled(world)), {});
        }),
    },
    'the wallet': {
      'too small for the bill: nothing is saved, and after a top-up the same bill is paid': () =>
        atCounter({ topUpPaise: 32_000n }, async (counter) => {
          const { world, kiosk, screen, before } = counter;
          const bill = world.nextBill('JVVNL');
          assertTold(await refused(counter, bill), 'wallet-too-small', 'citizens');
          assert.equal(kiosk.entries().at(-1)?.body.kind, 'abandoned');
          assert.deepEqual(moved(before, await auditSettled(world)), {});
          world.topUp(kiosk, 100_000n, 'TEST-MORE');
          await kiosk.sell(screen, bill);
          const after = moved(before, await auditSettled(world));
          assert.deepEqual(after, { ...paid('JVVNL', bill.amountPaise), funds: 100_000n - bill.amountPaise });
        }),

      'empty: there is no lease, so without the link nothing can be taken': () =>
        atCounter({ topUpPaise: 0n }, async (counter) => {
          const { world, before, screen } = counter;
          assert.equal(screen.view.header.leaseLeftPaise, null);
          await cutLink(counter);
          assertTold(await refused(counter, world.nextBill('JVVNL')), 'lease-absent', 'citizens');
          await linkBack(counter);
          assert.deepEqual(moved(before, await auditSettled(world)), {});
        }),
    },
  });
});

describe('bills that are not kept here', () => {
  it('without the link there is nothing to show, and no money is taken', () =>
    inWorld({ master: 'absent' }, async (world) => {
      const kiosk = world.kiosk();
      await kiosk.start();
      const screen = await kiosk.openCounter();
      await world.stopHub();
      await screen.when(({ header }) => header.link.state !== 'online', 'the loss of the link');
      screen.send({ do: 'choose-service', code: '101' });
      await screen.until('capture');
      screen.send({ do: 'give-consumer', consumer: world.nextBill('JVVNL').consumer });
      assertTold((await screen.until('capture', ({ problem }) => problem !== null)).problem, 'bill-data-absent', 'none-taken');
    }));
});

describe('the clock set back', () => {
  it('no lease is drawn by it; the link puts it right [INV-11]', () =>
    atCounter({}, async (counter) => {
      const { world, kiosk, before } = counter;
      const [offline, online] = [world.nextBill('JVVNL'), world.nextBill('JVVNL')];
      await cutLink(counter);
      await kiosk.stop();
      await kiosk.start({ clocks: shifted(-26 * HOUR_MS) });
      const later = { ...counter, screen: await kiosk.openCounter('any') };
      assertTold(await refused(later, offline), 'clock-set-back', 'safe');
      const times = kiosk.entries().map((entry) => entry.at);
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
      );
      await linkBack(later);
      await kiosk.sell(later.screen, online);
      await kiosk.next(later.screen);
      await cutLink(later);
      await kiosk.sell(later.screen, offline);
      await kiosk.next(later.screen);
      await linkBack(later);
      const after = moved(before, await auditSettled(world));
      const sum = online.amountPaise + offline.amountPaise;
      assert.deepEqual(after, { ...received('JVVNL', sum), sales: 2n, 'JVVNL confirmed': online.amountPaise });
      assert.ok(Math.abs(later.screen.view.header.now - Date.now()) < 60_000, 'the counter shows the hub’s time again');
    }));
});
