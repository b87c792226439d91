import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { deviceKind } from '#protocol/counter/device.js';
import { localName } from '#protocol/identity/identity.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';

const hex4 = z.string().regex(/^[0-9a-f]{4}$/u);

/**
 * How a wanted device is known among what is plugged in. All fields of a rule must fit. `tcp` and `always` look for nothing: the device is
 * on the network, or needs no line of its own.
 */
const matchRule = z.discriminatedUnion('what', [
  z.strictObject({
    what: z.enum(['usb-printer', 'serial', 'hid', 'camera']),
    vendorId: hex4.optional(),
    productId: hex4.optional(),
    serial: z.string().optional(),
    /** USB interface, two hex digits. */
    interface: z
      .string()
      .regex(/^[0-9a-f]{2}$/u)
      .optional(),
    /** A part of the printer's IEEE 1284 id, such as `CMD:ESC/POS`; capitals do not matter. */
    ieee1284: z.string().min(1).optional(),
    usagePage: hex4.optional(),
    usage: hex4.optional(),
    /** A part of the name in `/dev/serial/by-id` or `/dev/v4l/by-id`. */
    byId: z.string().min(1).optional(),
    /** The kernel's own node: for the machine's own serial ports, whose numbers never change. */
    path: z.string().startsWith('/dev/').optional(),
  }),
  z.strictObject({ what: z.literal('tcp'), host: z.string().min(1), port: z.int().min(1).max(65_535) }),
  z.strictObject({ what: z.literal('always') }),
]);
export type MatchRule = z.infer<typeof matchRule>;

const wantedDevice = z.strictObject({
  kind: deviceKind,
  /** As in `devices.json`; needed when a profile wants several of a kind. */
  name: z.string().optional(),
  need: z.enum(['required', 'optional']),
  /** Tried in this order; the first that finds something wins. */
  match: z.array(matchRule).min(1),
  /** Further fields of the device's line in `devices.json`: paper width, baud rate … */
  write: z.record(z.string(), z.unknown()),
});
export type WantedDevice = z.infer<typeof wantedDevice>;

/** What a kiosk model consists of. */
export const profile = z.strictObject({
  name: z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/u),
  description: localName,
  devices: z.array(wantedDevice).min(1),
});
export type Profile = z.infer<typeof profile>;

/** The profiles stand as JSON beside the sources; compiled code lies one folder deeper. */
export const PROFILES_FOLDER = fileURLToPath(new URL(import.meta.url.includes('/dist/') ? '../../../provisioning/profiles/' : './', import.meta.url));

export function profileNames(folder: string = PROFILES_FOLDER): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .toSorted();
}

export function readProfile(name: string, folder: string = PROFILES_FOLDER): Result<Profile, Failure<'no-profile' | 'bad-profile'>> {
  if (!profileNames(folder).includes(name))
    return failure('no-profile', `there is no profile ${name}; there are: ${profileNames(folder).join(', ')}`);
  try {
    return ok(profile.parse(JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))));
  } catch (error) {
    return failure('bad-profile', `${name}.json: ${error instanceof Error ? error.message : String(error)}`);
  }
}
