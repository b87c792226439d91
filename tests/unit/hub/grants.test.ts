import assert from 'node:assert/strict';
import { takeLease, type HeldGrant } from '#protocol/grant/draw.js';
import type { Lease } from '#protocol/grant/grant.js';
import { newGrantId } from '#protocol/identity/ids.js';
import type { KioskCode } from '#protocol/identity/identity.js';
import { paise } from '#protocol/money/paise.js';
import { HOUR_MS } from '#protocol/time/time.js';
import { FIRST_LEASE_POLICY, setLeasePolicy, type LeasePolicy } from '../../../hub-server/kiosks/link/lease-policy.js';
import { codeOf, valueOf } from '../agent/bench.js';
import { chance, NOW, transactionOf } from '../protocol/samples.js';
import { Chain, HubBench, KIOSKS, TOPUP } from './bench.js';

const [FIRST, SECOND] = KIOSKS as readonly [KioskCode, KioskCode];

describe('grants at the hub', () => {
  let template: HubBench;
  let bench: HubBench;
  before(async () => {
    template = await HubBench.open();
  });
  after(() => template.close());
  beforeEach(() => {
    bench = template.fork();
  });
  afterEach(async () => {
    assert.deepEqual(await bench.faults(), [], 'the books are sound after every test [INV-09]');
    bench.close();
  });

  const policy = (more: Partial<LeasePolicy>): void => setLeasePolicy(bench.hub, '', { ...FIRST_LEASE_POLICY, ...more });
  const keep = (code: KioskCode = FIRST): ReturnType<HubBench['grants']['keepLease']> => {
    const device = bench.device(code);
    return bench.grants.keepLease(device, bench.ingest.tip(device));
  };
  const kept = (code: KioskCode = FIRST): Lease => {
    const grant = bench.grant(valueOf(keep(code)));
    assert.ok(grant.kind === 'lease');
    return grant;
  };
  const hold = (n: number, sum: bigint): ReturnType<HubBench['grants']['issueHold']> =>
    bench.grants.issueHold(bench.device(), { transaction: transactionOf(n), totalPaise: paise(sum) });

  describe('a hold', () => {
    it('is reserved before it is signed, and says what was asked', () => {
      const grant = bench.grant(valueOf(hold(1, 198_000n)));
      assert.ok(grant.kind === 'hold');
      assert.deepEqual([grant.kiosk, grant.epoch, grant.transaction, grant.limitPaise], [FIRST, 1, transactionOf(1), 198_000n]);
      assert.equal(bench.reserve(grant.id), 198_000n);
      assert.equal(bench.wallet(), TOPUP - 198_000n);
    });

    it('asked for again is the same hold, and reserves nothing more', () => {
      const first = valueOf(hold(1, 198_000n));
      assert.deepEqual(valueOf(hold(1, 198_000n)), first);
      assert.equal(bench.wallet(), TOPUP - 198_000n);
    });

    it('asked for with another sum is refused', () => {
      valueOf(hold(1, 198_000n));
      assert.equal(codeOf(hold(1, 198_001n)), 'hold-differs');
      assert.equal(bench.wallet(), TOPUP - 198_000n);
    });

    it('larger than the wallet is refused, and nothing is kept of it [INV-14]', () => {
      assert.equal(codeOf(hold(1, TOPUP + 1n)), 'wallet-too-small');
      assert.equal(bench.grants.holdOf(FIRST, transactionOf(1)), undefined);
      valueOf(hold(1, TOPUP));
      assert.equal(codeOf(hold(2, 1n)), 'wallet-too-small');
      assert.equal(bench.wallet(), 0n);
    });

    it('of nothing is refused', () => assert.equal(codeOf(hold(1, 0n)), 'hold-differs'));

    it('ends when its transaction is abandoned, and its money is the wallet’s again', () => {
      const { id } = bench.grant(valueOf(hold(1, 198_000n)));
      const chain = new Chain(bench.identity());
      chain.add({ kind: 'abandoned', transaction: transactionOf(1), reason: 'not-secured' });
      assert.equal(bench.push(chain, 1).kind, 'taken');
      assert.equal(bench.grants.find(id)?.state, 'closed');
      assert.equal(bench.reserve(id), 0n);
      assert.equal(bench.wallet(), TOPUP);
      assert.equal(codeOf(hold(1, 198_000n)), 'hold-differs', 'an ended transaction gets no new one');
    });

    it('ends when the sale used the lease after all', () => {
      const lease = kept();
      const { id } = bench.grant(valueOf(hold(1, 198_001n)));
      const before = bench.wallet();
      const chain = new Chain(bench.identity());
      const body = chain.sell(1, { id: lease.id, number: lease.number, kind: 'lease' });
      assert.equal(bench.push(chain, 1).kind, 'taken');
      assert.equal(bench.reserve(id), 0n);
      assert.equal(bench.wallet(), before + 198_001n);
      assert.equal(bench.reserve(lease.id), lease.limitPaise - body.totalPaise);
    });

    it('pays for its own sale and is empty then [INV-04]', () => {
      const grant = bench.grant(valueOf(hold(1, 198_001n)));
      const chain = new Chain(bench.identity());
      chain.sell(1, { id: grant.id, number: 1, kind: 'hold' }, { mode: 'online' });
      assert.equal(bench.push(chain, 1).kind, 'taken');
      assert.deepEqual([bench.reserve(grant.id), bench.owedBy(), bench.payable('JVVNL')], [0n, 0n, 198_001n]);
      assert.equal(bench.wallet(), TOPUP - 198_001n);
    });

    it('of one kiosk is not another kiosk’s: the thief owes the whole', () => {
      const grant = bench.grant(valueOf(hold(1, 198_001n)));
      const chain = new Chain(bench.identity(SECOND));
      chain.sell(2, { id: grant.id, number: 1, kind: 'hold' }, { billPaise: paise(198_001n) });
      assert.equal(bench.push(chain, 1).kind, 'taken');
      assert.equal(bench.owedBy(SECOND), 198_001n);
      assert.equal(bench.reserve(grant.id), 198_001n);
    });
  });

  describe('a lease', () => {
    it('is a share of the wallet, up to the target, reserved first [INV-14]', () => {
      const lease = kept();
      assert.deepEqual([lease.number, lease.limitPaise, lease.base.seq], [1, 500_000n, 0]);
      assert.equal(bench.reserve(lease.id), 500_000n);
      assert.equal(bench.wallet(), TOPUP - 500_000n);
      assert.equal(lease.notAfter, NOW + 24 * HOUR_MS);
    });

    it('asked for again while it is full and fresh is the same bytes', () => {
      const first = valueOf(keep());
      bench.clock.at += 12 * HOUR_MS - 1;
      assert.deepEqual(valueOf(keep()), first);
      assert.equal(bench.reserve(bench.grant(first).id), 500_000n);
    });

    it('is renewed when half its time is gone, with no new money', () => {
      const first = kept();
      bench.clock.at += 12 * HOUR_MS;
      const renewed = kept();
      assert.deepEqual([renewed.id, renewed.number, renewed.limitPaise], [first.id, 2, first.limitPaise]);
      assert.equal(renewed.notAfter, bench.clock.at + 24 * HOUR_MS);
      assert.equal(bench.wallet(), TOPUP - 500_000n);
    });

    it('is raised by what was drawn and posted, from where it started, so that the kiosk takes it [INV-07]', () => {
      policy({ walletPercent: 100n });
      const first = kept();
      const chain = new Chain(bench.identity());
      chain.sell(1, { id: first.id, number: 1, kind: 'lease' });
      const second = chain.sell(2, { id: first.id, number: 1, kind: 'lease' });
      assert.equal(bench.push(chain, 1).kind, 'taken');
      const raised = kept();
      assert.deepEqual([raised.id, raised.number], [first.id, 2]);
      assert.deepEqual(raised.base, first.base, 'a raise does not move the entry that the lease starts from');
      assert.equal(raised.limitPaise, first.limitPaise + 198_001n + second.totalPaise);
      assert.equal(bench.reserve(first.id), 500_000n);
      const held: HeldGrant<Lease> = { grant: first, drawnPaise: paise(198_001n + second.totalPaise), sales: 2, closed: false };
      const owner = { district: first.district, kiosk: first.kiosk, epoch: 1 };
      assert.ok(takeLease(held, raised, owner, 1, () => true).ok);
    });

    it('leaves the rest of the wallet alone, and shrinks its wish with the wallet', () => {
      policy({ walletPercent: 10n });
      assert.equal(kept().limitPaise, TOPUP / 10n);
      policy({ walletPercent: 100n, targetPaise: paise(TOPUP * 2n) });
      const all = kept();
      assert.equal(all.limitPaise, TOPUP);
      assert.equal(bench.wallet(), 0n);
      const chain = new Chain(bench.identity());
      chain.sell(1, { id: all.id, number: all.number, kind: 'lease' });
      assert.equal(bench.push(chain, 1).kind, 'taken');
      assert.equal(kept().limitPaise, TOPUP, 'an empty wallet raises nothing: the limit is what it was');
    });

    it('is not given from an empty wallet', () => {
      policy({ targetPaise: paise(TOPUP), walletPercent: 100n });
      valueOf(hold(1, TOPUP));
      assert.equal(codeOf(keep()), 'wallet-too-small');
    });

    it('is one at a time for a kiosk, and each kiosk has its own [INV-07]', () => {
      const [mine, theirs] = [kept(FIRST), kept(SECOND)];
      assert.notEqual(mine.id, theirs.id);
      const open = bench.hub.db.prepare("SELECT count(*) FROM grant_issued WHERE kind = 'lease' AND state = 'open'").pluck();
      kept(FIRST);
      assert.equal(open.get(), 2n);
    });

    it('is closed by an entry that names the one before; only then is the rest free, and a new one has a higher number [INV-06] [INV-07]', () => {
      const lease = kept();
      const chain = new Chain(bench.identity());
      const { totalPaise } = chain.sell(1, { id: lease.id, number: 1, kind: 'lease' });
      const head = { seq: chain.entries.length, hash: chain.hash };
      chain.add({ kind: 'lease-closed', id: lease.id, base: lease.base, head, drawnPaise: totalPaise });
      bench.clock.at += 48 * HOUR_MS;
      assert.equal(bench.reserve(lease.id), 500_000n, 'no clock releases a reserve');
      assert.equal(bench.push(chain, 1, 2).kind, 'taken');
      assert.equal(bench.reserve(lease.id), 500_000n - totalPaise);
      assert.equal(bench.push(chain, 3).kind, 'taken');
      assert.equal(bench.reserve(lease.id), 0n);
      assert.equal(bench.wallet(), TOPUP - totalPaise);
      const next = kept();
      assert.notEqual(next.id, lease.id);
      assert.deepEqual([next.number, next.base.seq], [2, 3]);
    });

    it('is not closed by an entry that names another place, or another lease', () => {
      const lease = kept();
      const chain = new Chain(bench.identity());
      chain.add({ kind: 'started', software: 'x', clean: true });
      const wrong = { seq: 1, hash: new Uint8Array(32) };
      chain.add({ kind: 'lease-closed', id: lease.id, base: lease.base, head: wrong, drawnPaise: paise(0n) });
      const head = { seq: 2, hash: chain.hash };
      const other = newGrantId(NOW, chance('other', 10));
      chain.add({ kind: 'lease-closed', id: other, base: lease.base, head, drawnPaise: paise(0n) });
      assert.equal(bench.push(chain, 1).kind, 'taken');
      assert.equal(bench.grants.find(lease.id)?.state, 'open');
      assert.equal(bench.held().length, 2);
    });

    it('a sale after its close is owed by the kiosk, and the department has it all the same', () => {
      const lease = kept();
      const chain = new Chain(bench.identity());
      chain.add({ kind: 'lease-closed', id: lease.id, base: lease.base, head: { seq: 0, hash: chain.hash }, drawnPaise: paise(0n) });
      const { totalPaise } = chain.sell(1, { id: lease.id, number: 1, kind: 'lease' });
      assert.equal(bench.push(chain, 1).kind, 'taken');
      assert.deepEqual([bench.owedBy(), bench.payable('JVVNL'), bench.wallet()], [totalPaise, totalPaise, TOPUP]);
    });

    it('a sale above its limit is paid as far as it goes, the rest is owed [INV-08]', () => {
      policy({ targetPaise: paise(150_000n) });
      const lease = kept();
      const chain = new Chain(bench.identity());
      const { totalPaise } = chain.sell(1, { id: lease.id, number: 1, kind: 'lease' });
      assert.equal(bench.push(chain, 1).kind, 'taken');
      assert.deepEqual([bench.reserve(lease.id), bench.owedBy(), bench.payable('JVVNL')], [0n, totalPaise - 150_000n, totalPaise]);
    });
  });
});
