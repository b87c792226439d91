import type { Position } from '#protocol/place/place.js';
import type { DeviceFace } from '../ports.js';

/** A position that is still good. `atMs` is monotonic. */
export type Fix = Position & { readonly satellites: number; readonly atMs: number };

export type GnssHandle = DeviceFace & {
  /** Undefined without a fix, and when the last one is too old to say anything. */
  readonly place: () => Fix | undefined;
};
