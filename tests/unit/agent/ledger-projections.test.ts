import assert from 'node:assert/strict';
import fc from 'fast-check';
import { verifyExport } from '#protocol/ledger/export.js';
import type { EntryBody } from '#protocol/ledger/entry.js';
import { paise } from '#protocol/money/paise.js';
import { openTill } from '../../../firmware-agent/ledger/till.js';
import { leaseOf, makeWorld, saleBody, transactionOf } from '../protocol/samples.js';
import { Bench, identityOf, projectionsOf, valueOf } from './bench.js';

const WORLD = makeWorld();
const IDENTITY = identityOf(WORLD);
const RUNS = 150;

/** What a counter does, by the number of the transaction it does it to. */
type Step =
  | { readonly do: 'open-till' | 'close-till' | 'raise-lease' | 'close-lease' | 'restart' | 'clock' }
  | { readonly do: 'quote' | 'abandon' | 'sell' | 'confirm' | 'refuse' | 'refuse-late' | 'give-back'; readonly n: number }
  | { readonly do: 'print' | 'print-unknown' | 'print-not-started' | 'print-and-die'; readonly n: number };

const PLAIN = ['open-till', 'close-till', 'raise-lease', 'close-lease', 'restart', 'clock'] as const;
/** What may become of one transaction. */
const LIVES = [
  ['quote'],
  ['quote', 'abandon'],
  ['quote', 'sell'],
  ['quote', 'sell', 'print', 'confirm', 'print'],
  ['quote', 'sell', 'print-not-started', 'print', 'print'],
  ['quote', 'sell', 'print-unknown', 'print', 'refuse-late'],
  ['quote', 'sell', 'print-and-die'],
  ['quote', 'sell', 'refuse', 'give-back'],
  ['quote', 'sell', 'refuse', 'give-back'],
] as const;

/** Several lives and the counter's own doings, interleaved by the numbers of `order`. */
const steps: fc.Arbitrary<readonly Step[]> = fc
  .record({
    lives: fc.array(fc.constantFrom(...LIVES), { minLength: 1, maxLength: 5 }),
    order: fc.array(fc.nat(1_000), { minLength: 5, maxLength: 40 }),
    opens: fc.boolean(),
  })
  .map(({ lives, order, opens }) => {
    const left = lives.map((life) => [...life]);
    const taken = order.map((pick): Step => {
      const n = pick % (left.length + 1);
      const what = left[n - 1]?.shift();
      return what === undefined ? { do: PLAIN[Math.floor(pick / 10) % PLAIN.length] ?? 'clock' } : { do: what, n };
    });
    return opens ? [{ do: 'open-till' }, ...taken] : taken;
  });

/** A second reckoning of what the till must hold, kept apart from the ledger. */
type Reckoned = { float: bigint; takings: bigint; sales: number; sum: bigint } | undefined;

const PRINTS = { print: 'printed', 'print-unknown': 'unknown', 'print-not-started': 'not-started' } as const;

class Counter {
  readonly bench = new Bench({ world: WORLD, identity: IDENTITY });
  readonly #state = new Map<number, string>();
  readonly #soldIn = new Map<number, number>();
  reckoned: Reckoned;
  #till = 0;
  #lease: 'none' | 'open' | 'closed' = 'none';
  #number = 0;

  take(step: Step): void {
    if (step.do === 'restart') return this.bench.restart();
    if (step.do === 'clock') {
      this.bench.at += 61_000;
      return undefined;
    }
    for (const body of 'n' in step ? this.#bodies(step.do, step.n) : this.#plain(step.do)) {
      valueOf(this.bench.append(body));
    }
    return undefined;
  }

  #plain(what: Step['do']): readonly EntryBody[] {
    if (what === 'open-till' && this.reckoned === undefined) {
      this.#till += 1;
      this.reckoned = { float: 700n, takings: 0n, sales: 0, sum: 0n };
      return [{ kind: 'till-opened', floatPaise: paise(700n) }];
    }
    if (what === 'close-till' && this.reckoned !== undefined) {
      const { float, takings, sales, sum } = this.reckoned;
      this.reckoned = undefined;
      return [{ kind: 'till-closed', expectedPaise: paise(float + takings), countedPaise: paise(700n), sales, salesPaise: paise(sum) }];
    }
    if (what === 'raise-lease' && this.#lease !== 'closed') {
      this.#lease = 'open';
      this.#number += 1;
      const { id, limitPaise, notAfter } = leaseOf();
      return [{ kind: 'lease-taken', id, number: this.#number, limitPaise, notAfter }];
    }
    if (what === 'close-lease' && this.#lease === 'open') {
      this.#lease = 'closed';
      const place = { seq: 0, hash: Uint8Array.from(this.bench.ledger.hashAt(0) ?? []) };
      return [{ kind: 'lease-closed', id: leaseOf().id, base: place, head: place, drawnPaise: paise(0n) }];
    }
    return [];
  }

  #bodies(what: Step['do'], n: number): readonly EntryBody[] {
    const { transaction, service, department, consumer, billNumber, totalPaise, mode } = saleBody(n);
    const now = this.#state.get(n) ?? 'none';
    const next = (state: string, ...bodies: EntryBody[]): readonly EntryBody[] => {
      this.#state.set(n, state);
      return bodies;
    };
    if (what === 'quote' && now === 'none')
      return next('quoted', { kind: 'quoted', transaction, service, department, consumer, billNumber, totalPaise, mode });
    if (what === 'abandon' && now === 'quoted') return next('abandoned', { kind: 'abandoned', transaction, reason: 'operator' });
    if (what === 'sell' && now === 'quoted') {
      this.#soldIn.set(n, this.#till);
      this.#move(n, totalPaise, 1);
      return next('sold', saleBody(n, { mode: n % 2 === 0 ? 'online' : mode }));
    }
    if (what === 'confirm' && now === 'sold') return next('posted', { kind: 'confirmed', transaction, reference: `R${n}`, at: this.bench.at });
    if (what === 'refuse' && now === 'sold') return next('refused', { kind: 'refused', transaction, reason: 'no', cash: 'to-return' });
    if (what === 'refuse-late' && now === 'sold') return next('late', { kind: 'refused', transaction, reason: 'no', cash: 'citizen-gone' });
    if (what === 'give-back' && now === 'refused') {
      this.#move(n, paise(-totalPaise), -1);
      return next('returned', { kind: 'returned', transaction, totalPaise });
    }
    return ['sold', 'posted'].includes(now) ? this.#print(what, n) : [];
  }

  #move(n: number, sum: bigint, sale: number): void {
    if (this.reckoned === undefined) return;
    this.reckoned.takings += sum;
    if (this.#soldIn.get(n) !== this.#till) return;
    this.reckoned.sales += sale;
    this.reckoned.sum += sum;
  }

  #print(what: Step['do'], n: number): readonly EntryBody[] {
    const transaction = transactionOf(n);
    const copy = this.bench.kiosk.sales.copies(transaction) + 1;
    const begun = {
      kind: 'print-started',
      transaction,
      copy,
      marked: copy === 1 ? 'original' : 'duplicate',
      shows: 'received',
      printer: 'printer',
    } as const;
    if (what === 'print-and-die') return [begun];
    if (what !== 'print' && what !== 'print-unknown' && what !== 'print-not-started') return [];
    return [begun, { kind: 'print-ended', transaction, copy, outcome: PRINTS[what], cause: '', by: 'printer' }];
  }
}

/** How many histories came to what: a generator that never sells would pass everything. */
const reached = { sold: 0, returned: 0, restarted: 0, raisedAfterSale: 0, printedTwice: 0 };

function note(counter: Counter, all: readonly Step[]): void {
  const kinds = counter.bench.entries().map(({ body }) => body.kind);
  const has = (kind: EntryBody['kind']): number => (kinds.includes(kind) ? 1 : 0);
  reached.sold += has('sale');
  reached.returned += has('returned');
  reached.restarted += all.some((step) => step.do === 'restart') && kinds.length > 0 ? 1 : 0;
  reached.raisedAfterSale += kinds.includes('sale') && kinds.lastIndexOf('lease-taken') > kinds.indexOf('sale') ? 1 : 0;
  reached.printedTwice += counter.bench.bodies('print-started').some((body) => body.copy > 1) ? 1 : 0;
}

describe('the read models of the ledger', function () {
  this.timeout(60_000);

  it('are the same whether kept up with the chain or made anew from it [INV-05]', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const counter = new Counter();
        for (const step of all) counter.take(step);
        const kept = projectionsOf(counter.bench.db);
        counter.bench.restart();
        assert.deepEqual(counter.bench.ledger.health, { state: 'whole' });
        assert.deepEqual(projectionsOf(counter.bench.db), kept);
        note(counter, all);
        counter.bench.close();
      }),
      { numRuns: RUNS },
    );
    for (const [what, times] of Object.entries(reached)) assert.ok(times > RUNS / 15, `${what}: only ${times} of ${RUNS} histories`);
  });

  it('know to the paisa what is in the till', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const counter = new Counter();
        for (const step of all) {
          counter.take(step);
          const till = openTill(counter.bench.db);
          const { reckoned } = counter;
          assert.equal(till === undefined, reckoned === undefined);
          if (till === undefined || reckoned === undefined) continue;
          const { float, takings, sales, sum } = reckoned;
          assert.deepEqual(
            [till.floatPaise, till.takingsPaise, till.expectedPaise, till.sales, till.salesPaise],
            [float, takings, float + takings, sales, sum],
          );
          assert.ok(till.sales >= 0 && till.salesPaise >= 0n, 'what is closed can be signed and read again');
        }
        counter.bench.close();
      }),
      { numRuns: RUNS },
    );
  });

  it('export exactly what was written, whatever was written', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const counter = new Counter();
        for (const step of all) counter.take(step);
        const { bench } = counter;
        valueOf(bench.ledger.acknowledge(bench.hubHead()));
        const seen: Uint8Array[] = [];
        const file = Buffer.concat([...bench.ledger.export(bench.at)]);
        if (bench.ledger.tip.seq === 0) return;
        const verdict = valueOf(verifyExport(bench.identity.districtKey, file, (signed) => seen.push(signed.bytes)));
        assert.equal(verdict.count, bench.ledger.tip.seq);
        assert.deepEqual(seen, bench.ledger.entriesAfter(0, 10_000));
        bench.close();
      }),
      { numRuns: 40 },
    );
  });
});
