import assert from 'node:assert/strict';
import fc from 'fast-check';
import { chainStart, followChain, tipAtStart, type ChainError } from '#protocol/ledger/chain.js';
import { openEntry, signEntry, type Entry } from '#protocol/ledger/entry.js';
import { openHead, signHead, type Head } from '#protocol/ledger/head.js';
import { paise } from '#protocol/money/paise.js';
import { encodeCbor, type CborValue } from '#protocol/signing/cbor.js';
import { signCose } from '#protocol/signing/cose.js';
import { sha256, verifyKey } from '#protocol/signing/keys.js';
import { kioskCode, districtCode } from '#protocol/identity/identity.js';
import { KIOSK, NOW, chainOf, entryOf, keyOf, makeWorld, saleBody } from './samples.js';

const world = makeWorld();
const certificate = world.kioskCertificate;
const start = tipAtStart(certificate);
const first = entryOf(certificate, 1, start.hash, { kind: 'operator-on', checked: 'hub' });

function refusal(facts: Entry, key = world.kiosk): ChainError | 'taken' {
  const next = followChain(certificate, start, signEntry(key, facts).bytes);
  if (!next.ok) assert.equal(next.error.seq, 1);
  return next.ok ? 'taken' : next.error.code;
}

describe('entry', () => {
  it('is its payload signed for the purpose entry; its hash is of the payload, never of the signature', () => {
    const signed = signEntry(world.kiosk, first);
    const payload = encodeCbor(first);
    assert.deepEqual(signed.bytes, signCose(world.kiosk, 'jharokha/entry/1', payload));
    assert.deepEqual(signed.hash, sha256(payload));
    assert.deepEqual(openEntry(certificate.key, signed.bytes), { ok: true, value: signed });
  });

  it('[INV-03] refuses a sale whose total is not bill plus citizen fee', () => {
    const bad = { ...saleBody(1), totalPaise: paise(1n) };
    const opened = openEntry(certificate.key, signEntry(world.kiosk, { ...first, body: bad }).bytes);
    assert.match(opened.ok ? '' : opened.error.detail, /totalPaise/u);
    assert.equal(
      openEntry(certificate.key, signEntry(world.kiosk, { ...first, body: saleBody(1, { citizenFeePaise: paise(900n) }) }).bytes).ok,
      true,
    );
  });

  it('refuses a sum that no 64-bit column holds without throwing', () => {
    const raw = { ...first, body: { kind: 'till-opened', floatPaise: 2n ** 64n - 1n } };
    const bytes = signCose(world.kiosk, 'jharokha/entry/1', encodeCbor(raw));
    const opened = openEntry(certificate.key, bytes);
    assert.equal(!opened.ok && opened.error.code, 'wrong-shape');
  });

  it('refuses an unknown field, an unknown kind and a missing field', () => {
    const bodies: readonly unknown[] = [{ kind: 'operator-off', more: 1 }, { kind: 'gift' }, { kind: 'operator-on' }];
    for (const body of bodies) {
      const bytes = signCose(world.kiosk, 'jharokha/entry/1', encodeCbor({ ...first, body: body as CborValue }));
      assert.equal(openEntry(certificate.key, bytes).ok, false);
    }
  });
});

describe('chain', () => {
  it('begins at the hash of the certificate', () => assert.deepEqual(chainStart(certificate), { seq: 0, hash: sha256(certificate.bytes) }));

  it('follows entry after entry', () => {
    let tip = start;
    for (const [i, signed] of chainOf(world, 12).entries()) {
      const next = followChain(certificate, tip, signed.bytes);
      assert.ok(next.ok);
      tip = next.value.tip;
      assert.deepEqual(tip, { seq: i + 1, hash: signed.hash, at: signed.entry.at });
    }
  });

  const refused: readonly (readonly [string, Partial<Entry>, ChainError])[] = [
    ['of another kiosk', { kiosk: kioskCode.parse('d35k2222') }, 'other-kiosk'],
    ['of another epoch', { epoch: 2 }, 'other-kiosk'],
    ['of another district', { district: districtCode.parse('c11:110') }, 'other-kiosk'],
    ['with a number too high', { seq: 2 }, 'wrong-seq'],
    ['with another previous hash', { prev: new Uint8Array(32) }, 'wrong-prev'],
    ['before the certificate', { at: certificate.notBefore - 1 }, 'time-falls'],
    ['after the certificate', { at: certificate.notAfter + 1 }, 'outside-certificate'],
  ];
  for (const [what, change, code] of refused) {
    it(`[INV-10] refuses an entry ${what}`, () => assert.equal(refusal({ ...first, ...change }), code));
  }

  it('[INV-10] refuses an entry signed by another key', () => assert.equal(refusal(first, keyOf('thief')), 'bad-entry'));

  it('[INV-11] refuses an entry older than the one before, and takes one of the same moment', () => {
    const tip = { ...start, at: NOW };
    const at = (ms: number): boolean => followChain(certificate, tip, signEntry(world.kiosk, { ...first, at: ms }).bytes).ok;
    assert.deepEqual([at(NOW - 1), at(NOW), at(NOW + 1)], [false, true, true]);
  });
});

describe('head', () => {
  const facts: Head = { v: 1, by: 'hub', district: certificate.district, kiosk: KIOSK, epoch: 1, count: 3, hash: start.hash, at: NOW };

  it('[INV-21] of the hub never passes for one of the kiosk, nor the other way', () => {
    const bytes = signHead(world.hub, facts);
    const hub = verifyKey(world.hub.publicKey);
    assert.deepEqual(openHead(hub, 'hub', bytes), { ok: true, value: facts });
    assert.equal(openHead(hub, 'kiosk', bytes).ok, false);
    assert.equal(openHead(certificate.key, 'hub', bytes).ok, false);
  });

  it('[INV-24] never throws, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => !openHead(certificate.key, 'hub', bytes).ok));
  });
});
