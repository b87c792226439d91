import assert from 'node:assert/strict';
import { startUpsSimulator, type UpsSimulator } from '../../../firmware-agent/devices/ups/simulator/simulator.js';
import type { CounterClient } from '../../support/counter-client.js';
import { auditSettled, moved, paid } from '../../support/world-audit.js';
import { codeOfBill, deviceShown, withDevice } from '../../support/world-devices.js';
import type { TestKiosk } from '../../support/world-kiosk.js';
import { sideBySide } from '../../support/world-side-by-side.js';
import { assertTold } from '../../support/world-texts.js';
import { inWorld, type World } from '../../support/world.js';

type Counter = { readonly world: World; readonly kiosk: TestKiosk; readonly ups: UpsSimulator };

function atUps(act: (counter: Counter) => Promise<void>): Promise<void> {
  return inWorld({}, (world) =>
    withDevice(startUpsSimulator({ host: '127.0.0.1', port: 0 }), async (ups) => {
      const kiosk = world.kiosk();
      kiosk.plug({ kind: 'ups', host: ups.host, port: ups.port });
      await act({ world, kiosk, ups });
    }),
  );
}

/** One bill is paid from first to last, and nothing else moves. */
async function sellsOne({ world, kiosk }: Counter, screen: CounterClient): Promise<void> {
  const before = await auditSettled(world);
  const bill = world.nextBill('JVVNL');
  await kiosk.sell(screen, bill);
  await kiosk.next(screen);
  assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
}

async function onBattery({ ups }: Counter, screen: CounterClient): Promise<void> {
  await ups.order({ do: 'mains', mains: 'off' });
  assertTold(await deviceShown(screen, { name: 'ups', state: 'warning', code: 'ups-on-battery' }), 'ups-on-battery', 'safe');
}

async function nearlyEmpty({ ups }: Counter, screen: CounterClient): Promise<void> {
  await ups.order({ do: 'mains', mains: 'off' });
  await ups.order({ do: 'battery', chargePercent: 10 });
  assertTold(await deviceShown(screen, { name: 'ups', state: 'trouble', code: 'ups-low' }), 'ups-low', 'safe');
}

async function rests(screen: CounterClient): Promise<void> {
  assertTold((await screen.until('resting')).problem, 'ups-low', 'safe');
}

/** The mains come back: the log-in comes by itself, the till is as it was, and payments go on. */
async function opensAgain(counter: Counter, screen: CounterClient): Promise<void> {
  await counter.ups.order({ do: 'normal' });
  await counter.kiosk.logIn(screen);
  await screen.until('menu');
  await sellsOne(counter, screen);
}

async function scan({ kiosk, world }: Counter): Promise<void> {
  assert.equal((await kiosk.scanner.order({ do: 'scan', text: codeOfBill(world.nextBill('JVVNL')) })).ok, true);
}

/** What each start thought of the stop before it. */
function starts(kiosk: TestKiosk): readonly string[] {
  return kiosk.entries().flatMap(({ body }) => (body.kind === 'started' ? [body.clean ? 'meant' : 'cut'] : []));
}

/** The battery is nearly empty while a citizen stands at one screen of a sale: that sale ends well, and no other begins. */
function emptyAt(at: 'quote' | 'tender', leave: 'Enter' | 'scan'): () => Promise<void> {
  return () =>
    atUps(async (counter) => {
      const { world, kiosk } = counter;
      await kiosk.start();
      const screen = await kiosk.openCounter();
      const before = await auditSettled(world);
      const bill = world.nextBill('JVVNL');
      await (at === 'quote' ? kiosk.toQuote(screen, bill) : kiosk.toTender(screen, bill));
      await nearlyEmpty(counter, screen);
      await scan(counter);
      assertTold((await screen.until(at, ({ problem }) => problem !== null)).problem, 'scan-not-now', 'none-taken');
      if (at === 'quote') screen.send({ do: 'agree' });
      await screen.until('tender');
      screen.send({ do: 'take-cash', received: '' });
      const { sale } = await screen.until('handover');
      assert.equal(sale.steps[2]?.state, 'done', 'the receipt is out');
      if (leave === 'Enter') screen.send({ do: 'confirm' });
      else await scan(counter);
      await rests(screen);
      await scan(counter);
      assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
      assert.equal(screen.view.body.screen, 'resting');
      await opensAgain(counter, screen);
    });
}

/** The agent is gone while the counter rests: nobody takes it for a power cut, and it rests on. */
function endsAtRest(end: 'stop' | 'kill'): () => Promise<void> {
  return () =>
    atUps(async (counter) => {
      const { kiosk } = counter;
      await kiosk.startProcess();
      await kiosk.openCounter();
      await kiosk.kill();
      await kiosk.startProcess();
      const screen = await kiosk.openCounter();
      assert.deepEqual(starts(kiosk), ['meant', 'cut'], 'killed at work: a cut');
      await nearlyEmpty(counter, screen);
      await rests(screen);
      await kiosk[end]();
      await kiosk.startProcess();
      assert.deepEqual(starts(kiosk), ['meant', 'cut', 'meant']);
      const after = await kiosk.screen();
      await rests(after);
      await opensAgain(counter, after);
    });
}

describe('faults of the power', () => {
  sideBySide({
    'the battery is nearly empty': {
      'killed while it rests: the next start calls it meant': endsAtRest('kill'),
      'stopped while it rests: the same': endsAtRest('stop'),
      'in the middle of a sale, at the quote: it goes its whole way, and then the counter rests': emptyAt('quote', 'Enter'),
      'in the middle of a sale, at the cash: the same, and the next scan begins nothing': emptyAt('tender', 'scan'),

      'between two citizens: it rests at once, and only the mains bring it back': () =>
        atUps(async (counter) => {
          const { kiosk, ups } = counter;
          await kiosk.start();
          const screen = await kiosk.openCounter();
          screen.send({ do: 'show-stock' });
          await screen.until('stock');
          await nearlyEmpty(counter, screen);
          await rests(screen);
          await ups.order({ do: 'battery', chargePercent: 60 });
          await deviceShown(screen, { name: 'ups', state: 'warning', code: 'ups-on-battery' });
          assert.equal(screen.view.body.screen, 'resting');
          await ups.order({ do: 'unplug' });
          await deviceShown(screen, { name: 'ups', state: 'absent', code: 'ups-absent' });
          assert.equal(screen.view.body.screen, 'resting');
          await opensAgain(counter, screen);
        }),

      'the mains are back and the battery is empty: it rests until the next cut would leave time, and says why': () =>
        atUps(async (counter) => {
          const { kiosk, ups } = counter;
          await kiosk.start();
          const screen = await kiosk.openCounter();
          await nearlyEmpty(counter, screen);
          await rests(screen);
          await ups.order({ do: 'mains', mains: 'on' });
          const { problem } = await screen.until('resting', ({ problem: told }) => told.code === 'ups-recharging');
          assertTold(problem, 'ups-recharging', 'safe');
          await ups.order({ do: 'battery', chargePercent: 25 });
          await deviceShown(screen, { name: 'ups', state: 'warning', code: 'ups-recharging' });
          assert.equal(screen.view.body.screen, 'resting');
          await kiosk.stop();
          await ups.order({ do: 'battery', chargePercent: 5 });
          await kiosk.start();
          const later = await kiosk.screen();
          await later.until('resting', ({ problem: told }) => told.code === 'ups-recharging');
          await ups.order({ do: 'battery', chargePercent: 31 });
          await kiosk.logIn(later);
          await later.until('menu');
          await sellsOne(counter, later);
        }),

      'upsd loses its UPS while on battery: taken for the end': () =>
        atUps(async (counter) => {
          const { kiosk, ups } = counter;
          await kiosk.start();
          const screen = await kiosk.openCounter();
          await onBattery(counter, screen);
          await ups.order({ do: 'stale' });
          await rests(screen);
          await opensAgain(counter, screen);
        }),
    },
    'the counter works on': {
      'on battery: a warning, and a payment goes its whole way': () =>
        atUps(async (counter) => {
          const { kiosk, ups } = counter;
          await kiosk.start();
          const screen = await kiosk.openCounter();
          await onBattery(counter, screen);
          await sellsOne(counter, screen);
          await ups.order({ do: 'mains', mains: 'on' });
          await deviceShown(screen, { name: 'ups', state: 'ready' });
        }),

      'upsd is unplugged while on battery: told, and a payment goes its whole way; not heard for long, taken for the end': () =>
        atUps(async (counter) => {
          const { kiosk, ups } = counter;
          await kiosk.start();
          const screen = await kiosk.openCounter();
          await onBattery(counter, screen);
          await ups.order({ do: 'unplug' });
          assertTold(await deviceShown(screen, { name: 'ups', state: 'absent', code: 'ups-absent' }), 'ups-absent', 'nothing-lost');
          await sellsOne(counter, screen);
          await rests(screen);
          await opensAgain(counter, screen);
        }),

      'upsd falls silent on mains: told, and stops nobody': () =>
        atUps(async (counter) => {
          const { kiosk, ups } = counter;
          await kiosk.start();
          const screen = await kiosk.openCounter();
          await ups.order({ do: 'silent' });
          assertTold(await deviceShown(screen, { name: 'ups', state: 'absent', code: 'ups-absent' }), 'ups-absent', 'nothing-lost');
          await sellsOne(counter, screen);
        }),
    },
  });
});
