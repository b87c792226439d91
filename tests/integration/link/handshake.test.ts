import assert from 'node:assert/strict';
import { districtCode, kioskCode } from '#protocol/identity/identity.js';
import { openHead } from '#protocol/ledger/head.js';
import { verifyBytes } from '#protocol/signing/keys.js';
import { CLOSE, FRAME_BYTES_MAX } from '#protocol/wire/frames.js';
import { proofBytes } from '#protocol/wire/proof.js';
import { moveKiosk } from '../../../hub-server/kiosks/enrolment/decide.js';
import { valueOf } from '../../unit/agent/bench.js';
import { chance } from '../../unit/protocol/samples.js';
import { Chain, enrol, HubBench } from '../../unit/hub/bench.js';
import { FIRST, LinkWorld, SECOND } from './world.js';

const STARTED = { kind: 'started', software: '0.1.0', clean: true } as const;

describe('the handshake of the kiosk link', () => {
  let template: HubBench;
  let world: LinkWorld;
  before(async () => {
    template = await HubBench.open();
  });
  after(() => template.close());
  beforeEach(async () => {
    world = await LinkWorld.open(template);
  });
  afterEach(async () => {
    assert.deepEqual(world.defects, []);
    await world.close();
  });

  it('proves both ends on this channel and says how far the hub is', async () => {
    const chain = new Chain(world.bench.identity());
    chain.add(STARTED);
    world.bench.push(chain, 1);
    const kiosk = await world.raw();
    const facts = await kiosk.factsFor(world.identity());
    await kiosk.auth(world.identity());
    const welcome = await kiosk.frame('welcome');
    const { hubCertificate } = world.identity();
    assert.ok(verifyBytes(hubCertificate.key, proofBytes('hub', facts), welcome.signature));
    assert.ok(!verifyBytes(hubCertificate.key, proofBytes('kiosk', facts), welcome.signature), 'a proof is good for one side [INV-31]');
    assert.deepEqual(welcome.have, { seq: 1, hash: chain.hash });
    const head = valueOf(openHead(hubCertificate.key, 'hub', welcome.head));
    assert.deepEqual([head.kiosk, head.epoch, head.count, head.hash], [FIRST, 1, 1, chain.hash]);
    assert.deepEqual([welcome.state, welcome.now, welcome.ruleBook], ['active', world.bench.clock.at, null]);
    assert.deepEqual(world.link.connected, [FIRST]);
  });

  it('brings a newer rule book', async () => {
    const kiosk = await world.raw();
    await kiosk.auth(world.identity(), { says: { ruleBook: 0 } });
    assert.ok((await kiosk.frame('welcome')).ruleBook !== null);
  });

  const refusals = {
    'a proof made for another channel': async () => {
      const [other, kiosk] = [await world.raw(), await world.raw()];
      await kiosk.auth(world.identity(), { proof: { channel: other.channel } });
      return kiosk;
    },
    "a proof over another hub's nonce, as from a recording": async () => {
      const [old, kiosk] = [await world.raw(), await world.raw()];
      const { hubNonce } = await old.factsFor(world.identity());
      await kiosk.auth(world.identity(), { proof: { hubNonce } });
      return kiosk;
    },
    'a proof over another nonce of its own': async () => {
      const kiosk = await world.raw();
      await kiosk.auth(world.identity(), { says: { nonce: chance('other', 32) } as object });
      return kiosk;
    },
    'the proof of the other side': async () => {
      const kiosk = await world.raw();
      await kiosk.auth(world.identity(), { by: 'hub' });
      return kiosk;
    },
    "another kiosk's key": async () => {
      const kiosk = await world.raw();
      await kiosk.auth(world.identity(SECOND), { says: { kiosk: FIRST } });
      return kiosk;
    },
    'a proof for another epoch': async () => {
      const kiosk = await world.raw();
      await kiosk.auth(world.identity(), { proof: { epoch: 2 } });
      return kiosk;
    },
  } as const;
  for (const [what, attempt] of Object.entries(refusals)) {
    it(`refuses ${what} [INV-31]`, async () => {
      const kiosk = await attempt();
      assert.equal(await kiosk.close4xxx(), CLOSE.auth);
      assert.deepEqual(world.link.connected, []);
      assert.ok(!kiosk.frames.some((frame) => frame.t === 'welcome'));
    });
  }

  it('refuses the same auth frame a second time, on another connection [INV-31]', async () => {
    const [first, second] = [await world.raw(), await world.raw()];
    const sent: Uint8Array[] = [];
    const send = first.socket.send.bind(first.socket);
    first.socket.send = (data: Uint8Array) => {
      sent.push(data);
      send(data);
    };
    await first.auth(world.identity());
    await first.frame('welcome');
    await second.frame('hello');
    second.socket.send(sent[0] ?? new Uint8Array());
    assert.equal(await second.close4xxx(), CLOSE.auth);
    assert.equal(first.closed, undefined, 'and the real one stays');
  });

  it('knows no kiosk, epoch or district that was not certified here', async () => {
    const unknown = [{ kiosk: kioskCode.parse('d35k9999') }, { epoch: 2 }, { district: districtCode.parse('lgd:103') }];
    for (const says of unknown) {
      const kiosk = await world.raw();
      await kiosk.auth(world.identity(), { says });
      assert.equal(await kiosk.close4xxx(), CLOSE.unknown, JSON.stringify(says));
    }
  });

  it('refuses a retired device, also by its good key, and takes the one in its place', async () => {
    const old = world.identity();
    const replacement = enrol(world.bench.hub, world.bench.hub.folder, FIRST, 'replace');
    const [kiosk, next] = [await world.raw(), await world.raw()];
    await kiosk.auth(old);
    assert.equal(await kiosk.close4xxx(), CLOSE.suspended);
    await next.auth(replacement);
    assert.equal((await next.frame('welcome')).have.seq, 0);
  });

  it('lets a suspended kiosk in to send what it has, and tells it', async () => {
    valueOf(moveKiosk(world.bench.hub, 'suspend', { kiosk: FIRST, by: 'test', reason: 'audit' }));
    const kiosk = await world.raw();
    await kiosk.auth(world.identity());
    assert.equal((await kiosk.frame('welcome')).state, 'suspended');
    kiosk.send({ t: 'ask', id: 1, ask: { ask: 'lease' } });
    const { answer } = await kiosk.frame('answer');
    assert.ok(answer.answer === 'no' && answer.code === 'suspended');
  });

  it('takes nothing before the proof', async () => {
    const kiosk = await world.raw();
    await kiosk.frame('hello');
    kiosk.send({ t: 'push', from: 1, entries: [new Chain(world.bench.identity()).add(STARTED).bytes] });
    assert.equal(await kiosk.close4xxx(), CLOSE.auth);
    assert.equal(world.bench.ingest.tip(world.bench.device()).seq, 0);
  });

  it('ends a link that speaks nonsense, and one that proves itself twice [INV-24]', async () => {
    const bad: readonly (string | Uint8Array)[] = ['text', Uint8Array.of(0xff), new Uint8Array(), Buffer.from('a16174616d', 'hex')];
    for (const bytes of bad) {
      const kiosk = await world.raw();
      await kiosk.frame('hello');
      kiosk.socket.send(bytes);
      assert.equal(await kiosk.close4xxx(), CLOSE.protocol);
    }
    const large = await world.raw();
    await large.frame('hello');
    large.socket.send(new Uint8Array(FRAME_BYTES_MAX + 1));
    assert.equal(await large.close4xxx(), 1009);
    const twice = await world.raw();
    await twice.auth(world.identity());
    await twice.frame('welcome');
    await twice.auth(world.identity());
    assert.equal(await twice.close4xxx(), CLOSE.protocol);
  });

  it('keeps one link for a kiosk, the newest, and hears no more from the older', async () => {
    const chain = new Chain(world.bench.identity());
    const entry = chain.add(STARTED).bytes;
    const [older, newer] = [await world.raw(), await world.raw()];
    await older.auth(world.identity());
    await older.frame('welcome');
    // It does not read, so it does not know yet that its time is over.
    older.socket.pause();
    await newer.auth(world.identity());
    await newer.frame('welcome');
    older.send({ t: 'push', from: 1, entries: [entry] });
    older.send({ t: 'ask', id: 1, ask: { ask: 'lease' } });
    await new Promise((resolve) => older.socket.ping(resolve));
    newer.send({ t: 'ping', n: 1 });
    await newer.frame('pong');
    older.socket.resume();
    assert.equal(await older.close4xxx(), CLOSE.duplicate);
    assert.equal(world.bench.ingest.tip(world.bench.device()).seq, 0, 'nothing was taken from the older one');
    assert.equal(world.bench.grants.openLease(world.bench.device()), undefined);
    assert.deepEqual(world.link.connected, [FIRST]);
    newer.send({ t: 'push', from: 1, entries: [entry] });
    await newer.frame('ack');
  });

  it('tells people of a kiosk that says its ledger is broken, or that shows another newest entry [INV-44] [INV-32]', async () => {
    const broken = await world.raw();
    await broken.auth(world.identity(), { says: { ledger: 'broken' } });
    await broken.frame('welcome');
    const chain = new Chain(world.bench.identity(SECOND));
    chain.add(STARTED);
    world.bench.push(chain, 1);
    const other = await world.raw();
    await other.auth(world.identity(SECOND), { head: { seq: 1, hash: new Uint8Array(32) } });
    await other.frame('welcome');
    await world.until('two alarms', () => world.alarms.length === 2);
    assert.match(world.alarms[0] ?? '', /d35k1111: .*broken/u);
    assert.match(world.alarms[1] ?? '', /d35k2222: fork/u);
    for (const kiosk of [broken, other]) {
      kiosk.send({ t: 'ask', id: 1, ask: { ask: 'lease' } });
      const { answer } = await kiosk.frame('answer');
      assert.ok(answer.answer === 'no' && answer.code === 'suspended', 'no money is set apart for it');
    }
  });
});
