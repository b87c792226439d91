import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { deviceKind, type DeviceKind } from '#protocol/counter/device.js';
import { localName, type LocalName } from '#protocol/identity/identity.js';
import { candidateKind } from '#protocol/technician/discovery.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';

const hex4 = z.string().regex(/^[0-9a-f]{4}$/u);

/** Fields of the device's line in `devices.json` that are not its place: paper width, baud rate … */
const fields = z.record(z.string(), z.unknown());

/**
 * How a wanted device is known among what is plugged in. All fields of a rule must fit. `tcp` and `always` look for nothing: the device is
 * on the network, or needs no line of its own.
 */
const matchRule = z.discriminatedUnion('what', [
  z.strictObject({
    what: candidateKind,
    /** For the reader of the profile: whose ids these are. */
    maker: z.string().optional(),
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
    /** Over the device's own `write`: what this make needs. */
    write: fields.optional(),
  }),
  z.strictObject({ what: z.literal('tcp'), host: z.string().min(1), port: z.int().min(1).max(65_535) }),
  z.strictObject({ what: z.literal('always') }),
]);
export type MatchRule = z.infer<typeof matchRule>;

/** The lists of makes that profiles share, in `known/`: a rule may be the name of one. */
const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/u;

/** What a kiosk model consists of. Rules that name a list in `known` are replaced by that list. */
function profileSchema(known: (name: string) => unknown): z.ZodType<Profile> {
  const rules = z
    .union([matchRule.transform((rule) => [rule]), z.string().regex(NAME).transform(known).pipe(z.array(matchRule).min(1))])
    .array()
    .min(1)
    .transform((lists) => lists.flat());
  return z.strictObject({
    name: z.string().regex(NAME),
    description: localName,
    devices: z
      .array(
        z.strictObject({
          kind: deviceKind,
          /** As in `devices.json`; needed when a profile wants several of a kind. */
          name: z.string().optional(),
          need: z.enum(['required', 'optional']),
          /** Tried in this order; the first that finds something wins. */
          match: rules,
          write: fields,
        }),
      )
      .min(1),
  });
}

export type WantedDevice = {
  readonly kind: DeviceKind;
  readonly name?: string | undefined;
  readonly need: 'required' | 'optional';
  readonly match: readonly MatchRule[];
  readonly write: Readonly<Record<string, unknown>>;
};
export type Profile = { readonly name: string; readonly description: LocalName; readonly devices: readonly WantedDevice[] };

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
    const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, `${file}.json`), 'utf8'));
    return ok(profileSchema((list) => read(join('known', list))).parse(read(name)));
  } catch (error) {
    return failure('bad-profile', `${name}.json: ${error instanceof Error ? error.message : String(error)}`);
  }
}
