import { isDeepStrictEqual } from 'node:util';
import type { DeviceLine, Matched } from './match.js';

/** What would become of one line of `devices.json`. */
export type Change =
  | { readonly change: 'same' | 'kept' | 'added'; readonly line: DeviceLine }
  | { readonly change: 'changed'; readonly from: DeviceLine; readonly line: DeviceLine };

/**
 * Lays what a profile found over what `devices.json` says. A wanted device replaces the line of its name (or the next of its kind without
 * one); a wanted one that is not plugged in keeps its line; lines of which the profile knows nothing stay, at the end.
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
    return [isDeepStrictEqual(old, one.line) ? { change: 'same', line: old } : { change: 'changed', from: old, line: one.line }];
  });
  return [...wanted, ...left.map((line): Change => ({ change: 'kept', line }))];
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
