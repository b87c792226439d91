import { isDeepStrictEqual } from 'node:util';
import type { DeviceLine, Matched } from './match.js';

/** What would become of one line of `devices.json`. */
export type Change =
  | { readonly change: 'same' | 'kept' | 'added'; readonly line: DeviceLine }
  | { readonly change: 'changed'; readonly from: DeviceLine; readonly line: DeviceLine };

/** Fields that say where a device is; all others say how it is set. */
const PLACE: ReadonlySet<string> = new Set(['host', 'port', 'path', 'usb', 'vendorId', 'productId', 'serial', 'serialNumber', 'device', 'url']);

const SECRETS: ReadonlySet<string> = new Set(['password', 'passwordPending']);

/**
 * Lays what a profile found over what `devices.json` says. A wanted device takes the line of its name (or the next of its kind without
 * one): its place and what the profile writes; settings of which the profile says nothing stay, unless it speaks another way now. A wanted
 * one that is not plugged in keeps its line; lines of which the profile knows nothing stay, at the end.
 */
export function planDevices(present: readonly DeviceLine[], matched: readonly Matched[]): readonly Change[] {
  const left = [...present];
  const take = ({ wanted }: Matched): DeviceLine | undefined => {
    const at = left.findIndex(({ kind, name }) => kind === wanted.kind && (wanted.name === undefined || name === wanted.name));
    return at < 0 ? undefined : left.splice(at, 1)[0];
  };
  const wanted = matched.flatMap((one): readonly Change[] => {
    const old = take(one);
    if (one.found === 'no') return old === undefined ? [] : [{ change: 'kept', line: old }];
    if (old === undefined) return [{ change: 'added', line: one.line }];
    const line = { ...settingsOf(old, one.line), ...one.line };
    return [isDeepStrictEqual(old, line) ? { change: 'same', line: old } : { change: 'changed', from: old, line }];
  });
  return [...wanted, ...left.map((line): Change => ({ change: 'kept', line }))];
}

function settingsOf(old: DeviceLine, line: DeviceLine): DeviceLine {
  const speaksAnotherWay = ['transport', 'language', 'style'].some((field) => old[field] !== line[field]);
  // A password is in the device itself, whichever way it is spoken to: dropped here, nobody could open the device again.
  if (speaksAnotherWay) return Object.fromEntries(Object.entries(old).filter(([field]) => SECRETS.has(field)));
  // A service of the machine (NUT, SANE) stays where the technician said that it is.
  const isPlaced = Object.keys(line).some((field) => PLACE.has(field));
  return Object.fromEntries(Object.entries(old).filter(([field]) => !isPlaced || !PLACE.has(field)));
}

/** The change as a person reads it. */
export function changeLines(change: Change): readonly string[] {
  const text = (line: DeviceLine): string => JSON.stringify(line);
  switch (change.change) {
    case 'added':
      return [`+ ${text(change.line)}`];
    case 'changed':
      return [`- ${text(change.from)}`, `+ ${text(change.line)}`];
    case 'same':
    case 'kept':
      return [`  ${text(change.line)}`];
  }
}
