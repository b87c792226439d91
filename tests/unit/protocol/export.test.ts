import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { SignedEntry } from '#protocol/ledger/entry.js';
import { signEntry } from '#protocol/ledger/entry.js';
import { verifyExport, type ExportFault, type ExportParts } from '#protocol/ledger/export.js';
import { encodeCbor } from '#protocol/signing/cbor.js';
import { issueCertificate } from '#protocol/signing/certificate.js';
import { DAY, DISTRICT, NOW, chainOf, entryOf, exportFile, exportParts, headOf, keyOf, makeWorld } from './samples.js';

const world = makeWorld();
const COUNT = 12;
const chain = chainOf(world, COUNT);
const parts = exportParts(world, chain);
const file = exportFile(parts);
const entryNumber = fc.integer({ min: 1, max: COUNT });

function fault(bytes: Uint8Array, tail: 'refuse' | 'allow' = 'refuse'): ExportFault {
  const verdict = verifyExport(world.districtKey, bytes, undefined, tail);
  assert.ok(!verdict.ok, 'the file was taken as good');
  return verdict.error;
}

const faultOf = (change: Partial<ExportParts>, tail?: 'refuse' | 'allow'): ExportFault => fault(exportFile({ ...parts, ...change }), tail);
const entries = (list: readonly SignedEntry[]): Uint8Array[] => list.map((e) => e.bytes);

/** Another history from entry `from` on, signed by the kiosk's own key, with the kiosk's own head. */
function rewritten(from: number, length: number): readonly SignedEntry[] {
  const list = chain.slice(0, from - 1);
  for (let seq = from; seq <= length; seq++) {
    const prev = list.at(-1)?.hash ?? parts.kioskCertificate;
    list.push(signEntry(world.kiosk, entryOf(world.kioskCertificate, seq, seq === 1 ? firstPrev() : prev, { kind: 'operator-off' })));
  }
  return list;
}
const firstPrev = (): Uint8Array => chain[0]?.entry.prev ?? new Uint8Array(32);

/** Where each entry's pair begins in the file, and where the last one ends. */
function entryOffsets(): readonly number[] {
  const before = encodeCbor(['jharokha-ledger', Uint8Array.of(1)]).length + encodeCbor(['kiosk-certificate', parts.kioskCertificate]).length;
  const lengths = chain.map((e) => encodeCbor(['entry', e.bytes]).length);
  return lengths.reduce<number[]>((all, length) => [...all, (all.at(-1) ?? 0) + length], [before]);
}

describe('ledger export', () => {
  it('is good as written, and shows every entry in order', () => {
    const seen: number[] = [];
    const verdict = verifyExport(world.districtKey, file, (e) => seen.push(e.entry.seq));
    assert.ok(verdict.ok);
    assert.deepEqual([verdict.value.count, verdict.value.countersigned, verdict.value.tip.hash], [COUNT, COUNT, chain.at(-1)?.hash]);
    assert.deepEqual(
      seen,
      Array.from({ length: COUNT }, (_, i) => i + 1),
    );
  });

  it('[INV-12] any flipped bit is a fault, and one within an entry names that entry', () => {
    const offsets = entryOffsets();
    fc.assert(
      fc.property(fc.nat(file.length * 8 - 1), (bit) => {
        const at = bit >> 3;
        const found = fault(file.with(at, (file[at] ?? 0) ^ (1 << (bit & 7)))).where;
        const inside = offsets.findLastIndex((offset) => offset <= at) + 1;
        if (inside >= 1 && inside <= COUNT) assert.deepEqual(found, { entry: inside }, `bit ${bit & 7} of byte ${at}`);
      }),
      { numRuns: 400 },
    );
  });

  it('[INV-12] every single bit of an entry is held', () => {
    const one = chainOf(world, 1);
    const own = exportParts(world, one);
    const good = exportFile(own);
    const begin = encodeCbor(['jharokha-ledger', Uint8Array.of(1)]).length + encodeCbor(['kiosk-certificate', own.kioskCertificate]).length;
    const end = begin + encodeCbor(['entry', one[0]?.bytes ?? new Uint8Array()]).length;
    for (let bit = begin * 8; bit < end * 8; bit++) {
      const { where } = fault(good.with(bit >> 3, (good[bit >> 3] ?? 0) ^ (1 << (bit & 7))));
      assert.deepEqual(where, { entry: 1 }, `bit ${bit & 7} of byte ${bit >> 3}`);
    }
  });

  it('[INV-12] any dropped entry is named as missing, the last one too', () => {
    for (let n = 1; n <= COUNT; n++) {
      const left = entries(chain.filter((e) => e.entry.seq !== n));
      const { where, detail } = faultOf({ entries: left });
      assert.deepEqual(where, { entry: n });
      assert.match(detail, n === COUNT ? /missing/u : new RegExp(`entry ${n + 1} stands where ${n} is expected`, 'u'));
    }
  });

  it('[INV-12] a shortened tail is named, even when the kiosk signs a new head for it', () => {
    for (const length of [0, 1, COUNT - 1]) {
      const short = chain.slice(0, length);
      assert.deepEqual(faultOf({ entries: entries(short), kioskHead: headOf(world, 'kiosk', short) }).where, { entry: length + 1 });
      assert.deepEqual(faultOf({ entries: entries(short) }).where, { entry: length + 1 });
    }
  });

  it('[INV-12] any two swapped entries: the first wrong place is named', () => {
    fc.assert(
      fc.property(entryNumber, entryNumber, (a, b) => {
        fc.pre(a !== b);
        const list = entries(chain);
        const [first, second] = [list[a - 1], list[b - 1]];
        assert.ok(first !== undefined && second !== undefined);
        assert.deepEqual(faultOf({ entries: list.with(a - 1, second).with(b - 1, first) }).where, { entry: Math.min(a, b) });
      }),
    );
  });

  it('[INV-12] an entry signed by another key, and one put in twice, are named', () => {
    fc.assert(
      fc.property(entryNumber, (n) => {
        const original = chain[n - 1];
        assert.ok(original !== undefined);
        const foreign = signEntry(keyOf('thief'), original.entry).bytes;
        assert.deepEqual(faultOf({ entries: entries(chain).with(n - 1, foreign) }).where, { entry: n });
        assert.deepEqual(faultOf({ entries: entries(chain).toSpliced(n, 0, original.bytes) }).where, { entry: n + 1 });
      }),
    );
  });

  it('[INV-12] an entry of another kiosk of the same district is named', () => {
    const other = chainOf(makeWorld('jaipur', 'd35k2222'), COUNT);
    assert.deepEqual(faultOf({ entries: entries(chain).with(4, other[4]?.bytes ?? new Uint8Array()) }).where, { entry: 5 });
  });

  it("[INV-13] a tail rewritten with the kiosk's own key does not pass the hub's countersignature", () => {
    for (let from = 1; from <= COUNT; from++) {
      const forged = rewritten(from, COUNT);
      const change = { entries: entries(forged), kioskHead: headOf(world, 'kiosk', forged) };
      assert.deepEqual(faultOf(change, 'allow').where, { entry: COUNT });
      assert.deepEqual(faultOf({ entries: entries(forged) }).where, { entry: COUNT }, "the kiosk's own head");
    }
  });

  it("[INV-13] with the hub's earlier heads, a rewritten tail is named to the entry", () => {
    const earlierHubHeads = Array.from({ length: COUNT - 1 }, (_, i) => headOf(world, 'hub', chain.slice(0, i + 1)));
    assert.ok(verifyExport(world.districtKey, exportFile({ ...parts, earlierHubHeads })).ok);
    for (let from = 1; from <= COUNT; from++) {
      const forged = rewritten(from, COUNT);
      const change = { entries: entries(forged), kioskHead: headOf(world, 'kiosk', forged), earlierHubHeads };
      assert.deepEqual(faultOf(change).where, { entry: from });
    }
    assert.deepEqual(faultOf({ earlierHubHeads: [...earlierHubHeads].reverse() }).where, { part: 'hub-head' });
  });

  it("[INV-13] a head that is not the hub's is refused", () => {
    assert.deepEqual(faultOf({ hubHead: headOf(world, 'hub', chain, world.kiosk) }).where, { part: 'hub-head' });
    assert.deepEqual(faultOf({ hubHead: parts.kioskHead }).where, { part: 'hub-head' });
    assert.deepEqual(faultOf({ hubHead: headOf(makeWorld('kota'), 'hub', chain) }).where, { part: 'hub-head' });
    const own = {
      role: 'hub',
      district: DISTRICT,
      subject: 'hub',
      epoch: 1,
      notBefore: NOW,
      notAfter: NOW + DAY,
      publicKey: world.kiosk.publicKey,
    } as const;
    const selfMade = issueCertificate(world.kiosk, own);
    assert.deepEqual(faultOf({ hubCertificate: selfMade.bytes }).where, { part: 'hub-certificate' });
  });

  it('names the first entry without a countersignature, unless such a tail is allowed', () => {
    const late = exportFile(exportParts(world, chain, chain.slice(0, 9)));
    assert.deepEqual(fault(late).where, { entry: 10 });
    const allowed = verifyExport(world.districtKey, late, undefined, 'allow');
    assert.deepEqual(allowed.ok && [allowed.value.count, allowed.value.countersigned], [COUNT, 9]);
    assert.deepEqual(faultOf({ hubHead: undefined }).where, { entry: 1 });
    assert.equal(verifyExport(world.districtKey, exportFile({ ...parts, hubHead: undefined }), undefined, 'allow').ok, true);
  });

  it('takes an empty chain, and says so when the hub has countersigned nothing', () => {
    const empty = exportParts(world, []);
    assert.equal(verifyExport(world.districtKey, exportFile(empty)).ok, true);
    assert.deepEqual(fault(exportFile({ ...empty, hubHead: undefined })), {
      where: { part: 'hub-head' },
      detail: 'the hub has countersigned nothing',
    });
  });

  it('refuses a file cut anywhere, one with more at its end, and another district', () => {
    fc.assert(fc.property(fc.nat(file.length - 1), (length) => fault(file.subarray(0, length)) !== undefined));
    fault(Uint8Array.from([...file, 0]));
    fault(Uint8Array.from(Buffer.concat([file, encodeCbor(['entry', chain[0]?.bytes ?? new Uint8Array()])])));
    const verdict = verifyExport(makeWorld('kota').districtKey, file);
    assert.deepEqual(!verdict.ok && verdict.error.where, { part: 'kiosk-certificate' });
  });

  it('[INV-24] never throws, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => !verifyExport(world.districtKey, bytes).ok));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }), (changes) => {
        const bad = Uint8Array.from(file);
        for (const [at, value] of changes) bad[at] = value;
        verifyExport(world.districtKey, bad);
      }),
    );
  });
});
