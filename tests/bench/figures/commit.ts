import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite } from '#platform/sqlite/open.js';
import type { EntryBody } from '#protocol/ledger/entry.js';
import { paise } from '#protocol/money/paise.js';
import { Ledger } from '../../../firmware-agent/ledger/ledger.js';
import { NO_GRANT, saleEntries } from '../counter/entries.js';
import { BENCH_OPERATOR, loneIdentity } from '../counter/identity.js';
import { RawAppend } from '../measure/disk.js';
import { halfAndTail, type Measured, type Round } from '../report/figure.js';
import { SIZES, type Plan } from '../report/plan.js';

/** A ledger that takes whole sales one after the other. */
class SaleWriter {
  readonly #ledger: Ledger;
  #written = 0;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
    this.#append({ kind: 'till-opened', floatPaise: paise(50_000n) });
  }

  /** Writes a whole sale; milliseconds of its sale entry alone, which is the one that must be safe before anything is shown or printed. */
  once(): number {
    this.#written += 1;
    const { quoted, sale, printStarted, printEnded } = saleEntries(this.#written, Date.now(), NO_GRANT);
    this.#append(quoted);
    const taken = this.#append(sale);
    this.#append(printStarted);
    this.#append(printEnded);
    return taken;
  }

  #append(body: EntryBody): number {
    const at = Math.max(Date.now(), this.#ledger.tip.at);
    const begun = performance.now();
    const written = this.#ledger.append(body, BENCH_OPERATOR, at);
    const taken = performance.now() - begun;
    if (!written.ok) throw new Error(written.error.detail);
    return taken;
  }
}

/** `Ledger.append` of a sale: signed, hashed, projected, committed and flushed, against a raw durable write on the same disk. */
export function measureCommit(plan: Plan): Measured {
  const { rounds, sales } = SIZES.commit[plan];
  const folder = mkdtempSync(join(tmpdir(), 'jharokha-bench-'));
  const db = openSqlite(join(folder, 'ledger.sqlite'));
  const raw = new RawAppend(folder);
  try {
    const writer = new SaleWriter(Ledger.open(db, loneIdentity()));
    raw.times(50);
    for (let i = 0; i < 50; i += 1) writer.once();
    const taken = Array.from({ length: rounds }, (_, round): Round => {
      const takeSales = (): readonly number[] => Array.from({ length: sales }, () => writer.once());
      // Turn about, so that a drift of the machine hits both alike.
      if (round % 2 === 0) {
        const baseline = raw.times(sales);
        return { baseline, samples: takeSales() };
      }
      const samples = takeSales();
      return { samples, baseline: raw.times(sales) };
    });
    const head = { bench: 'commit', name: 'kiosk commit of a sale', unit: 'ms' } as const;
    const figures = halfAndTail(head, '4 KiB append + fdatasync', taken, { p50: { on: 'ratio', is: 'at-most', limit: 2 } });
    return { figures, skipped: [] };
  } finally {
    raw.close();
    db.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
