import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle } from '#protocol/bundle/bundle.js';
import { certifiedAt, readCertificate } from '#protocol/signing/certificate.js';
import { equalBytes, parsePublicKeyPem, signingKey, spokenFingerprint } from '#protocol/signing/keys.js';
import { sealingKey } from '#protocol/signing/seal.js';
import { moveKiosk, refuseKiosk } from '../../../hub-server/kiosks/enrolment/decide.js';
import { deviceOfEpoch, pendingDevice, workingDevice } from '../../../hub-server/kiosks/enrolment/device.js';
import { issueClaim } from '../../../hub-server/kiosks/enrolment/claim.js';
import { listSlots } from '../../../hub-server/kiosks/enrolment/slot.js';
import { readState } from '../../../provisioning/technician/kiosk-folder.js';
import { EnrolmentWorld, KIOSK, codeOf, valueOf } from './world.js';

describe('enrolment of a kiosk over TLS', () => {
  let world: EnrolmentWorld;
  beforeEach(async () => {
    world = await EnrolmentWorld.open();
  });
  afterEach(() => world.close());

  const standing = (): string | undefined => listSlots(world.hub).find((slot) => slot.code === KIOSK)?.standing;

  it('goes from an empty folder to a bundle whose whole chain verifies', async () => {
    assert.equal(standing(), 'vacant');
    const claim = world.claim();
    assert.equal(standing(), 'claimed');
    const folder = world.folder();
    const technician = world.technician(folder, claim);
    const fingerprint = await technician.fingerprint;
    assert.equal(standing(), 'pending');
    const approved = valueOf(world.approve(fingerprint.replaceAll(' ', '-').toUpperCase()));
    assert.deepEqual(approved, { kiosk: KIOSK, epoch: 1, bundleNumber: 1, retiredEpoch: undefined });
    const enrolled = valueOf(await technician.done);
    assert.equal(enrolled.outcome, 'enrolled');
    assert.equal(standing(), 'active');

    const key = signingKey(Buffer.from(readFileSync(join(folder, 'kiosk.key'), 'utf8').trim(), 'hex'));
    const sealing = sealingKey(Buffer.from(readFileSync(join(folder, 'sealing.key'), 'utf8').trim(), 'hex'));
    assert.equal(spokenFingerprint(key.publicKey), fingerprint);
    const district = valueOf(parsePublicKeyPem(readFileSync(join(folder, 'district.pub'), 'utf8')));
    const bundle = valueOf(openBundle(district, readFileSync(join(folder, 'bundle.cbor'))));
    const certificate = valueOf(readCertificate(district, bundle.kioskCertificate, 'kiosk'));
    assert.ok(equalBytes(certificate.key.publicKey, key.publicKey) && certifiedAt(certificate, world.clock.at));
    assert.equal(bundle.hub, world.address);
    assert.equal(bundle.receiptPrefix, 'HTTPS://HUB.JAIPUR.EXAMPLE/R/');
    for (const file of ['kiosk.key', 'sealing.key']) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600);
    const device = workingDevice(world.hub, KIOSK);
    assert.ok(device !== undefined && equalBytes(device.sealingKey, sealing.publicKey));
    assert.equal(valueOf(readState(folder))?.state, 'enrolled');
  });

  it('does not approve while the fingerprint typed is another, and does once it is right', async () => {
    const technician = world.technician(world.folder(), world.claim());
    const fingerprint = await technician.fingerprint;
    const other = `${fingerprint.startsWith('0') ? '1' : '0'}${fingerprint.slice(1)}`;
    assert.equal(codeOf(world.approve(other)), 'fingerprint-differs');
    assert.equal(codeOf(world.approve('')), 'fingerprint-differs');
    assert.equal(pendingDevice(world.hub, KIOSK)?.state, 'pending');
    valueOf(world.approve(fingerprint));
    valueOf(await technician.done);
    assert.equal(codeOf(world.approve(fingerprint)), 'nothing-pending');
  });

  it('goes on, without the claim, after the command was stopped while waiting', async () => {
    const folder = world.folder();
    const first = await world.technician(folder, world.claim(), { waitMs: 0 }).done;
    assert.equal(codeOf(first), 'not-yet-approved');
    const again = world.technician(folder, undefined);
    valueOf(world.approve(await again.fingerprint));
    assert.equal(valueOf(await again.done).outcome, 'enrolled');
  });

  it('gives the same answer to the same key and claim, pending, active, and after the claim expired', async () => {
    const folder = world.folder();
    const claim = world.claim();
    assert.equal(codeOf(await world.technician(folder, claim, { waitMs: 0 }).done), 'not-yet-approved');
    world.clock.at += 80 * 3_600_000;
    const second = world.technician(folder, claim, { waitMs: 0 });
    const fingerprint = await second.fingerprint;
    assert.equal(codeOf(await second.done), 'not-yet-approved');
    assert.equal(world.hub.db.prepare('SELECT count(*) FROM kiosk_device').pluck().get(), 1n);
    valueOf(world.approve(fingerprint));
    assert.equal(valueOf(await world.technician(folder, claim).done).outcome, 'enrolled');
    const bundle = readFileSync(join(folder, 'bundle.cbor'));
    assert.equal(valueOf(await world.technician(folder, claim).done).outcome, 'already-enrolled');
    assert.equal(valueOf(await world.technician(folder, undefined).done).outcome, 'already-enrolled');
    assert.deepEqual(readFileSync(join(folder, 'bundle.cbor')), bundle);
  });

  it('refuses a second device with the same claim, before and after approval [INV-51]', async () => {
    const claim = world.claim();
    const first = world.technician(world.folder(), claim);
    const fingerprint = await first.fingerprint;
    const thief = world.folder();
    assert.equal(codeOf(await world.technician(thief, claim).done), 'claim-used');
    valueOf(world.approve(fingerprint));
    valueOf(await first.done);
    assert.equal(codeOf(await world.technician(thief, claim).done), 'claim-used');
    assert.equal(workingDevice(world.hub, KIOSK)?.granted?.epoch, 1);
  });

  it('refuses a claim for a working slot unless it is to replace, and then gives a new epoch and fences the old device', async () => {
    const first = world.claim();
    valueOf(await world.enrolled(world.folder(), first));
    const again = issueClaim(world.hub, { kiosk: KIOSK, kind: 'first', hubAddress: world.address, by: 'test' });
    assert.equal(codeOf(again), 'slot-active');
    const folder = world.folder();
    const technician = world.technician(folder, world.claim('replace'));
    const fingerprint = await technician.fingerprint;
    assert.equal(standing(), 'replacing');
    assert.deepEqual(valueOf(world.approve(fingerprint)), { kiosk: KIOSK, epoch: 2, bundleNumber: 2, retiredEpoch: 1 });
    assert.equal(valueOf(await technician.done).bundle.epoch, 2);
    assert.equal(deviceOfEpoch(world.hub, KIOSK, 1)?.state, 'retired');
    assert.equal(deviceOfEpoch(world.hub, KIOSK, 2)?.state, 'active');
  });

  it('tells a device of a first claim that its slot became active meanwhile, and keeps the claim unused', async () => {
    const replaced = world.folder();
    valueOf(await world.enrolled(replaced, world.claim()));
    valueOf(moveKiosk(world.hub, 'retire', { kiosk: KIOSK, by: 'test', reason: 'moved' }));
    const claim = world.claim();
    // The administrator can not do this by command; the hub must hold all the same.
    world.hub.db.exec("UPDATE kiosk_device SET state = 'active'");
    assert.equal(codeOf(await world.technician(world.folder(), claim).done), 'slot-active');
    assert.equal(world.hub.db.prepare("SELECT count(*) FROM claim WHERE state = 'open'").pluck().get(), 1n);
  });

  it('tells a refused device why, and lets the same machine ask again with a new claim', async () => {
    const folder = world.folder();
    const technician = world.technician(folder, world.claim());
    await technician.fingerprint;
    valueOf(refuseKiosk(world.hub, { kiosk: KIOSK, by: 'test', reason: 'not at Sanganer' }));
    const refused = await technician.done;
    assert.equal(codeOf(refused), 'enrolment-refused');
    assert.ok(!refused.ok && refused.error.detail.includes('not at Sanganer'));
    assert.equal(codeOf(await world.technician(folder, undefined).done), 'enrolment-refused');
    assert.equal(valueOf(await world.enrolled(folder, world.claim())).outcome, 'enrolled');
  });

  it('does not take one key for two slots, and leaves the second claim unused', async () => {
    const folder = world.folder();
    const technician = world.technician(folder, world.claim());
    const fingerprint = await technician.fingerprint;
    const other = world.claim('first', 'd35k2222');
    assert.equal(codeOf(await world.technician(folder, other).done), 'key-in-use');
    valueOf(world.approve(fingerprint));
    valueOf(await technician.done);
    valueOf(await world.enrolled(world.folder(), other, 'd35k2222'));
  });

  it('never takes a retired key again, and leaves the claim to a device with a fresh one', async () => {
    const folder = world.folder();
    valueOf(await world.enrolled(folder, world.claim()));
    valueOf(moveKiosk(world.hub, 'retire', { kiosk: KIOSK, by: 'test', reason: 'stolen' }));
    for (const file of ['kiosk.json', 'bundle.cbor', 'district.pub']) rmSync(join(folder, file));
    const claim = world.claim();
    assert.equal(codeOf(await world.technician(folder, claim).done), 'kiosk-retired');
    assert.equal(valueOf(await world.enrolled(world.folder(), claim)).bundle.epoch, 2);
  });

  it('gives no bundle to a kiosk that was suspended before it fetched it', async () => {
    const folder = world.folder();
    const asked = world.technician(folder, world.claim(), { waitMs: 0 });
    const fingerprint = await asked.fingerprint;
    await asked.done;
    valueOf(world.approve(fingerprint));
    valueOf(moveKiosk(world.hub, 'suspend', { kiosk: KIOSK, by: 'test', reason: 'audit' }));
    assert.equal(codeOf(await world.technician(folder, undefined).done), 'kiosk-suspended');
    assert.equal(codeOf(moveKiosk(world.hub, 'suspend', { kiosk: KIOSK, by: 'test', reason: null })), 'not-in-this-state');
    valueOf(moveKiosk(world.hub, 'resume', { kiosk: KIOSK, by: 'test', reason: null }));
    assert.equal(valueOf(await world.technician(folder, undefined).done).outcome, 'enrolled');
  });
});
