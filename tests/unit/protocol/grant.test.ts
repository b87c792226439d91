import assert from 'node:assert/strict';
import fc from 'fast-check';
import { draw, remainingOf, takeHold, takeLease, type DrawError, type HeldGrant, type Owner, type TakeError } from '#protocol/grant/draw.js';
import { openGrant, signGrant, type Lease } from '#protocol/grant/grant.js';
import { newGrantId } from '#protocol/identity/ids.js';
import { kioskCode } from '#protocol/identity/identity.js';
import { addPaise, paise, ZERO, type Paise } from '#protocol/money/paise.js';
import { verifyKey } from '#protocol/signing/keys.js';
import { DISTRICT, KIOSK, NOW, chance, holdOf, keyOf, leaseOf, makeWorld, transactionOf } from './samples.js';

const owner: Owner = { district: DISTRICT, kiosk: KIOSK, epoch: 1 };
const held = (more: Partial<HeldGrant<Lease>> = {}, lease: Partial<Lease> = {}): HeldGrant<Lease> => ({
  grant: leaseOf(lease),
  drawnPaise: ZERO,
  sales: 0,
  closed: false,
  ...more,
});
const other = { id: newGrantId(NOW, chance('another', 10)), number: 9 };

describe('taking a lease', () => {
  const rows: readonly (readonly [string, HeldGrant<Lease> | undefined, Partial<Lease>, number, boolean, TakeError | 'taken'])[] = [
    ['the first one', undefined, {}, 0, true, 'taken'],
    ['of another kiosk', undefined, { kiosk: kioskCode.parse('d35k2222') }, 0, true, 'not-ours'],
    ['of another epoch', undefined, { epoch: 2 }, 0, true, 'not-ours'],
    ['with a number already seen', undefined, { number: 4 }, 4, true, 'old-number'],
    ['with the next number', undefined, { number: 5 }, 4, true, 'taken'],
    ['made for another history', undefined, {}, 0, false, 'base-not-in-chain'],
    ['beside an open one', held(), other, 1, true, 'lease-still-open'],
    ['after a closed one', held({ closed: true }), other, 1, true, 'taken'],
    ['raised', held(), { number: 2, limitPaise: paise(600_000n) }, 1, false, 'taken'],
    ['prolonged at the same limit', held(), { number: 2, notAfter: NOW * 2 }, 1, false, 'taken'],
    ['lowered', held(), { number: 2, limitPaise: paise(499_999n) }, 1, true, 'limit-falls'],
    ['raised from another base', held(), { number: 2, base: { seq: 1, hash: chance('b', 32) } }, 1, true, 'base-not-in-chain'],
    ['raised by a number already seen', held(), { number: 1, limitPaise: paise(600_000n) }, 1, true, 'old-number'],
  ];
  for (const [what, own, change, last, inChain, expected] of rows) {
    it(`[INV-07] ${what}: ${expected}`, () => {
      const taken = takeLease(own, leaseOf(change), owner, last, () => inChain);
      assert.equal(taken.ok ? 'taken' : taken.error.code, expected);
    });
  }

  it('a raise keeps what was drawn and gives the count without the link afresh; a new lease starts at nothing', () => {
    const own = held({ drawnPaise: paise(7n), sales: 3 });
    const raised = takeLease(own, leaseOf({ number: 2, limitPaise: paise(600_000n) }), owner, 1, () => false);
    assert.ok(raised.ok);
    assert.deepEqual([raised.value.drawnPaise, raised.value.sales, remainingOf(raised.value)], [7n, 0, 599_993n]);
    const fresh = takeLease({ ...own, closed: true }, leaseOf(other), owner, 1, () => true);
    assert.deepEqual(fresh.ok && [fresh.value.drawnPaise, fresh.value.sales, fresh.value.closed], [0n, 0, false]);
  });

  it('a raise that crosses the close does not open the lease again', () => {
    const raised = takeLease(held({ closed: true }), leaseOf({ number: 2 }), owner, 1, () => true);
    assert.ok(raised.ok);
    assert.equal(raised.value.closed, true);
  });
});

describe('taking a hold', () => {
  const transaction = transactionOf(1);
  const total = paise(198_000n);
  it('takes only one for this transaction, this sum and this kiosk', () => {
    const offers = [
      holdOf(transaction, total),
      holdOf(transactionOf(2), total),
      holdOf(transaction, paise(total + 1n)),
      holdOf(transaction, paise(total - 1n)),
      holdOf(transaction, total, { epoch: 2 }),
      leaseOf({ limitPaise: total }),
    ];
    assert.deepEqual(
      offers.map((offer) => takeHold(offer, owner, transaction, total).ok),
      [true, false, false, false, false, false],
    );
  });

  it('[INV-04] pays for its sale once, and for no other', () => {
    const taken = takeHold(holdOf(transaction, total), owner, transaction, total);
    assert.ok(taken.ok);
    const elsewhere = draw(taken.value, { transaction: transactionOf(2), totalPaise: total }, NOW, 'up');
    assert.equal(!elsewhere.ok && elsewhere.error.code, 'other-transaction');
    const once = draw(taken.value, { transaction, totalPaise: total }, NOW, 'up');
    assert.ok(once.ok);
    const twice = draw(once.value, { transaction, totalPaise: total }, NOW, 'up');
    assert.equal(!twice.ok && twice.error.code, 'used-up');
  });
});

describe('drawing', () => {
  const sale = (sum: bigint): { readonly transaction: ReturnType<typeof transactionOf>; readonly totalPaise: Paise } => ({
    transaction: transactionOf(1),
    totalPaise: paise(sum),
  });
  const rows: readonly (readonly [string, HeldGrant<Lease>, bigint, number, 'up' | 'down', DrawError | 'drawn'])[] = [
    ['the cap for one sale exactly', held(), 200_000n, NOW, 'down', 'drawn'],
    ['a paisa above that cap', held(), 200_001n, NOW, 'down', 'over-sale-cap'],
    ['above that cap with the link up', held(), 200_001n, NOW, 'up', 'drawn'],
    ['all of it', held(), 500_000n, NOW, 'up', 'drawn'],
    ['a paisa more than all', held(), 500_001n, NOW, 'up', 'used-up'],
    ['all that is left', held({ drawnPaise: paise(499_999n) }), 1n, NOW, 'down', 'drawn'],
    ['more than is left', held({ drawnPaise: paise(499_999n) }), 2n, NOW, 'down', 'used-up'],
    ['at its last moment', held(), 1n, leaseOf().notAfter, 'up', 'drawn'],
    ['a moment later', held(), 1n, leaseOf().notAfter + 1, 'up', 'expired'],
    ['after the close', held({ closed: true }), 1n, NOW, 'up', 'closed'],
    ['the last by count', held({ sales: 2 }), 1n, NOW, 'down', 'drawn'],
    ['one more than the count', held({ sales: 3 }), 1n, NOW, 'down', 'over-count-cap'],
    ['one more than the count with the link up', held({ sales: 3 }), 1n, NOW, 'up', 'drawn'],
  ];
  for (const [what, own, sum, now, link, expected] of rows) {
    it(`${what}: ${expected}`, () => {
      const drawn = draw(own, sale(sum), now, link);
      assert.equal(drawn.ok ? 'drawn' : drawn.error.code, expected);
    });
  }

  it('counts only sales without the link, so a lease that is raised for weeks never bars the counter', () => {
    const up = draw(held({ sales: 2 }), sale(1n), NOW, 'up');
    const down = draw(held({ sales: 2 }), sale(1n), NOW, 'down');
    assert.deepEqual([up.ok && up.value.sales, down.ok && down.value.sales], [2, 3]);
  });

  it('takes no sale without money: that is a defect', () => {
    for (const sum of [0n, -1n]) assert.throws(() => draw(held(), sale(sum), NOW, 'up'), /a sale moves money/u);
  });

  it('[INV-04] never gives more than the limit, whatever is asked in whatever order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.bigInt({ min: 1n, max: 300_000n }), fc.constantFrom('up', 'down')), { maxLength: 60 }), (asked) => {
        let own: HeldGrant = held({}, { salesMax: 1_000 });
        let given: Paise = ZERO;
        for (const [sum, link] of asked) {
          const drawn = draw(own, sale(sum), NOW, link);
          if (!drawn.ok) continue;
          own = drawn.value;
          given = addPaise(given, paise(sum));
        }
        assert.equal(own.drawnPaise, given);
        assert.ok(given <= own.grant.limitPaise && remainingOf(own) >= 0n);
      }),
    );
  });
});

describe('signed grant', () => {
  const world = makeWorld();
  const hub = verifyKey(world.hub.publicKey);

  it('reads back as signed by the hub, hold or lease', () => {
    for (const grant of [leaseOf(), holdOf(transactionOf(1), paise(1n))])
      assert.deepEqual(openGrant(hub, signGrant(world.hub, grant)), { ok: true, value: grant });
  });

  it('[INV-21] is refused from another key, and with any changed byte', () => {
    const bytes = signGrant(world.hub, leaseOf());
    assert.equal(openGrant(verifyKey(keyOf('thief').publicKey), bytes).ok, false);
    fc.assert(
      fc.property(
        fc.nat(bytes.length - 1),
        fc.integer({ min: 1, max: 255 }),
        (at, change) => !openGrant(hub, bytes.with(at, (bytes[at] ?? 0) ^ change)).ok,
      ),
    );
  });

  it('[INV-24] never throws, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => !openGrant(hub, bytes).ok));
  });
});
