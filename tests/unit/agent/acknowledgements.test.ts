import assert from 'node:assert/strict';
import fc from 'fast-check';
import { verifyExport } from '#protocol/ledger/export.js';
import { HubHeads } from '../../../firmware-agent/ledger/hub-heads.js';
import { Ledger } from '../../../firmware-agent/ledger/ledger.js';
import { bodyOf, makeWorld } from '../protocol/samples.js';
import { openSqlite } from '#platform/sqlite/open.js';
import { kioskCode } from '#protocol/identity/identity.js';
import { Bench, codeOf, valueOf } from './bench.js';

function withEntries(count: number): Bench {
  const bench = new Bench();
  for (let n = 1; n <= count; n += 1) valueOf(bench.append(bodyOf(n)));
  return bench;
}

const ackedOf = (bench: Bench): number | undefined => bench.ledger.acked?.count;

describe('acknowledgements of the hub', () => {
  it('shorten the outbox, and outlive a restart', () => {
    const bench = withEntries(6);
    assert.equal(ackedOf(bench), undefined);
    valueOf(bench.ledger.acknowledge(bench.hubHead(4)));
    assert.equal(ackedOf(bench), 4);
    bench.restart();
    assert.equal(ackedOf(bench), 4);
    assert.equal(Ledger.read(bench.db, bench.identity).acked?.count, 4);
    bench.close();
  });

  it('are refused for another kiosk, epoch, district, entry or signer [INV-21]', () => {
    const bench = withEntries(6);
    const wrong: Readonly<Record<string, Uint8Array>> = {
      'another kiosk': bench.hubHead(4, { kiosk: kioskCode.parse('d35k2222') }),
      'another epoch': bench.hubHead(4, { epoch: 2 }),
      'another entry': bench.hubHead(4, { hash: new Uint8Array(32) }),
      'the hash of another place': bench.hubHead(4, { count: 5 }),
      'more than there is': bench.hubHead(6, { count: 7 }),
      'signed as a kiosk': bench.hubHead(4, { by: 'kiosk' }),
      'another hub': new Bench({ world: makeWorld('kota') }).hubHead(0),
      garbage: Uint8Array.of(1, 2, 3),
      nothing: new Uint8Array(),
    };
    for (const [what, bytes] of Object.entries(wrong)) assert.equal(codeOf(bench.ledger.acknowledge(bytes)), 'bad-head', what);
    assert.equal(ackedOf(bench), undefined);
    assert.equal(bench.db.prepare('SELECT count(*) FROM hub_head').pluck().get(), 0n);
    bench.close();
  });

  it('never go back: an older one is answered by the newest', () => {
    const bench = withEntries(6);
    valueOf(bench.ledger.acknowledge(bench.hubHead(5)));
    assert.equal(valueOf(bench.ledger.acknowledge(bench.hubHead(2))).count, 5);
    assert.equal(valueOf(bench.ledger.acknowledge(bench.hubHead(5))).count, 5);
    assert.equal(ackedOf(bench), 5);
    assert.equal(bench.db.prepare('SELECT count(*) FROM hub_head').pluck().get(), 1n);
    bench.close();
  });

  it('stand all in the export, by rising count [INV-13]', () => {
    const bench = withEntries(9);
    for (const count of [0, 2, 3, 7, 9]) valueOf(bench.ledger.acknowledge(bench.hubHead(count)));
    const file = Buffer.concat([...bench.ledger.export(bench.at)]);
    assert.equal(valueOf(verifyExport(bench.identity.districtKey, file)).countersigned, 9);
    assert.equal(file.toString('latin1').split('hub-head').length - 1, 5);
    bench.close();
  });

  it('never came: the export says that nothing is countersigned', () => {
    const bench = withEntries(3);
    const file = Buffer.concat([...bench.ledger.export(bench.at)]);
    const refused = verifyExport(bench.identity.districtKey, file);
    assert.ok(!refused.ok);
    assert.deepEqual(refused.error.where, { entry: 1 });
    assert.equal(valueOf(verifyExport(bench.identity.districtKey, file, undefined, 'allow')).countersigned, 0);
    bench.close();
  });

  it('that can not be read any more make nothing worse: the hub says its newest again', () => {
    const bench = withEntries(3);
    valueOf(bench.ledger.acknowledge(bench.hubHead(3)));
    bench.db.exec('UPDATE hub_head SET bytes = zeroblob(40)');
    bench.restart();
    assert.equal(bench.ledger.health.state, 'whole');
    assert.equal(ackedOf(bench), undefined);
    valueOf(bench.ledger.acknowledge(bench.hubHead(3)));
    assert.equal(ackedOf(bench), 3);
    bench.close();
  });
});

describe('old acknowledgements are thinned', () => {
  function heads(): { readonly kept: HubHeads; readonly counts: () => readonly number[] } {
    const db = openSqlite(':memory:');
    db.exec('CREATE TABLE hub_head (count INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT');
    const counts = (): readonly number[] => [...new HubHeads(db).all()].map((bytes) => Buffer.from(bytes).readUInt32BE());
    return { kept: new HubHeads(db), counts };
  }
  const bytesOf = (count: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(count);
    return bytes;
  };

  it('to a few thousand, the newest thousand and the very newest all kept', () => {
    const { kept, counts } = heads();
    const last = 60_000;
    for (let count = 1; count <= last; count += 1) kept.keep(count, bytesOf(count));
    kept.thin(BigInt(last));
    const left = counts();
    assert.ok(left.length < 5_000, `${left.length} are left`);
    const newest = left.filter((count) => count > last - 1_024);
    assert.equal(newest.length, 1_024);
    assert.deepEqual(Buffer.from(kept.newest() ?? []), bytesOf(last));
    assert.deepEqual([...kept.earlier()].length, left.length - 1);
  });

  it('leaving no gap wider than a 128th part of the distance to the newest', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 50, maxLength: 3_000 }), (steps) => {
        const { kept, counts } = heads();
        let count = 0;
        for (const step of steps) kept.keep((count += step), bytesOf(count));
        kept.thin(BigInt(count));
        const left = counts();
        for (const [i, at] of left.entries()) {
          const before = i === 0 ? 0 : (left[i - 1] ?? 0);
          assert.ok(at - before <= 40 + (count - before) / 128, `${before} to ${at} of ${count}`);
        }
        assert.equal(left.at(-1), count);
      }),
      { numRuns: 30 },
    );
  });
});
