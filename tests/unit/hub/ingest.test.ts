import assert from 'node:assert/strict';
import type { SaleBody } from '#protocol/ledger/entry.js';
import { openHead } from '#protocol/ledger/head.js';
import { newGrantId } from '#protocol/identity/ids.js';
import { departmentCode, kioskCode, type KioskCode } from '#protocol/identity/identity.js';
import { PAISE_MAX, paise } from '#protocol/money/paise.js';
import { moveKiosk } from '../../../hub-server/kiosks/enrolment/decide.js';
import { answerAsk } from '../../../hub-server/kiosks/link/answers.js';
import type { Pushed } from '../../../hub-server/kiosks/link/ingest.js';
import { bookOutcome } from '../../../hub-server/kiosks/link/refunds.js';
import { settle } from '../../../hub-server/services/settle.js';
import { findPosting } from '../../../hub-server/services/postings.js';
import { valueOf } from '../agent/bench.js';
import { chance, NOW, transactionOf } from '../protocol/samples.js';
import { Chain, HubBench, KIOSKS, TOPUP } from './bench.js';

const [FIRST, SECOND] = KIOSKS as readonly [KioskCode, KioskCode];
const STARTED = { kind: 'started', software: '0.1.0', clean: true } as const;

function headOf(bench: HubBench, pushed: Pushed): { readonly count: number; readonly hash: Uint8Array } {
  assert.ok(pushed.kind === 'taken', pushed.kind);
  return valueOf(openHead(bench.hub.hubCertificate.key, 'hub', pushed.head));
}

describe('what kiosks push', () => {
  let template: HubBench;
  let bench: HubBench;
  let chain: Chain;
  before(async () => {
    template = await HubBench.open();
  });
  after(() => template.close());
  beforeEach(() => {
    bench = template.fork();
    chain = new Chain(bench.identity());
  });
  afterEach(async () => {
    assert.deepEqual(await bench.faults(), [], 'the books are sound after every test [INV-09]');
    bench.close();
  });

  const lease = (): SaleBody['grant'] => {
    const device = bench.device();
    const { id, number } = bench.grant(valueOf(bench.grants.keepLease(device, bench.ingest.tip(device))));
    return { id, number, kind: 'lease' };
  };
  const hold = (n: number, sum: bigint): SaleBody['grant'] => {
    const bytes = valueOf(bench.grants.issueHold(bench.device(), { transaction: transactionOf(n), totalPaise: paise(sum) }));
    return { id: bench.grant(bytes).id, number: 1, kind: 'hold' };
  };
  const nobody = (): SaleBody['grant'] => ({ id: newGrantId(NOW, chance('nobody', 10)), number: 1, kind: 'lease' });

  it('is acknowledged up to the last entry, in order', () => {
    for (let n = 1; n <= 5; n += 1) chain.add(STARTED);
    assert.deepEqual(headOf(bench, bench.push(chain, 1, 3)).count, 3);
    const head = headOf(bench, bench.push(chain, 4));
    assert.deepEqual([head.count, Buffer.from(head.hash)], [5, Buffer.from(chain.hash)]);
  });

  it('with a gap is not taken, and the kiosk is told from where to go on', () => {
    for (let n = 1; n <= 5; n += 1) chain.add(STARTED);
    assert.deepEqual(bench.push(chain, 3), { kind: 'gap', expected: 1 });
    bench.push(chain, 1, 2);
    assert.deepEqual(bench.push(chain, 4), { kind: 'gap', expected: 3 });
    assert.equal(bench.hub.db.prepare('SELECT count(*) FROM entry').pluck().get(), 2n);
  });

  it('twice is taken once, and acknowledged alike [INV-05]', () => {
    chain.sell(1, lease());
    const first = headOf(bench, bench.push(chain, 1));
    const standing = bench.standing();
    assert.deepEqual(headOf(bench, bench.push(chain, 1)), first);
    assert.deepEqual(headOf(bench, bench.push(chain, 2)), first);
    assert.deepEqual(bench.standing(), standing);
  });

  it('known in part is taken from where it is new [INV-05]', () => {
    const grant = lease();
    chain.sell(1, grant);
    bench.push(chain, 1, 1);
    chain.sell(2, grant);
    assert.equal(headOf(bench, bench.push(chain, 1)).count, 4);
    assert.equal(bench.payable('JVVNL'), 198_001n + 198_002n);
  });

  it('with a bad entry in it is taken up to there', () => {
    for (let n = 1; n <= 3; n += 1) chain.add(STARTED);
    const foreign = new Chain(bench.identity(SECOND), chain.entries).add(STARTED);
    const bytes = [...chain.bytes(1), foreign.bytes];
    const pushed = bench.ingest.push(bench.device(), 1, bytes);
    assert.ok(pushed.kind === 'bad-entry');
    assert.deepEqual([pushed.fault.seq, pushed.fault.code], [4, 'bad-entry']);
    assert.equal(bench.ingest.tip(bench.device()).seq, 3);
  });

  it('is refused entry by entry: another kiosk, epoch, place, history or time [INV-10] [INV-11]', () => {
    chain.add(STARTED);
    bench.push(chain, 1);
    const refused = (more: Parameters<Chain['add']>[1]): string => {
      const pushed = bench.ingest.push(bench.device(), 2, [chain.copy(1).add(STARTED, more).bytes]);
      return pushed.kind === 'bad-entry' ? pushed.fault.code : pushed.kind;
    };
    assert.equal(refused({ kiosk: kioskCode.parse('d35k2222') }), 'other-kiosk');
    assert.equal(refused({ epoch: 2 }), 'other-kiosk');
    assert.equal(refused({ seq: 3 }), 'wrong-seq');
    assert.equal(refused({ at: NOW - 1 }), 'time-falls');
    assert.equal(refused({ at: NOW * 2 }), 'outside-certificate');
    assert.equal(refused({}), 'taken');
  });

  it('nothing of a push whose transaction fails stays [INV-30]', () => {
    chain.sell(1, lease());
    const standing = bench.standing();
    bench.hub.db.exec("CREATE TEMP TRIGGER cut AFTER UPDATE ON main.account BEGIN SELECT RAISE(ABORT, 'power cut'); END");
    assert.throws(() => bench.push(chain, 1), /power cut/u);
    bench.hub.db.exec('DROP TRIGGER cut');
    assert.deepEqual(bench.standing(), standing);
    assert.equal(headOf(bench, bench.push(chain, 1)).count, 2);
  });

  describe('two histories under one key [INV-32]', () => {
    const forked = (): Chain => {
      for (let n = 1; n <= 4; n += 1) chain.add(STARTED);
      bench.push(chain, 1);
      const copy = chain.copy(2);
      copy.add({ kind: 'operator-off' });
      return copy;
    };

    it('are found, and both entries are kept as proof', () => {
      const copy = forked();
      assert.deepEqual(bench.push(copy, 3), { kind: 'fork', seq: 3 });
      assert.deepEqual(bench.forks(), [{ kiosk: FIRST, seq: 3n }]);
      const kept = bench.hub.db.prepare('SELECT bytes FROM fork').pluck().get();
      assert.deepEqual(kept, Buffer.from(copy.entries[2]?.bytes ?? []));
      assert.deepEqual(bench.push(copy, 3), { kind: 'fork', seq: 3 });
      assert.equal(bench.forks().length, 1, 'the same proof is kept once');
      assert.equal(bench.ingest.tip(bench.device()).seq, 4);
    });

    it('are found in the middle of a push of known entries', () => {
      const copy = forked();
      assert.deepEqual(bench.push(copy, 1), { kind: 'fork', seq: 3 });
    });

    it('get no new grant, neither hold nor raise, and another kiosk does [INV-32]', async () => {
      const copy = forked();
      const ports = { hub: bench.hub, grants: bench.grants, ingest: bench.ingest, connectors: () => undefined };
      const ask = async (code: KioskCode, what: 'hold' | 'lease'): Promise<string> => {
        const hold = { ask: 'hold', transaction: transactionOf(1), service: '101', consumer: '1', billNumber: '1', totalPaise: paise(5n) } as const;
        const answer = await answerAsk(
          ports,
          bench.device(code),
          what === 'lease' ? { ask: 'lease' } : { ...hold, service: hold.service as SaleBody['service'] },
        );
        return answer.answer === 'no' ? answer.code : answer.answer;
      };
      assert.deepEqual([await ask(FIRST, 'hold'), await ask(FIRST, 'lease')], ['hold', 'lease']);
      bench.push(copy, 3);
      assert.deepEqual([await ask(FIRST, 'hold'), await ask(FIRST, 'lease')], ['suspended', 'suspended']);
      assert.deepEqual([await ask(SECOND, 'hold'), await ask(SECOND, 'lease')], ['hold', 'lease']);
    });

    it('are found when the copy has gone on further than the original', () => {
      const copy = forked();
      copy.add(STARTED);
      copy.add(STARTED);
      assert.deepEqual(bench.push(copy, 5), { kind: 'fork', seq: 5 });
      assert.deepEqual(bench.forks(), [{ kiosk: FIRST, seq: 5n }]);
      assert.equal(bench.ingest.tip(bench.device()).seq, 4, 'nothing of the second history is taken');
    });

    it('are not believed of an entry that the kiosk did not sign: nobody can slander it', () => {
      for (let n = 1; n <= 4; n += 1) chain.add(STARTED);
      bench.push(chain, 1);
      const foreign = new Chain(bench.identity(SECOND), chain.entries.slice(0, 2)).add({ kind: 'operator-off' });
      const noise = [foreign.bytes, Uint8Array.of(1, 2, 3), new Uint8Array(), Buffer.from(chain.entries[1]?.bytes ?? []).fill(7, 60, 64)];
      for (const bytes of noise) {
        const pushed = bench.ingest.push(bench.device(), 3, [bytes]);
        assert.equal(pushed.kind, 'bad-entry');
      }
      const elsewhere = bench.ingest.push(bench.device(), 3, [chain.entries[3]?.bytes ?? new Uint8Array()]);
      assert.equal(elsewhere.kind, 'bad-entry', 'an own entry in the wrong place proves nothing');
      assert.deepEqual(bench.forks(), []);
    });
  });

  describe('sales', () => {
    it('of an unknown grant are owed by the kiosk; the department has them in full [INV-06]', () => {
      const { totalPaise } = chain.sell(1, nobody());
      assert.equal(bench.push(chain, 1).kind, 'taken');
      assert.deepEqual([bench.owedBy(), bench.payable('JVVNL'), bench.wallet()], [totalPaise, totalPaise, TOPUP]);
    });

    it('of one bill at two counters: the first has paid it, the second is owed back to its citizen', () => {
      const bill = { billNumber: 'SAME', billPaise: paise(100_000n) };
      chain.sell(1, lease(), bill);
      const other = new Chain(bench.identity(SECOND));
      other.sell(2, nobody(), bill);
      bench.push(chain, 1);
      assert.equal(bench.push(other, 1).kind, 'taken');
      assert.equal(bench.payable('JVVNL'), 100_000n, 'the department is paid once');
      assert.equal(bench.balance('2060:citizen-refund-payable' as Parameters<HubBench['balance']>[0]), 100_000n);
      assert.equal(findPosting(bench.hub, transactionOf(2))?.state, 'refund-due');
    });

    it('under a transaction id of another kiosk are held for a person, and nothing waits behind them', () => {
      chain.sell(1, lease());
      bench.push(chain, 1);
      const other = new Chain(bench.identity(SECOND));
      other.sell(1, nobody());
      other.add(STARTED);
      assert.equal(headOf(bench, bench.push(other, 1)).count, 3);
      assert.deepEqual(
        bench.held().map((row) => (row as { seq: bigint }).seq),
        [2n],
      );
      assert.equal(bench.payable('JVVNL'), 198_001n);
    });

    it('that no book can hold are held for a person, and nothing waits behind them', () => {
      const grant = lease();
      const nothing = { billPaise: paise(0n), departmentFeePaise: paise(0n) };
      chain.sell(1, grant, nothing);
      chain.sell(2, grant, { billPaise: paise(PAISE_MAX), departmentFeePaise: paise(PAISE_MAX) });
      chain.sell(3, grant, { department: departmentCode.parse('JVVNL'), billPaise: paise(PAISE_MAX) });
      const last = chain.sell(4, grant);
      assert.equal(headOf(bench, bench.push(chain, 1)).count, 8);
      assert.ok(bench.held().length >= 2, 'what can not be posted is kept for a person');
      assert.ok(findPosting(bench.hub, last.transaction) !== undefined);
    });
  });

  describe('the end of an online sale', () => {
    const refused = (n: number, grant: SaleBody['grant']): void => {
      chain.sell(n, grant, { mode: 'online' });
      bench.push(chain, 1);
      settle(bench.hub, transactionOf(n), { kind: 'refused', reason: 'NO SUCH BILL' }, bookOutcome(bench.hub, bench.books));
    };

    it('refused and given back: the sale is undone and its money is the wallet’s', () => {
      const grant = hold(1, 198_001n);
      refused(1, grant);
      chain.add({ kind: 'refused', transaction: transactionOf(1), reason: 'no', cash: 'to-return' });
      chain.add({ kind: 'returned', transaction: transactionOf(1), totalPaise: paise(198_001n) });
      assert.equal(bench.push(chain, 1).kind, 'taken');
      assert.deepEqual([bench.wallet(), bench.payable('JVVNL'), bench.reserve(grant.id), bench.owedBy()], [TOPUP, 0n, 0n, 0n]);
    });

    it('refused after the citizen had left: the society owes it, once', () => {
      refused(1, hold(1, 198_001n));
      chain.add({ kind: 'refused', transaction: transactionOf(1), reason: 'no', cash: 'citizen-gone' });
      assert.equal(bench.push(chain, 1).kind, 'taken');
      assert.equal(bench.balance('2060:citizen-refund-payable' as Parameters<HubBench['balance']>[0]), 198_001n);
      chain.add({ kind: 'refused', transaction: transactionOf(1), reason: 'no', cash: 'citizen-gone' });
      chain.add({ kind: 'returned', transaction: transactionOf(1), totalPaise: paise(198_001n) });
      assert.equal(bench.push(chain, 1).kind, 'taken');
      assert.equal(bench.balance('2060:citizen-refund-payable' as Parameters<HubBench['balance']>[0]), 198_001n);
      assert.equal(bench.held().length, 1, 'cash given back for what is owed already is told to a person');
    });

    it('given back without a refusal is held: a kiosk can not undo a sale by itself', () => {
      const body = chain.sell(1, hold(1, 198_001n), { mode: 'online' });
      chain.add({ kind: 'returned', transaction: body.transaction, totalPaise: body.totalPaise });
      assert.equal(bench.push(chain, 1).kind, 'taken');
      assert.equal(bench.payable('JVVNL'), 198_001n);
      assert.equal(bench.held().length, 1);
    });

    it('gives back what the sale took from the grant, not what the kiosk says', () => {
      const grant = lease();
      const reserved = bench.reserve(grant.id);
      refused(1, grant);
      chain.add({ kind: 'refused', transaction: transactionOf(1), reason: 'no', cash: 'to-return' });
      chain.add({ kind: 'returned', transaction: transactionOf(1), totalPaise: paise(450_000n) });
      assert.equal(bench.push(chain, 1).kind, 'taken');
      assert.deepEqual([bench.reserve(grant.id), bench.wallet()], [reserved - 198_001n, TOPUP - reserved + 198_001n]);
    });
  });

  it('of a suspended kiosk is booked, since the citizens hold receipts; it gets nothing new [INV-52]', async () => {
    chain.sell(1, lease());
    valueOf(moveKiosk(bench.hub, 'suspend', { kiosk: FIRST, by: 'test', reason: 'audit' }));
    assert.equal(bench.push(chain, 1).kind, 'taken');
    const ports = { hub: bench.hub, grants: bench.grants, ingest: bench.ingest, connectors: () => undefined };
    const answer = await answerAsk(ports, bench.device(), { ask: 'lease' });
    assert.ok(answer.answer === 'no' && answer.code === 'suspended');
    const outcomes = await answerAsk(ports, bench.device(), { ask: 'outcomes', transactions: [transactionOf(1)] });
    assert.ok(outcomes.answer === 'outcomes' && outcomes.outcomes.length === 1);
  });
});
