/**
 * Nodes that devices of this process hold, by their paths, from before they are opened until their line has ended. Two devices of one make
 * without serial numbers are looked for by the same ids, and are so taken one each.
 */
export const heldPaths = new Set<string>();
