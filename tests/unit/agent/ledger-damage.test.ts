import assert from 'node:assert/strict';
import fc from 'fast-check';
import { signEntry, type EntryBody } from '#protocol/ledger/entry.js';
import { verifyExport } from '#protocol/ledger/export.js';
import type { Result } from '#protocol/result/result.js';
import { Ledger } from '../../../firmware-agent/ledger/ledger.js';
import { entryOf, makeWorld, saleBody } from '../protocol/samples.js';
import { Bench, codeOf, valueOf } from './bench.js';

const COUNT = 12;

/** Six transactions, each quoted and sold. */
function dayOf(n: number): EntryBody {
  const { transaction, service, department, consumer, billNumber, totalPaise, mode } = saleBody(Math.ceil(n / 2));
  return n % 2 === 0 ? saleBody(n / 2) : { kind: 'quoted', transaction, service, department, consumer, billNumber, totalPaise, mode };
}

/** A ledger of twelve entries, the first nine acknowledged in three steps, whose triggers a thief has dropped. */
function openedUp(): Bench {
  const bench = new Bench();
  for (let n = 1; n <= COUNT; n += 1) {
    valueOf(bench.append(dayOf(n)));
    if (n === 3 || n === 6 || n === 9) valueOf(bench.ledger.acknowledge(bench.hubHead()));
  }
  bench.db.exec('DROP TRIGGER entry_stays; DROP TRIGGER entry_remains');
  return bench;
}

function exported(bench: Bench): Uint8Array {
  return Buffer.concat([...bench.ledger.export(bench.at)]);
}

/** Opens what was done to it, and holds it to what every broken ledger must still do. */
function damaged(bench: Bench, reading: 'up to the damage' | 'all' = 'up to the damage'): { readonly seq: number; readonly detail: string } {
  bench.restart();
  const { health } = bench.ledger;
  assert.ok(health.state === 'broken', 'the damage is seen at start');
  assert.equal(codeOf(bench.append({ kind: 'started', software: 'x', clean: true })), 'ledger-broken');
  assert.ok(exported(bench).length > 500, 'export goes on');
  const readable = bench.bodiesBefore(reading === 'all' ? COUNT + 1 : health.seq, 'sale');
  assert.equal(bench.kiosk.sales.newest(100).length, readable, `reading goes on, ${reading}`);
  const read = Ledger.read(bench.db, bench.identity);
  assert.deepEqual(read.health, health);
  return { seq: health.seq, detail: health.detail };
}

function placeOf(result: Result<unknown, { readonly where: unknown }>): unknown {
  assert.ok(!result.ok, 'the file is refused');
  return result.error.where;
}

describe('a damaged ledger is named at its first bad entry [INV-44]', () => {
  for (const seq of [1, 5, COUNT]) {
    it(`a flipped bit in entry ${seq}`, () => {
      const bench = openedUp();
      const bytes = Buffer.from(bench.ledger.entryBytes(seq) ?? []);
      bytes[bytes.length - 80] = (bytes.at(-80) ?? 0) ^ 1;
      bench.db.prepare('UPDATE entry SET bytes = ? WHERE seq = ?').run(bytes, seq);
      assert.equal(damaged(bench).seq, seq);
      bench.close();
    });

    it(`entry ${seq} deleted`, () => {
      const bench = openedUp();
      bench.db.prepare('DELETE FROM entry WHERE seq = ?').run(seq);
      if (seq === COUNT) {
        bench.restart();
        assert.equal(bench.ledger.health.state, 'whole', 'past the newest acknowledgement nobody else knows of it');
        assert.equal(bench.ledger.tip.seq, COUNT - 1);
      } else assert.equal(damaged(bench).seq, seq);
      bench.close();
    });
  }

  it('any flipped bit of any entry', () => {
    const bench = openedUp();
    const place = fc.record({ seq: fc.integer({ min: 1, max: COUNT }), at: fc.nat(4_000), bit: fc.nat(7) });
    fc.assert(
      fc.property(place, ({ seq, at, bit }) => {
        const good = Buffer.from(bench.ledger.entryBytes(seq) ?? []);
        const bad = Buffer.from(good);
        bad[at % bad.length] = (bad[at % bad.length] ?? 0) ^ (1 << bit);
        const put = bench.db.prepare('UPDATE entry SET bytes = ? WHERE seq = ?');
        put.run(bad, seq);
        const { health } = Ledger.read(bench.db, bench.identity);
        put.run(good, seq);
        assert.ok(health.state === 'broken');
        assert.equal(health.seq, seq);
      }),
      { numRuns: 200 },
    );
    bench.close();
  });

  it('two entries swapped', () => {
    const bench = openedUp();
    const [fourth, fifth] = [bench.ledger.entryBytes(4), bench.ledger.entryBytes(5)];
    bench.db.prepare('UPDATE entry SET bytes = ? WHERE seq = 4').run(fifth);
    bench.db.prepare('UPDATE entry SET bytes = ? WHERE seq = 5').run(fourth);
    assert.equal(damaged(bench).seq, 4);
    bench.close();
  });

  it('the hash column changed', () => {
    const bench = openedUp();
    bench.db.prepare('UPDATE entry SET hash = zeroblob(32) WHERE seq = 7').run();
    assert.equal(damaged(bench).seq, 7);
    bench.close();
  });

  it('the number column changed', () => {
    const bench = openedUp();
    bench.db.prepare('UPDATE entry SET seq = 40 WHERE seq = 12').run();
    assert.equal(damaged(bench).seq, 12);
    bench.close();
  });

  it('an entry of another key in the right place [INV-10]', () => {
    const bench = openedUp();
    const thief = makeWorld('thief');
    const prev = bench.ledger.hashAt(11) ?? new Uint8Array();
    const foreign = signEntry(thief.kiosk, entryOf(bench.identity.certificate, 12, prev, dayOf(12)));
    bench.db.prepare('UPDATE entry SET bytes = ?, hash = ? WHERE seq = 12').run(foreign.bytes, foreign.hash);
    assert.equal(damaged(bench).seq, 12);
    bench.close();
  });

  it('shorter than what the hub acknowledged: an old disk put back', () => {
    const bench = openedUp();
    bench.db.exec('DELETE FROM entry WHERE seq > 4');
    const { seq, detail } = damaged(bench);
    assert.equal(seq, 5);
    assert.match(detail, /acknowledged \d+ entries; here are 4/u);
    assert.deepEqual(placeOf(verifyExport(bench.identity.districtKey, exported(bench))), { entry: 5 });
    bench.close();
  });

  it('empty, though the hub acknowledged entries', () => {
    const bench = openedUp();
    bench.db.exec('DELETE FROM entry');
    assert.equal(damaged(bench).seq, 1);
    bench.close();
  });

  it('no bad entry is taken into the read models', () => {
    const bench = openedUp();
    bench.db.prepare('UPDATE entry SET hash = zeroblob(32) WHERE seq = 3').run();
    damaged(bench);
    assert.deepEqual(
      bench.kiosk.sales.newest(10).map((row) => row.seq),
      [2],
    );
    bench.close();
  });

  it('a fork that the hub tells of ends all sales at once', () => {
    const bench = openedUp();
    let told = 0;
    bench.ledger.onChange(() => (told += 1));
    bench.ledger.markForked(8);
    assert.deepEqual(bench.ledger.health, { state: 'broken', seq: 8, detail: 'the hub holds another entry in this place' });
    assert.equal(told, 1);
    assert.equal(codeOf(bench.append(dayOf(1))), 'ledger-broken');
    bench.close();
  });
});

describe("a tail rewritten with the kiosk's own key [INV-13]", () => {
  /** Everything from `from` on is signed anew, in good order, over other facts. */
  function rewritten(from: number): Bench {
    const bench = openedUp();
    const kept = bench.ledger.hashAt(from - 1) ?? new Uint8Array();
    const update = bench.db.prepare('UPDATE entry SET bytes = ?, hash = ? WHERE seq = ?');
    let prev = kept;
    for (let seq = from; seq <= COUNT; seq += 1) {
      const entry = entryOf(bench.identity.certificate, seq, prev, dayOf(seq));
      const signed = signEntry(bench.world.kiosk, { ...entry, at: bench.at, ruleBook: 3, operator: null });
      update.run(signed.bytes, signed.hash, seq);
      prev = signed.hash;
    }
    return bench;
  }

  for (const [from, named] of [
    [1, 3],
    [3, 3],
    [4, 6],
    [6, 6],
    [7, 9],
    [9, 9],
  ] as const) {
    it(`from entry ${from}: named at ${named}, the first acknowledged entry that does not fit`, () => {
      const bench = rewritten(from);
      assert.equal(damaged(bench, 'all').seq, named);
      assert.deepEqual(placeOf(verifyExport(bench.identity.districtKey, exported(bench), undefined, 'allow')), { entry: named });
      bench.close();
    });
  }

  it('after the newest acknowledgement: whole here, and refused as not countersigned', () => {
    const bench = rewritten(10);
    bench.restart();
    assert.equal(bench.ledger.health.state, 'whole');
    assert.deepEqual(placeOf(verifyExport(bench.identity.districtKey, exported(bench))), { entry: 10 });
    bench.close();
  });
});
