import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { signEntry, type Entry } from '#protocol/ledger/entry.js';
import { verifyExport } from '#protocol/ledger/export.js';
import { encodeCbor } from '#protocol/signing/cbor.js';
import { signCose } from '#protocol/signing/cose.js';
import { publicKeyPem } from '#protocol/signing/keys.js';
import { chainOf, entryOf, exportFile, exportParts, headOf, keyOf, makeWorld } from '#tests/unit/protocol/samples.js';
import { EVERY_KIND } from './every-kind.js';
import { MISSING, runPython, titled } from './python.js';

const world = makeWorld();
const bodies = Object.values(EVERY_KIND);
const chain = chainOf(world, bodies.length, (n) => bodies[n - 1] ?? EVERY_KIND['operator-off']);
const parts = exportParts(world, chain);
const file = exportFile(parts);
const bytesOf = chain.map((e) => e.bytes);

type Sample = { readonly what: string; readonly bytes: Uint8Array };
type Tail = 'refuse' | 'allow';

/** What our verifier says, in the words of the document. */
function ours(bytes: Uint8Array, tail: Tail): unknown {
  const verdict = verifyExport(world.districtKey, bytes, undefined, tail);
  if (!verdict.ok) return { ok: false, ...verdict.error.where };
  const { count, countersigned, tip } = verdict.value;
  return { ok: true, count, countersigned, head: Buffer.from(tip.hash).toString('hex') };
}

/** A file whose first entry is this payload, well signed: what a shape check alone must judge. */
function withPayload(payload: Uint8Array): Uint8Array {
  return exportFile({ ...parts, entries: [signCose(world.kiosk, 'jharokha/entry/1', payload)] });
}

const first = (change: object): Uint8Array => withPayload(encodeCbor({ ...chain[0]?.entry, ...change }));

function shapes(): readonly Sample[] {
  const wrong: readonly (readonly [string, object])[] = [
    ['version', { v: 2 }],
    ['district', { district: 'lgd:0' }],
    ['kiosk', { kiosk: 'K1' }],
    ['epoch 0', { epoch: 0 }],
    ['seq as text', { seq: '1' }],
    ['seq beyond 2^53', { seq: 2n ** 60n }],
    ['true for 1', { v: true }],
    ['a short prev', { prev: new Uint8Array(31) }],
    ['a time after the year 9999', { at: 253_402_214_400_001 }],
    ['a login of capitals', { operator: 'D35K' }],
    ['an extra key', { more: null }],
    ['no body', { body: undefined }],
    ['a body that is an array', { body: [] }],
    ['an unknown kind', { body: { kind: 'gift' } }],
    ['a sum beyond 64 bits', { body: { kind: 'till-opened', floatPaise: 2n ** 63n } }],
    ['a negative sum', { body: { kind: 'till-opened', floatPaise: -1 } }],
    ['a total that is not the sum', { body: { ...EVERY_KIND.sale, totalPaise: 1n } }],
    ['a text one too long', { body: { kind: 'started', software: 'x'.repeat(41), clean: true } }],
    ['41 code points', { body: { kind: 'started', software: '🙂'.repeat(41), clean: true } }],
  ];
  const raw: readonly (readonly [string, string])[] = [
    ['a float', 'fb3ff199999999999a'],
    ['a map out of order', 'a2616201616101'],
    ['an empty payload', ''],
    ['text with a byte-order mark', '64efbbbf61'],
    ['text that is not UTF-8', '61ff'],
    ['a tagged item', 'c101'],
  ];
  return [
    { what: '40 code points in 80 code units', bytes: first({ body: { kind: 'started', software: '🙂'.repeat(40), clean: true } }) },
    ...wrong.map(([what, change]) => ({ what, bytes: first(change) })),
    ...raw.map(([what, hex]) => ({ what, bytes: withPayload(Uint8Array.from(Buffer.from(hex, 'hex'))) })),
  ];
}

function rewritten(from: number): readonly Sample[] {
  const forged = chain.slice(0, from - 1);
  for (let seq = from; seq <= chain.length; seq++) {
    const prev = forged.at(-1)?.hash ?? chain[0]?.entry.prev ?? new Uint8Array(32);
    forged.push(signEntry(world.kiosk, entryOf(world.kioskCertificate, seq, prev, { kind: 'operator-off' })));
  }
  const own = { ...parts, entries: forged.map((e) => e.bytes), kioskHead: headOf(world, 'kiosk', forged) };
  const earlierHubHeads = chain.slice(0, -1).map((_, i) => headOf(world, 'hub', chain.slice(0, i + 1)));
  return [
    { what: `a tail rewritten from ${from}`, bytes: exportFile(own) },
    { what: `the same with earlier heads`, bytes: exportFile({ ...own, earlierHubHeads }) },
  ];
}

function structural(): readonly Sample[] {
  const each = chain.map((e) => e.entry.seq);
  const sample = (what: string, change: Partial<typeof parts>): Sample => ({ what, bytes: exportFile({ ...parts, ...change }) });
  const withEntry = (n: number, change: Partial<Entry>, key = world.kiosk): Sample => {
    const original = chain[n - 1]?.entry;
    assert.ok(original !== undefined);
    return sample(`entry ${n} with ${Object.keys(change).join()}`, {
      entries: bytesOf.with(n - 1, signEntry(key, { ...original, ...change }).bytes),
    });
  };
  const at = world.kioskCertificate.notAfter + 1;
  return [
    ...each.map((n) => sample(`without entry ${n}`, { entries: bytesOf.toSpliced(n - 1, 1) })),
    ...each
      .slice(1)
      .map((n) => sample(`entries 1 and ${n} swapped`, { entries: bytesOf.with(0, bytesOf[n - 1] ?? file).with(n - 1, bytesOf[0] ?? file) })),
    ...each.map((n) => withEntry(n, {}, keyOf('thief'))),
    ...each.flatMap(rewritten),
    ...[2, 7].flatMap((n) => [withEntry(n, { seq: 99 }), withEntry(n, { prev: new Uint8Array(32) }), withEntry(n, { at: 0 }), withEntry(n, { at })]),
    sample('no hub head', { hubHead: undefined }),
    sample('heads exchanged', { hubHead: parts.kioskHead, kioskHead: parts.hubHead ?? file }),
    sample('heads that fall', { earlierHubHeads: [headOf(world, 'hub', chain.slice(0, 5)), headOf(world, 'hub', chain.slice(0, 4))] }),
    sample('a hub of another district', { hubCertificate: makeWorld('kota').hubCertificate.bytes }),
    sample('a kiosk certificate as hub', { hubCertificate: parts.kioskCertificate }),
    ...[0, 3].map((n) => ({ what: `${n} entries whole`, bytes: exportFile(exportParts(world, chain.slice(0, n))) })),
    { what: 'nothing at all', bytes: exportFile({ ...exportParts(world, []), hubHead: undefined }) },
    { what: 'a tail', bytes: exportFile(exportParts(world, chain, chain.slice(0, 4))) },
    { what: 'an empty file', bytes: new Uint8Array() },
  ];
}

function chancy(): readonly Sample[] {
  const at = fc.nat(file.length - 1);
  const flips = fc
    .sample(fc.tuple(at, fc.nat(7)), 700)
    .map(([i, bit]) => ({ what: `bit ${bit} of byte ${i}`, bytes: file.with(i, (file[i] ?? 0) ^ (1 << bit)) }));
  const sets = fc.sample(fc.tuple(at, fc.nat(255)), 300).map(([i, byte]) => ({ what: `byte ${i} set to ${byte}`, bytes: file.with(i, byte) }));
  const cuts = fc.sample(at, 150).map((length) => ({ what: `cut to ${length}`, bytes: file.subarray(0, length) }));
  const holes = fc.sample(fc.tuple(at, fc.integer({ min: 1, max: 400 })), 150).map(([i, n]) => ({
    what: `${n} bytes lost at ${i}`,
    bytes: Uint8Array.from([...file.subarray(0, i), ...file.subarray(i + n)]),
  }));
  return [...flips, ...sets, ...cuts, ...holes];
}

describe(titled('a ledger verifier in Python, written from the document alone'), function () {
  this.timeout(60_000);
  let folder = '';

  before(function () {
    if (MISSING !== undefined) this.skip();
    folder = mkdtempSync(join(tmpdir(), 'jharokha-formats-'));
    writeFileSync(join(folder, 'district.pub'), publicKeyPem(world.district.publicKey));
  });
  after(() => rmSync(folder === '' ? join(tmpdir(), 'jharokha-formats-none') : folder, { recursive: true, force: true }));

  function agree(samples: readonly Sample[], tail: Tail): void {
    const names = samples.map((_, i) => join(folder, `${i}.cborseq`));
    for (const [i, { bytes }] of samples.entries()) writeFileSync(names[i] ?? '', bytes);
    const theirs = runPython('verify_ledger.py', [join(folder, 'district.pub'), ...(tail === 'allow' ? ['--allow-tail'] : []), ...names]);
    assert.equal(theirs.length, samples.length);
    for (const [i, { what, bytes }] of samples.entries()) {
      const { detail: _words, ...verdict } = theirs[i] ?? { ok: false };
      assert.deepEqual(verdict, ours(bytes, tail), what);
    }
  }

  it('takes what we write, with an entry of every kind', () => {
    assert.deepEqual(runPython('verify_ledger.py', [join(folder, 'district.pub'), writeGood()])[0]?.['count'], bodies.length);
    agree([{ what: 'good', bytes: file }], 'refuse');
  });

  it('[INV-12] [INV-13] names the same entry for every damage', () => agree(structural(), 'refuse'));
  it('[INV-13] names the same entry when a tail is allowed', () => agree(structural(), 'allow'));
  it('refuses the same shapes', () => agree(shapes(), 'allow'));
  it('[INV-12] names the same place for flipped bits, lost bytes and cuts', () => agree(chancy(), 'refuse'));

  it('knows every kind that the document lists, and the document lists every kind', () => {
    const text = readFileSync(join(import.meta.dirname, '../../../../docs/formats/ledger-export.md'), 'utf8');
    for (const kind of Object.keys(EVERY_KIND)) assert.match(text, new RegExp(`^\\| \`${kind}\` *\\|`, 'mu'), `${kind} is not in the document`);
  });

  function writeGood(): string {
    const path = join(folder, 'good.cborseq');
    writeFileSync(path, file);
    return path;
  }
});
