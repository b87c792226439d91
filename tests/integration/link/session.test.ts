import assert from 'node:assert/strict';
import { createServer, type TlsOptions } from 'node:tls';
import type { AddressInfo, Socket } from 'node:net';
import { PUSH_ENTRIES_MAX, PUSH_WINDOW, type HubFrame } from '#protocol/wire/frames.js';
import { HubLink } from '../../../firmware-agent/link/link.js';
import { selfSignedCertificate } from '../../../hub-server/operations/tls-certificate.js';
import { Bench, valueOf } from '../../unit/agent/bench.js';
import { chance, keyOf, transactionOf } from '../../unit/protocol/samples.js';
import { Chain, HubBench } from '../../unit/hub/bench.js';
import { PlayedHub } from './played-hub.js';
import { LinkWorld, Watched } from './world.js';

const STARTED = { kind: 'started', software: '0.1.0', clean: true } as const;

function write(counter: Bench, count: number): void {
  for (let n = 0; n < count; n += 1) valueOf(counter.append(STARTED));
}

describe("the kiosk's session with its hub", function () {
  this.timeout(40_000);
  let template: HubBench;
  let world: LinkWorld;
  before(async () => {
    template = await HubBench.open();
  });
  after(() => template.close());
  beforeEach(async () => {
    world = await LinkWorld.open(template);
  });
  afterEach(() => world.close());

  const atHub = (): number => world.bench.ingest.tip(world.bench.device()).seq;
  const sentAll = (counter: Bench): boolean => counter.ledger.acked?.count === counter.ledger.tip.seq;

  describe('with a real hub', () => {
    it('is welcomed, sends what it has and what comes later, and keeps the acknowledgements', async () => {
      const counter = world.counter();
      write(counter, 3);
      const session = world.session(counter);
      await session.welcomed();
      assert.equal(session.welcomes[0]?.now, world.bench.clock.at);
      await session.until('three are acknowledged', () => sentAll(counter));
      write(counter, 2);
      await session.until('five are acknowledged', () => sentAll(counter));
      assert.equal(atHub(), 5);
      counter.restart();
      assert.equal(counter.ledger.acked?.count, 5);
    });

    it('catches up on a thousand entries', async () => {
      const counter = world.counter();
      write(counter, 1_000);
      const session = world.session(counter);
      await session.until('a thousand are acknowledged', () => counter.ledger.acked?.count === 1_000);
      assert.deepEqual(Buffer.from(world.bench.ingest.tip(world.bench.device()).hash), Buffer.from(counter.ledger.tip.hash));
      assert.equal(session.end, undefined);
    });

    it('stops selling when the hub holds another history of it: nothing of ours is sent over it [INV-32]', async () => {
      const counter = world.counter();
      const chain = new Chain(world.bench.identity());
      for (let n = 0; n < 3; n += 1) chain.add({ kind: 'operator-off' });
      world.bench.push(chain, 1);
      write(counter, 2);
      const session = world.session(counter);
      await session.until('the fork is seen', () => session.forks.length > 0);
      assert.deepEqual(counter.ledger.health, { state: 'broken', seq: 3, detail: 'the hub holds another entry in this place' });
      assert.equal(counter.ledger.acked, undefined);
      assert.equal(atHub(), 3);
    });

    it('asks, and hears answers by number; what is asked at the end of a link is down', async () => {
      const counter = world.counter();
      const session = world.session(counter);
      assert.ok(!(await session.hub.ask({ ask: 'lease' }, 1_000)).ok, 'nothing can be asked before the welcome');
      await session.welcomed();
      const [lease, outcomes] = await Promise.all([
        session.hub.ask({ ask: 'lease' }, 10_000),
        session.hub.ask({ ask: 'outcomes', transactions: [] }, 10_000),
      ]);
      assert.deepEqual([valueOf(lease).answer, valueOf(outcomes).answer], ['lease', 'outcomes']);
      const open = session.hub.ask({ ask: 'lease' }, 10_000);
      session.hub.close();
      assert.ok(!(await open).ok);
      assert.equal(session.end?.why, 'lost');
    });

    it('is refused for good reasons, and says so', async () => {
      const counter = world.counter();
      const [first, second] = [world.session(counter), world.session(counter)];
      await Promise.race([first.ended(), second.ended()]);
      assert.deepEqual(
        [first.end?.why, second.end?.why].filter((why) => why !== undefined),
        ['refused'],
        'the older of two is told that another one has connected',
      );
    });

    it('hears outcomes and the wish to close its lease', async () => {
      const session = world.session(world.counter());
      await session.welcomed();
      const outcome = { transaction: transactionOf(1), state: { kind: 'refused', reason: 'no' } } as const;
      world.link.tell('d35k1111', outcome);
      world.link.askToCloseLease('d35k1111');
      await session.until('both have come', () => session.outcomes.length === 1 && session.closeLeases === 1);
      assert.deepEqual(session.outcomes, [outcome]);
    });
  });

  describe('over a restart of the hub', () => {
    it('goes on where the hub stands, and everything is there once', async () => {
      const counter = world.counter();
      write(counter, 700);
      const { port } = world;
      const watched = new Watched();
      const link = new HubLink(counter.identity, counter.ledger, () => counter.kiosk.clock.now(), {
        welcomed: () => watched.wake(),
        outcome: () => undefined,
        closeLease: () => undefined,
        changed: () => watched.wake(),
      });
      link.start();
      await watched.until('some are acknowledged', () => (counter.ledger.acked?.count ?? 0) >= 100);
      await world.stop();
      assert.ok(atHub() >= 100);
      write(counter, 50);
      await watched.until('the loss is seen', () => link.view().state === 'offline');
      assert.ok(!link.isUp && link.nextTryAt !== null);
      await world.start(port);
      link.tryNow();
      await watched.until('all are acknowledged', () => sentAll(counter));
      assert.equal(atHub(), 750);
      assert.equal(link.view().state, 'online');
      assert.equal(world.bench.hub.db.prepare('SELECT count(*) FROM entry').pluck().get(), 750n);
      link.stop();
    });
  });

  describe('with a hub that has another key', () => {
    it('sends nothing at all to it [INV-33]', async () => {
      const impostor = keyOf('impostor');
      const options: TlsOptions = {
        key: impostor.private.export({ type: 'pkcs8', format: 'pem' }),
        cert: await selfSignedCertificate(impostor, 'jaipur-1', ['127.0.0.1'], chance('serial', 8)),
        minVersion: 'TLSv1.3',
      };
      const heard: Buffer[] = [];
      const server = createServer(options, (socket) => {
        socket.on('data', (bytes: Buffer) => heard.push(bytes));
        socket.on('error', () => socket.destroy());
      });
      server.on('tlsClientError', (_error, socket) => socket.destroy());
      const gone = new Promise<void>((resolve) => server.on('connection', (socket: Socket) => socket.once('close', () => resolve())));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const counter = world.counter();
      write(counter, 3);
      const session = world.session(counter, world.identity(undefined, (server.address() as AddressInfo).port));
      await session.ended();
      assert.equal(session.end?.why, 'refused');
      assert.match(session.end?.detail ?? '', /another key/u);
      await gone;
      assert.equal(Buffer.concat(heard).length, 0);
      await new Promise<void>((resolve) => server.close(() => resolve()));
    });

    it('nobody at the address: lost, to be tried again', async () => {
      const { port } = world;
      await world.stop();
      const counter = new Bench({ identity: world.identity(undefined, port) });
      const session = world.session(counter);
      await session.ended();
      assert.equal(session.end?.why, 'lost');
    });
  });

  describe('with a hub that misbehaves', () => {
    let hub: PlayedHub;
    let counter: Bench;
    beforeEach(async () => {
      await world.stop();
      hub = new PlayedHub(world);
      await world.start(0, hub.upgrade);
      counter = world.counter();
    });

    it('that can not prove its key on this channel gets no entry [INV-33] [INV-31]', async () => {
      write(counter, 3);
      const session = world.session(counter);
      await hub.welcome(counter, 'kiosk');
      await session.ended();
      assert.equal(session.end?.why, 'refused');
      assert.equal(hub.count('push'), 0);
      assert.equal(session.welcomes.length, 0);
      assert.equal(counter.ledger.acked, undefined);
    });

    const early: Readonly<Record<string, HubFrame>> = {
      'a fork': { t: 'nack', expected: 1, code: 'fork', detail: 'x' },
      'a wish to close the lease': { t: 'close-lease' },
      'an outcome': { t: 'outcome', outcome: { transaction: transactionOf(1), state: { kind: 'refused', reason: 'no' } } },
      'an acknowledgement': { t: 'ack', head: new Uint8Array(3) },
    };
    for (const [what, frame] of Object.entries(early)) {
      it(`is not heard before its welcome: ${what}`, async () => {
        write(counter, 1);
        const session = world.session(counter);
        await hub.hear('auth');
        hub.say(frame);
        await session.ended();
        assert.deepEqual([session.end?.why, session.forks, session.closeLeases, session.outcomes], ['lost', [], 0, []]);
        assert.equal(counter.ledger.health.state, 'whole');
      });
    }

    it('that speaks nonsense is left [INV-24]', async () => {
      for (const nonsense of ['text', Uint8Array.of(0xff), new Uint8Array()]) {
        const session = world.session(counter);
        await hub.hear('auth');
        hub.heard.length = 0;
        hub.sayBytes(nonsense);
        await session.ended();
        assert.match(session.end?.detail ?? '', /not a frame/u);
      }
    });

    it('that never acknowledges has so many pushes in flight, and the next for each it acknowledges', async () => {
      write(counter, PUSH_ENTRIES_MAX * (PUSH_WINDOW + 3));
      const session = world.session(counter);
      await hub.welcome(counter);
      await hub.hear('push', PUSH_WINDOW);
      await session.hub.ask({ ask: 'lease' }, 50);
      assert.equal(hub.count('push'), PUSH_WINDOW);
      hub.say(hub.take(await hub.hear('push', 1)));
      await hub.hear('push', PUSH_WINDOW + 1);
      await session.hub.ask({ ask: 'lease' }, 50);
      assert.equal(hub.count('push'), PUSH_WINDOW + 1);
      const from = hub.heard.flatMap((frame) => (frame.t === 'push' ? [frame.from] : []));
      assert.deepEqual(from, [1, 101, 201, 301, 401]);
    });

    it('that misses entries is sent them from where it says', async () => {
      write(counter, 5);
      world.session(counter);
      await hub.welcome(counter);
      await hub.hear('push');
      hub.say({ t: 'nack', expected: 3, code: 'gap', detail: 'x' });
      const again = await hub.hear('push', 2);
      assert.deepEqual([again.from, again.entries.length], [3, 3]);
    });

    it('that acknowledges what is not ours changes nothing here', async () => {
      write(counter, 5);
      const session = world.session(counter);
      await hub.welcome(counter);
      const push = await hub.hear('push');
      hub.say({ t: 'ack', head: Uint8Array.of(1, 2) });
      hub.say({
        t: 'ack',
        head: world.bench.ingest.headOf(world.bench.device('d35k2222' as Parameters<HubBench['device']>[0]), {
          seq: 1,
          hash: new Uint8Array(32),
          at: 0,
        }),
      });
      hub.say(hub.take(push));
      await session.until('the good one counts', () => sentAll(counter));
      assert.equal(counter.ledger.acked?.count, 5);
    });

    it('that refuses an entry is not asked to take it again and again', async () => {
      write(counter, 2);
      const session = world.session(counter);
      await hub.welcome(counter);
      await hub.hear('push');
      hub.say({ t: 'nack', expected: 1, code: 'bad-entry', detail: 'wrong-seq' });
      await session.ended();
      assert.equal(session.end?.why, 'refused');
    });

    it('that does not answer is down for that question; a late answer is nobody’s', async () => {
      const session = world.session(counter);
      await hub.welcome(counter);
      await session.welcomed();
      const late = await session.hub.ask({ ask: 'lease' }, 20);
      assert.ok(!late.ok && /20 ms/u.test(late.error.detail));
      hub.say({ t: 'answer', id: 1, answer: { answer: 'lease', grant: new Uint8Array(1) } });
      const asked = session.hub.ask({ ask: 'outcomes', transactions: [] }, 10_000);
      const { id } = await hub.hear('ask', 2);
      hub.say({ t: 'answer', id, answer: { answer: 'outcomes', outcomes: [] } });
      assert.equal(valueOf(await asked).answer, 'outcomes');
    });

    it('with a broken ledger says so, and sends nothing [INV-44]', async () => {
      write(counter, 2);
      counter.ledger.markForked(1);
      const session = world.session(counter);
      assert.equal((await hub.hear('auth')).ledger, 'broken');
      await hub.welcome(counter);
      await session.welcomed();
      await session.hub.ask({ ask: 'lease' }, 50);
      assert.equal(hub.count('push'), 0);
    });
  });
});
