import assert from 'node:assert/strict';
import type { Clocks } from '../../../firmware-agent/station/clock.js';
import { HOUR_MS } from '#protocol/time/time.js';
import { changePin, unlockOperator } from '../../../hub-server/people/operators.js';
import type { Body, CounterClient } from '../../support/counter-client.js';
import { auditSettled, moved } from '../../support/world-audit.js';
import { assertTold } from '../../support/world-texts.js';
import { valueOf } from '../../support/world-value.js';
import { PIN, World } from '../../support/world.js';

const WRONG = '730264';

/** The wall clock is so far ahead of the real one. */
function ahead(ms: number): Clocks {
  return { wall: () => Date.now() + ms, monotonic: () => performance.now() };
}

async function refused(screen: CounterClient, login: string, pin: string, test: (body: Body<'login'>) => boolean): Promise<Body<'login'>> {
  screen.send({ do: 'log-in', login, pin });
  return screen.until('login', (body) => !body.checking && body.problem !== null && test(body));
}

/** Four wrong PINs are counted down; the fifth locks. */
async function lockOut(screen: CounterClient, login: string): Promise<Body<'login'>> {
  for (const left of [4, 3, 2, 1]) {
    const body = await refused(screen, login, WRONG, ({ triesLeft }) => triesLeft === left);
    assertTold(body.problem, 'pin-wrong', 'none-taken');
  }
  const body = await refused(screen, login, WRONG, ({ lockedUntil }) => lockedUntil !== null);
  assertTold(body.problem, 'login-locked', 'none-taken');
  assert.ok((body.lockedUntil ?? 0) > screen.view.header.now);
  return body;
}

describe('a wrong PIN, asked at the hub', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.open();
    await world.kiosk().start();
  });
  afterEach(() => world.close());

  it('is counted down and then locks the login, even for the right PIN; the district lifts the lock', async () => {
    const kiosk = world.kiosk();
    const screen = await kiosk.screen();
    await screen.when(({ header }) => header.link.state === 'online', 'the link');
    const { lockedUntil } = await lockOut(screen, kiosk.login);
    screen.send({ do: 'log-in', login: kiosk.login, pin: PIN });
    await screen.until('login', ({ checking }) => checking);
    const still = await screen.until('login', ({ checking }) => !checking);
    assertTold(still.problem, 'login-locked', 'none-taken');
    assert.equal(still.lockedUntil, lockedUntil);
    valueOf(unlockOperator(world.hub, kiosk.login));
    await kiosk.openCounter();
    assert.deepEqual(await auditSettled(world).then(({ sales, cash }) => ({ sales, cash })), { sales: 0n, cash: 0n });
  });

  it('keeps out a login that is unknown, of the funds, or of another PIN form', async () => {
    const kiosk = world.kiosk();
    const screen = await kiosk.screen();
    await screen.when(({ header }) => header.link.state === 'online', 'the link');
    const unknown = await refused(screen, `${kiosk.code}co77`, PIN, ({ problem }) => problem?.code === 'login-unknown');
    assertTold(unknown.problem, 'login-unknown', 'none-taken');
    const funds = await refused(screen, `${kiosk.code}admin01`, PIN, ({ problem }) => problem?.code === 'login-not-counter');
    assertTold(funds.problem, 'login-not-counter', 'none-taken');
    const short = await refused(screen, kiosk.login, '12', ({ problem }) => problem?.code === 'pin-wrong');
    assertTold(short.problem, 'pin-wrong', 'none-taken');
  });

  it('says so when the amount in the till is not an amount', async () => {
    const kiosk = world.kiosk();
    const screen = await kiosk.screen();
    await screen.when(({ header }) => header.link.state === 'online', 'the link');
    screen.send({ do: 'log-in', login: kiosk.login, pin: PIN });
    await screen.until('till-opening');
    screen.send({ do: 'open-till', float: 'five hundred' });
    assertTold((await screen.until('till-opening', ({ problem }) => problem !== null)).problem, 'amount-unreadable', 'none-taken');
    screen.send({ do: 'open-till', float: '500' });
    assert.equal((await screen.until('menu')).tillPaise, 50_000n);
  });
});

describe('a log-in without the link', () => {
  let world: World;
  beforeEach(async () => {
    world = await World.open();
  });
  afterEach(() => world.close());

  it('is taken by the kept verifier, and wrong PINs lock it there too, over a restart [INV-50]', async () => {
    const kiosk = world.kiosk();
    await kiosk.start();
    const before = await kiosk.openCounter().then(() => auditSettled(world));
    await kiosk.stop();
    await world.stopHub();
    await kiosk.start();
    const { lockedUntil } = await lockOut(await kiosk.screen(), kiosk.login);
    await kiosk.stop();
    await kiosk.start();
    const screen = await kiosk.screen();
    const body = await refused(screen, kiosk.login, PIN, () => true);
    assertTold(body.problem, 'login-locked', 'none-taken');
    assert.equal(body.lockedUntil, lockedUntil);
    await kiosk.stop();
    await kiosk.start({ clocks: ahead(HOUR_MS) });
    await kiosk.openCounter('any');
    await kiosk.stop();
    await world.startHub();
    await kiosk.start();
    assert.deepEqual(moved(before, await auditSettled(world)), {});
  });

  it('needs the hub for someone who never worked here, or not within the verifier’s time', async () => {
    const kiosk = world.kiosk();
    await world.stopHub();
    await kiosk.start();
    const first = await refused(await kiosk.screen(), kiosk.login, PIN, () => true);
    assertTold(first.problem, 'login-needs-hub', 'none-taken');
    await kiosk.stop();
    await world.startHub();
    await kiosk.start();
    await kiosk.openCounter();
    await kiosk.stop();
    await world.stopHub();
    await kiosk.start({ clocks: ahead(71 * HOUR_MS) });
    const screen = await kiosk.openCounter('any');
    screen.send({ do: 'log-out' });
    await screen.until('login');
    await kiosk.stop();
    await kiosk.start({ clocks: ahead(73 * HOUR_MS) });
    const late = await refused(await kiosk.screen(), kiosk.login, PIN, () => true);
    assertTold(late.problem, 'login-needs-hub', 'none-taken');
  });

  it('takes the new PIN, and the old one no longer, once the hub has said so', async () => {
    const kiosk = world.kiosk();
    await kiosk.start();
    const screen = await kiosk.openCounter();
    screen.send({ do: 'log-out' });
    await screen.until('login');
    valueOf(await changePin(world.hub, kiosk.login, '605917'));
    screen.send({ do: 'log-in', login: kiosk.login, pin: '605917' });
    await screen.until('menu');
    screen.send({ do: 'log-out' });
    await screen.until('login');
    await world.stopHub();
    await screen.when(({ header }) => header.link.state !== 'online', 'the loss of the link');
    const body = await refused(screen, kiosk.login, PIN, () => true);
    assertTold(body.problem, 'pin-wrong', 'none-taken');
    screen.send({ do: 'log-in', login: kiosk.login, pin: '605917' });
    await screen.until('menu');
  });
});
