import { z } from 'zod';
import { signBundle } from '#protocol/bundle/bundle.js';
import type { ApprovedPlace } from '#protocol/place/place.js';
import type { KioskCode } from '#protocol/identity/identity.js';
import { receiptPrefix } from '#protocol/receipt/receipt.js';
import { assert, failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { issueCertificate } from '#protocol/signing/certificate.js';
import { equalBytes, spokenFingerprint, type SigningKey } from '#protocol/signing/keys.js';
import { DAY_MS, HOUR_MS } from '#protocol/time/time.js';
import type { Hub } from '../../hub.js';
import { districtFacts } from '../../operations/district.js';
import { newestRuleBook } from '../../operations/rule-books.js';
import { claimById } from './claim.js';
import { pendingDevice, workingDevice, type DeviceGrants, type KioskDevice } from './device.js';
import { moveDevice, type DeviceEvent } from './lifecycle.js';
import { alone, change, rowOf, smallColumn } from '../../store/rows.js';
import { findSlot, type Place } from './slot.js';

/** A kiosk's certificate holds from an hour before its approval (its clock may be behind the hub's) for five years. */
const CERTIFICATE = { backMs: HOUR_MS, lifeMs: 5 * 365 * DAY_MS } as const;

export type Decision = { readonly kiosk: string; readonly by: string };
export type Approved = {
  readonly kiosk: KioskCode;
  readonly epoch: number;
  readonly bundleNumber: number;
  readonly retiredEpoch: number | undefined;
};
export type ApproveError = 'nothing-pending' | 'fingerprint-differs';

/** A fingerprint as a person types it: spaces, dashes and case do not matter. */
function bareFingerprint(text: string): string {
  return text.replaceAll(/[\s:-]/gu, '').toLowerCase();
}

/**
 * Approves the device that waits for a slot, when the fingerprint read out by the technician is that of its key. In one transaction the device that
 * worked there is retired, the new one gets the next epoch, and its certificate and bundle are signed.
 */
export function approveKiosk(
  hub: Hub,
  district: SigningKey,
  decision: Decision & { readonly fingerprint: string },
): Result<Approved, Failure<ApproveError>> {
  assert(equalBytes(district.publicKey, hub.districtKey.publicKey), 'the district key is this district’s');
  return alone(hub.db, () => {
    const device = pendingDevice(hub, decision.kiosk);
    if (device === undefined) return failure('nothing-pending', `no device waits for kiosk ${decision.kiosk}`);
    if (bareFingerprint(decision.fingerprint) !== bareFingerprint(spokenFingerprint(device.publicKey)))
      return failure(
        'fingerprint-differs',
        'the fingerprint typed is not that of the waiting device: have it read out again from the device itself; if it still differs, refuse the device',
      );
    const old = workingDevice(hub, device.kiosk);
    if (old !== undefined) put(hub, old, 'retire', decision.by, 'replaced by another device');
    const granted = grantsFor(hub, district, device);
    put(hub, device, 'approve', decision.by, null, granted);
    return ok({ kiosk: device.kiosk, epoch: granted.epoch, bundleNumber: granted.bundleNumber, retiredEpoch: old?.granted?.epoch });
  });
}

function grantsFor(hub: Hub, district: SigningKey, device: KioskDevice): DeviceGrants {
  const shape = z.object({ epoch: smallColumn, number: smallColumn });
  const sql = `SELECT coalesce(max(epoch), 0) + 1 AS epoch, coalesce(max(bundle_number), 0) + 1 AS number
    FROM kiosk_device WHERE district = @district AND kiosk = @kiosk`;
  const next = rowOf(hub.db, shape, sql, { district: hub.district, kiosk: device.kiosk });
  const slot = findSlot(hub, device.kiosk);
  const claim = claimById(hub, device.claim);
  assert(next !== undefined && slot !== undefined && claim !== undefined, 'a device has its slot and its claim');
  const now = hub.now();
  const certificate = issueCertificate(district, {
    role: 'kiosk',
    district: hub.district,
    subject: device.kiosk,
    epoch: next.epoch,
    publicKey: device.publicKey,
    notBefore: now - CERTIFICATE.backMs,
    notAfter: now + CERTIFICATE.lifeMs,
  });
  const bundle = signBundle(district, {
    v: 1,
    number: next.number,
    district: hub.district,
    kiosk: device.kiosk,
    epoch: next.epoch,
    site: slot.site,
    ...(slot.place === undefined ? {} : { place: bundlePlace(slot.place) }),
    kioskCertificate: certificate.bytes,
    hubCertificate: hub.hubCertificate.bytes,
    hub: claim.hubAddress,
    receiptPrefix: receiptPrefix(districtFacts(hub).receiptHost),
    ruleBook: newestRuleBook(hub).bytes,
    issuedAt: now,
  });
  return { epoch: next.epoch, certificate: certificate.bytes, bundleNumber: next.number, bundle };
}

function bundlePlace({ latitudeE6, longitudeE6, radiusM }: Place): ApprovedPlace {
  return { latitudeMicrodegrees: latitudeE6, longitudeMicrodegrees: longitudeE6, radiusMetres: radiusM };
}

export type StandingError = 'nothing-pending' | 'nothing-working' | 'not-in-this-state';

/** Refuses the device that waits; its claim stays used. */
export function refuseKiosk(hub: Hub, decision: Decision & { readonly reason: string }): Result<KioskCode, Failure<StandingError>> {
  return alone(hub.db, () => {
    const device = pendingDevice(hub, decision.kiosk);
    if (device === undefined) return failure('nothing-pending', `no device waits for kiosk ${decision.kiosk}`);
    put(hub, device, 'refuse', decision.by, decision.reason);
    return ok(device.kiosk);
  });
}

/** Suspends, resumes or retires the device that works in a slot. */
export function moveKiosk(
  hub: Hub,
  event: 'suspend' | 'resume' | 'retire',
  decision: Decision & { readonly reason: string | null },
): Result<KioskCode, Failure<StandingError>> {
  return alone(hub.db, () => {
    const device = workingDevice(hub, decision.kiosk);
    if (device === undefined) return failure('nothing-working', `no device works in kiosk ${decision.kiosk}`);
    const moved = moveDevice(device.state, event);
    if (!moved.ok) return moved;
    put(hub, device, event, decision.by, decision.reason);
    return ok(device.kiosk);
  });
}

function put(hub: Hub, device: KioskDevice, event: DeviceEvent, by: string, reason: string | null, granted?: DeviceGrants): void {
  const moved = moveDevice(device.state, event);
  assert(moved.ok, `a device that is ${device.state} takes "${event}"`);
  const changed = change(
    hub.db,
    `UPDATE kiosk_device SET state = @to, decided_at = @at, decided_by = @by, reason = @reason,
       epoch = coalesce(@epoch, epoch), certificate = coalesce(@certificate, certificate),
       bundle_number = coalesce(@number, bundle_number), bundle = coalesce(@bundle, bundle)
     WHERE district = @district AND id = @id AND state = @from`,
    {
      district: hub.district,
      id: device.id,
      from: device.state,
      to: moved.value,
      at: hub.now(),
      by,
      reason,
      epoch: granted?.epoch ?? null,
      certificate: granted?.certificate ?? null,
      number: granted?.bundleNumber ?? null,
      bundle: granted?.bundle ?? null,
    },
  );
  assert(changed === 1, 'nobody else moved the device meanwhile');
}
