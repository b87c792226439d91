import assert from 'node:assert/strict';
import { startGnssSimulator, type GnssSimulator } from '../../../firmware-agent/devices/gnss/simulator/simulator.js';
import type { CounterClient } from '../../support/counter-client.js';
import { auditSettled, moved, paid } from '../../support/world-audit.js';
import { codeOfBill, deviceShown, withDevice } from '../../support/world-devices.js';
import type { TestKiosk } from '../../support/world-kiosk.js';
import { sideBySide } from '../../support/world-side-by-side.js';
import { assertTold } from '../../support/world-texts.js';
import { inWorld, type World } from '../../support/world.js';

const HOME = { latitude: 26.924, longitude: 75.8146 };
/** Five kilometres to the north. */
const AWAY = { latitude: HOME.latitude + 0.045, longitude: HOME.longitude };
const PLACE = { latitudeE6: 26_924_000, longitudeE6: 75_814_600, radiusM: 200 };
const EVERY_MS = 50;

type Counter = { readonly world: World; readonly kiosk: TestKiosk; readonly gnss: GnssSimulator; readonly screen: CounterClient };

/** A counter at its approved place, open. */
function atPlace(act: (counter: Counter) => Promise<void>): Promise<void> {
  return inWorld({ place: PLACE }, (world) =>
    withDevice(startGnssSimulator({ host: '127.0.0.1', port: 0, ...HOME, everyMs: EVERY_MS }), async (gnss) => {
      const kiosk = world.kiosk();
      kiosk.plug({ kind: 'gnss', transport: 'tcp', host: gnss.host, port: gnss.port });
      await kiosk.start();
      await act({ world, kiosk, gnss, screen: await kiosk.openCounter() });
    }),
  );
}

async function sellsOne({ world, kiosk, screen }: Counter): Promise<void> {
  const before = await auditSettled(world);
  const bill = world.nextBill('JVVNL');
  await kiosk.sell(screen, bill);
  await kiosk.next(screen);
  assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
}

/** The services say that the counter is not where it may be, and how far off. */
async function toldOutside({ screen }: Counter): Promise<void> {
  const { problem } = await screen.until('menu', (body) => body.problem?.code === 'outside-place');
  assertTold(problem, 'outside-place', 'safe');
  assert.equal(problem?.values?.['distance'], '5 km');
}

async function carriedAway(counter: Counter): Promise<void> {
  await counter.gnss.order({ do: 'place', ...AWAY });
  await toldOutside(counter);
}

async function carriedBack({ gnss, screen }: Counter): Promise<void> {
  await gnss.order({ do: 'place', ...HOME });
  await screen.until('menu', ({ problem }) => problem === null);
}

async function scan({ kiosk, world }: Counter): Promise<void> {
  assert.equal((await kiosk.scanner.order({ do: 'scan', text: codeOfBill(world.nextBill('JVVNL')) })).ok, true);
}

/** How many quotes the chain knows: none was begun where this stays. */
function quotes(kiosk: TestKiosk): number {
  return kiosk.entries().filter(({ body }) => body.kind === 'quoted').length;
}

describe('faults of the place', () => {
  sideBySide({
    'carried away': {
      'at its place it sells; elsewhere neither a key nor a scan begins anything; back there it sells again': () =>
        atPlace(async (counter) => {
          const { kiosk, screen } = counter;
          await sellsOne(counter);
          const begun = quotes(kiosk);
          await carriedAway(counter);
          screen.send({ do: 'choose-service', code: '101' });
          await scan(counter);
          screen.send({ do: 'show-receipts' });
          await screen.until('receipts');
          screen.send({ do: 'back' });
          await toldOutside(counter);
          assert.equal(quotes(kiosk), begun);
          await carriedBack(counter);
          await sellsOne(counter);
        }),

      'in the middle of a sale: that sale is finished, and no other begins': () =>
        atPlace(async (counter) => {
          const { world, kiosk, gnss, screen } = counter;
          const before = await auditSettled(world);
          const bill = world.nextBill('JVVNL');
          await kiosk.toQuote(screen, bill);
          await gnss.order({ do: 'place', ...AWAY });
          screen.send({ do: 'agree' });
          await screen.until('tender');
          screen.send({ do: 'take-cash', received: '' });
          const { sale } = await screen.until('handover');
          assert.equal(sale.steps[2]?.state, 'done', 'the receipt is out');
          await scan(counter);
          await toldOutside(counter);
          assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
        }),

      'while a number is typed: no bill is fetched for it': () =>
        atPlace(async (counter) => {
          const { kiosk, world, screen } = counter;
          const begun = quotes(kiosk);
          for (const how of ['typed', 'scanned'] as const) {
            screen.send({ do: 'choose-service', code: '101' });
            await screen.until('capture');
            await counter.gnss.order({ do: 'place', ...AWAY });
            assertTold((await screen.until('capture', ({ problem }) => problem !== null)).problem, 'outside-place', 'safe');
            if (how === 'typed') screen.send({ do: 'give-consumer', consumer: world.nextBill('JVVNL').consumer });
            else await scan(counter);
            await toldOutside(counter);
            assert.equal(quotes(kiosk), begun, how);
            screen.send({ do: 'back' });
            await carriedBack(counter);
          }
        }),
    },
    'the place is not known': {
      'no satellites: a warning, and payments go on': () =>
        atPlace(async (counter) => {
          await counter.gnss.order({ do: 'no-fix' });
          const told = await deviceShown(counter.screen, { name: 'gnss', state: 'warning', code: 'gnss-no-fix' });
          assertTold(told, 'gnss-no-fix', 'none-taken');
          await sellsOne(counter);
          await counter.gnss.order({ do: 'normal' });
          await deviceShown(counter.screen, { name: 'gnss', state: 'ready' });
        }),

      'the receiver is pulled: told, and payments go on': () =>
        atPlace(async (counter) => {
          await counter.gnss.order({ do: 'unplug' });
          assertTold(await deviceShown(counter.screen, { name: 'gnss', state: 'absent', code: 'gnss-absent' }), 'gnss-absent', 'none-taken');
          await sellsOne(counter);
          await counter.gnss.order({ do: 'plug' });
          await deviceShown(counter.screen, { name: 'gnss', state: 'ready' });
        }),

      'pulled where the counter may not be: that does not open it': () =>
        atPlace(async (counter) => {
          await carriedAway(counter);
          await counter.gnss.order({ do: 'unplug' });
          await deviceShown(counter.screen, { name: 'gnss', state: 'absent', code: 'gnss-absent' });
          await scan(counter);
          await toldOutside(counter);
          assert.equal(quotes(counter.kiosk), 0);
          await counter.gnss.order({ do: 'plug' });
          await carriedBack(counter);
          await sellsOne(counter);
        }),
    },
  });
});
