import type { DeviceKind } from '#protocol/counter/device.js';
import type { Candidate } from '#protocol/technician/discovery.js';
import { unreachable } from '#protocol/result/result.js';
import type { MatchRule, Profile, WantedDevice } from './profile.js';

/** One line of `devices.json`, of whatever kind. */
export type DeviceLine = Readonly<Record<string, unknown>>;

export type Matched =
  | { readonly found: 'yes'; readonly wanted: WantedDevice; readonly line: DeviceLine; readonly candidate: Candidate | undefined }
  | { readonly found: 'no'; readonly wanted: WantedDevice };

/** Finds each wanted device among the candidates, in the profile's order; a candidate serves one device only. */
export function matchProfile(profile: Profile, candidates: readonly Candidate[]): readonly Matched[] {
  const free = new Set(candidates);
  return profile.devices.map((wanted): Matched => {
    for (const rule of wanted.match) {
      const place = placeOf(wanted.kind, rule, [...free], candidates);
      if (place === undefined) continue;
      if (place.candidate !== undefined) free.delete(place.candidate);
      const name = wanted.name === undefined ? {} : { name: wanted.name };
      return {
        found: 'yes',
        wanted,
        line: { kind: wanted.kind, ...name, ...place.fields, ...wanted.write, ...place.write },
        candidate: place.candidate,
      };
    }
    return { found: 'no', wanted };
  });
}

type Place = { readonly fields: DeviceLine; readonly write?: DeviceLine | undefined; readonly candidate: Candidate | undefined };

/** Kinds that the agent reaches through a service of the machine (NUT, SANE, CUPS, an RD service): the profile writes where that is. */
const BY_SERVICE: ReadonlySet<DeviceKind> = new Set(['ups', 'document-scanner', 'page-printer', 'aadhaar']);

function placeOf(kind: DeviceKind, rule: MatchRule, free: readonly Candidate[], plugged: readonly Candidate[]): Place | undefined {
  switch (rule.what) {
    case 'tcp':
      return { fields: { transport: 'tcp', host: rule.host, port: rule.port }, candidate: undefined };
    case 'always':
      return { fields: {}, candidate: undefined };
    default: {
      const candidate = free.find((one) => fits(rule, one));
      if (candidate === undefined) return undefined;
      return { fields: BY_SERVICE.has(kind) ? {} : transportFields(candidate, plugged), write: rule.write, candidate };
    }
  }
}

type PluggedRule = Exclude<MatchRule, { what: 'tcp' } | { what: 'always' }>;

export function fits(rule: PluggedRule, { what, ids, path, stablePath }: Candidate): boolean {
  const same = (wanted: string | undefined, is: string | undefined): boolean => wanted === undefined || wanted === is;
  const within = (wanted: string | undefined, is: string | undefined): boolean =>
    wanted === undefined || (is?.toLowerCase().includes(wanted.toLowerCase()) ?? false);
  return (
    what === rule.what &&
    same(rule.vendorId, ids.vendorId) &&
    same(rule.productId, ids.productId) &&
    same(rule.serial, ids.serial) &&
    same(rule.interface, ids.interface) &&
    same(rule.usagePage, ids.usagePage) &&
    same(rule.usage, ids.usage) &&
    same(rule.path, path) &&
    within(rule.ieee1284, ids.ieee1284) &&
    within(rule.byId, stablePath)
  );
}

/**
 * How `devices.json` names what was found: by ids that stay, by a path only where there are none. The socket is named only where another of
 * those `plugged` in says the same of itself: otherwise it may be plugged in anywhere.
 */
export function transportFields(candidate: Candidate, plugged: readonly Candidate[]): DeviceLine {
  const { what, ids, path, stablePath } = candidate;
  const { vendorId, productId, serial } = ids;
  const port = plugged.some((other) => alike(candidate, other)) ? candidate.port : undefined;
  switch (what) {
    case 'usb-printer':
      return vendorId === undefined
        ? { transport: 'character-device', path }
        : { transport: 'usb-printer', vendorId, productId, ...some({ serial, port }) };
    case 'hid':
      return { transport: 'hid', vendorId, productId, ...some({ serialNumber: serial }) };
    case 'camera':
      return { transport: 'v4l2', device: stablePath ?? path };
    case 'serial':
      return vendorId === undefined
        ? { transport: 'serial', path }
        : { transport: 'serial', usb: { vendorId, productId, ...some({ serial, interface: ids.interface, port }) } };
    case 'usb':
      return {};
    default:
      return unreachable(what);
  }
}

function alike(one: Candidate, other: Candidate): boolean {
  const says = ({ what, ids: { vendorId, productId, serial, interface: line } }: Candidate): string =>
    JSON.stringify([what, vendorId, productId, serial, line]);
  return one !== other && says(one) === says(other);
}

function some(fields: DeviceLine): DeviceLine {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
