import { assert } from '#protocol/result/result.js';

/** Databases are opened with every INTEGER as bigint, so that no sum is ever rounded. A time or a count comes back through here. */
export function smallInteger(value: bigint): number {
  const small = Number.parseInt(value.toString(), 10);
  assert(Number.isSafeInteger(small), `${value} is small enough to be a time or a count`);
  return small;
}
