/** Usage of a top-level collection, as numbers of HID Usage Tables. */
export type TopUsage = { readonly usagePage: number; readonly usage: number };

const USAGE_PAGE = 0x04;
const USAGE = 0x08;
const COLLECTION = 0xa0;
const END_COLLECTION = 0xc0;
const LONG_ITEM = 0xfe;

/** The first top-level collection of a report descriptor (HID 1.11 §6.2.2). Reads any bytes; undefined when there is none. */
export function topUsage(descriptor: Uint8Array): TopUsage | undefined {
  let page = 0;
  let usage: number | undefined;
  let depth = 0;
  for (let at = 0; at < descriptor.length;) {
    const head = descriptor[at] ?? 0;
    if (head === LONG_ITEM) {
      at += 3 + (descriptor[at + 1] ?? 0);
      continue;
    }
    // A size of 3 stands for four bytes.
    const size = [0, 1, 2, 4][head & 0x03] ?? 0;
    const value = unsigned(descriptor.subarray(at + 1, at + 1 + size));
    at += 1 + size;
    switch (head & 0xfc) {
      case USAGE_PAGE:
        page = value & 0xffff;
        break;
      case USAGE:
        // A usage of four bytes brings its own page in the upper half.
        if (depth === 0) usage ??= size === 4 ? value : page * 0x1_0000 + value;
        break;
      case COLLECTION:
        if (depth === 0 && usage !== undefined) return { usagePage: Math.floor(usage / 0x1_0000), usage: usage % 0x1_0000 };
        depth += 1;
        break;
      case END_COLLECTION:
        depth = Math.max(0, depth - 1);
        break;
      default:
    }
  }
  return undefined;
}

function unsigned(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}
