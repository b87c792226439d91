import assert from 'node:assert/strict';
import fc from 'fast-check';
import { openHead } from '#protocol/ledger/head.js';
import type { SaleBody } from '#protocol/ledger/entry.js';
import type { KioskCode } from '#protocol/identity/identity.js';
import { paise } from '#protocol/money/paise.js';
import { valueOf } from '../agent/bench.js';
import { saleBody, transactionOf } from '../protocol/samples.js';
import { Chain, HubBench, KIOSKS } from './bench.js';

/** What one kiosk did while it was away, in its own order. */
type Deed = 'lease-sale' | 'hold-sale' | 'hold-abandoned' | 'hold-then-lease' | 'unfunded-sale' | 'other' | 'close-lease';
const deeds = fc.array(
  fc.constantFrom<Deed>('lease-sale', 'hold-sale', 'hold-abandoned', 'hold-then-lease', 'unfunded-sale', 'other', 'close-lease'),
  {
    minLength: 1,
    maxLength: 8,
  },
);
/** How it reaches the hub: which kiosk speaks, from where, and how much. */
type Push = { readonly kiosk: number; readonly from: number; readonly count: number };
const pushes = fc.array(fc.record({ kiosk: fc.nat(2), from: fc.nat(20), count: fc.integer({ min: 1, max: 7 }) }), { maxLength: 30 });

/** Writes the chains of all kiosks, with grants that the hub has issued. */
function chains(bench: HubBench, all: readonly (readonly Deed[])[]): readonly Chain[] {
  let n = 0;
  return all.map((own, k) => {
    const code = KIOSKS[k] as KioskCode;
    bench.topUp(code, paise(5_000_000n), `MORE-${code}`);
    const chain = new Chain(bench.identity(code));
    const device = bench.device(code);
    const lease = bench.grant(valueOf(bench.grants.keepLease(device, bench.ingest.tip(device))));
    assert.ok(lease.kind === 'lease');
    const byLease: SaleBody['grant'] = { id: lease.id, number: lease.number, kind: 'lease' };
    const hold = (): SaleBody['grant'] => {
      const bytes = valueOf(bench.grants.issueHold(device, { transaction: transactionOf(n), totalPaise: saleBody(n).totalPaise }));
      return { id: bench.grant(bytes).id, number: 1, kind: 'hold' };
    };
    for (const deed of own) {
      n += 1;
      if (deed === 'lease-sale') chain.sell(n, byLease);
      if (deed === 'hold-sale') chain.sell(n, hold(), { mode: 'online' });
      if (deed === 'hold-abandoned') {
        hold();
        chain.add({ kind: 'abandoned', transaction: transactionOf(n), reason: 'not-secured' });
      }
      if (deed === 'hold-then-lease') {
        hold();
        chain.sell(n, byLease);
      }
      if (deed === 'unfunded-sale')
        chain.sell(n, {
          ...byLease,
          id: bench.grant(valueOf(bench.grants.keepLease(bench.device(KIOSKS[(k + 1) % 3] as KioskCode), bench.ingest.tip(device)))).id,
        });
      if (deed === 'other') chain.add({ kind: 'operator-off' });
      if (deed === 'close-lease') {
        const head = { seq: chain.entries.length, hash: chain.hash };
        chain.add({ kind: 'lease-closed', id: lease.id, base: lease.base, head, drawnPaise: paise(0n) });
      }
    }
    return chain;
  });
}

const reached = { gaps: 0, repeats: 0, cuts: 0 };

/** Delivers in a muddle, then whatever is still missing. Gives the heads acknowledged at last. */
function deliver(bench: HubBench, all: readonly Chain[], muddle: readonly Push[]): readonly unknown[] {
  for (const { kiosk, from, count } of muddle) {
    const chain = all[kiosk];
    if (chain === undefined || chain.entries.length === 0) continue;
    const first = 1 + (from % chain.entries.length);
    const tip = bench.ingest.tip(bench.device(chain.kiosk)).seq;
    const pushed = bench.push(chain, first, Math.min(chain.entries.length, first + count - 1));
    if (first > tip + 1) {
      assert.deepEqual(pushed, { kind: 'gap', expected: tip + 1 });
      reached.gaps += 1;
    } else assert.equal(pushed.kind, 'taken');
    if (first <= tip) reached.repeats += 1;
    if (first === tip + 1 && first + count - 1 < chain.entries.length) reached.cuts += 1;
  }
  return all.map((chain) => {
    const tip = bench.ingest.tip(bench.device(chain.kiosk)).seq;
    const pushed = tip < chain.entries.length ? bench.push(chain, tip + 1) : bench.push(chain, 1);
    assert.ok(pushed.kind === 'taken');
    const { count, hash } = valueOf(openHead(bench.hub.hubCertificate.key, 'hub', pushed.head));
    return { count, hash: Buffer.from(hash).toString('hex') };
  });
}

describe('pushes in any order, cut and repeated', function () {
  this.timeout(60_000);
  let template: HubBench;
  before(async () => {
    template = await HubBench.open();
  });
  after(() => template.close());

  it('give the same books and the same acknowledgements as in one go [INV-05] [INV-30]', async () => {
    await fc.assert(
      fc.asyncProperty(fc.tuple(deeds, deeds, deeds), pushes, async (done, muddle) => {
        const granted = template.fork();
        const all = chains(granted, done);
        const [whole, cut] = [granted.fork(), granted.fork()];
        const expected = deliver(whole, all, []);
        assert.deepEqual(deliver(cut, all, muddle), expected);
        assert.deepEqual(cut.standing(), whole.standing());
        assert.deepEqual(await cut.faults(), []);
        for (const bench of [granted, whole, cut]) bench.close();
      }),
      { numRuns: 80 },
    );
    for (const [what, times] of Object.entries(reached)) assert.ok(times > 8, `${what}: only ${times}`);
  });
});
