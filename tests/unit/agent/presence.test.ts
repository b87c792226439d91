import assert from 'node:assert/strict';
import { PidBlock } from '../../../firmware-agent/devices/aadhaar/pid-block.js';
import { paise } from '#protocol/money/paise.js';
import { presenceHash, PRESSES_BEFORE_WITNESS } from '#protocol/presence/presence.js';
import { devicePorts } from '../../../firmware-agent/counter/device-ports.js';
import { makeOffer, makePartOffer, type Offer } from '../../../firmware-agent/counter/offer.js';
import { askPresence, needsPresence, witnessPresence, type Press, type PresenceSource } from '../../../firmware-agent/counter/presence.js';
import { commitSale, secure } from '../../../firmware-agent/counter/secure.js';
import { OPERATOR, ruleBookOf, serviceOf } from '../protocol/samples.js';
import { Bench, valueOf } from './bench.js';

const ASKED = { presence: 'finger' as const, part: { rule: 'allowed' as const, minimumPaise: paise(100n) } };
const BOOK = { ...ruleBookOf(), services: ruleBookOf().services.map((service) => ({ ...service, ...ASKED })) };
const SERVICE = { ...serviceOf('101', 'JVVNL'), ...ASKED };
const BLOCK = Uint8Array.from(Buffer.from('<PidData>opaque</PidData>'));

function source(...presses: readonly Press[]): PresenceSource & { readonly bound: Uint8Array[] } {
  const left = [...presses];
  const bound: Uint8Array[] = [];
  return {
    by: 'finger',
    bound,
    press: async (request) => {
      bound.push(request.bound);
      return left.shift() ?? { outcome: 'none', problem: { code: 'finger-none' } };
    },
  };
}

const NO_MATCH: Press = { outcome: 'no-match', problem: { code: 'finger-no-match' } };
const signal = new AbortController().signal;

describe('a person agrees by a finger', () => {
  let bench: Bench;
  let offer: Offer;
  beforeEach(async () => {
    bench = new Bench({ book: BOOK });
    bench.ready();
    offer = valueOf(await makeOffer(bench.kiosk, SERVICE, '210312345678', OPERATOR));
  });
  afterEach(() => bench.close());

  const entries = () => bench.entries().flatMap(({ body }) => (body.kind === 'presence' ? [body] : []));

  it('[INV-46] no money is secured before the person has shown that they are here', async () => {
    const refused = await secure(bench.kiosk, offer);
    assert.equal(refused.ok ? '' : refused.error.code, 'presence-needed');
    valueOf(await askPresence(bench.kiosk, source({ outcome: 'given' }), offer, OPERATOR, signal));
    const sale = valueOf(commitSale(bench.kiosk, offer, valueOf(await secure(bench.kiosk, offer)), offer.quote.totalPaise, OPERATOR));
    assert.equal(sale.totalPaise, offer.quote.totalPaise);
  });

  it('writes every press, bound to this transaction and sum, also those in vain', async () => {
    const reader = source(NO_MATCH, { outcome: 'unclear', problem: { code: 'finger-unclear' } }, { outcome: 'given' });
    for (const expected of ['finger-no-match', 'finger-unclear', 'given']) {
      const asked = await askPresence(bench.kiosk, reader, offer, OPERATOR, signal);
      assert.equal(asked.ok ? 'given' : asked.error.code, expected);
    }
    assert.deepEqual(
      entries().map(({ attempt, outcome, by }) => [attempt, outcome, by]),
      [
        [1, 'no-match', 'finger'],
        [2, 'unclear', 'finger'],
        [3, 'given', 'finger'],
      ],
    );
    const { district, kiosk } = bench.identity.bundle;
    const facts = {
      district,
      kiosk,
      transaction: offer.transaction,
      service: SERVICE.code,
      consumer: '210312345678',
      totalPaise: offer.quote.totalPaise,
    };
    const expected = Buffer.from(presenceHash(facts)).toString('hex');
    for (const bound of [...reader.bound, ...entries().map((entry) => entry.bound)]) assert.equal(Buffer.from(bound).toString('hex'), expected);
    assert.notEqual(
      Buffer.from(presenceHash({ ...facts, totalPaise: paise(facts.totalPaise + 1n) })).toString('hex'),
      expected,
      'another sum is another press',
    );
    bench.restart();
    assert.deepEqual(
      bench.kiosk.sales.presence(offer.transaction),
      { attempts: 3, presses: 3, inVain: 2, given: 'finger' },
      'read from the chain again',
    );
  });

  it('lets a witness stand in after presses in vain, by name, and not before', async () => {
    const early = witnessPresence(bench.kiosk, offer, 'Sita Devi, card 4471', OPERATOR);
    assert.equal(early.ok ? '' : early.error.code, 'witness-not-yet');
    for (let i = 0; i < PRESSES_BEFORE_WITNESS; i += 1) await askPresence(bench.kiosk, source(NO_MATCH), offer, OPERATOR, signal);
    const nameless = witnessPresence(bench.kiosk, offer, '  ', OPERATOR);
    assert.equal(nameless.ok ? '' : nameless.error.code, 'witness-missing');
    assert.equal(needsPresence(bench.kiosk, offer), true);
    valueOf(witnessPresence(bench.kiosk, offer, 'Sita Devi, card 4471', OPERATOR));
    assert.equal(needsPresence(bench.kiosk, offer), false);
    assert.deepEqual([entries().at(-1)?.by, entries().at(-1)?.witness], ['witness', 'Sita Devi, card 4471']);
  });

  it('a press is not good for another transaction of the same bill', async () => {
    valueOf(await askPresence(bench.kiosk, source({ outcome: 'given' }), offer, OPERATOR, signal));
    const other = valueOf(await makeOffer(bench.kiosk, SERVICE, '210312345678', OPERATOR));
    assert.equal(needsPresence(bench.kiosk, other), true);
  });

  it('one that is left meanwhile is withdrawn, whatever the device still says of it', async () => {
    const leaving = new AbortController();
    const late: PresenceSource = {
      by: 'finger',
      press: async () => {
        leaving.abort();
        return { outcome: 'given' };
      },
    };
    const asked = await askPresence(bench.kiosk, late, offer, OPERATOR, leaving.signal);
    assert.equal(asked.ok, false);
    assert.deepEqual([entries()[0]?.outcome, needsPresence(bench.kiosk, offer)], ['withdrawn', true]);
    assert.deepEqual(bench.kiosk.sales.presence(offer.transaction), { attempts: 1, presses: 0, inVain: 0, given: null });
  });

  it('one asking at a time: two never have the same number, and one that was left before its turn asks nobody', async () => {
    const { askPresence: ask } = devicePorts(bench.kiosk, () => undefined);
    const leaving = new AbortController();
    const asked = [ask(offer, OPERATOR, signal), ask(offer, OPERATOR, leaving.signal), ask(offer, OPERATOR, signal)];
    leaving.abort();
    for (const one of await Promise.all(asked)) assert.equal(one.ok, false);
    assert.deepEqual(
      entries().map(({ attempt, outcome }) => [attempt, outcome]),
      [
        [1, 'failed'],
        [2, 'failed'],
      ],
    );
  });

  it('a counter without a reader asks in vain, so that a witness comes near', async () => {
    const { askPresence: ask, takeWitness } = devicePorts(bench.kiosk, () => undefined);
    for (let i = 0; i < PRESSES_BEFORE_WITNESS; i += 1) {
      const asked = await ask(offer, OPERATOR, signal);
      assert.equal(asked.ok ? '' : asked.error.code, 'presence-no-device');
    }
    valueOf(takeWitness(offer, 'Sita Devi, card 4471', OPERATOR));
    const { presses, inVain, given } = bench.kiosk.sales.presence(offer.transaction);
    assert.deepEqual([presses, inVain, given], [0, 3, 'witness']);
  });

  describe('by Aadhaar', () => {
    const hash = Uint8Array.from(Buffer.alloc(32, 7));
    const captured = (block: PidBlock): PresenceSource => ({ by: 'aadhaar', press: async () => ({ outcome: 'given', block: hash, sealed: block }) });
    /** What the hub was asked, with the block as it was at that moment: it is overwritten afterwards. */
    let heard: { readonly ask: string; readonly block: string }[];
    beforeEach(() => {
      heard = [];
      bench.link.isUp = true;
      bench.link.answer = (asked) => {
        heard.push({ ask: asked.ask, block: asked.ask === 'presence' ? Buffer.from(asked.block).toString() : '' });
        return asked.ask === 'presence' ? { answer: 'no', code: 'presence-refused', detail: 'another person' } : undefined;
      };
    });

    it('hands an encrypted block to the department once, before any hold, overwrites it and keeps only its hash', async () => {
      const bytes = Uint8Array.from(BLOCK);
      const block = new PidBlock(bytes);
      valueOf(await askPresence(bench.kiosk, captured(block), offer, OPERATOR, signal));
      const refused = await secure(bench.kiosk, offer);
      assert.equal(refused.ok ? '' : refused.error.code, 'presence-refused');
      assert.deepEqual(heard, [{ ask: 'presence', block: Buffer.from(BLOCK).toString() }], 'no hold was asked for');
      const [asked] = bench.link.asked;
      assert.ok(asked?.ask === 'presence' && asked.block.every((byte) => byte === 0) && bytes.every((byte) => byte === 0));
      assert.equal(Buffer.from(entries()[0]?.block ?? []).toString('hex'), '07'.repeat(32));
      const stored = bench.ledger.entriesAfter(0, 1_000).map((stored) => Buffer.from(stored));
      assert.ok(!stored.some((one) => one.includes(Buffer.from('opaque'))), 'the block itself is not in the ledger');
      const again = await secure(bench.kiosk, offer);
      assert.equal(again.ok ? '' : again.error.code, 'presence-needed', 'a block is good once');
      assert.doesNotMatch(JSON.stringify({ block }), /opaque|PidData/u);
    });

    it('[INV-46] a block goes on for the transaction and sum of its press alone, and is overwritten when that one ends', async () => {
      const bytes = Uint8Array.from(BLOCK);
      valueOf(await askPresence(bench.kiosk, captured(new PidBlock(bytes)), offer, OPERATOR, signal));
      const part = valueOf(makePartOffer(bench.kiosk, offer, paise(10_000n), OPERATOR));
      assert.ok(
        bytes.every((byte) => byte === 0),
        'nobody waits for the first sum any more',
      );
      for (let i = 0; i < PRESSES_BEFORE_WITNESS; i += 1) await askPresence(bench.kiosk, source(NO_MATCH), part, OPERATOR, signal);
      valueOf(witnessPresence(bench.kiosk, part, 'Sita Devi, card 4471', OPERATOR));
      await secure(bench.kiosk, part);
      assert.deepEqual(
        heard.map(({ ask }) => ask),
        [],
        'a witness stood in: no block goes out',
      );
    });

    it('[INV-46] without its block a capture moves no money: not after a restart, and not under another sum', async () => {
      valueOf(await askPresence(bench.kiosk, captured(new PidBlock(Uint8Array.from(BLOCK))), offer, OPERATOR, signal));
      const dearer = { ...offer, quote: { ...offer.quote, totalPaise: paise(offer.quote.totalPaise + 100n) } };
      const other = await secure(bench.kiosk, dearer);
      assert.equal(other.ok ? '' : other.error.code, 'presence-needed');
      bench.kiosk.captures.forget(offer.transaction);
      const lost = await secure(bench.kiosk, offer);
      assert.equal(lost.ok ? '' : lost.error.code, 'presence-needed');
      assert.deepEqual(heard, []);
    });

    it('is not asked for while the link is down: the person would press for nothing', async () => {
      bench.link.isUp = false;
      const { askPresence: ask } = devicePorts(bench.kiosk, () => undefined);
      const aadhaar = { ...offer, service: { ...SERVICE, presence: 'aadhaar' as const } };
      const asked = await ask(aadhaar, OPERATOR, signal);
      assert.deepEqual([asked.ok ? '' : asked.error.code, entries()], ['hub-down', []]);
    });
  });
});
