import assert from 'node:assert/strict';
import type { SaleBody } from '#protocol/ledger/entry.js';
import { paise } from '#protocol/money/paise.js';
import { presenceHash } from '#protocol/presence/presence.js';
import { HOUR_MS } from '#protocol/time/time.js';
import { answerAsk } from '../../../hub-server/kiosks/link/answers.js';
import { auditPresence } from '../../../hub-server/kiosks/link/presence-audit.js';
import { DEFAULT_RULE_BOOK_DRAFT } from '../../../hub-server/operations/default-rule-book.js';
import type { Presence } from '../../../hub-server/services/department-http.js';
import { NOW, saleBody } from '../protocol/samples.js';
import { valueOf } from '../agent/bench.js';
import { Chain, HubBench } from './bench.js';

const DRAFT = { ...DEFAULT_RULE_BOOK_DRAFT, services: DEFAULT_RULE_BOOK_DRAFT.services.map((one) => ({ ...one, presence: 'finger' as const })) };
const SPAN = { from: NOW, to: NOW + HOUR_MS };

describe('presses and sales at the hub', () => {
  let template: HubBench;
  let bench: HubBench;
  let chain: Chain;
  let grant: SaleBody['grant'];
  before(async () => {
    template = await HubBench.open(JSON.stringify(DRAFT));
  });
  after(() => template.close());
  beforeEach(() => {
    bench = template.fork();
    chain = new Chain(bench.identity());
    const lease = bench.grant(valueOf(bench.grants.keepLease(bench.device(), bench.ingest.tip(bench.device()))));
    grant = { id: lease.id, number: lease.number, kind: 'lease' };
  });
  afterEach(() => bench.close());

  const boundOf = ({ transaction, service, consumer, totalPaise }: SaleBody): Uint8Array<ArrayBuffer> =>
    presenceHash({ district: bench.hub.district, kiosk: chain.kiosk, transaction, service, consumer, totalPaise });
  const press = (n: number, by: 'finger' | 'witness', bound = boundOf(saleBody(n)), outcome: 'given' | 'no-match' = 'given'): void =>
    void chain.add({ kind: 'presence', transaction: saleBody(n).transaction, attempt: 1, by, bound, outcome, block: null, witness: '' });

  it('[INV-46] a sale without a press, or with one for another sum, is found; its money is booked all the same', () => {
    press(1, 'finger');
    chain.sell(1, grant);
    press(2, 'witness');
    chain.sell(2, grant);
    press(3, 'finger', undefined, 'no-match');
    chain.sell(3, grant);
    press(4, 'finger', boundOf({ ...saleBody(4), totalPaise: paise(1n) }));
    chain.sell(4, grant);
    assert.equal(bench.push(chain, 1).kind, 'taken');
    const { shares, findings } = auditPresence(bench.hub, SPAN);
    assert.deepEqual(shares, [{ kiosk: chain.kiosk, operator: `${chain.kiosk}co01`, finger: 1, aadhaar: 0, witness: 1, nobody: 2 }]);
    assert.deepEqual(
      findings.map(({ transaction, fault }) => [transaction, fault]),
      [
        [saleBody(3).transaction, 'no-presence'],
        [saleBody(4).transaction, 'other-sale'],
      ],
    );
    assert.deepEqual(bench.held(), []);
    assert.deepEqual(auditPresence(bench.hub, { ...SPAN, kiosk: 'd35k9999' }).shares, []);
    assert.deepEqual(auditPresence(bench.hub, { from: NOW + HOUR_MS, to: NOW + 2 * HOUR_MS }).shares, []);
  });

  it('a sale under a rule book that asks nobody is not counted', () => {
    chain.add(saleBody(1, { grant }), { ruleBook: 0 });
    bench.push(chain, 1);
    assert.deepEqual(auditPresence(bench.hub, SPAN), { shares: [], findings: [] });
  });

  it('a capture whose press agreed to something else goes to no department', async () => {
    const heard: Presence[] = [];
    const checkPresence = async (presence: Presence): Promise<unknown> => {
      heard.push(presence);
      return { kind: 'known', reference: 'R1' };
    };
    const connector = { checkPresence };
    const ports = { hub: bench.hub, connectors: () => connector, grants: bench.grants } as unknown as Parameters<typeof answerAsk>[0];
    const sale = saleBody(1);
    const { transaction, service, consumer, totalPaise } = sale;
    const ask = (bound: Uint8Array<ArrayBuffer>): ReturnType<typeof answerAsk> =>
      answerAsk(ports, bench.device(), { ask: 'presence', transaction, service, consumer, totalPaise, bound, block: Uint8Array.of(1) });
    assert.equal((await ask(boundOf({ ...sale, consumer: 'OTHER' }))).answer, 'no');
    assert.deepEqual(heard, []);
    assert.equal((await ask(boundOf(sale))).answer, 'presence');
    assert.equal(heard.length, 1);
  });
});
