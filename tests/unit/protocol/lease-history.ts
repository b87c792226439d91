import assert from 'node:assert/strict';
import fc from 'fast-check';
import { remainingOf } from '#protocol/grant/draw.js';
import type { Lease } from '#protocol/grant/grant.js';
import { addPaise, paise, subtractPaise, ZERO, type Paise } from '#protocol/money/paise.js';
import { ModelHub, ModelKiosk, PRODUCT_RULES, type HubMistake, type KioskRules } from './lease-model.js';

const KIOSKS = 3;
const COPIES_MAX = 4;

/** What may happen between three kiosks and their hub. */
export type Step =
  | { readonly do: 'top-up'; readonly kiosk: number; readonly amount: Paise }
  | { readonly do: 'lease'; readonly kiosk: number; readonly amount: Paise; readonly fate: 'arrives' | 'lost' }
  | { readonly do: 'replay'; readonly kiosk: number; readonly which: number }
  | { readonly do: 'sell'; readonly kiosk: number; readonly copy: number; readonly amount: Paise; readonly kill: 'before-commit' | 'never' }
  | {
      readonly do: 'sync';
      readonly kiosk: number;
      readonly copy: number;
      readonly lost: readonly boolean[];
      readonly order: 'as-sent' | 'reversed' | 'twice';
    }
  | { readonly do: 'close'; readonly kiosk: number; readonly fate: 'arrives' | 'lost' }
  | { readonly do: 'time'; readonly ticks: number }
  | { readonly do: 'copy-disk'; readonly kiosk: number }
  | { readonly do: 'in-doubt'; readonly kiosk: number };

export type World = {
  readonly disks: 'honest' | 'copied';
  readonly release: 'never' | 'in-doubt';
  readonly hub?: HubMistake;
  readonly rules?: KioskRules;
};

const kiosk = fc.nat(KIOSKS - 1);
const copy = fc.nat(COPIES_MAX - 1);
const sum = (least: bigint, most: bigint): fc.Arbitrary<Paise> => fc.bigInt({ min: least, max: most }).map(paise);
const weighted = (weight: number, arbitrary: fc.Arbitrary<Step>): fc.WeightedArbitrary<Step> => ({ weight, arbitrary });
const mostly = <const A extends string, const B extends string>(usual: A, rare: B): fc.Arbitrary<A | B> =>
  fc.nat(9).map((n) => (n === 0 ? rare : usual));

export const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    weighted(2, fc.record({ do: fc.constant('top-up'), kiosk, amount: sum(50_000n, 500_000n) })),
    weighted(4, fc.record({ do: fc.constant('lease'), kiosk, amount: sum(10_000n, 40_000n), fate: mostly('arrives', 'lost') })),
    weighted(1, fc.record({ do: fc.constant('replay'), kiosk, which: fc.nat(20) })),
    weighted(16, fc.record({ do: fc.constant('sell'), kiosk, copy, amount: sum(1n, 20_000n), kill: mostly('never', 'before-commit') })),
    weighted(
      3,
      fc.record({
        do: fc.constant('sync'),
        kiosk,
        copy,
        lost: fc.array(fc.boolean(), { maxLength: 12 }),
        order: fc.constantFrom('as-sent', 'reversed', 'twice'),
      }),
    ),
    weighted(2, fc.record({ do: fc.constant('close'), kiosk, fate: fc.constantFrom('arrives', 'lost') })),
    weighted(2, fc.record({ do: fc.constant('time'), ticks: fc.nat(8) })),
    weighted(3, fc.record({ do: fc.constant('copy-disk'), kiosk })),
    weighted(1, fc.record({ do: fc.constant('in-doubt'), kiosk })),
  ),
  { minLength: 20, maxLength: 70 },
);

const total = (sums: readonly Paise[]): Paise => addPaise(ZERO, ...sums);

/** What must hold after every step, whatever came before. */
function holds(hub: ModelHub, groups: readonly (readonly ModelKiosk[])[]): void {
  for (let k = 0; k < KIOSKS; k++) {
    const [wallet, reserved] = [hub.wallet[k] ?? ZERO, hub.reserved[k] ?? ZERO];
    assert.ok(wallet >= reserved && reserved >= 0n, 'I1: wallet available >= 0');
    const outstanding = total(hub.openOf(k).map((l) => subtractPaise(l.lease.limitPaise, l.posted)));
    assert.equal(reserved, outstanding, 'I2: the reserve is what open leases have left');
    assert.ok(hub.openOf(k).length <= 1, 'I9: one open lease a device');
  }
  for (const l of hub.leases) assert.ok(l.posted <= l.lease.limitPaise, 'I2: posted <= limit');
  for (const own of groups.flat()) assert.ok(own.held === undefined || remainingOf(own.held) >= 0n, 'I4: kiosk remaining >= 0');
  assert.equal(addPaise(total(hub.wallet), hub.payable), addPaise(hub.toppedUp, total(hub.receivable)), 'I3: double entry balanced');
}

export type Reach = { sales: number; forks: number; raises: number; over: number };

export class History {
  readonly hub: ModelHub;
  readonly groups: ModelKiosk[][];
  readonly reach: Reach = { sales: 0, forks: 0, raises: 0, over: 0 };
  readonly #world: World;
  readonly #offered: Lease[][] = Array.from({ length: KIOSKS }, () => []);
  #now = 0;
  #sold: Paise = ZERO;

  constructor(world: World) {
    this.#world = world;
    this.hub = new ModelHub(KIOSKS, world.hub);
    this.groups = Array.from({ length: KIOSKS }, (_, k) => [new ModelKiosk(k, '', world.rules ?? PRODUCT_RULES)]);
    for (let k = 0; k < KIOSKS; k++) this.hub.topUp(k, paise(100_000n));
  }

  #one(k: number, n = 0): ModelKiosk {
    const group = this.groups[k] ?? [];
    const found = group[n % group.length];
    assert.ok(found !== undefined);
    return found;
  }

  run(all: readonly Step[]): void {
    for (const step of all) {
      this.#take(step);
      holds(this.hub, this.groups);
    }
    this.#settle();
    this.#judge();
  }

  #take(step: Step): void {
    switch (step.do) {
      case 'top-up':
        return this.hub.topUp(step.kiosk, step.amount);
      case 'lease':
        return this.#lease(step.kiosk, step.amount, step.fate);
      case 'replay': {
        const old = this.#offered[step.kiosk] ?? [];
        const lease = old[step.which % Math.max(1, old.length)];
        const target = this.#one(step.kiosk);
        if (lease !== undefined && lease.number <= target.lastNumber && target.offer(lease)) throw new Error('I10: a replayed lease was taken');
        return undefined;
      }
      case 'sell': {
        const sale = this.#one(step.kiosk, step.copy).sell(step.amount, this.#now, step.kill);
        if (sale === undefined) return undefined;
        this.#sold = addPaise(this.#sold, sale.amount);
        this.reach.sales += 1;
        return undefined;
      }
      case 'sync':
        return this.#sync(step);
      case 'close': {
        const message = this.#one(step.kiosk).close();
        if (message !== undefined && step.fate === 'arrives') this.hub.close(message);
        return undefined;
      }
      case 'time':
        this.#now += step.ticks;
        return this.hub.tick(this.#now);
      case 'copy-disk': {
        const group = this.groups[step.kiosk] ?? [];
        if (this.#world.disks === 'copied' && group.length < COPIES_MAX) group.push(this.#one(step.kiosk).copy(`copy ${group.length}`));
        return undefined;
      }
      case 'in-doubt':
        return this.#world.release === 'in-doubt' ? this.hub.releaseInDoubt(step.kiosk) : undefined;
    }
  }

  #lease(k: number, amount: Paise, fate: 'arrives' | 'lost'): void {
    const lease = this.hub.issue(k, amount, this.#now);
    if (lease === undefined) return;
    this.#offered[k]?.push(lease);
    const before = this.#one(k).held;
    if (fate === 'arrives' && this.#one(k).offer(lease) && before?.grant.id === lease.id) this.reach.raises += 1;
  }

  #sync(step: Extract<Step, { readonly do: 'sync' }>): void {
    const sent = this.#one(step.kiosk, step.copy).log.filter((_, i) => step.lost[i % 12] !== true);
    const order = { 'as-sent': sent, reversed: sent.toReversed(), twice: [...sent, ...sent] }[step.order];
    for (const sale of order) {
      this.hub.receive(sale);
      holds(this.hub, this.groups);
    }
  }

  /** At last every device reaches the hub and closes. */
  #settle(): void {
    for (const own of this.groups.flat()) for (const sale of own.log) this.hub.receive(sale);
    for (const group of this.groups) {
      const message = group[0]?.close();
      if (message !== undefined) this.hub.close(message);
    }
    holds(this.hub, this.groups);
    this.reach.forks = this.hub.forked.size;
    this.reach.over = this.hub.unfunded.length;
  }

  #judge(): void {
    assert.equal(this.hub.payable, this.#sold, 'I6: the departments get every distinct sale exactly once');
    const honest = this.#world.disks === 'honest' && this.#world.release === 'never';
    if (honest) assert.equal(total(this.hub.receivable), 0n, 'I7: honest kiosks leave no receivable');
    for (const [k, group] of this.groups.entries()) {
      const open = this.hub.openOf(k).some((l) => l.lease.number <= (group[0]?.lastNumber ?? 0));
      if (honest) assert.ok(!open, 'I7: nothing stays reserved after close');
      if (this.#world.release === 'never') this.#bounded(k, group);
    }
  }

  /** I8: lease by lease no more is unfunded than the copied disks sold, so at most (c - 1) times the limit with c disks; and it has its exception. */
  #bounded(k: number, [, ...copies]: readonly ModelKiosk[]): void {
    for (const { lease } of this.hub.leases.filter((l) => l.kiosk === k)) {
      const unfunded = total(this.hub.unfunded.filter((u) => u.lease === lease.id).map((u) => u.amount));
      const byCopies = total(
        copies.flatMap((c) =>
          c
            .ownSales()
            .filter((s) => s.lease === lease.id)
            .map((s) => s.amount),
        ),
      );
      assert.ok(unfunded <= byCopies, `I8: ${unfunded} unfunded, ${byCopies} sold by ${copies.length} copies`);
      assert.ok(unfunded <= BigInt(copies.length) * lease.limitPaise, `I8: ${unfunded} unfunded with ${copies.length} copies of ${lease.limitPaise}`);
    }
    if ((this.hub.receivable[k] ?? ZERO) > 0n)
      assert.ok(
        this.hub.unfunded.some((u) => u.kiosk === k),
        'I8: every unfunded rupee has its exception',
      );
  }
}
