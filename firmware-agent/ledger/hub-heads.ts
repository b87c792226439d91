import type { Sqlite } from '#platform/sqlite/open.js';

/** So many of the newest acknowledgements are all kept; of each octave of distance further back, about half as many. */
const DENSE = 1_024n;
const PER_OCTAVE_LOG2 = 9n;
/** Thinning is done now and then, not with every acknowledgement. */
const THIN_EVERY = 256;

/**
 * The hub's acknowledgements by the number of entries they cover. All of them together are what an exported chain is held against: the kiosk's own key can
 * rewrite nothing up to any of them. Old ones are thinned, so that years of them stay few thousand.
 */
export class HubHeads {
  readonly #db: Sqlite;
  #sinceThinned = 0;

  constructor(db: Sqlite) {
    this.#db = db;
  }

  newest(): Uint8Array | undefined {
    const row = this.#db.prepare<[], { bytes: Buffer }>('SELECT bytes FROM hub_head ORDER BY count DESC LIMIT 1').get();
    return row === undefined ? undefined : Uint8Array.from(row.bytes);
  }

  /** By rising count. */
  *all(): Generator<Uint8Array> {
    for (const row of this.#db.prepare<[], { bytes: Buffer }>('SELECT bytes FROM hub_head ORDER BY count').iterate()) yield row.bytes;
  }

  /** By rising count, without the newest. */
  *earlier(): Generator<Uint8Array> {
    const rows = this.#db.prepare<[], { bytes: Buffer }>('SELECT bytes FROM hub_head WHERE count < (SELECT max(count) FROM hub_head) ORDER BY count');
    for (const row of rows.iterate()) yield row.bytes;
  }

  keep(count: number, bytes: Uint8Array): void {
    this.#db.prepare('INSERT OR REPLACE INTO hub_head VALUES (?, ?)').run(count, bytes);
    this.#sinceThinned += 1;
    if (this.#sinceThinned < THIN_EVERY) return;
    this.#sinceThinned = 0;
    this.thin(BigInt(count));
  }

  /** Leaves, of those at least 2^k entries behind the newest, the last of every 2^(k-9) entries. */
  thin(newest: bigint): void {
    const remove = this.#db.prepare<[bigint, bigint, bigint, bigint, bigint]>(
      `DELETE FROM hub_head WHERE count > ? AND count <= ? AND count NOT IN
         (SELECT max(count) FROM hub_head WHERE count > ? AND count <= ? GROUP BY count / ?)`,
    );
    this.#db.transaction(() => {
      let step = DENSE >> PER_OCTAVE_LOG2;
      for (let distance = DENSE; distance <= newest; distance *= 2n) {
        const [from, to] = [newest - distance * 2n, newest - distance];
        remove.run(from, to, from, to, step);
        step *= 2n;
      }
    })();
  }
}
