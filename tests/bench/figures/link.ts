import { join } from 'node:path';
import { openSqlite, type Sqlite } from '#platform/sqlite/open.js';
import { openGrant } from '#protocol/grant/grant.js';
import type { GrantId } from '#protocol/identity/identity.js';
import type { EntryBody } from '#protocol/ledger/entry.js';
import { Ledger } from '../../../firmware-agent/ledger/ledger.js';
import { HubSession } from '../../../firmware-agent/link/session.js';
import { findPosting } from '../../../hub-server/services/postings.js';
import { valueOf } from '../../support/world-value.js';
import type { TestKiosk } from '../../support/world-kiosk.js';
import { BenchDistrict } from '../counter/district.js';
import { saleEntries, type SaleEntries } from '../counter/entries.js';
import { BENCH_OPERATOR } from '../counter/identity.js';
import { RawAppend } from '../measure/disk.js';
import { halfAndTail, type Measured, type Round } from '../report/figure.js';
import { SIZES, type Plan } from '../report/plan.js';

const ROUNDS = 5;
const WARM = 3;
const ANSWER_MS = 10_000;
const BILLS_OF_A_KIOSK = 1_000_000;

/** The kiosk's end of the link as it is in the agent, ledger and all, without a counter around it. */
class Linked {
  readonly #db: Sqlite;
  readonly #ledger: Ledger;
  readonly #session: HubSession;
  readonly #first: number;
  #grant: GrantId | undefined;
  #sales = 0;
  #acknowledged: () => void = () => undefined;
  #failed: (error: Error) => void = () => undefined;
  readonly sold: SaleEntries[] = [];

  private constructor(kiosk: TestKiosk, first: number, welcomed: () => void) {
    const { identity } = kiosk;
    this.#first = first;
    this.#db = openSqlite(join(kiosk.folder, 'ledger.sqlite'));
    this.#ledger = Ledger.open(this.#db, identity);
    this.#session = new HubSession(identity, this.#ledger, {
      welcomed,
      outcome: () => undefined,
      closeLease: () => undefined,
      acknowledged: () => this.#acknowledged(),
      forked: (seq) => this.#failed(new Error(`the hub holds another entry ${seq}`)),
      ended: (why, detail) => this.#failed(new Error(`the link ended: ${why} ${detail}`)),
    });
  }

  static async open(kiosk: TestKiosk, first: number): Promise<Linked> {
    let up: () => void = () => undefined;
    const welcome = new Promise<void>((resolve) => (up = resolve));
    const linked = new Linked(kiosk, first, () => setImmediate(up));
    await welcome;
    const answer = valueOf(await linked.#session.ask({ ask: 'lease' }, ANSWER_MS));
    if (answer.answer !== 'lease') throw new Error(`the hub gave no lease: ${answer.answer}`);
    linked.#grant = valueOf(openGrant(kiosk.identity.hubCertificate.key, answer.grant)).id;
    return linked;
  }

  /** Milliseconds from the commit of a sale here to the hub's word that it is in the books. */
  async sell(): Promise<number> {
    if (this.#grant === undefined) throw new Error('there is no lease yet');
    this.#sales += 1;
    const entries = saleEntries(this.#first + this.#sales, Date.now(), this.#grant);
    await this.#append(entries.quoted);
    const taken = await this.#append(entries.sale);
    await this.#append(entries.printStarted);
    await this.#append(entries.printEnded);
    this.sold.push(entries);
    return taken;
  }

  async #append(body: EntryBody): Promise<number> {
    const written = this.#ledger.append(body, BENCH_OPERATOR, Math.max(Date.now(), this.#ledger.tip.at));
    const committed = performance.now();
    const { seq } = valueOf(written).entry;
    await new Promise<void>((resolve, reject) => {
      this.#failed = reject;
      this.#acknowledged = () => (this.#ledger.acked?.count ?? 0) >= seq && resolve();
    });
    return performance.now() - committed;
  }

  close(): void {
    this.#failed = () => undefined;
    this.#session.close();
    this.#db.close();
  }
}

/** From a kiosk's commit to the hub's acknowledgement over the real TLS link, with some kiosks at once, each waiting for one sale before the next. */
export async function measureLink(plan: Plan): Promise<Measured> {
  const { kiosks, sales } = SIZES.link[plan];
  const codes = Array.from({ length: kiosks }, (_, i) => `d35k${1_111 * (i + 1)}`);
  const district = await BenchDistrict.open(codes, 1);
  const raw = new RawAppend(district.world.root);
  const linked: Linked[] = [];
  try {
    for (const [i, code] of codes.entries()) linked.push(await Linked.open(district.world.kiosk(code), (i + 1) * BILLS_OF_A_KIOSK));
    const round = async (each: number): Promise<Round> => {
      const baseline: number[] = [];
      const samples: number[] = [];
      const work = linked.map(async (one) => {
        for (let i = 0; i < each; i += 1) {
          baseline.push(raw.once());
          samples.push(await one.sell());
        }
      });
      await Promise.all(work);
      return { samples, baseline };
    };
    await round(WARM);
    const rounds: Round[] = [];
    for (let i = 0; i < ROUNDS; i += 1) rounds.push(await round(Math.ceil(sales / ROUNDS)));
    for (const { transaction } of linked.flatMap((one) => one.sold))
      if (findPosting(district.world.hub, transaction) === undefined) throw new Error(`${transaction} was acknowledged and is not in the books`);
    const head = { bench: 'link', name: `sale to hub's acknowledgement, TLS, ${kiosks} kiosks`, unit: 'ms' } as const;
    return { figures: halfAndTail(head, '4 KiB append + fdatasync', rounds, { p99: { on: 'value', is: 'at-most', limit: 250 } }), skipped: [] };
  } finally {
    for (const one of linked) one.close();
    raw.close();
    await district.close();
  }
}
