import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { takeLease } from '#protocol/grant/draw.js';
import { signGrant } from '#protocol/grant/grant.js';
import { newGrantId } from '#protocol/identity/ids.js';
import type { EntryBody } from '#protocol/ledger/entry.js';
import { paise } from '#protocol/money/paise.js';
import { Ledger } from '../../../firmware-agent/ledger/ledger.js';
import { commitSale, secure } from '../../../firmware-agent/counter/secure.js';
import { makeOffer } from '../../../firmware-agent/counter/offer.js';
import { billOf, chance, DAY, holdOf, leaseOf, NOW, OPERATOR, saleBody, serviceOf, transactionOf } from '../protocol/samples.js';
import { Bench, codeOf, projectionsOf, valueOf } from './bench.js';

const STARTED: EntryBody = { kind: 'started', software: '0.1.0', clean: true };
const quoted = (n: number): EntryBody => {
  const { transaction, service, department, consumer, billNumber, totalPaise, mode } = saleBody(n);
  return { kind: 'quoted', transaction, service, department, consumer, billNumber, totalPaise, mode };
};

/** What of a kiosk must stay as it was when an append fails. */
function standing(bench: Bench): unknown {
  const kept = bench.db.prepare('SELECT * FROM kept ORDER BY name').all();
  return {
    tip: bench.ledger.tip,
    health: bench.ledger.health,
    entries: bench.db.prepare('SELECT * FROM entry').all(),
    kept,
    ...projectionsOf(bench.db),
  };
}

/** Papers as formats 1 to 3 kept them: nothing of their printer. */
const OLD_PAPER = `DROP TABLE paper;
  CREATE TABLE paper (txn TEXT NOT NULL, copy INTEGER NOT NULL, marked TEXT NOT NULL, shows TEXT NOT NULL, outcome TEXT, cause TEXT, PRIMARY KEY (txn, copy)) STRICT, WITHOUT ROWID;`;

describe('the ledger: one entry is one commit', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench({ disk: 'file' });
  });
  afterEach(() => bench.close());

  it('stores the entry, its read model and what belongs with it together [INV-41]', () => {
    const written = valueOf(bench.ledger.append(quoted(1), OPERATOR, NOW, () => bench.kiosk.sales.rememberBill(transactionOf(1), billOf())));
    const other = new Database(bench.path, { readonly: true });
    assert.equal(other.prepare('SELECT count(*) FROM entry').pluck().get(), 1);
    assert.equal(other.prepare('SELECT count(*) FROM sale').pluck().get(), 1);
    assert.equal(other.prepare('SELECT count(*) FROM bill_seen').pluck().get(), 1);
    other.close();
    assert.deepEqual(bench.ledger.entryBytes(1), written.bytes);
    assert.deepEqual(bench.kiosk.sales.billSeen(transactionOf(1)), billOf());
  });

  it('is flushed to disk with every commit [INV-41]', () => {
    assert.equal(bench.db.pragma('synchronous', { simple: true }), 2n);
    assert.equal(bench.db.pragma('journal_mode', { simple: true }), 'wal');
  });

  it('leaves nothing when what belongs with it fails [INV-41]', () => {
    valueOf(bench.append(STARTED));
    const before = standing(bench);
    const fails = (): never => {
      bench.kiosk.sales.rememberBill(transactionOf(1), billOf());
      throw new Error('the grant can not be stored');
    };
    assert.throws(() => bench.ledger.append(quoted(1), OPERATOR, NOW, fails), /grant can not be stored/u);
    assert.deepEqual(standing(bench), before);
    assert.equal(bench.kiosk.sales.billSeen(transactionOf(1)), undefined);
    valueOf(bench.append(quoted(1)));
    bench.restart();
    assert.deepEqual(bench.ledger.health, { state: 'whole' });
    assert.equal(bench.ledger.tip.seq, 2);
  });

  it('throws and moves nothing when its database is gone, and goes on after a restart', () => {
    valueOf(bench.append(STARTED));
    const { tip } = bench.ledger;
    bench.db.close();
    assert.throws(() => bench.append(quoted(1)), /not open/u);
    assert.deepEqual(bench.ledger.tip, tip);
    bench.restart();
    assert.deepEqual(bench.ledger.tip, tip);
    valueOf(bench.append(quoted(1)));
  });

  it('tells its listeners after the commit only', () => {
    const heard: number[] = [];
    const stop = bench.ledger.onChange(() => heard.push(bench.ledger.tip.seq));
    valueOf(bench.append(STARTED));
    assert.throws(() => bench.ledger.append(quoted(1), OPERATOR, NOW, () => assert.fail('no')));
    valueOf(bench.append(quoted(1)));
    stop();
    valueOf(bench.append(quoted(2)));
    assert.deepEqual(heard, [1, 2]);
  });

  it('refuses to sign what it could not read again: such an entry would break the chain for ever', () => {
    valueOf(bench.append(STARTED));
    const before = standing(bench);
    const negative = { kind: 'till-closed', expectedPaise: paise(0n), countedPaise: paise(0n), sales: -1, salesPaise: paise(-5n) } as const;
    const long = { kind: 'refused', transaction: transactionOf(1), reason: 'x'.repeat(121), cash: 'to-return' } as const;
    for (const body of [negative, long]) assert.throws(() => bench.append(body), /can be read again/u);
    assert.deepEqual(standing(bench), before);
    bench.restart();
    assert.deepEqual(bench.ledger.health, { state: 'whole' });
  });

  it('takes no entry outside the time of its certificate, so a clock that went mad once breaks nothing [INV-23]', () => {
    valueOf(bench.append(STARTED));
    const { notAfter } = bench.identity.certificate;
    assert.equal(codeOf(bench.append(quoted(1), notAfter + 1)), 'clock-set-back');
    valueOf(bench.append(quoted(1), notAfter));
    bench.restart();
    assert.deepEqual(bench.ledger.health, { state: 'whole' });
  });

  it('holds time along the chain to what it was [INV-11]', () => {
    valueOf(bench.append(STARTED, NOW + 5_000));
    assert.throws(() => bench.append(quoted(1), NOW + 4_999), /never falls/u);
    valueOf(bench.append(quoted(1), NOW + 5_000));
  });
});

describe('the ledger on a full disk', () => {
  /** Fills the database up to its limit; the limit is lifted again by the answer. */
  function fill(bench: Bench): () => void {
    const pages = bench.db.pragma('page_count', { simple: true });
    bench.db.pragma(`max_page_count = ${String(pages)}`);
    return () => void bench.db.pragma('max_page_count = 1000000');
  }

  it('says so, changes nothing, and goes on when there is room again', () => {
    const bench = new Bench({ disk: 'file' });
    valueOf(bench.append(STARTED));
    const room = fill(bench);
    let n = 0;
    while (n < 500 && bench.append(quoted(n + 1)).ok) n += 1;
    assert.ok(n < 500, 'the disk is full at last');
    const before = standing(bench);
    const heard: string[] = [];
    bench.ledger.onChange(() => heard.push('changed'));
    assert.equal(codeOf(bench.append(quoted(n + 1))), 'disk-full');
    assert.deepEqual(standing(bench), before);
    assert.deepEqual(heard, []);
    assert.equal(bench.ledger.health.state, 'whole');
    room();
    valueOf(bench.append(quoted(n + 1)));
    bench.restart();
    assert.deepEqual(bench.ledger.health, { state: 'whole' });
    assert.equal(bench.ledger.tip.seq, n + 2);
    bench.close();
  });

  it("keeps the hub's acknowledgement in mind though it can not be written", () => {
    const bench = new Bench({ disk: 'file' });
    for (let n = 1; n <= 30; n += 1) valueOf(bench.append(quoted(n)));
    fill(bench);
    for (let n = 1; n <= 30; n += 1) {
      assert.ok(bench.ledger.acknowledge(bench.hubHead(n)).ok);
      assert.equal(bench.ledger.acked?.count, n);
    }
    const stored = bench.db.prepare('SELECT count(*) FROM hub_head').pluck().get();
    assert.ok(typeof stored === 'bigint' && stored > 0n && stored < 30n, `${String(stored)} were stored`);
    bench.close();
  });

  it('gives the cash back when there is no room for a hold, and says why', async () => {
    const bench = new Bench({ disk: 'file' });
    bench.ready();
    const offer = valueOf(await makeOffer(bench.kiosk, serviceOf('101', 'JVVNL'), '210312345678', OPERATOR));
    const hold = signGrant(bench.world.hub, holdOf(offer.transaction, offer.quote.totalPaise, { id: newGrantId(NOW, chance('a hold', 10)) }));
    const room = fill(bench);
    const insert = bench.db.prepare("INSERT INTO grant_held VALUES (?, 'hold', 1, ?)");
    assert.throws(() => {
      for (let n = 0; n < 100; n += 1) insert.run(newGrantId(NOW, chance(`filling ${n}`, 10)), hold);
    }, /full/u);
    bench.link.isUp = true;
    bench.link.answer = () => ({ answer: 'hold', grant: hold });
    assert.equal(codeOf(await secure(bench.kiosk, { ...offer, mode: 'online' })), 'disk-full');
    room();
    valueOf(await secure(bench.kiosk, { ...offer, mode: 'online' }));
    bench.close();
  });
});

describe('the ledger and the sale', () => {
  it('does not sell one transaction twice, nor one that was abandoned', async () => {
    const bench = new Bench();
    bench.ready();
    const offer = valueOf(await makeOffer(bench.kiosk, serviceOf('101', 'JVVNL'), '210312345678', OPERATOR));
    const secured = valueOf(await secure(bench.kiosk, offer));
    valueOf(commitSale(bench.kiosk, offer, secured, offer.quote.totalPaise, OPERATOR));
    const before = standing(bench);
    assert.throws(() => commitSale(bench.kiosk, offer, secured, offer.quote.totalPaise, OPERATOR), /one id stands for one sale/u);
    assert.deepEqual(standing(bench), before);
    const second = billOf({ consumer: '210312345679', number: 'B2' });
    bench.kiosk.masters.storePart('JVVNL', 1, [second]);
    const other = valueOf(await makeOffer(bench.kiosk, serviceOf('101', 'JVVNL'), second.consumer, OPERATOR));
    valueOf(bench.append({ kind: 'abandoned', transaction: other.transaction, reason: 'operator' }));
    assert.throws(() => commitSale(bench.kiosk, other, secured, other.quote.totalPaise, OPERATOR), /one id stands for one sale/u);
    bench.close();
  });

  it('writes the id of a transaction to disk before anything can be secured by it [INV-40]', async () => {
    const bench = new Bench({ disk: 'file' });
    bench.ready();
    const offer = valueOf(await makeOffer(bench.kiosk, serviceOf('101', 'JVVNL'), '210312345678', OPERATOR));
    const other = new Database(bench.path, { readonly: true });
    assert.equal(other.prepare("SELECT count(*) FROM sale WHERE txn = ? AND state = 'quoted'").pluck().get(offer.transaction), 1);
    other.close();
    bench.link.isUp = true;
    let onDisk: unknown;
    bench.link.answer = (question) => {
      if (question.ask === 'hold') onDisk = bench.bodies('quoted').map((body) => body.transaction);
      return { answer: 'no', code: 'wallet-too-small', detail: 'empty' };
    };
    assert.equal(codeOf(await secure(bench.kiosk, { ...offer, mode: 'online' })), 'wallet-too-small');
    assert.deepEqual(onDisk, [offer.transaction]);
    bench.close();
  });

  it('a lease counts sales since it was last raised, as the rule of `takeLease` has it [INV-04]', () => {
    const bench = new Bench();
    bench.ready();
    const { id } = leaseOf();
    const sell = (n: number): void => {
      valueOf(bench.append(quoted(n)));
      valueOf(bench.append(saleBody(n, { billPaise: paise(100n), totalPaise: paise(100n), grant: { id, number: 1, kind: 'lease' } })));
    };
    for (const n of [1, 2, 3]) sell(n);
    assert.deepEqual(bench.kiosk.grants.lease()?.sales, 3);
    const raised = leaseOf({
      number: 2,
      limitPaise: paise(700_000n),
      notAfter: NOW + DAY,
      base: { seq: 0, hash: Uint8Array.from(bench.ledger.hashAt(0) ?? []) },
    });
    const held = bench.kiosk.grants.lease();
    assert.ok(held !== undefined);
    const owner = { district: raised.district, kiosk: raised.kiosk, epoch: raised.epoch };
    const byRule = valueOf(takeLease(held, raised, owner, held.grant.number, () => true));
    valueOf(bench.kiosk.grants.takeLease(bench.lease({ ...raised }), NOW, null));
    for (const when of ['at once', 'after a restart']) {
      const now = bench.kiosk.grants.lease();
      assert.deepEqual({ drawn: now?.drawnPaise, sales: now?.sales }, { drawn: byRule.drawnPaise, sales: byRule.sales }, when);
      bench.restart();
    }
    sell(4);
    assert.equal(bench.kiosk.grants.lease()?.sales, 1);
    bench.close();
  });

  it('a refund in another till leaves the sales of that till alone, and can be closed and read again', () => {
    const bench = new Bench();
    bench.ready();
    valueOf(bench.append(quoted(1)));
    const { totalPaise } = saleBody(1);
    valueOf(bench.append(saleBody(1, { mode: 'online' })));
    valueOf(bench.append({ kind: 'refused', transaction: transactionOf(1), reason: 'no', cash: 'to-return' }));
    const closing = { expectedPaise: paise(50_000n + totalPaise), countedPaise: paise(50_000n + totalPaise), sales: 1, salesPaise: totalPaise };
    valueOf(bench.append({ kind: 'till-closed', ...closing }));
    valueOf(bench.append({ kind: 'till-opened', floatPaise: paise(1_000n) }));
    valueOf(bench.append({ kind: 'returned', transaction: transactionOf(1), totalPaise }));
    const till = bench.db.prepare('SELECT takings, sales, sales_sum FROM till WHERE closed = 0').get();
    assert.deepEqual(till, { takings: -totalPaise, sales: 0n, sales_sum: 0n });
    bench.close();
  });

  for (const [format, without] of [
    [1, 'DROP TABLE hub_head; DROP TABLE presence; DROP TABLE finger; DROP TABLE form'],
    [2, 'DROP TABLE presence; DROP TABLE finger; DROP TABLE form'],
  ] as const) {
    it(`brings a ledger of format ${format} up to date`, () => {
      const bench = new Bench({ disk: 'file' });
      valueOf(bench.append(STARTED));
      bench.db.exec(`${without}; ${OLD_PAPER} PRAGMA user_version = ${format}`);
      bench.restart();
      assert.deepEqual(bench.ledger.health, { state: 'whole' });
      valueOf(bench.ledger.acknowledge(bench.hubHead()));
      bench.close();
    });
  }

  it('brings a ledger of format 3, which knew a finger by its page alone, up to date', () => {
    const bench = new Bench({ disk: 'file' });
    valueOf(bench.append(STARTED));
    bench.db.exec(`DROP TABLE presence; DROP TABLE finger; ${OLD_PAPER} PRAGMA user_version = 3;
      CREATE TABLE presence (txn TEXT PRIMARY KEY, attempts INTEGER NOT NULL, given TEXT) STRICT, WITHOUT ROWID;
      CREATE TABLE finger (reader TEXT NOT NULL, page INTEGER NOT NULL, consumer TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (reader, page)) STRICT, WITHOUT ROWID;
      INSERT INTO finger VALUES ('finger-reader', 0, '210312345678', 1);`);
    bench.restart();
    assert.deepEqual(bench.ledger.health, { state: 'whole' });
    assert.deepEqual(bench.kiosk.fingers.all('finger-reader'), []);
    bench.close();
  });

  it('brings a ledger of format 2, which counted neither presses nor forms, up to date', () => {
    const bench = new Bench({ disk: 'file' });
    valueOf(bench.append(STARTED));
    bench.db.exec('DROP TABLE form; DROP TABLE presence; DROP TABLE finger; PRAGMA user_version = 2');
    bench.restart();
    valueOf(bench.append({ kind: 'stock-loaded', printer: 'printer', first: 'RJ-01', last: 'RJ-09' }));
    assert.equal(bench.kiosk.stock.left('printer'), 9);
    bench.close();
  });

  it('opens a ledger of another format not at all, and changes nothing in it', () => {
    const bench = new Bench({ disk: 'file' });
    bench.db.pragma('user_version = 99');
    assert.throws(() => Ledger.open(bench.db, bench.identity), /format 99/u);
    bench.close();
  });
});
