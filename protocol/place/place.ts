import { z } from 'zod';

/**
 * The approved place of a kiosk (R113): within `radiusMetres` of a point, in millionths of a degree north and east (WGS 84), as a signed record
 * holds no fractions.
 */
export const approvedPlace = z.strictObject({
  latitudeMicrodegrees: z.int().min(-90_000_000).max(90_000_000),
  longitudeMicrodegrees: z.int().min(-180_000_000).max(180_000_000),
  radiusMetres: z.int().min(1).max(999_999),
});
export type ApprovedPlace = z.infer<typeof approvedPlace>;

/** Where a receiver says it is: degrees north and east (WGS 84), and how far off that may be. */
export type Position = { readonly latitude: number; readonly longitude: number; readonly accuracyMetres: number };

/** `unsure`: the place and the receiver's error overlap the edge, so that neither can be said. Nobody is locked out on a maybe. */
export type PlaceVerdict = 'inside' | 'outside' | 'unsure';

/** Mean radius of the Earth (IUGG), metres. */
const EARTH_METRES = 6_371_008.8;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Distance on the sphere by the haversine formula, metres; within half a percent of the ellipsoid's, which is centimetres at the distances that matter here. */
export function distanceMetres(one: Pick<Position, 'latitude' | 'longitude'>, other: Pick<Position, 'latitude' | 'longitude'>): number {
  const north = Math.sin(radians(other.latitude - one.latitude) / 2);
  const east = Math.sin(radians(other.longitude - one.longitude) / 2);
  const chord = north * north + Math.cos(radians(one.latitude)) * Math.cos(radians(other.latitude)) * east * east;
  return 2 * EARTH_METRES * Math.asin(Math.min(1, Math.sqrt(chord)));
}

export function metresFrom(place: ApprovedPlace, position: Position): number {
  return distanceMetres({ latitude: place.latitudeMicrodegrees / 1e6, longitude: place.longitudeMicrodegrees / 1e6 }, position);
}

/** Whether a position is within the approved place, the receiver's error counted in the counter's favour. */
export function judgePlace(place: ApprovedPlace, position: Position): PlaceVerdict {
  const distance = metresFrom(place, position);
  if (distance + position.accuracyMetres <= place.radiusMetres) return 'inside';
  return distance - position.accuracyMetres > place.radiusMetres ? 'outside' : 'unsure';
}
