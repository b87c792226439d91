import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kioskCode, type GrantId, type KioskCode } from '#protocol/identity/identity.js';
import { openGrant } from '#protocol/grant/grant.js';
import { tipAtStart } from '#protocol/ledger/chain.js';
import { paise } from '#protocol/money/paise.js';
import type { Certificate } from '#protocol/signing/certificate.js';
import { PUSH_ENTRIES_MAX } from '#protocol/wire/frames.js';
import { businessDate } from '#protocol/time/time.js';
import { topup } from '../../../hub-server/books/journals.js';
import { SqliteBooks } from '../../../hub-server/books/sqlite/sqlite-books.js';
import type { Hub } from '../../../hub-server/hub.js';
import type { LinkDevice } from '../../../hub-server/kiosks/link/device.js';
import { HubGrants } from '../../../hub-server/kiosks/link/grants.js';
import { Ingest } from '../../../hub-server/kiosks/link/ingest.js';
import { FIRST_LEASE_POLICY, setLeasePolicy } from '../../../hub-server/kiosks/link/lease-policy.js';
import { createHub, openDistrictKey, openHub } from '../../../hub-server/operations/hub-folder.js';
import { sealingKey } from '#protocol/signing/seal.js';
import { valueOf } from '../../support/world-value.js';
import { Chain, type Mix } from '../counter/chains.js';
import { random } from '../counter/entries.js';
import { BENCH_DISTRICT, certifiedKey } from '../counter/identity.js';
import { PgBench } from '../measure/pgbench.js';
import { VerifyCeiling } from '../measure/verify-ceiling.js';
import { figureOf, type Figure, type Measured, type Target } from '../report/figure.js';
import { SIZES, type Plan } from '../report/plan.js';

const KIOSKS = 5;
const BILLS_OF_A_KIOSK = 1_000_000;
const PGBENCH_SECONDS = 3;

/** A hub with its books, and kiosks that have leases; called directly, so that nothing but taking entries in is measured. */
class IngestHub {
  readonly #folder: string;
  readonly #hub: Hub;
  readonly #ingest: Ingest;
  readonly #grants: HubGrants;
  readonly #books: SqliteBooks;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#hub = valueOf(openHub(join(folder, 'hub')));
    this.#books = new SqliteBooks(this.#hub.db, this.#hub.district);
    this.#grants = new HubGrants(this.#hub, this.#books);
    this.#ingest = new Ingest(this.#hub, this.#books, this.#grants);
    setLeasePolicy(this.#hub, '', { ...FIRST_LEASE_POLICY, targetPaise: paise(50_000_000_000n), walletPercent: 90n });
  }

  static async open(): Promise<IngestHub> {
    const folder = mkdtempSync(join(tmpdir(), 'jharokha-bench-'));
    const names = { districtName: { en: 'Jaipur', hi: 'जयपुर' }, society: { en: 'Society', hi: 'सोसायटी' } };
    valueOf(await createHub(join(folder, 'hub'), { district: BENCH_DISTRICT, ...names, name: 'bench', address: '127.0.0.1:1' }));
    return new IngestHub(folder);
  }

  /** A kiosk with money, a lease and a chain of its own. */
  kiosk(n: number, mix: Mix): { readonly chain: Chain; readonly device: LinkDevice } {
    const code = kioskCode.parse(`d35k${1_000 + n}`);
    const certified = certifiedKey(valueOf(openDistrictKey(this.#hub.folder)), code);
    const { certificate } = certified;
    const device: LinkDevice = {
      district: BENCH_DISTRICT,
      kiosk: code,
      epoch: 1,
      state: 'active',
      certificate,
      sealingKey: sealingKey(random(32)).publicKey,
    };
    const at = this.#hub.now();
    const when = { businessDate: businessDate(at), at };
    this.#books.postJournal(topup({ reference: code, kiosk: code, amountPaise: paise(100_000_000_000n), when }));
    return { device, chain: new Chain(certified, this.#lease(device, certificate), mix, n * BILLS_OF_A_KIOSK) };
  }

  #lease(device: LinkDevice, certificate: Certificate): GrantId {
    const bytes = valueOf(this.#grants.keepLease(device, tipAtStart(certificate)));
    return valueOf(openGrant(this.#hub.hubCertificate.key, bytes)).id;
  }

  /** Entries a second over some pushes as full as the wire allows, each committed before the next. */
  rate(kiosks: readonly { readonly chain: Chain; readonly device: LinkDevice }[], pushes: number): number {
    const work = Array.from({ length: pushes }, (_, i) => {
      const kiosk = kiosks[i % kiosks.length];
      if (kiosk === undefined) throw new Error('no kiosks');
      return { device: kiosk.device, from: kiosk.chain.next, entries: kiosk.chain.sign(PUSH_ENTRIES_MAX) };
    });
    const begun = performance.now();
    for (const { device, from, entries } of work) {
      const pushed = this.#ingest.push(device, from, entries);
      if (pushed.kind !== 'taken') throw new Error(`the hub did not take a good push: ${pushed.kind}`);
    }
    return (pushes * PUSH_ENTRIES_MAX * 1_000) / (performance.now() - begun);
  }

  /** Every sale must be in the books, or what was measured is not what the figure says. */
  postedSales(kiosk: KioskCode): bigint {
    const row = this.#hub.db.prepare<[string], { n: bigint }>('SELECT count(*) AS n FROM posting WHERE kiosk = ?').get(kiosk);
    return row?.n ?? 0n;
  }

  close(): void {
    this.#hub.db.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

type RoundOfRates = {
  readonly whole: number;
  readonly sales: number;
  readonly oneCore: number;
  readonly twoCores: number;
  readonly tpcB: number | null;
};

function figuresOf(rounds: readonly RoundOfRates[], entries: number): readonly Figure[] {
  const half: Target = { on: 'ratio', is: 'at-least', limit: 0.5 };
  const against = (name: string, value: 'whole' | 'sales', baselineName: string, of: 'oneCore' | 'twoCores', target?: Target): Figure =>
    figureOf(
      { bench: 'ingest', name, unit: 'a second', ...(target === undefined ? {} : { target }) },
      baselineName,
      rounds.map((round) => ({ value: round[value], baseline: round[of] })),
      entries,
    );
  const tpcB = rounds.flatMap((round) => (round.tpcB === null ? [] : [{ value: round.sales, baseline: round.tpcB }]));
  const four: Target = { on: 'ratio', is: 'at-least', limit: 4 };
  return [
    against('hub ingest, whole sales, entries', 'whole', 'Ed25519 checks, one core', 'oneCore'),
    against('hub ingest, whole sales, entries (two cores)', 'whole', 'Ed25519 checks, two cores', 'twoCores', half),
    against('hub ingest, sale entries alone', 'sales', 'Ed25519 checks, one core', 'oneCore'),
    against('hub ingest, sale entries alone (two cores)', 'sales', 'Ed25519 checks, two cores', 'twoCores', half),
    ...(tpcB.length === 0
      ? []
      : [figureOf({ bench: 'ingest', name: 'hub ingest, sales posted', unit: 'a second', target: four }, 'pgbench TPC-B -c 8 -j 2', tpcB, entries)]),
  ];
}

/** Entries a second that one hub process takes in: every signature checked, books posted, flushed before the answer. */
export async function measureIngest(plan: Plan): Promise<Measured> {
  const { rounds, pushes } = SIZES.ingest[plan];
  const hub = await IngestHub.open();
  const pg = plan === 'full' ? await PgBench.start() : 'not in a short run';
  try {
    const ceiling = new VerifyCeiling();
    const whole = Array.from({ length: KIOSKS }, (_, n) => hub.kiosk(n, 'whole-sales'));
    const alone = Array.from({ length: KIOSKS }, (_, n) => hub.kiosk(KIOSKS + n, 'sales-only'));
    hub.rate(whole, KIOSKS);
    hub.rate(alone, KIOSKS);
    const taken: RoundOfRates[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const oneCore = ceiling.oneCore(pushes * 50);
      const rates = { whole: hub.rate(whole, pushes), sales: hub.rate(alone, pushes) };
      taken.push({
        ...rates,
        oneCore,
        twoCores: await ceiling.twoCores(pushes * 50),
        tpcB: typeof pg === 'string' ? null : pg.tpcB(PGBENCH_SECONDS),
      });
    }
    const expected = BigInt((rounds * pushes + KIOSKS) * PUSH_ENTRIES_MAX);
    const posted = alone.reduce((sum, { device }) => sum + hub.postedSales(device.kiosk), 0n);
    if (posted !== expected) throw new Error(`${posted} of ${expected} sales are posted`);
    const skipped = typeof pg === 'string' ? [{ bench: 'ingest', name: 'hub ingest against pgbench', why: pg } as const] : [];
    return { figures: figuresOf(taken, rounds * pushes * PUSH_ENTRIES_MAX), skipped };
  } finally {
    hub.close();
    if (typeof pg !== 'string') await pg.stop();
  }
}
