import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PRIVATE_MODE, createFileAtomic, isPrivate, readFileIfAny, writeFileAtomic } from '#platform/files/files.js';
import { districtCode, epoch, kioskCode } from '#protocol/identity/identity.js';
import { assert, failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { unixMs } from '#protocol/signing/cbor.js';
import { parsePublicKeyPem, publicKeyPem, signingKey, type SigningKey, type VerifyKey } from '#protocol/signing/keys.js';
import { sealingKey, type SealingKey } from '#protocol/signing/seal.js';

/** Files of a kiosk folder: see docs/formats/kiosk-folder.md. */
export const KIOSK_FILES = {
  key: 'kiosk.key',
  sealingKey: 'sealing.key',
  district: 'district.pub',
  bundle: 'bundle.cbor',
  state: 'kiosk.json',
} as const;

const hubPin = {
  v: z.literal(1),
  /** `host:port` as the claim gave it. */
  hub: z.string().max(100),
  /** SHA-256 of the hub key's SPKI, hex. */
  hubFingerprint: z.string().regex(/^[0-9a-f]{64}$/u),
  /** `soft`: the key is a file. Nothing but the file system keeps it from being copied. */
  assurance: z.literal('soft'),
};
const kioskState = z.discriminatedUnion('state', [
  z.strictObject({ ...hubPin, state: z.literal('asked'), askedAt: unixMs }),
  z.strictObject({
    ...hubPin,
    state: z.literal('enrolled'),
    district: districtCode,
    kiosk: kioskCode,
    epoch,
    bundle: z.int().min(1),
    enrolledAt: unixMs,
  }),
]);
/** Where a folder stands: it has asked a hub, or it is enrolled. */
export type KioskState = z.infer<typeof kioskState>;

export type FolderError = 'folder-damaged';
export type DeviceKeys = { readonly key: SigningKey; readonly sealing: SealingKey };
export type Trust = { readonly districtKey: VerifyKey; readonly bundle: Uint8Array<ArrayBuffer> };

/** The folder's state, or undefined when nothing was begun there. */
export function readState(folder: string): Result<KioskState | undefined, Failure<FolderError>> {
  const path = join(folder, KIOSK_FILES.state);
  const bytes = readFileIfAny(path);
  if (bytes === undefined) return ok(undefined);
  try {
    return ok(kioskState.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))));
  } catch {
    return damaged(`${path} is damaged; keep the folder for the administrator and enrol into an empty one with a new claim`);
  }
}

export function writeState(folder: string, state: KioskState): void {
  writeFileAtomic(join(folder, KIOSK_FILES.state), `${JSON.stringify(state, null, 2)}\n`);
}

/** The device's keys, made once and durable before anyone hears of them: a claim must never be spent on a key that a power cut could take. */
export function ensureKeys(folder: string, random: (bytes: number) => Uint8Array): Result<DeviceKeys, Failure<FolderError>> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const file of [KIOSK_FILES.key, KIOSK_FILES.sealingKey])
    if (readFileIfAny(join(folder, file)) === undefined)
      createFileAtomic(join(folder, file), `${Buffer.from(random(32)).toString('hex')}\n`, PRIVATE_MODE);
  return readKeys(folder);
}

export function readKeys(folder: string): Result<DeviceKeys, Failure<FolderError>> {
  const key = readSeed(join(folder, KIOSK_FILES.key));
  if (!key.ok) return key;
  const sealing = readSeed(join(folder, KIOSK_FILES.sealingKey));
  return sealing.ok ? ok({ key: signingKey(key.value), sealing: sealingKey(sealing.value) }) : sealing;
}

function readSeed(path: string): Result<Uint8Array<ArrayBuffer>, Failure<FolderError>> {
  const bytes = readFileIfAny(path);
  if (bytes === undefined) return damaged(`${path} is not there`);
  if (!isPrivate(path)) return damaged(`${path} may be read by others, so its key is no longer secret: enrol into an empty folder with a new claim`);
  const text = Buffer.from(bytes).toString('utf8').trim();
  return /^[0-9a-f]{64}$/u.test(text) ? ok(Uint8Array.from(Buffer.from(text, 'hex'))) : damaged(`${path} does not hold a key (64 hex digits)`);
}

/** Whom the kiosk trusts and what it was told; the state that says so comes last. */
export function storeTrust(folder: string, trust: Trust, state: KioskState): void {
  assert(state.state === 'enrolled', 'trust is stored for an enrolled kiosk');
  writeFileAtomic(join(folder, KIOSK_FILES.district), publicKeyPem(trust.districtKey.publicKey));
  writeFileAtomic(join(folder, KIOSK_FILES.bundle), trust.bundle);
  writeState(folder, state);
}

export function readDistrictKey(folder: string): Result<VerifyKey | undefined, Failure<FolderError>> {
  const path = join(folder, KIOSK_FILES.district);
  const pem = readFileIfAny(path);
  if (pem === undefined) return ok(undefined);
  const key = parsePublicKeyPem(Buffer.from(pem).toString('utf8'));
  return key.ok ? key : damaged(`${path}: ${key.error.detail}`);
}

export function readTrust(folder: string): Result<Trust, Failure<FolderError>> {
  const districtKey = readDistrictKey(folder);
  if (!districtKey.ok) return districtKey;
  const bundle = readFileIfAny(join(folder, KIOSK_FILES.bundle));
  if (districtKey.value === undefined || bundle === undefined)
    return damaged(`${folder} says it is enrolled, but its bundle or district key is missing`);
  return ok({ districtKey: districtKey.value, bundle });
}

function damaged(detail: string): Result<never, Failure<FolderError>> {
  return failure('folder-damaged', detail);
}
