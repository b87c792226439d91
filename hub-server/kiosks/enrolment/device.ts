import { z } from 'zod';
import { kioskCode, type KioskCode } from '#protocol/identity/identity.js';
import { cborBytes } from '#protocol/signing/cbor.js';
import type { UnixMs } from '#protocol/time/time.js';
import type { Hub } from '../../hub.js';
import { DEVICE_STATES, type DeviceState } from './lifecycle.js';
import { bytesColumn, rowOf, rowsOf, smallColumn, type Cells } from '../../store/rows.js';

/** What the district gave an approved device; a device that still waits, or was refused, has none. */
export type DeviceGrants = {
  readonly epoch: number;
  readonly certificate: Uint8Array<ArrayBuffer>;
  readonly bundleNumber: number;
  readonly bundle: Uint8Array<ArrayBuffer>;
};

/** One machine that asked for a kiosk slot with its own key. Machine, host and system are hints only. */
export type KioskDevice = {
  readonly id: number;
  readonly kiosk: KioskCode;
  readonly claim: number;
  readonly state: DeviceState;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly sealingKey: Uint8Array<ArrayBuffer>;
  readonly machine: string;
  readonly host: string;
  readonly system: string;
  readonly address: string;
  readonly askedAt: UnixMs;
  readonly reason: string | undefined;
  readonly granted: DeviceGrants | undefined;
};

const deviceRow = z
  .object({
    id: smallColumn,
    kiosk: kioskCode,
    claim: smallColumn,
    state: z.enum(DEVICE_STATES),
    public_key: cborBytes(32),
    sealing_key: cborBytes(32),
    machine: z.string(),
    host: z.string(),
    system: z.string(),
    address: z.string(),
    asked_at: smallColumn,
    reason: z.string().nullable(),
    epoch: smallColumn.nullable(),
    certificate: bytesColumn.nullable(),
    bundle_number: smallColumn.nullable(),
    bundle: bytesColumn.nullable(),
  })
  .transform((r): KioskDevice => ({
    id: r.id,
    kiosk: r.kiosk,
    claim: r.claim,
    state: r.state,
    publicKey: r.public_key,
    sealingKey: r.sealing_key,
    machine: r.machine,
    host: r.host,
    system: r.system,
    address: r.address,
    askedAt: r.asked_at,
    reason: r.reason ?? undefined,
    granted:
      r.epoch !== null && r.certificate !== null && r.bundle_number !== null && r.bundle !== null
        ? { epoch: r.epoch, certificate: r.certificate, bundleNumber: r.bundle_number, bundle: r.bundle }
        : undefined,
  }));

const SELECT = `SELECT id, kiosk, claim, state, public_key, sealing_key, machine, host, system, address, asked_at, reason, epoch, certificate,
  bundle_number, bundle FROM kiosk_device WHERE district = @district`;

function one(hub: Hub, where: string, cells: Cells): KioskDevice | undefined {
  return rowOf(hub.db, deviceRow, `${SELECT} AND ${where}`, { district: hub.district, ...cells });
}

/** The newest request made with this key. */
export function deviceByKey(hub: Hub, publicKey: Uint8Array): KioskDevice | undefined {
  return one(hub, 'public_key = @publicKey ORDER BY id DESC LIMIT 1', { publicKey });
}

/** Whose entries of one epoch are: also a retired device, whose old entries must still verify. */
export function deviceOfEpoch(hub: Hub, kiosk: string, epoch: number): KioskDevice | undefined {
  return one(hub, 'kiosk = @kiosk AND epoch = @epoch', { kiosk, epoch });
}

/** The device that holds a slot now, active or suspended. */
export function workingDevice(hub: Hub, kiosk: string): KioskDevice | undefined {
  return one(hub, "kiosk = @kiosk AND state IN ('active', 'suspended')", { kiosk });
}

export function pendingDevice(hub: Hub, kiosk: string): KioskDevice | undefined {
  return one(hub, "kiosk = @kiosk AND state = 'pending'", { kiosk });
}

export function pendingDevices(hub: Hub): readonly KioskDevice[] {
  return rowsOf(hub.db, deviceRow, `${SELECT} AND state = 'pending' ORDER BY asked_at, id`, { district: hub.district });
}

/** Devices that ever held or asked for a slot with the same machine id: a hint that an image or a disk was copied. */
export function sameMachine(hub: Hub, device: KioskDevice): readonly KioskDevice[] {
  const cells = { district: hub.district, machine: device.machine, id: device.id, publicKey: device.publicKey };
  return rowsOf(
    hub.db,
    deviceRow,
    `${SELECT} AND machine = @machine AND machine <> 'unknown' AND id <> @id AND public_key <> @publicKey ORDER BY id`,
    cells,
  );
}
