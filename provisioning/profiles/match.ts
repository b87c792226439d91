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
      const place = placeOf(rule, [...free]);
      if (place === undefined) continue;
      if (place.candidate !== undefined) free.delete(place.candidate);
      const name = wanted.name === undefined ? {} : { name: wanted.name };
      return { found: 'yes', wanted, line: { kind: wanted.kind, ...name, ...place.fields, ...wanted.write }, candidate: place.candidate };
    }
    return { found: 'no', wanted };
  });
}

type Place = { readonly fields: DeviceLine; readonly candidate: Candidate | undefined };

function placeOf(rule: MatchRule, candidates: readonly Candidate[]): Place | undefined {
  switch (rule.what) {
    case 'tcp':
      return { fields: { transport: 'tcp', host: rule.host, port: rule.port }, candidate: undefined };
    case 'always':
      return { fields: {}, candidate: undefined };
    case 'usb-printer':
    case 'serial':
    case 'hid':
    case 'camera': {
      const candidate = candidates.find((one) => fits(rule, one));
      return candidate === undefined ? undefined : { fields: transportFields(candidate), candidate };
    }
    default:
      return unreachable(rule);
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

/** How `devices.json` names what was found: by ids that stay, by a path only where there are none. */
export function transportFields({ what, ids, path, stablePath }: Candidate): DeviceLine {
  const { vendorId, productId } = ids;
  const serial = ids.serial === undefined ? {} : { serial: ids.serial };
  if (what === 'usb-printer' && vendorId !== undefined) return { transport: 'usb-printer', vendorId, productId, ...serial };
  if (what === 'hid' && vendorId !== undefined) return { transport: 'hid', vendorId, productId, ...serial };
  if (what === 'camera') return { path: stablePath ?? path };
  if (vendorId === undefined) return { transport: 'serial', path };
  const line = ids.interface === undefined ? {} : { interface: ids.interface };
  return { transport: 'serial', usb: { vendorId, productId, ...serial, ...line } };
}
