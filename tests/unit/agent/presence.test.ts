import assert from 'node:assert/strict';
import { PidBlock } from '../../../firmware-agent/devices/aadhaar/pid-block.js';
import { paise } from '#protocol/money/paise.js';
import { presenceHash, PRESSES_BEFORE_WITNESS } from '#protocol/presence/presence.js';
import { makeOffer, type Offer } from '../../../firmware-agent/counter/offer.js';
import { askPresence, needsPresence, witnessPresence, type Press, type PresenceSource } from '../../../firmware-agent/counter/presence.js';
import { commitSale, secure } from '../../../firmware-agent/counter/secure.js';
import { OPERATOR, ruleBookOf, serviceOf } from '../protocol/samples.js';
import { Bench, valueOf } from './bench.js';

const BOOK = { ...ruleBookOf(), services: ruleBookOf().services.map((service) => ({ ...service, presence: 'finger' as const })) };
const SERVICE = { ...serviceOf('101', 'JVVNL'), presence: 'finger' as const };
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
    assert.deepEqual(bench.kiosk.sales.presence(offer.transaction), { attempts: 3, given: 'finger' }, 'read from the chain again');
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

  it('hands an encrypted block to the department once, before any hold, and keeps only its hash', async () => {
    bench.link.isUp = true;
    bench.link.answer = (asked) => (asked.ask === 'presence' ? { answer: 'no', code: 'presence-refused', detail: 'another person' } : undefined);
    const block = Uint8Array.from(Buffer.alloc(32, 7));
    const sealed = new PidBlock(BLOCK);
    valueOf(await askPresence(bench.kiosk, source({ outcome: 'given', block, sealed }), offer, OPERATOR, signal));
    const refused = await secure(bench.kiosk, offer, sealed);
    assert.equal(refused.ok ? '' : refused.error.code, 'presence-refused');
    assert.deepEqual(
      bench.link.asked.map(({ ask }) => ask),
      ['presence'],
      'no hold was asked for',
    );
    const [asked] = bench.link.asked;
    assert.ok(asked?.ask === 'presence' && Buffer.from(asked.block).equals(BLOCK));
    assert.equal(Buffer.from(entries()[0]?.block ?? []).toString('hex'), '07'.repeat(32));
    const stored = bench.ledger.entriesAfter(0, 1_000).map((bytes) => Buffer.from(bytes));
    assert.ok(!stored.some((bytes) => bytes.includes(Buffer.from('opaque'))), 'the block itself is not in the ledger');
    const again = await secure(bench.kiosk, offer, sealed);
    assert.equal(again.ok ? '' : again.error.code, 'presence-needed', 'a block is good once');
    assert.doesNotMatch(JSON.stringify({ sealed }), /opaque|PidData/u);
  });
});
