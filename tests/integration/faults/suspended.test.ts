import assert from 'node:assert/strict';
import type { Bill } from '#protocol/bill/bill.js';
import { moveKiosk } from '../../../hub-server/kiosks/enrolment/decide.js';
import type { CounterClient } from '../../support/counter-client.js';
import { auditSettled, moved, paid, received, type Figures } from '../../support/world-audit.js';
import type { TestKiosk } from '../../support/world-kiosk.js';
import { assertTold } from '../../support/world-texts.js';
import { eventually, valueOf } from '../../support/world-value.js';
import { sideBySide } from '../../support/world-side-by-side.js';
import { inWorld, type World } from '../../support/world.js';

type Counter = { readonly world: World; readonly kiosk: TestKiosk; readonly screen: CounterClient; readonly before: Figures; readonly bill: Bill };

function atCounter(act: (counter: Counter) => Promise<void>): Promise<void> {
  return inWorld({}, async (world) => {
    const kiosk = world.kiosk();
    await kiosk.start();
    const screen = await kiosk.openCounter();
    await eventually('the master files are here', () => kiosk.hasMasters());
    await act({ world, kiosk, screen, before: await auditSettled(world), bill: world.nextBill('JVVNL') });
  });
}

function order({ world, kiosk }: Pick<Counter, 'world' | 'kiosk'>, event: 'suspend' | 'resume' | 'retire'): void {
  valueOf(moveKiosk(world.hub, event, { kiosk: kiosk.code, by: 'test', reason: 'inspection' }));
}

/** No bill is even shown. */
async function refusedAtOnce(screen: CounterClient, bill: Bill): Promise<void> {
  screen.send({ do: 'choose-service', code: bill.service });
  await screen.until('capture', ({ problem }) => problem === null);
  screen.send({ do: 'give-consumer', consumer: bill.consumer });
  assertTold((await screen.until('capture', ({ problem }) => problem !== null)).problem, 'kiosk-suspended', 'safe');
  screen.send({ do: 'back' });
  await screen.until('menu');
}

describe('a kiosk that may not sell', () => {
  sideBySide({
    'a suspended kiosk [INV-52]': {
      'shows no bill and takes no cash; what was quoted is given up, and works again when resumed': () =>
        atCounter(async (counter) => {
          const { kiosk, screen, bill, world, before } = counter;
          await kiosk.toTender(screen, bill);
          order(counter, 'suspend');
          screen.send({ do: 'take-cash', received: '' });
          assertTold((await screen.until('menu')).problem, 'kiosk-suspended', 'safe');
          await refusedAtOnce(screen, bill);
          assert.deepEqual(moved(before, await auditSettled(world)), {});
          order(counter, 'resume');
          await kiosk.sell(screen, bill);
          assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
        }),

      'sells nothing on its lease when the cable is pulled in front of the operator': () =>
        atCounter(async (counter) => {
          const { world, kiosk, screen, bill, before } = counter;
          await kiosk.toTender(screen, bill);
          order(counter, 'suspend');
          screen.send({ do: 'take-cash', received: '' });
          assertTold((await screen.until('menu')).problem, 'kiosk-suspended', 'safe');
          await world.stopHub();
          await screen.when(({ header }) => header.link.state !== 'online', 'the loss of the link');
          await refusedAtOnce(screen, bill);
          await world.startHub();
          await kiosk.settled();
          assert.deepEqual(moved(before, await auditSettled(world)), {});
        }),

      'lets nobody log in': () =>
        atCounter(async (counter) => {
          const { kiosk, screen } = counter;
          screen.send({ do: 'log-out' });
          await screen.until('login');
          order(counter, 'suspend');
          await kiosk.logIn(screen);
          assertTold((await screen.until('login', ({ problem, checking }) => !checking && problem !== null)).problem, 'kiosk-suspended', 'safe');
        }),

      'still sends what it had sold: no rupee stays behind': () =>
        atCounter(async (counter) => {
          const { world, kiosk, screen, bill, before } = counter;
          await world.stopHub();
          await screen.when(({ header }) => header.link.state !== 'online', 'the loss of the link');
          await kiosk.sell(screen, bill);
          await kiosk.next(screen);
          order(counter, 'suspend');
          await world.startHub();
          await screen.when(({ header }) => header.unsent.count === 0, 'everything sent');
          assert.deepEqual(moved(before, await auditSettled(world)), received('JVVNL', bill.amountPaise));
        }),

      'told so once, it does not sell on its lease by pulling the cable, nor after a restart': () =>
        atCounter(async (counter) => {
          const { world, kiosk, screen, bill, before } = counter;
          order(counter, 'suspend');
          await kiosk.stop();
          await kiosk.start();
          const told = await kiosk.screen();
          await told.when(({ header }) => header.link.state === 'online', 'the link');
          await world.stopHub();
          await told.when(({ header }) => header.link.state !== 'online', 'the loss of the link');
          await kiosk.stop();
          await kiosk.start();
          const offline = await kiosk.openCounter('any');
          await refusedAtOnce(offline, bill);
          order(counter, 'resume');
          await world.startHub();
          await offline.when(({ header }) => header.link.state === 'online', 'the link');
          await world.stopHub();
          await offline.when(({ header }) => header.link.state !== 'online', 'the loss of the link');
          await kiosk.sell(offline, bill);
          await world.startHub();
          await kiosk.settled();
          assert.deepEqual(moved(before, await auditSettled(world)), received('JVVNL', bill.amountPaise));
          assert.ok(screen.closed);
        }),

      'retired: the hub will not have it, and the screen says that trying again does not help': () =>
        atCounter(async (counter) => {
          const { world, kiosk, before } = counter;
          await kiosk.stop();
          order(counter, 'retire');
          await kiosk.start();
          const screen = await kiosk.screen();
          await screen.when(({ header }) => header.link.state === 'refused', 'the refusal');
          assert.ok(before['sales'] === 0n && world.posting !== undefined);
        }),
    },
  });
});
