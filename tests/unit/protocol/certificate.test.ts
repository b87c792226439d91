import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeCbor, type CborValue } from '#protocol/signing/cbor.js';
import { certifiedAt, issueCertificate, readCertificate } from '#protocol/signing/certificate.js';
import { signCose } from '#protocol/signing/cose.js';
import { verifyKey } from '#protocol/signing/keys.js';
import { DAY, DISTRICT, NOW, keyOf, makeWorld } from './samples.js';

const world = makeWorld();

describe('certificate', () => {
  it('reads as it was issued, even when issued in the middle of a second', () => {
    const facts = { role: 'kiosk', district: DISTRICT, subject: 'd35k1111', epoch: 2, notBefore: NOW + 123, notAfter: NOW + DAY + 999 } as const;
    const issued = issueCertificate(world.district, { ...facts, publicKey: keyOf('k').publicKey });
    const read = readCertificate(world.districtKey, issued.bytes, 'kiosk');
    assert.ok(read.ok);
    const { key: readKey, ...readRest } = read.value;
    const { key: issuedKey, ...issuedRest } = issued;
    assert.deepEqual(readRest, issuedRest);
    assert.deepEqual(readKey.publicKey, issuedKey.publicKey);
  });

  it('[INV-23] is judged at the time of what was signed, both ends included', () => {
    const { kioskCertificate: c } = world;
    assert.deepEqual(
      [c.notBefore - 1, c.notBefore, c.notAfter, c.notAfter + 1].map((at) => certifiedAt(c, at)),
      [false, true, true, false],
    );
  });

  it('[INV-21] refuses a hub for a kiosk, a kiosk for a hub, and another district', () => {
    assert.equal(readCertificate(world.districtKey, world.hubCertificate.bytes, 'kiosk').ok, false);
    assert.equal(readCertificate(world.districtKey, world.kioskCertificate.bytes, 'hub').ok, false);
    assert.equal(readCertificate(makeWorld('kota').districtKey, world.kioskCertificate.bytes, 'kiosk').ok, false);
    assert.equal(readCertificate(verifyKey(world.hub.publicKey), world.kioskCertificate.bytes, 'kiosk').ok, false);
  });

  it('refuses a payload that is signed but of another shape', () => {
    const good: readonly CborValue[] = [1, 'K', 'lgd:102', 'd35k1111', 1, world.kiosk.publicKey, 1_700_000_000, 1_800_000_000];
    const sign = (payload: CborValue): Uint8Array => signCose(world.district, 'jharokha/certificate/1', encodeCbor(payload));
    assert.equal(readCertificate(world.districtKey, sign(good), 'kiosk').ok, true);
    const bad: readonly (readonly [number, CborValue])[] = [
      [0, 2],
      [1, 'X'],
      [2, '102'],
      [3, ''],
      [4, 0],
      [5, world.kiosk.publicKey.subarray(1)],
      [6, -1],
      [7, 2n ** 60n],
    ];
    for (const [at, value] of bad) assert.equal(readCertificate(world.districtKey, sign(good.with(at, value)), 'kiosk').ok, false, `field ${at}`);
    assert.equal(readCertificate(world.districtKey, sign([...good, 1]), 'kiosk').ok, false);
  });

  it('[INV-24] never throws, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => !readCertificate(world.districtKey, bytes, 'kiosk').ok));
  });
});
