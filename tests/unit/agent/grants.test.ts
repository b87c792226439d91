import assert from 'node:assert/strict';
import { draw, remainingOf } from '#protocol/grant/draw.js';
import { signGrant } from '#protocol/grant/grant.js';
import { newGrantId } from '#protocol/identity/ids.js';
import { kioskCode } from '#protocol/identity/identity.js';
import { paise } from '#protocol/money/paise.js';
import { makeOffer, type Offer } from '../../../firmware-agent/counter/offer.js';
import { commitSale, secure } from '../../../firmware-agent/counter/secure.js';
import { openTill } from '../../../firmware-agent/ledger/till.js';
import { billOf, chance, DAY, holdOf, leaseOf, makeWorld, NOW, OPERATOR, serviceOf, transactionOf } from '../protocol/samples.js';
import { Bench, codeOf, valueOf } from './bench.js';

const SERVICE = serviceOf('101', 'JVVNL');
const OTHER = newGrantId(NOW, chance('other lease', 10));

const take = (bench: Bench, bytes: Uint8Array): ReturnType<Bench['kiosk']['grants']['takeLease']> =>
  bench.kiosk.grants.takeLease(bytes, bench.kiosk.clock.now(), null);

async function offered(bench: Bench, consumer = '210312345678'): Promise<Offer> {
  return valueOf(await makeOffer(bench.kiosk, SERVICE, consumer, OPERATOR));
}

describe('a lease at the kiosk', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(() => bench.close());

  it('is stored with the entry that records it, and outlives a restart', () => {
    const lease = valueOf(take(bench, bench.lease()));
    assert.equal(remainingOf(lease), 500_000n);
    bench.restart();
    assert.deepEqual(bench.kiosk.grants.lease(), lease);
    assert.deepEqual(bench.bodies('lease-taken'), [
      { kind: 'lease-taken', id: lease.grant.id, number: 1, limitPaise: paise(500_000n), notAfter: NOW + DAY },
    ]);
  });

  it('is not stored when its entry can not be written [INV-41]', () => {
    bench.ledger.markForked(1);
    assert.equal(codeOf(take(bench, bench.lease())), 'ledger-broken');
    assert.equal(bench.kiosk.grants.lease(), undefined);
  });

  it('taken twice is one entry', () => {
    const bytes = bench.lease();
    valueOf(take(bench, bytes));
    valueOf(take(bench, bytes));
    assert.equal(bench.bodies('lease-taken').length, 1);
  });

  it('is refused: another signer, kiosk, epoch, history, an older number, a lower limit, a second one [INV-07] [INV-21]', () => {
    valueOf(take(bench, bench.lease({ number: 5 })));
    const thief = makeWorld('thief');
    const base = { seq: 0, hash: Uint8Array.from(bench.ledger.hashAt(0) ?? []) };
    const wrong: Readonly<Record<string, readonly [Uint8Array, string]>> = {
      'another signer': [signGrant(thief.hub, leaseOf({ number: 6, base })), 'bad-grant'],
      'another kiosk': [bench.lease({ number: 6, kiosk: kioskCode.parse('d35k2222') }), 'not-ours'],
      'another epoch': [bench.lease({ number: 6, epoch: 2 }), 'not-ours'],
      'an older number': [bench.lease({ number: 4, id: OTHER }), 'old-number'],
      'the same number for another lease': [bench.lease({ number: 5, id: OTHER }), 'old-number'],
      'a lower limit': [bench.lease({ number: 6, limitPaise: paise(499_999n) }), 'limit-falls'],
      'another base': [bench.lease({ number: 6, base: { seq: 1, hash: Uint8Array.from(bench.ledger.hashAt(1) ?? []) } }), 'base-not-in-chain'],
      'a second one': [bench.lease({ number: 6, id: OTHER }), 'lease-still-open'],
      'a hold': [signGrant(bench.world.hub, holdOf(transactionOf(1), paise(100n))), 'bad-grant'],
    };
    for (const [what, [bytes, code]] of Object.entries(wrong)) assert.equal(codeOf(take(bench, bytes)), code, what);
    assert.equal(bench.kiosk.grants.lease()?.grant.number, 5);
    assert.equal(bench.bodies('lease-taken').length, 1);
  });

  it('of another history of this kiosk is refused', () => {
    const elsewhere = bench.lease({ base: { seq: 1, hash: new Uint8Array(32) } });
    assert.equal(codeOf(take(bench, elsewhere)), 'base-not-in-chain');
  });

  it('is raised: the same id, what was drawn stays drawn', async () => {
    bench.ready();
    const offer = await offered(bench);
    valueOf(commitSale(bench.kiosk, offer, valueOf(await secure(bench.kiosk, offer)), offer.quote.totalPaise, OPERATOR));
    const raised = valueOf(take(bench, bench.lease({ number: 2, limitPaise: paise(700_000n) })));
    assert.equal(remainingOf(raised), 700_000n - offer.quote.totalPaise);
  });

  it('is closed by an entry that names its base and the entry before, and then gives nothing', async () => {
    bench.ready();
    const offer = await offered(bench);
    const secured = valueOf(await secure(bench.kiosk, offer));
    const { seq, hash } = bench.ledger.tip;
    assert.equal(valueOf(bench.kiosk.grants.closeLease(NOW)), 'closed');
    assert.deepEqual(bench.bodies('lease-closed'), [
      {
        kind: 'lease-closed',
        id: leaseOf().id,
        base: { seq: 0, hash: bench.ledger.hashAt(0) },
        head: { seq, hash: Uint8Array.from(hash) },
        drawnPaise: paise(0n),
      },
    ]);
    assert.equal(valueOf(bench.kiosk.grants.closeLease(NOW)), 'none');
    assert.equal(codeOf(await secure(bench.kiosk, offer)), 'lease-absent');
    assert.equal(codeOf(commitSale(bench.kiosk, offer, secured, offer.quote.totalPaise, OPERATOR)), 'lease-absent');
    bench.restart();
    assert.equal(bench.kiosk.grants.lease()?.closed, true);
    valueOf(take(bench, bench.lease({ number: 2, id: OTHER })));
    assert.equal(bench.kiosk.grants.lease()?.grant.id, OTHER);
  });

  it('that never was is closed by nothing', () => {
    assert.equal(valueOf(bench.kiosk.grants.closeLease(NOW)), 'none');
    assert.equal(bench.ledger.tip.seq, 0);
  });
});

describe('what a sale draws', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
    bench.ready();
  });
  afterEach(() => bench.close());

  const drawnOf = (): bigint => bench.drawn(leaseOf().id)?.sum ?? 0n;

  it('is one commit with the sale: a failure inside it leaves grant, till, sale and outbox as they were [INV-04] [INV-41]', async () => {
    const offer = await offered(bench);
    const secured = valueOf(await secure(bench.kiosk, offer));
    const { totalPaise } = offer.quote;
    const before = { tip: bench.ledger.tip, till: openTill(bench.db), sale: bench.kiosk.sales.find(offer.transaction) };
    for (const table of ['sale', 'drawn', 'till', 'entry']) {
      const when = table === 'sale' || table === 'till' ? 'UPDATE' : 'INSERT';
      bench.db.exec(`CREATE TEMP TRIGGER cut AFTER ${when} ON main.${table} BEGIN SELECT RAISE(ABORT, 'power cut at ${table}'); END`);
      assert.throws(() => commitSale(bench.kiosk, offer, secured, totalPaise, OPERATOR), new RegExp(`power cut at ${table}`, 'u'));
      bench.db.exec('DROP TRIGGER cut');
      assert.deepEqual({ tip: bench.ledger.tip, till: openTill(bench.db), sale: bench.kiosk.sales.find(offer.transaction) }, before);
      assert.equal(drawnOf(), 0n, table);
    }
    bench.restart();
    assert.deepEqual(bench.ledger.health, { state: 'whole' });
    const row = valueOf(commitSale(bench.kiosk, offer, secured, totalPaise, OPERATOR));
    assert.equal(row.state, 'sold');
    assert.equal(drawnOf(), totalPaise);
    assert.equal(openTill(bench.db)?.takingsPaise, totalPaise);
    assert.equal(bench.kiosk.sales.unsentSummary(0).sum, totalPaise);
  });

  it('is never more than the lease, sale after sale [INV-04]', async () => {
    const bills = [1, 2, 3, 4].map((n) =>
      billOf({ consumer: `21031234567${n}`, number: `B${n}`, amountPaise: paise(150_000n), lateAmountPaise: paise(150_000n) }),
    );
    bench.kiosk.masters.storePart('JVVNL', 1, bills);
    const ends: string[] = [];
    for (const one of bills) {
      const offer = await makeOffer(bench.kiosk, SERVICE, one.consumer, OPERATOR);
      const secured = offer.ok ? await secure(bench.kiosk, offer.value) : offer;
      ends.push(secured.ok ? 'sold' : secured.error.code);
      if (secured.ok && offer.ok) valueOf(commitSale(bench.kiosk, offer.value, secured.value, paise(150_000n), OPERATOR));
    }
    assert.deepEqual(ends, ['sold', 'sold', 'sold', 'lease-count-cap']);
    bench.link.isUp = true;
    const last = await makeOffer(bench.kiosk, SERVICE, bills[3]?.consumer ?? '', OPERATOR);
    assert.equal(codeOf(last), 'lease-used-up', 'with the link the caps do not bind, the limit does');
    assert.equal(drawnOf(), 450_000n);
    assert.deepEqual(bench.kiosk.sales.openQuotes(), []);
  });

  it('is told again at the commit: what another sale drew in between counts [INV-04]', async () => {
    const big = billOf({ amountPaise: paise(200_000n) });
    const [first, second, third] = [1, 2, 3].map((n) => ({ ...big, consumer: `21031234567${n}`, number: `B${n}` }));
    assert.ok(first !== undefined && second !== undefined && third !== undefined);
    bench.kiosk.masters.storePart('JVVNL', 1, [first, second, third]);
    const all = [await offered(bench, first.consumer), await offered(bench, second.consumer), await offered(bench, third.consumer)];
    const secured = await Promise.all(all.map(async (offer) => valueOf(await secure(bench.kiosk, offer))));
    const ends = all.map((offer, i) => {
      const grant = secured[i];
      assert.ok(grant !== undefined);
      const done = commitSale(bench.kiosk, offer, grant, offer.quote.totalPaise, OPERATOR);
      return done.ok ? 'sold' : done.error.code;
    });
    assert.deepEqual(ends, ['sold', 'sold', 'lease-used-up']);
    assert.equal(drawnOf(), 400_000n);
  });

  it('is refused by a clock that was set back, and by a lease that has run out', async () => {
    const offer = await offered(bench);
    bench.at = NOW - DAY;
    bench.restart();
    assert.equal(codeOf(await secure(bench.kiosk, offer)), 'clock-set-back');
    bench.kiosk.clock.setByHub(NOW + DAY + 1);
    assert.equal(codeOf(await secure(bench.kiosk, offer)), 'lease-expired');
  });
});

describe('a hold at the kiosk', () => {
  let bench: Bench;
  let offer: Offer;
  beforeEach(async () => {
    bench = new Bench();
    bench.ready();
    offer = { ...(await offered(bench)), mode: 'online' };
    bench.link.isUp = true;
  });
  afterEach(() => bench.close());

  const holdFor = (more: Parameters<typeof holdOf>[2] = {}): Uint8Array<ArrayBuffer> =>
    signGrant(bench.world.hub, holdOf(offer.transaction, offer.quote.totalPaise, { id: OTHER, ...more }));

  it('pays for its own sale, once, however often it is taken [INV-04]', async () => {
    bench.link.answer = () => ({ answer: 'hold', grant: holdFor() });
    const [first, again] = [valueOf(await secure(bench.kiosk, offer)), valueOf(await secure(bench.kiosk, offer))];
    assert.equal(first.mode, 'online');
    valueOf(commitSale(bench.kiosk, offer, first, offer.quote.totalPaise, OPERATOR));
    valueOf(bench.kiosk.grants.takeHold(holdFor(), offer.transaction, offer.quote.totalPaise));
    const held = bench.kiosk.grants.find(OTHER);
    assert.ok(held !== undefined);
    assert.equal(remainingOf(held), 0n);
    assert.equal(codeOf(draw(held, { transaction: offer.transaction, totalPaise: offer.quote.totalPaise }, NOW, 'up')), 'used-up');
    assert.throws(() => commitSale(bench.kiosk, offer, again, offer.quote.totalPaise, OPERATOR), /one id stands for one sale/u);
    assert.equal(bench.bodies('sale').length, 1);
    assert.equal(bench.drawn(OTHER)?.sum, offer.quote.totalPaise);
    assert.equal(bench.drawn(leaseOf().id), undefined, 'nothing came from the lease');
  });

  it('for another transaction, sum, kiosk or signer is refused', async () => {
    const wrong: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {
      'another transaction': holdFor({ transaction: transactionOf(99) }),
      'a larger sum': holdFor({ limitPaise: paise(offer.quote.totalPaise + 1n) }),
      'another kiosk': holdFor({ kiosk: kioskCode.parse('d35k2222') }),
      'another signer': signGrant(makeWorld('kota').hub, holdOf(offer.transaction, offer.quote.totalPaise)),
      'a lease': bench.lease({ number: 9 }),
    };
    for (const [what, grant] of Object.entries(wrong)) {
      bench.link.answer = () => ({ answer: 'hold', grant });
      assert.equal(codeOf(await secure(bench.kiosk, offer)), 'grant-refused', what);
    }
    assert.equal(bench.kiosk.grants.find(OTHER), undefined);
  });

  it('refused by the hub is told for what it is; silence falls back on the lease', async () => {
    const says = async (code: string): Promise<string> => {
      bench.link.answer = () => ({ answer: 'no', code, detail: 'because' });
      const done = await secure(bench.kiosk, offer);
      return done.ok ? `${done.value.grant.grant.kind}, ${done.value.mode}` : done.error.code;
    };
    assert.equal(await says('wallet-too-small'), 'wallet-too-small');
    assert.equal(await says('bill-paid'), 'bill-paid-hub');
    assert.equal(await says('suspended'), 'kiosk-suspended');
    assert.equal(await says('internal'), 'lease, semi-offline-delayed');
    bench.link.answer = () => undefined;
    const silent = valueOf(await secure(bench.kiosk, offer));
    assert.deepEqual([silent.grant.grant.kind, silent.mode], ['lease', 'semi-offline-delayed']);
    valueOf(commitSale(bench.kiosk, offer, silent, offer.quote.totalPaise, OPERATOR));
    assert.deepEqual(bench.bodies('sale')[0]?.grant.kind, 'lease');
  });
});
