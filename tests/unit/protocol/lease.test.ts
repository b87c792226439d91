import assert from 'node:assert/strict';
import fc from 'fast-check';
import { draw, takeLease } from '#protocol/grant/draw.js';
import { addPaise, paise, ZERO } from '#protocol/money/paise.js';
import { ok } from '#protocol/result/result.js';
import { History, steps, type Reach, type World } from './lease-history.js';
import { ModelHub, ModelKiosk, PRODUCT_RULES, type HubMistake, type KioskRules, type Sale } from './lease-model.js';

const RUNS = 5_000;
/** A mistake must be found by the same histories each time, so that a mutant which escapes is a fact and not bad luck. */
const MUTANT = { seed: 42, numRuns: 4_000 };

function property(world: World, seen: (reach: Reach) => void = () => undefined): fc.IProperty<[readonly Parameters<History['run']>[0][number][]]> {
  return fc.property(
    steps.map((s) => [...s]),
    (all) => {
      const history = new History(world);
      history.run(all);
      seen(history.reach);
    },
  );
}

describe('lease, over random histories', () => {
  const worlds: readonly (readonly [string, World])[] = [
    ['[INV-04] [INV-05] [INV-06] honest kiosks on a network that loses, doubles and reorders', { disks: 'honest', release: 'never' }],
    ['[INV-08] copied disks', { disks: 'copied', release: 'never' }],
    ['[INV-06] a reserve released in doubt by two people', { disks: 'honest', release: 'in-doubt' }],
    ['[INV-08] copied disks and release in doubt', { disks: 'copied', release: 'in-doubt' }],
  ];
  for (const [name, world] of worlds) {
    it(name, function () {
      this.timeout(60_000);
      const reached = { runs: 0, sales: 0, forks: 0, raises: 0, over: 0 };
      fc.assert(
        property(world, (reach) => {
          reached.runs += 1;
          for (const key of ['sales', 'forks', 'raises', 'over'] as const) reached[key] += reach[key] > 0 ? 1 : 0;
        }),
        { numRuns: RUNS },
      );
      // A generator that never reaches a sale passes everything: the reach is a result too.
      assert.ok(reached.sales > reached.runs * 0.8, `sales in ${reached.sales} of ${reached.runs} histories`);
      assert.ok(reached.raises > reached.runs * 0.2, `raises in ${reached.raises} of ${reached.runs} histories`);
      if (world.disks === 'copied') assert.ok(reached.forks > reached.runs * 0.05, `forks in ${reached.forks} of ${reached.runs} histories`);
    });
  }
});

describe('deliberate mistakes are caught', () => {
  const caught = (world: World, by: RegExp): void => {
    const result = fc.check(property(world), MUTANT);
    assert.ok(result.failed, 'the mistake passed every history');
    const cause = result.errorInstance;
    assert.match(cause instanceof Error ? cause.message : '', by);
  };

  const hub: readonly (readonly [HubMistake, World['disks'], RegExp])[] = [
    ['opens-a-second-lease', 'honest', /I9/u],
    ['does-not-cap', 'copied', /I1|I2/u],
    ['closes-with-gaps', 'honest', /I7/u],
    ['closes-by-numbers', 'copied', /I8/u],
    ['all-or-nothing', 'copied', /I8/u],
    ['knows-by-amount', 'honest', /I6|I7/u],
    ['releases-on-expiry', 'honest', /I7/u],
    ['loses-the-rest', 'copied', /I6/u],
  ];
  for (const [mistake, disks, by] of hub) {
    it(`a hub that ${mistake.replaceAll('-', ' ')}`, function () {
      this.timeout(60_000);
      caught({ disks, release: 'never', hub: mistake }, by);
    });
  }

  const kiosk: readonly (readonly [string, Partial<KioskRules>, RegExp])[] = [
    ['forgets what was drawn when the lease is raised', { takeLease: (...args) => forget(takeLease(...args)) }, /I7|I8/u],
    ['takes an old lease again', { takeLease: (_held, offered) => ok({ grant: offered, drawnPaise: ZERO, sales: 0, closed: false }) }, /I7|I8|I10/u],
    ['draws from a closed lease', { draw: (held, ...rest) => draw({ ...held, closed: false }, ...rest) }, /I7|I8/u],
    ['draws more than is left', { draw: (held, sale) => ok({ ...held, drawnPaise: addPaise(held.drawnPaise, sale.totalPaise) }) }, /I4|I7/u],
    ['draws without writing it down', { draw: (held, ...rest) => forgetDraw(held, draw(held, ...rest)) }, /I7|I8/u],
  ];
  for (const [what, rules, by] of kiosk) {
    it(`a kiosk that ${what}`, function () {
      this.timeout(60_000);
      caught({ disks: 'honest', release: 'never', rules: { ...PRODUCT_RULES, ...rules } }, by);
    });
  }

  function forget(taken: ReturnType<typeof takeLease>): ReturnType<typeof takeLease> {
    return taken.ok ? ok({ ...taken.value, drawnPaise: ZERO }) : taken;
  }
  function forgetDraw(held: Parameters<typeof draw>[0], drawn: ReturnType<typeof draw>): ReturnType<typeof draw> {
    return drawn.ok ? ok(held) : drawn;
  }
});

describe('lease, order of arrival', () => {
  it('[INV-05] any order and any repetition of the same entries gives the same balances', () => {
    const amounts = fc.array(fc.bigInt({ min: 1n, max: 20_000n }).map(paise), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(amounts, fc.array(fc.nat(1_000), { minLength: 60, maxLength: 60 }), (sums, order) => {
        let next = 0;
        const keys = (): number => order[next++ % order.length] ?? 0;
        const kiosk = new ModelKiosk(0, '', PRODUCT_RULES);
        const balances = (arrange: (log: readonly Sale[]) => readonly Sale[]): readonly unknown[] => {
          const hub = new ModelHub(1);
          hub.topUp(0, paise(500_000n));
          const lease = hub.issue(0, paise(500_000n), 0);
          if (kiosk.held === undefined && lease !== undefined) {
            kiosk.offer(lease);
            for (const sum of sums) kiosk.sell(sum, 1, 'never');
          }
          for (const sale of arrange(kiosk.log)) hub.receive(sale);
          const close = kiosk.close();
          assert.equal(close === undefined ? 'none' : hub.close(close), 'closed');
          return [hub.wallet[0], hub.reserved[0], hub.receivable[0], hub.payable];
        };
        const shuffled = (log: readonly Sale[]): readonly Sale[] =>
          [...log, ...log]
            .map((sale) => ({ sale, key: keys() }))
            .sort((a, b) => a.key - b.key)
            .map(({ sale }) => sale);
        assert.deepEqual(
          balances(shuffled),
          balances((log) => log),
        );
      }),
      { numRuns: 300 },
    );
  });
});
