import type { DistrictCode, KioskCode } from '#protocol/identity/identity.js';
import { readCertificate, type Certificate } from '#protocol/signing/certificate.js';
import { assert } from '#protocol/result/result.js';
import type { Hub } from '../../hub.js';
import { deviceOfEpoch, type KioskDevice } from '../enrolment/device.js';

/** A kiosk in one epoch, as far as the link needs it. */
export type LinkDevice = {
  readonly district: DistrictCode;
  readonly kiosk: KioskCode;
  readonly epoch: number;
  readonly state: KioskDevice['state'];
  readonly certificate: Certificate;
  readonly sealingKey: Uint8Array<ArrayBuffer>;
};

/** Undefined for a kiosk or epoch that the district never certified. */
export function linkDevice(hub: Hub, kiosk: string, epoch: number): LinkDevice | undefined {
  const device = deviceOfEpoch(hub, kiosk, epoch);
  if (device?.granted === undefined) return undefined;
  const certificate = readCertificate(hub.districtKey, device.granted.certificate, 'kiosk');
  assert(certificate.ok, `the hub keeps only certificates of its own district (${kiosk})`);
  return { district: hub.district, kiosk: device.kiosk, epoch, state: device.state, certificate: certificate.value, sealingKey: device.sealingKey };
}

/** Two entries signed in one place were seen from it: its disk was copied or put back. It gets no new grant until a person has looked and the slot has a new device. */
export function hasForked(hub: Hub, device: Pick<LinkDevice, 'kiosk' | 'epoch'>): boolean {
  const row = hub.db
    .prepare<[string, string, number]>('SELECT 1 FROM fork WHERE district = ? AND kiosk = ? AND epoch = ? LIMIT 1')
    .get(hub.district, device.kiosk, device.epoch);
  return row !== undefined;
}
